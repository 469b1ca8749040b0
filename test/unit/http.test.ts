import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { BasicAuthentication } from "../../provider/core/basic.ts";
import { type Call, HttpClient, quoted } from "../../provider/core/http.ts";
import { withinOperation } from "../../provider/core/operation.ts";

interface Seen {
  line: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let server: Server;
let endpoint: string;
let seen: Seen[] = [];
let answers: { status: number; body?: string | Buffer; headers?: Record<string, string>; cut?: boolean }[] = [];

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    seen.push({
      line: `${incoming.method} ${incoming.url}`,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    });
    const { status, body = "", headers, cut } = answers.shift() ?? { status: 200 };
    if (cut) incoming.socket.destroy();
    else outgoing.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  answers = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const client = (transport: object = {}, at = endpoint) => {
  const system = {
    endpoint: at,
    aliases: [],
    username: "sysadmin",
    password: "pub:lic",
    tls: { insecure: false },
    transport: {
      requestTimeoutSeconds: 5,
      operationTimeoutSeconds: 10,
      maxConnections: 2,
      retryBudget: 100,
      ...transport,
    },
  };
  return new HttpClient(system, "cloudian", new BasicAuthentication(system, "cloudian"));
};
const READ: Call = { what: "read it", method: "GET", path: "/thing", effect: "read", answers: [200] };
const MAKE: Call = { what: "make it", method: "PUT", path: "/thing", effect: "once", answers: [200] };

test("credentials go with the first request, queries are percent-encoded UTF-8, bodies are JSON", async () => {
  const query = { groupId: "a b&c=d/é?#+%", empty: "" };
  await client().send({ ...MAKE, query, secretQuery: { password: "Canary!1" }, json: { name: "é\u2028" } });
  expect(seen[0]?.line).toBe("PUT /thing?groupId=a%20b%26c%3Dd%2F%C3%A9%3F%23%2B%25&empty=&password=Canary%211");
  expect(seen[0]?.headers).toMatchObject({
    authorization: "Basic c3lzYWRtaW46cHViOmxpYw==",
    accept: "application/json",
    "content-type": "application/json; charset=utf-8",
  });
  expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ name: "é\u2028" });
  await client().send(READ);
  expect(seen[1]?.headers).not.toHaveProperty("content-type");
});

test("the path of the endpoint stays in front", async () => {
  await client({}, `${endpoint}/base`).send(READ);
  expect(seen[0]?.line).toBe("GET /base/thing");
});

test("an answer brings status, body and the system's clock", async () => {
  answers = [{ status: 200, body: "é", headers: { date: "Sat, 31 Jan 2026 12:00:00 GMT" } }];
  expect(await client().send(READ)).toMatchObject({ status: 200, body: "é", date: 1_769_860_800_000 });
});

test("a creating request is repeated only where it did nothing", async () => {
  answers = [{ status: 429 }, { status: 200 }];
  expect((await client().send(MAKE)).status).toBe(200);
  expect(seen).toHaveLength(2);
  for (const answer of [{ status: 500 }, { status: 503 }, { status: 200, cut: true }]) {
    seen = [];
    answers = [answer];
    await expect(client().send(MAKE)).rejects.toMatchObject({ name: "OutcomeUnknown" });
    expect(seen).toHaveLength(1);
  }
});

test("a read is repeated through resets and errors of the server", async () => {
  answers = [{ status: 200, cut: true }, { status: 502 }, { status: 200, body: "ok" }];
  expect((await client().send(READ)).body).toBe("ok");
  expect(seen).toHaveLength(3);
});

test("a status that nobody expects is not repeated", async () => {
  answers = [{ status: 404, body: "<html><head><title>t</title></head><body><h1>Not</h1> found</body></html>" }];
  await expect(client().send(READ)).rejects.toThrow(`Could not read it: ${endpoint} answered 404, "Not found".`);
  expect(seen).toHaveLength(1);
});

