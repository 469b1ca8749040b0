import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Certificates, makeCertificates } from "../../lab/certificates.ts";
import type { Lab } from "../../lab/index.ts";
import { type Front, type FrontOptions, startFront } from "../harness/transport/front.ts";
import { type ProxyOptions, type ProxyServer, startProxy } from "../harness/transport/proxy.ts";
import { credentialsIn, outcomeOf, type Settings, startTarget, type Way, ways } from "../harness/transport/ways.ts";

const variables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];
/** The one of a proxy's user. */
const password = "Canary-Proxy-Passw0rd";
const encoded = Buffer.from(`ada:${password}`).toString("base64");
let lab: Lab;
let certificates: Certificates;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  // Where no engine listens, warnings go there.
  vi.spyOn(console, "error").mockImplementation(() => {});
  [{ lab }, certificates] = await Promise.all([startTarget(), makeCertificates()]);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await lab.close();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

function setVariables(given: Readonly<Record<string, string>>): void {
  for (const name of variables) vi.stubEnv(name, given[name]);
}

async function front(way: Way, options: FrontOptions): Promise<Front> {
  const target = { url: way.target(lab.addresses), caPem: lab.addresses.ecs.caPem };
  const made = await startFront({ target, ...options });
  opened.push(made);
  return made;
}

async function proxy(options: ProxyOptions): Promise<ProxyServer> {
  const made = await startProxy(options);
  opened.push(made);
  return made;
}

async function callsTo(way: Way, origin: string, more: Settings = {}) {
  const settings = { ...way.settings(lab.addresses, origin), retryBudget: "0", ...more };
  return [await outcomeOf(way.read(settings, origin)), await outcomeOf(way.write(settings, origin))];
}

describe.each(ways)("a proxy on the way to $name", (way) => {
  const trust = () => ({ [`${way.prefix}CaPem`]: certificates.caPem });
  /** A name that only the proxy knows. */
  const far = ({ port }: Front) => `https://elsewhere.example:${port}`;
  const behindProxy = () => front(way, { tls: certificates.byName["wrong-host"] });

  test.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])("%s opens tunnels and sees nothing inside", async (name) => {
    const system = await behindProxy();
    const between = await proxy({ port: system.port });
    setVariables({ [name]: `http://${between.address}` });
    expect(await callsTo(way, far(system), trust())).toEqual([undefined, undefined]);
    expect(system.heard.length).toBeGreaterThan(0);
    const requests = new Set(between.asked.map(({ method, url }) => `${method} ${url}`));
    expect([...requests]).toEqual([`CONNECT elsewhere.example:${system.port}`]);
    for (const { headers } of between.asked)
      expect(Object.keys(headers).sort()).toEqual(["connection", "host", "proxy-connection"]);
    expect(between.tunneled.length).toBeGreaterThan(0);
    expect(credentialsIn(between.tunneled)).toEqual([]);
  });

  test("the log-in of the proxy goes to the proxy and nowhere else", async () => {
    const system = await behindProxy();
    const between = await proxy({ port: system.port });
    setVariables({ HTTPS_PROXY: `http://ada:${password}@${between.address}` });
    expect(await callsTo(way, far(system), trust())).toEqual([undefined, undefined]);
    expect(new Set(between.asked.map(({ headers }) => headers["proxy-authorization"]))).toEqual(
      new Set([`Basic ${encoded}`]),
    );
    expect(system.bytes).not.toMatch(new RegExp(`proxy-authorization|${password}|${encoded}`, "i"));
  });

  test("a proxy that refuses, or is not there, is named without its log-in", async () => {
    const system = await behindProxy();
    for (const [index, refusal] of [407, 403, undefined].entries()) {
      const address = refusal === undefined ? "127.0.0.1:1" : (await proxy({ refusal })).address;
      setVariables({ HTTPS_PROXY: `http://ada:${password}@${address}` });
      for (const outcome of await callsTo(way, far(system), { ...trust(), maxConnections: `${index + 1}` })) {
        expect(outcome?.name).toBe("Unreachable");
        expect(outcome?.message).toMatch(
          / cannot be reached \([A-Z_]+\)\. Check \w+ and the network\. The proxy of HTTPS_PROXY may be in the way; NO_PROXY exempts hosts from it\./,
        );
        expect(outcome?.message).not.toMatch(new RegExp(`ada|${password}|${encoded}`));
      }
    }
    expect([system.connections, system.bytes]).toEqual([0, ""]);
  });

  test("NO_PROXY leads past it", async () => {
    const system = await front(way, { tls: certificates.byName["self-signed"] });
    const between = await proxy({ port: system.port });
    // Another name of this machine, which does not look like one.
    const origin = `https://0.0.0.0:${system.port}`;
    const blind = { [`${way.prefix}Insecure`]: "true" };
    setVariables({ HTTPS_PROXY: `http://${between.address}`, NO_PROXY: "other.example, 0.0.0.0" });
    expect(await callsTo(way, origin, blind)).toEqual([undefined, undefined]);
    expect(between.asked).toEqual([]);
    setVariables({ HTTPS_PROXY: `http://${between.address}`, NO_PROXY: "other.example" });
    expect(await callsTo(way, origin, { ...blind, maxConnections: "1" })).toEqual([undefined, undefined]);
    expect(between.asked.length).toBeGreaterThan(0);
  });

  test("plain HTTP is refused, since the proxy would read it, unless NO_PROXY leads past", async () => {
    const system = await front(way, {});
    const between = await proxy({ port: system.port });
    const origin = `http://0.0.0.0:${system.port}`;
    setVariables({ HTTP_PROXY: `http://ada:${password}@${between.address}` });
    for (const outcome of await callsTo(way, origin)) {
      expect(outcome?.name).toBe("Refused");
      expect(outcome?.message).toMatch(
        /^Refused to connect to http:\/\/0\.0\.0\.0:\d+\S*: it is plain HTTP, and the proxy of HTTP_PROXY would read what proves who asks\. Use the system's HTTPS port in \w+, or exempt the host from the proxy with NO_PROXY\./,
      );
      expect(outcome?.message).not.toContain(password);
    }
    expect([between.asked, system.connections]).toEqual([[], 0]);
    setVariables({ HTTP_PROXY: `http://${between.address}`, NO_PROXY: "0.0.0.0" });
    expect(await callsTo(way, origin, { maxConnections: "1" })).toEqual([undefined, undefined]);
    expect(between.asked).toEqual([]);
  });

  test("what is on this machine is never reached through it", async () => {
    const system = await front(way, {});
    const between = await proxy({ port: system.port });
    setVariables({ HTTP_PROXY: `http://${between.address}`, HTTPS_PROXY: `http://${between.address}` });
    expect(await callsTo(way, system.origin)).toEqual([undefined, undefined]);
    expect(between.asked).toEqual([]);
  });
});
