import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Transport } from "../../provider/core/transport.ts";
import { type ProxyServer, startProxy } from "../harness/transport/proxy.ts";
import { makeCertificate } from "./certificates.ts";

/** What clients have said in their handshakes that they speak. */
let offered: string[][];
let server: Server;
let port: number;
let proxy: ProxyServer;

beforeAll(async () => {
  const { cert, key } = makeCertificate({
    subject: [["CN", "jars.example"]],
    from: "2026-01-01T00:00:00Z",
    to: "2126-01-01T00:00:00Z",
    dnsName: "jars.example",
  });
  const ALPNCallback = ({ protocols }: { protocols: string[] }) => {
    offered.push(protocols);
    return protocols[0];
  };
  server = createServer({ cert, key, ALPNCallback }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"));
  });
  server.on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  port = (server.address() as AddressInfo).port;
  proxy = await startProxy({ port });
});
beforeEach(() => {
  offered = [];
  for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"])
    vi.stubEnv(name, undefined);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  server.close();
});

async function ask(endpoint: string) {
  const limits = { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 0 };
  const transport = new Transport({ endpoint, tls: { insecure: true }, transport: limits }, "ecs");
  const request = { method: "GET", path: "/", query: "", headers: {} };
  return (await transport.attempt({ what: "ask", effect: "read" }, request, 1)).answer?.status;
}

test.each(["127.0.0.1", "0.0.0.0"])("a system is offered HTTP/1.1 alone, at %s", async (host) => {
  expect(await ask(`https://${host}:${port}`)).toBe(204);
  expect(offered).toEqual([["http/1.1"]]);
});

test("so it is through the tunnel of a proxy", async () => {
  vi.stubEnv("HTTPS_PROXY", `http://${proxy.address}`);
  expect(await ask("https://array.example:4443")).toBe(204);
  expect(offered).toEqual([["http/1.1"]]);
});

test("so it is to a proxy that itself speaks TLS", async () => {
  vi.stubEnv("HTTPS_PROXY", `https://127.0.0.1:${port}`);
  expect(await ask("https://array.example:4443")).toBeUndefined();
  expect(offered).toEqual([["http/1.1"]]);
});
