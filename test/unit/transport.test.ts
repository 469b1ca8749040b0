import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { dispatcherFor } from "../../provider/core/dispatcher.ts";
import { withinOperation } from "../../provider/core/operation.ts";
import { type Outgoing, type Purpose, Transport } from "../../provider/core/transport.ts";
import { makeCertificate } from "./certificates.ts";

vi.mock("../../provider/core/dispatcher.ts", async (original) => {
  const real = await original<typeof import("../../provider/core/dispatcher.ts")>();
  return { ...real, dispatcherFor: vi.fn(real.dispatcherFor) };
});

interface Seen {
  readonly line: string;
  readonly host: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Reply = { readonly headers?: OutgoingHttpHeaders; readonly body?: string } | "cut" | "silence";

let seen: Seen[];
let reply: Reply;
let plain: string;
let secured: string;
const servers: Server[] = [];

beforeAll(async () => {
  const certificate = makeCertificate({
    subject: [["CN", "jars.example"]],
    from: "2026-01-01T00:00:00Z",
    to: "2126-01-01T00:00:00Z",
    dnsName: "jars.example",
  });
  const { key, cert } = certificate;
  plain = `http://127.0.0.1:${await listening(createServer())}`;
  secured = `https://127.0.0.1:${await listening(createSecureServer({ key, cert }))}`;
});
beforeEach(() => {
  seen = [];
  reply = {};
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function listening(server: ReturnType<typeof createServer | typeof createSecureServer>): Promise<number> {
  servers.push(server);
  server.on("request", async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, url, headers } = incoming;
    seen.push({ line: `${method} ${url}`, host: headers.host, headers, body: Buffer.concat(chunks).toString() });
    if (reply === "cut") incoming.socket.destroy();
    // A connection that is not kept leaves nothing open.
    else if (reply !== "silence") outgoing.writeHead(200, { connection: "close", ...reply.headers }).end(reply.body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

const read: Purpose = { what: "read it", effect: "read" };
const make: Purpose = { what: "make it", effect: "once" };
const get: Outgoing = { method: "GET", path: "/thing", query: "", headers: {} };

const transport = (endpoint: string, more: object = {}, insecure = false) => {
  const limits = { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 0 };
  return new Transport({ endpoint, tls: { insecure }, transport: { ...limits, ...more } }, "ecs");
};

/** What comes of a request for which undici has this error. */
async function outcomeOf(error: unknown, endpoint = "http://array.example:9020", purpose = read, attempt = 1) {
  vi.mocked(dispatcherFor).mockReturnValueOnce({ request: () => Promise.reject(error) } as never);
  const { answer, failure, error: told } = await transport(endpoint).attempt(purpose, get, attempt);
  return { answer, failure, name: told?.name, message: told?.message };
}

const coded = (code: string, more: object = {}) => Object.assign(new Error(`it is ${code}`), { code, ...more });

describe("a request", () => {
  test("leaves as it is said, below the path of the endpoint", async () => {
    const request = { method: "PUT", path: "/thing", query: "a=1&b=%20", headers: { "x-jar": "blue" }, body: "é" };
    await transport(`${plain}/base/`).attempt(make, request, 1);
    expect(seen).toMatchObject([{ line: "PUT /base/thing?a=1&b=%20", headers: { "x-jar": "blue" }, body: "é" }]);
    await transport(plain).attempt(read, get, 1);
    expect(seen[1]).toMatchObject({ line: "GET /thing", body: "" });
    expect(seen[1]?.headers).not.toHaveProperty("content-length");
  });

  test("may be for another host of the same endpoint", async () => {
    const origin = plain.replace("127.0.0.1", "localhost");
    await transport(`${plain}/base`).attempt(read, { ...get, origin }, 1);
    expect(seen).toMatchObject([{ line: "GET /base/thing", host: origin.slice("http://".length) }]);
  });

  test("brings an answer, with the system's clock if it tells the time", async () => {
    reply = { headers: { date: "Sat, 31 Jan 2026 12:00:00 GMT", "x-jar": ["blue", "red"] }, body: "é" };
    expect(await transport(plain).attempt(read, get, 1)).toMatchObject({
      answer: { status: 200, body: "é", date: 1_769_860_800_000, headers: { "x-jar": ["blue", "red"] } },
    });
    for (const date of ["soon", ["Sat, 31 Jan 2026 12:00:00 GMT", "soon"]]) {
      reply = { headers: { Date: date } };
      const { answer } = await transport(plain).attempt(read, get, 1);
      expect(answer?.date).toBe(date === "soon" ? undefined : 1_769_860_800_000);
    }
  });
});

describe("an answer of many bytes", () => {
  const most = 32 * 1024 * 1024;
  const answered = (sizes: number[], purpose = read) => {
    const body = Readable.from(sizes.map((size) => Buffer.alloc(size, "x")));
    const request = () => Promise.resolve({ statusCode: 200, headers: {}, body });
    vi.mocked(dispatcherFor).mockReturnValueOnce({ request } as never);
    return transport(plain).attempt(purpose, get, 1);
  };

  test("is taken up to 32 MiB, with a clock or without", async () => {
    const { answer } = await answered([most - 1, 1]);
    expect(answer).toMatchObject({ status: 200, date: undefined });
    expect(answer?.body).toHaveLength(most);
  });

  test("is refused beyond that", async () => {
    const { failure, error } = await answered([most - 1, 2]);
    expect(failure).toBeUndefined();
    expect(error).toMatchObject({
      name: "UnexpectedAnswer",
      message: `Could not read it: ${plain} sent more than 33554432 bytes.`,
    });
  });

  test("of a creation leaves open beyond that what it has done", async () => {
    const { failure, error } = await answered([most - 1, 2], make);
    expect(failure).toBeUndefined();
    expect(error).toMatchObject({
      name: "OutcomeUnknown",
      message: `Could not make it: ${plain} sent more than 33554432 bytes; the request may have been carried out. Run the same command again.`,
    });
  });
});

describe("the time of a request", () => {
  const timeOf = async (purpose: Purpose, limits: object) => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    await transport(plain, limits).attempt(purpose, get, 1);
    return timeout.mock.lastCall?.[0];
  };

  test("is what the settings say, up to what a timer takes", async () => {
    expect(await timeOf(read, {})).toBe(5000);
    expect(await timeOf(read, { requestTimeoutSeconds: 1.1 })).toBe(1100);
    expect(await timeOf(read, { requestTimeoutSeconds: 1e9 })).toBe(2_147_483_647);
  });

  test("is at least two minutes where the system does its work before it answers", async () => {
    expect(await timeOf({ ...read, slow: true }, {})).toBe(120_000);
    expect(await timeOf({ ...read, slow: true }, { requestTimeoutSeconds: 300 })).toBe(300_000);
  });

  test("ends with that of its operation", async () => {
    const milliseconds = await withinOperation(2, () => timeOf(read, {}));
    expect(milliseconds).toBeGreaterThan(1500);
    expect(milliseconds).toBeLessThanOrEqual(2000);
  });

  test("is none where the operation's is used up: nothing is sent", async () => {
    const { failure, error } = await withinOperation(0, () => transport(plain).attempt(read, get, 3));
    expect(failure).toBeUndefined();
    expect(error).toMatchObject({
      name: "Unreachable",
      message:
        "Could not read it: the 10 s of operationTimeoutSeconds are used up (2 attempts). Run the same command again.",
    });
    expect(seen).toEqual([]);
  });

  /** A transport with one connection to each origin, on which nothing is answered before `answer` says so. */
  const narrow = () => {
    const sent: { origin: string; answer(): void }[] = [];
    const request = ({ origin }: { origin: string }) =>
      new Promise((resolve) => {
        const answer = () => resolve({ statusCode: 200, headers: {}, body: Readable.from([]) });
        sent.push({ origin, answer });
      });
    vi.mocked(dispatcherFor).mockReturnValueOnce({ request } as never);
    return { sent, one: transport(plain, { maxConnections: 1 }) };
  };

  test("begins when a connection is free, and not in the line before it", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    const { sent, one } = narrow();
    const attempts = [one.attempt(make, get, 1), one.attempt(make, get, 1)];
    await expect.poll(() => sent.length).toBe(1);
    expect(timeout).toHaveBeenCalledTimes(1);
    sent[0]?.answer();
    expect((await attempts[0])?.answer?.status).toBe(200);
    await expect.poll(() => sent.length).toBe(2);
    expect(timeout).toHaveBeenCalledTimes(2);
    sent[1]?.answer();
    expect((await attempts[1])?.answer?.status).toBe(200);
  });

  test("does not begin for what another origin of the endpoint has a connection for", async () => {
    const { sent, one } = narrow();
    const origin = "http://bucket.example:9020";
    const attempts = [one.attempt(read, get, 1), one.attempt(read, { ...get, origin }, 1)];
    await expect.poll(() => sent.map((each) => each.origin)).toEqual([plain, origin]);
    for (const { answer } of sent) answer();
    await Promise.all(attempts);
  });

  test("never begins where that of the operation ends in the line: nothing is sent", async () => {
    const { sent, one } = narrow();
    const first = one.attempt(make, get, 1);
    const { error } = await withinOperation(0.05, () => one.attempt(make, get, 1));
    expect(error).toMatchObject({
      name: "Unreachable",
      message:
        "Could not make it: the 10 s of operationTimeoutSeconds are used up (0 attempts). Run the same command again.",
    });
    sent[0]?.answer();
    await first;
    const third = one.attempt(make, get, 1);
    await expect.poll(() => sent.length).toBe(2);
    sent[1]?.answer();
    expect((await third).answer?.status).toBe(200);
  });

  test("that is over leaves open what a creation has done", async () => {
    reply = "silence";
    const { failure, error } = await transport(plain, { requestTimeoutSeconds: 0.05 }).attempt(make, get, 1);
    expect(failure).toBe("timeout");
    expect(error).toMatchObject({
      name: "OutcomeUnknown",
      message: `Could not make it: ${plain} did not answer in time; the request may have been carried out. Run the same command again.`,
    });
  });
});

describe("a connection that is closed without an answer", () => {
  test("is worth another attempt, and a question, where it is without TLS", async () => {
    reply = "cut";
    const { failure, error } = await transport(plain).attempt(read, get, 2);
    expect(failure).toBe("unknown");
    expect(error).toMatchObject({
      name: "NoAnswer",
      message: `Could not read it: ${plain} closed the connection (UND_ERR_SOCKET) (does this port speak HTTPS?) (2 attempts). Run the same command again.`,
    });
  });

  test("has spoken TLS where it should", async () => {
    reply = "cut";
    const { error } = await transport(secured, {}, true).attempt(make, get, 1);
    expect(error).toMatchObject({
      name: "OutcomeUnknown",
      message: `Could not make it: ${secured} closed the connection (UND_ERR_SOCKET); the request may have been carried out. Run the same command again.`,
    });
  });

  test.each(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "EPROTO"])(
    "may be told by an error of TLS, %s, after a creation has left",
    async (code) => {
      const secure = "https://array.example:4443";
      const broken = `${secure} broke TLS off after the request had left (${code})`;
      expect(await outcomeOf(coded(code), secure, make)).toEqual({
        answer: undefined,
        failure: "unknown",
        name: "OutcomeUnknown",
        message: `Could not make it: ${broken}; the request may have been carried out. Run the same command again.`,
      });
      expect(await outcomeOf(coded(code), secure, read, 3)).toMatchObject({
        name: "NoAnswer",
        message: `Could not read it: ${broken} (3 attempts). Run the same command again.`,
      });
    },
  );

  test("may have no code to tell", async () => {
    const numbered = Object.assign(new Error("odd"), { code: 7 });
    for (const error of ["text", undefined, new Error("odd"), new AggregateError([], "all"), numbered])
      expect(await outcomeOf(error, "https://array.example:4443")).toMatchObject({
        failure: "unknown",
        message:
          "Could not read it: https://array.example:4443 closed the connection (no answer). Run the same command again.",
      });
  });
});

describe("a request that has never left", () => {
  /** What comes of it where this error, as undici tells, kept the connection from coming about. */
  const unconnected = (error: unknown, ...more: [endpoint?: string, purpose?: Purpose, attempt?: number]) => {
    channel("undici:client:connectError").publish({ error });
    return outcomeOf(error, ...more);
  };

  test.each([
    ["ECONNREFUSED", coded("ECONNREFUSED")],
    ["UND_ERR_CONNECT_TIMEOUT", coded("UND_ERR_CONNECT_TIMEOUT")],
    ["UND_ERR_ABORTED", coded("UND_ERR_ABORTED")],
    ["UND_ERR_PRX_CONN", coded("UND_ERR_PRX_CONN")],
    ["ENOTFOUND", new Error("connect failed", { cause: coded("ENOTFOUND") })],
    ["ECONNREFUSED", new AggregateError([coded("ECONNREFUSED"), coded("ETIMEDOUT")])],
    ["EHOSTUNREACH", new Error("all", { cause: new AggregateError([coded("EHOSTUNREACH")]) })],
    ["ENETUNREACH", Object.assign(new AggregateError([coded("ENETUNREACH")]), { code: "ENETUNREACH" })],
    ["no connection", new Error("odd")],
  ])("is told by the innermost code, %s, and may be sent anew", async (code, error) => {
    for (const [purpose, what] of [
      [read, "read it"],
      [make, "make it"],
    ] as const)
      expect(await unconnected(error, "http://array.example:9020", purpose)).toEqual({
        answer: undefined,
        failure: "not-sent",
        name: "Unreachable",
        message: `Could not ${what}: http://array.example:9020 cannot be reached (${code}). Check ecsEndpoint and the network.`,
      });
  });

  test("counts the attempts, and speaks of the proxy that may be in the way", async () => {
    for (const name of ["http_proxy", "https_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, undefined);
    vi.stubEnv("HTTPS_PROXY", "http://proxy.example:3128");
    const { message } = await unconnected(coded("UND_ERR_ABORTED"), "https://array.example:4443", read, 4);
    expect(message).toBe(
      "Could not read it: https://array.example:4443 cannot be reached (UND_ERR_ABORTED) (4 attempts). Check ecsEndpoint and the " +
        "network. The proxy of HTTPS_PROXY may be in the way; NO_PROXY exempts hosts from it.",
    );
  });

  test.each(["EPIPE", "ECONNRESET", "ECONNREFUSED"])("is not meant by %s of a connection", async (code) => {
    expect(await outcomeOf(coded(code))).toMatchObject({ failure: "unknown" });
  });
});

describe("what no other attempt would help", () => {
  test("a certificate that is not trusted", async () => {
    const { failure, error } = await transport(secured).attempt(make, get, 1);
    expect(failure).toBeUndefined();
    expect(error).toMatchObject({
      name: "Unreachable",
      message:
        `Could not make it: TLS to ${secured} failed (DEPTH_ZERO_SELF_SIGNED_CERT). The certificate is not signed by a CA that is ` +
        "trusted here. Save the CA's certificate (or the self-signed one) as a PEM file and set ecsCaFile to its path.",
    });
    expect(seen).toEqual([]);
  });

  test("a value that fits into no request", async () => {
    expect(await outcomeOf(coded("UND_ERR_INVALID_ARG"))).toEqual({
      answer: undefined,
      failure: undefined,
      name: "Refused",
      message: "Could not read it: the request cannot be made: a value that it carries does not fit into it.",
    });
  });
});

describe("the debug log", () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    vi.stubEnv("CLOUDSTACK_STORAGE_DEBUG", "1");
    vi.spyOn(console, "error").mockImplementation((line) => lines.push(String(line).replace(/\d+ ms/, "N ms")));
  });

  test.each(["x-request-id", "x-gmt-requestid", "x-amz-request-id", "x-emc-request-id"])(
    "shows the id that the system gave the request in %s",
    async (name) => {
      reply = { headers: { [name]: "r-1" } };
      await transport(`${plain}/base`).attempt(read, { ...get, query: "token=Canary" }, 2);
      expect(lines).toEqual(["cloudstack-storage: GET /base/thing 200 attempt=2 N ms request-id=r-1"]);
    },
  );

  test("shows how long it took", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    let clock = 1000.2;
    vi.spyOn(performance, "now").mockImplementation(() => clock);
    const request = () => {
      clock += 250.4;
      return Promise.reject(coded("ECONNREFUSED"));
    };
    vi.mocked(dispatcherFor).mockReturnValueOnce({ request } as never);
    await transport(plain).attempt(read, get, 1);
    expect(print.mock.calls).toEqual([["cloudstack-storage: GET /thing ECONNREFUSED attempt=1 250 ms"]]);
  });

  test("shows what failed, by its code if there is one", async () => {
    await outcomeOf(coded("ECONNREFUSED"));
    await outcomeOf(new Error("odd"));
    expect(lines).toEqual([
      "cloudstack-storage: GET /thing ECONNREFUSED attempt=1 N ms",
      "cloudstack-storage: GET /thing failed attempt=1 N ms",
    ]);
  });
});
