import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** What a proxy was asked for. */
export interface Asked {
  readonly method: string;
  /** Of a tunnel, host and port; else the whole address. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ProxyOptions {
  /** Where every tunnel leads, whatever was asked for. */
  readonly port?: number;
  /** The answer to every tunnel that is not opened. */
  readonly refusal?: number;
}

export interface ProxyServer {
  /** Host and port. */
  readonly address: string;
  readonly asked: readonly Asked[];
  /** What clients have sent through its tunnels. */
  readonly tunneled: string;
  close(): Promise<void>;
}

export async function startProxy({ port, refusal }: ProxyOptions): Promise<ProxyServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let tunneled = "";
  const note = ({ method = "", url = "", headers }: IncomingMessage) => asked.push({ method, url, headers });
  const server = createServer((incoming, outgoing) => {
    note(incoming);
    outgoing.writeHead(502).end();
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.on("connect", (incoming, socket) => {
    note(incoming);
    socket.on("error", () => {});
    if (refusal !== undefined || port === undefined) {
      socket.end(`HTTP/1.1 ${refusal ?? 502} Refused\r\n\r\n`);
      return;
    }
    const target = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.on("data", (chunk: Buffer) => {
        tunneled += chunk.toString("latin1");
      });
      socket.pipe(target).pipe(socket);
    });
    sockets.add(target);
    target.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    asked,
    close,
    get tunneled() {
      return tunneled;
    },
  };
}
