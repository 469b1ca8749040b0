import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ConnectedLab, connectedLab, doctor, troubles } from "./doctor-support.ts";

let near: ConnectedLab;
let proxy: Server;
let asked: string[];
let env: Record<string, string>;

/** The certificate of this name is one of the lab's. */
const endpoint = "https://elsewhere.example:19443";

beforeAll(async () => {
  near = await connectedLab({ tls: true });
  proxy = createServer();
  proxy.on("connect", ({ url = "" }, socket) => {
    asked.push(url);
    if (url === "elsewhere.example:19443") tunnel(socket, Number(new URL(near.lab.addresses.cloudian.endpoint).port));
    else socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
});
function tunnel(socket: Duplex, port: number): void {
  const target = connect(port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(target).pipe(socket);
  });
  socket.on("error", () => target.destroy());
  target.on("error", () => socket.destroy());
}

beforeEach(async () => {
  await near.restore();
  await near.control.patch("cloudian", { options: { certificate: "wrong-host" } });
  asked = [];
  const { port } = proxy.address() as { port: number };
  env = {
    CLOUDIAN_ENDPOINT: endpoint,
    CLOUDIAN_USERNAME: "sysadmin",
    CLOUDIAN_PASSWORD: "public",
    CLOUDIAN_CA_PEM: String(near.env["CLOUDIAN_CA_PEM"]),
    HTTPS_PROXY: `http://127.0.0.1:${port}`,
  };
});
afterAll(async () => {
  await near.lab.close();
  proxy.closeAllConnections();
  proxy.close();
});

test("through a proxy: name and port are the proxy's business, the rest is looked at", async () => {
  const run = await doctor(env);
  expect(run.code).toBe(3);
  const { host } = new URL(String(env["HTTPS_PROXY"]));
  expect(troubles(run)).toEqual([
    `not known Admin API name: The proxy ${host} resolves elsewhere.example, which cannot be seen from here.`,
    `not known Admin API port: The proxy ${host} connects to port 19443, which cannot be seen from here.`,
  ]);
  expect(run.report.findings.map(({ check, verdict }) => `${verdict} ${check}`)).toEqual([
    "not known name",
    "not known port",
    ...["proxy", "tls", "tls-name", "tls-expiry", "answer", "clock", "latency", "log-in", "version"].map(
      (c) => `ok ${c}`,
    ),
  ]);
  expect(new Set(asked)).toEqual(new Set(["elsewhere.example:19443"]));
});

test("a proxy that does not let the port pass", async () => {
  const run = await doctor({ ...env, CLOUDIAN_ENDPOINT: "https://elsewhere.example:19444" });
  expect(run.code).toBe(1);
  expect(troubles(run).slice(2)).toEqual([
    "failed Admin API proxy: The proxy opens no connection to elsewhere.example:19444 (the proxy answers 403).",
    "not known Admin API log-in: Not asked. Admin API: The proxy opens no connection to elsewhere.example:19444 (the proxy answers 403).",
  ]);
});

test("a proxy that is not there", async () => {
  const run = await doctor({ ...env, HTTPS_PROXY: "http://user:proxy-password@127.0.0.1:1" });
  expect(run.code).toBe(1);
  expect(JSON.stringify(run)).not.toContain("proxy-password");
  expect(troubles(run)[2]).toBe("failed Admin API proxy: The proxy 127.0.0.1:1 cannot be reached (ECONNREFUSED).");
});

test("NO_PROXY is honored", async () => {
  const run = await doctor({ ...env, NO_PROXY: ".example" });
  expect(asked).toEqual([]);
  expect(troubles(run)[0]).toMatch(/^failed Admin API name: .*elsewhere\.example/);
});
