import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Outgoing, type Purpose, Transport } from "../../provider/core/transport.ts";
import { type Made, makeCertificate } from "./certificates.ts";

const make: Purpose = { what: "make it", effect: "once" };
const put: Outgoing = { method: "PUT", path: "/thing", query: "", headers: {}, body: "blue" };
/** No record of TLS. */
const garbage = "HTTP/1.0 500 Broken\r\n\r\n";

let certificate: Made;
const open = new Set<Server | Socket>();

beforeAll(() => {
  certificate = makeCertificate({
    subject: [["CN", "jars.example"]],
    from: "2026-01-01T00:00:00Z",
    to: "2126-01-01T00:00:00Z",
    dnsName: "jars.example",
  });
});
beforeEach(() => {
  for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const each of open) "close" in each ? each.close() : each.destroy();
  open.clear();
});

async function listening(server: Server): Promise<number> {
  open.add(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** The port of a server that does this with every connection. */
function taking(take: (socket: Socket) => void): Promise<number> {
  return listening(
    createServer((socket) => {
      open.add(socket);
      take(socket.on("error", () => {}));
    }),
  );
}

async function outcomeOf(endpoint: string) {
  const limits = { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 0 };
  const { failure, error } = await new Transport(
    { endpoint, tls: { insecure: true }, transport: limits },
    "ecs",
  ).attempt(make, put, 1);
  return { failure, name: error?.name, message: error?.message };
}

describe("TLS that fails", () => {
  test("in the middle of a request leaves open what a creation has done", async () => {
    const { cert, key } = certificate;
    const clients: Socket[] = [];
    let heard = "";
    const secured = createSecureServer({ cert, key }, (socket) => {
      socket
        .on("error", () => {})
        .on("data", (chunk) => {
          heard += chunk.toString("latin1");
          if (heard.endsWith("blue")) for (const client of clients) client.end(garbage);
        });
    });
    const behind = await listening(secured);
    // In between, where bytes can be sent past TLS.
    const port = await taking((socket) => {
      clients.push(socket);
      const onward = connect(behind, "127.0.0.1").on("error", () => {});
      open.add(onward);
      socket.pipe(onward).pipe(socket);
    });
    const { failure, name } = await outcomeOf(`https://127.0.0.1:${port}`);
    expect([failure, name]).toEqual(["unknown", "OutcomeUnknown"]);
    expect(heard).toMatch(/^PUT \/thing [\s\S]+blue$/);
  });

  test("in the handshake has let nothing out, and is not tried again", async () => {
    const endpoint = `https://127.0.0.1:${await taking((socket) => socket.once("data", () => socket.write(garbage)))}`;
    expect(await outcomeOf(endpoint)).toEqual({
      failure: undefined,
      name: "Unreachable",
      message: `Could not make it: TLS to ${endpoint} failed (ERR_SSL_WRONG_VERSION_NUMBER). The TLS handshake failed; check that the port speaks HTTPS.`,
    });
  });

  test("because the connection ends in the handshake has let nothing out either", async () => {
    const endpoint = `https://127.0.0.1:${await taking((socket) => socket.once("data", () => socket.destroy()))}`;
    expect(await outcomeOf(endpoint)).toEqual({
      failure: "not-sent",
      name: "Unreachable",
      message: `Could not make it: ${endpoint} cannot be reached (ECONNRESET). Check ecsEndpoint and the network.`,
    });
  });
});

test("a proxy that hangs up before it has opened its tunnel is named, and the request may be sent anew", async () => {
  vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${await taking((socket) => socket.once("data", () => socket.end()))}`);
  const endpoint = "https://array.example:4443";
  expect(await outcomeOf(endpoint)).toEqual({
    failure: "not-sent",
    name: "Unreachable",
    message:
      `Could not make it: ${endpoint} cannot be reached (UND_ERR_PRX_CONN). Check ecsEndpoint and the network. ` +
      "The proxy of HTTPS_PROXY may be in the way; NO_PROXY exempts hosts from it.",
  });
});
