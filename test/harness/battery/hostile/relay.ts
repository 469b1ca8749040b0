import { type AddressInfo, connect as connectPlain, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Hands the bytes of one address on to another one and keeps what the client sends, as it is on the wire. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #sent: Buffer[][] = [];

  private constructor(target: URL) {
    this.#server = createServer((client) => this.#serve(client, target));
  }

  static async open(target: string): Promise<Relay> {
    const relay = new Relay(new URL(target));
    await new Promise<void>((resolve) => relay.#server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  /** Plain on this side, so that what is sent can be read. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What each connection has carried since the last time. */
  take(): Buffer[] {
    const taken = this.#sent.map((chunks) => Buffer.concat(chunks));
    for (const chunks of this.#sent) chunks.length = 0;
    return taken.filter((bytes) => bytes.length > 0);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket, target: URL): void {
    const options = { host: target.hostname, port: Number(target.port) };
    const server =
      target.protocol === "https:" ? connectTls({ ...options, rejectUnauthorized: false }) : connectPlain(options);
    const chunks: Buffer[] = [];
    this.#sent.push(chunks);
    client.on("data", (chunk: Buffer) => chunks.push(chunk));
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {
        client.destroy();
        server.destroy();
      });
      socket.once("close", () => this.#sockets.delete(socket));
    }
  }
}
