import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { connectionTo, transportTo } from "../../provider/core/connections.ts";
import type { ConnectionSettings } from "../../provider/core/settings.ts";

const TRANSPORT = { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 0 };
const at = (endpoint: string, tls: object = {}, transport: object = {}): ConnectionSettings => ({
  endpoint,
  tls: { insecure: false, ...tls },
  transport: { ...TRANSPORT, ...transport },
});

let warnings: string[];
beforeEach(() => {
  warnings = [];
  vi.spyOn(console, "error").mockImplementation((text) => warnings.push(String(text)));
});

test("there is one connection to an endpoint as one principal in one TLS mode", () => {
  const settings = { ...at("https://one.example:443"), username: "u", password: "p" };
  let opened = 0;
  const open = () => {
    opened += 1;
    return { opened };
  };
  const first = connectionTo(settings, "role", open);
  expect(connectionTo({ ...settings, tls: { insecure: false } }, "role", open)).toBe(first);
  const others = [
    connectionTo({ ...settings, username: "v" }, "role", open),
    connectionTo({ ...settings, password: "q" }, "role", open),
    connectionTo({ ...settings, endpoint: "https://two.example:443" }, "role", open),
    connectionTo({ ...settings, tls: { insecure: true } }, "role", open),
    connectionTo({ ...settings, tls: { insecure: false, caFile: "/ca.pem" } }, "role", open),
    connectionTo(settings, "another role", open),
  ];
  expect(new Set([first, ...others]).size).toBe(7);
  expect(opened).toBe(7);
});

test("a connection that cannot be opened is tried again by the next one who asks", () => {
  const settings = at("https://failing.example:443");
  const fail = () => {
    throw new Error("no");
  };
  expect(() => connectionTo(settings, "role", fail)).toThrow("no");
  expect(connectionTo(settings, "role", () => "connected")).toBe("connected");
});

test("there is one pool of sockets to an endpoint in one TLS mode, whoever speaks through it", () => {
  const s3 = at("https://s3.example:9021");
  const withKeys = { ...s3, accessKeyId: "k", secretAccessKey: "s", aliases: [], username: "u" };
  const pool = transportTo(s3, "ecsS3");
  expect(transportTo(withKeys, "ecsS3")).toBe(pool);
  expect(transportTo(at("https://s3.example:9021", { insecure: false }), "ecsS3")).toBe(pool);
  for (const other of [
    transportTo(s3, "s3"),
    transportTo(at("https://s3.example:9020"), "ecsS3"),
    transportTo(at("https://s3.example:9021", { caPem: "PEM" }), "ecsS3"),
    transportTo(at("https://s3.example:9021", {}, { maxConnections: 3 }), "ecsS3"),
  ])
    expect(other).not.toBe(pool);
});

test("an endpoint whose certificate is not verified is warned of once in a run", () => {
  const insecure = at("https://insecure.example:9021", { insecure: true });
  transportTo(insecure, "ecsS3");
  transportTo({ ...insecure }, "ecsS3");
  expect(warnings).toEqual([
    "warning: ecsS3Insecure is set: the certificate of https://insecure.example:9021 is not verified, so anyone on the way can " +
      "read and change what is sent. Use ecsS3CaFile instead.",
  ]);
  transportTo(insecure, "s3");
  expect(warnings[1]).toBe(
    "warning: s3Insecure is set: the certificate of https://insecure.example:9021 is not verified, so anyone on the way can " +
      "read and change what is sent. Use s3CaFile instead.",
  );
  transportTo(at("https://insecure.example:4443", { insecure: true }), "ecs");
  expect(warnings.slice(2)).toEqual([
    "warning: ecsInsecure is set: the certificate of https://insecure.example:4443 is not verified, so anyone on the way can " +
      "read the password. Use ecsCaFile instead.",
  ]);
});

test("without TLS there is no certificate to warn of", () => {
  transportTo(at("http://plain.example:9020", { insecure: true }), "ecsS3");
  expect(warnings).toEqual([]);
});

let sockets = 0;
const server = createServer((_incoming, outgoing) => outgoing.end("ok")).on("connection", () => {
  sockets += 1;
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("many who ask at once share the sockets of the one pool", async () => {
  const settings = at(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const request = { method: "GET", path: "/", query: "", headers: {} };
  const purpose = { what: "ask", effect: "read" } as const;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => transportTo({ ...settings }, "ecs").attempt(purpose, request, 1)),
  );
  expect(answers.map(({ answer }) => answer?.body)).toEqual(Array.from({ length: 20 }, () => "ok"));
  expect(sockets).toBe(2);
});
