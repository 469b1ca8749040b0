import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type SecureContext } from "node:tls";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { dispatcherFor, proxyNote } from "../../provider/core/dispatcher.ts";
import { makeCertificate } from "./certificates.ts";

interface Options {
  readonly connections?: number;
  readonly connect?: { readonly secureContext?: SecureContext };
}

/** What was made of which options; a proxy that is no URL is refused as undici refuses it. */
let made: [name: string, options: Options][];
vi.mock("undici", () => ({
  Agent: class {
    constructor(options: Options) {
      made.push(["Agent", options]);
    }
  },
  EnvHttpProxyAgent: class {
    constructor(options: Options) {
      made.push(["EnvHttpProxyAgent", options]);
      decodeURIComponent(new URL(process.env["https_proxy"] || "http://proxy.example").password);
    }
  },
}));

beforeEach(() => {
  made = [];
  vi.unstubAllEnvs();
  for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"])
    vi.stubEnv(name, undefined);
});

const transport = { requestTimeoutSeconds: 30, operationTimeoutSeconds: 300, maxConnections: 7, retryBudget: 500 };
const to = (endpoint: string, insecure = false) => {
  dispatcherFor({ endpoint, tls: { insecure }, transport }, "ecs");
  return made;
};
const tls = { rejectUnauthorized: true, minVersion: "TLSv1.2" };
const limits = { allowH2: false, connections: 7 };
const throughProxy = (options: object) => ({
  ...limits,
  connect: options,
  requestTls: { ...options, allowH2: false },
  proxyTls: { allowH2: false },
});

describe("the way to a system", () => {
  test("goes by TLS as the settings say, through the proxy of the environment", () => {
    expect(to("https://array.example:4443")).toEqual([["EnvHttpProxyAgent", throughProxy(tls)]]);
  });

  test("may be without verification, where the settings say so", () => {
    const unverified = { rejectUnauthorized: false, minVersion: "TLSv1.2" };
    expect(to("https://array.example:4443", true)).toEqual([["EnvHttpProxyAgent", throughProxy(unverified)]]);
  });

  test("reads the authorities that it trusts once, and not at every connection", async () => {
    const { cert, key } = makeCertificate({
      subject: [["CN", "Array"]],
      from: "2020-01-01T00:00:00Z",
      to: "2120-06-30T12:00:00Z",
      dnsName: "array.example",
    });
    const settings = { endpoint: "https://array.example:4443", tls: { insecure: false, caPem: cert }, transport };
    dispatcherFor(settings, "ecs");
    const inOneContext = { ...tls, secureContext: expect.objectContaining({ context: expect.anything() }) };
    expect(made).toEqual([["EnvHttpProxyAgent", throughProxy(inOneContext)]]);
    const server = createServer({ cert, key });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const secureContext = made[0]?.[1].connect?.secureContext;
    const socket = connect({ port, host: "127.0.0.1", servername: "array.example", secureContext });
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    socket.destroy();
    await once(server.close(), "close");
  });

  test.each(["http://127.0.0.1:9020", "https://localhost:4443"])("is direct to this machine: %s", (endpoint) => {
    vi.stubEnv("http_proxy", "http://proxy.example:3128");
    expect(to(endpoint)).toEqual([["Agent", { ...limits, connect: tls }]]);
  });

  test("is direct without TLS, and only where no proxy would read it", () => {
    expect(to("http://array.example:9020")).toEqual([["Agent", limits]]);
    vi.stubEnv("http_proxy", "http://proxy.example:3128");
    expect(() => to("http://array.example:9020")).toThrow(
      "Refused to connect to http://array.example:9020: it is plain HTTP, and the proxy of HTTP_PROXY would read what proves who " +
        "asks. Use the system's HTTPS port in ecsEndpoint, or exempt the host from the proxy with NO_PROXY.",
    );
    expect(made).toHaveLength(1);
  });

  test.each([
    ["is no URL", "proxy.example", "is no URL such as http://proxy.example.com:3128"],
    [
      "has a log-in that cannot be read",
      "http://ada:Canary-100%@proxy.example:3128",
      "has a % in its log-in that begins no escape; write it as %25",
    ],
  ])("is none where the proxy %s", (_what, proxy, reason) => {
    vi.stubEnv("https_proxy", proxy);
    let error: unknown;
    try {
      to("https://array.example:4443");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: "SettingsError", message: `HTTP_PROXY or HTTPS_PROXY ${reason}.` });
  });
});

describe("a proxy that may be in the way", () => {
  const a = "http://a.example:3128";

  test.each([
    [{ https_proxy: a, HTTPS_PROXY: a, http_proxy: a, HTTP_PROXY: a }, "https_proxy"],
    [{ HTTPS_PROXY: a, http_proxy: a, HTTP_PROXY: a }, "HTTPS_PROXY"],
    [{ http_proxy: a, HTTP_PROXY: a }, "http_proxy"],
    [{ HTTP_PROXY: a }, "HTTP_PROXY"],
  ])("is named after the variable that says so: %j", (variables, name) => {
    for (const [key, value] of Object.entries(variables)) vi.stubEnv(key, value);
    expect(proxyNote("https://array.example:4443")).toBe(
      ` The proxy of ${name} may be in the way; NO_PROXY exempts hosts from it.`,
    );
  });

  test("is not spoken of where there is none, for this host, or for plain HTTP", () => {
    expect(proxyNote("https://array.example:4443")).toBe("");
    vi.stubEnv("HTTP_PROXY", a);
    expect(proxyNote("http://array.example:9020")).toBe("");
    vi.stubEnv("NO_PROXY", "array.example");
    expect(proxyNote("https://array.example:4443")).toBe("");
  });
});