test("an unexpected success is not repeated in words: it may hold a key that was just made", async () => {
  answers = [{ status: 201, body: '{"accessKey":"0a1b","secretKey":"Canary-Made-1"}' }];
  await expect(client().send(READ)).rejects.toThrow(/^Could not read it: http:\S+ answered 201\.$/);
});

test("a document that is nested too deeply to be written back is refused in words", async () => {
  const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  await expect(client().send({ ...MAKE, json: { deep } })).rejects.toThrow(
    "Could not make it: what the system answered of it is nested too deeply to be written back.",
  );
  expect(seen).toEqual([]);
});

test("a request that cannot be made is refused in words, and asked once", async () => {
  await expect(client().send({ ...MAKE, path: "/th\u0000ing" })).rejects.toMatchObject({
    name: "Refused",
    message: "Could not make it: the request cannot be made: a value that it carries does not fit into it.",
  });
  expect(seen).toEqual([]);
});

test("an answer without end is cut off", async () => {
  answers = [{ status: 200, body: Buffer.alloc(33 * 1024 * 1024, 120) }];
  await expect(client().send(READ)).rejects.toThrow(`Could not read it: ${endpoint} sent more than 33554432 bytes.`);
});

test("the time of an operation is shared by all that it sends", async () => {
  answers = [{ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }];
  const started = performance.now();
  await expect(withinOperation(0.25, () => client().send(READ))).rejects.toThrow("Could not read it: ");
  expect(performance.now() - started).toBeLessThan(1000);
});

test("a time limit may be a fraction, or longer than any timer", async () => {
  expect((await client({ requestTimeoutSeconds: 1.1 }).send(READ)).status).toBe(200);
  expect((await client({ requestTimeoutSeconds: 1e9, operationTimeoutSeconds: 1e9 }).send(READ)).status).toBe(200);
  expect((await withinOperation(0.7501, () => client().send(READ))).status).toBe(200);
});

test("plain HTTP is not handed to a proxy, which would read it", async () => {
  vi.stubEnv("http_proxy", endpoint);
  vi.stubEnv("no_proxy", "");
  const far = "http://admin.example.invalid:18081";
  await expect(client({ retryBudget: 0 }, far).send(READ)).rejects.toThrow(
    `Refused to connect to ${far}: it is plain HTTP, and the proxy of HTTP_PROXY would read what proves who asks.`,
  );
  vi.stubEnv("no_proxy", "admin.example.invalid");
  await expect(client({ retryBudget: 0, maxConnections: 1 }, far).send(READ)).rejects.toThrow(
    /^Could not read it: \S+ cannot be reached \((ENOTFOUND|EAI_AGAIN)\)\. Check cloudianEndpoint and the network\.$/,
  );
  expect(seen).toEqual([]);
});

test("the debug log shows method, path, status, attempt, duration and request id, and nothing else", async () => {
  vi.stubEnv("CLOUDSTACK_STORAGE_DEBUG", "1");
  const print = vi.spyOn(console, "error").mockImplementation(() => {});
  answers = [{ status: 503 }, { status: 200, headers: { "x-request-id": "r-1" } }];
  await client().send({ ...READ, query: { groupId: "blue" }, secretQuery: { secretKey: "Canary-Key-1" } });
  const lines = print.mock.calls.map(([line]) => String(line).replace(/\d+ ms/, "N ms"));
  expect(lines).toEqual([
    "cloudstack-storage: GET /thing 503 attempt=1 N ms",
    "cloudstack-storage: GET /thing 200 attempt=2 N ms request-id=r-1",
  ]);
  vi.stubEnv("CLOUDSTACK_STORAGE_DEBUG", "");
  await client().send(READ);
  expect(print).toHaveBeenCalledTimes(2);
});

test.each([
  ["", ""],
  ["  \n ", ""],
  ["plain text", ', "plain text"'],
  [
    "<html><head><title>x</title></head><style>a{}</style><script>b()</script><body>two\n\n words</body></html>",
    ', "two words"',
  ],
  ["y".repeat(400), `, "${"y".repeat(300)}…"`],
])("what a body says: %#", (body, expected) => {
  expect(quoted(body)).toBe(expected);
});
