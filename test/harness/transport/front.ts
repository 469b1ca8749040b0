import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
  type ServerResponse,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** To the targets, whose certificates are none of a test's business. */
const plainAgent = new PlainAgent({ keepAlive: true });
const tlsAgent = new TlsAgent({ keepAlive: true });

/** A request as it came out of the connection. */
export interface Heard {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers by itself; what the target would have said can be had. */
export type Seizure = (outgoing: ServerResponse, original: () => Promise<Reply>) => Promise<void>;

export interface FrontOptions {
  /** A listener that speaks TLS; plain where it is absent. */
  readonly tls?: TlsOptions;
  /** 0 or nothing: any free one. */
  readonly port?: number;
  /** Where requests go that `answer` leaves alone. */
  readonly target?: { readonly url: string; readonly caPem?: string };
  /** Undefined: the target's business. */
  readonly answer?: (request: Heard) => Reply | Seizure | undefined;
}

/** Something in front of a system, or in its place: hears every byte that a client lets out. */
export interface Front {
  readonly port: number;
  /** With 127.0.0.1 as the host. */
  readonly origin: string;
  /** What came over all connections, after TLS where that is spoken. */
  readonly bytes: string;
  readonly heard: readonly Heard[];
  readonly connections: number;
  /** As a server that restarts: once it is done, the client knows that its idle connections are gone. */
  retire(): Promise<void>;
  close(): Promise<void>;
}

export async function startFront(options: FrontOptions = {}): Promise<Front> {
  const front = new ListeningFront(options);
  await front.open();
  return front;
}

class ListeningFront implements Front {
  bytes = "";
  connections = 0;
  readonly heard: Heard[] = [];
  readonly #options: FrontOptions;
  readonly #http = createServer((incoming, outgoing) => {
    // A client that gives up in the middle.
    this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: FrontOptions) {
    this.#options = options;
    const take = (socket: Socket) => this.#take(socket);
    this.#listener = options.tls ? createTlsServer(options.tls, take) : createTcpServer(take);
    this.#listener.on("connection", (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket));
    });
    // A client that refuses the certificate.
    this.#listener.on("tlsClientError", () => {});
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once("error", reject).listen(this.#options.port ?? 0, "127.0.0.1", resolve);
    });
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get origin(): string {
    return `${this.#options.tls ? "https" : "http"}://127.0.0.1:${this.port}`;
  }

  async retire(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.end();
    await closed;
  }

  async close(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #take(socket: Socket): void {
    socket.on("error", () => {});
    this.#http.emit("connection", socket);
    // Afterwards: until somebody else listens, the parser takes the bytes past the stream.
    socket.on("data", (chunk: Buffer) => {
      this.bytes += chunk.toString("latin1");
    });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = "", url = "", headers } = incoming;
    const heard = { method, url, headers, body: body.toString() };
    this.heard.push(heard);
    const answer = this.#options.answer?.(heard);
    const original = () => this.#forwarded(heard, body);
    if (typeof answer === "function") await answer(outgoing, original);
    else {
      const { status, headers: more, body: text } = answer ?? (await original());
      outgoing.writeHead(status, more).end(method === "HEAD" ? undefined : text);
    }
  }

  /** With the client's own host header, which its signature covers. */
  async #forwarded({ method, url, headers }: Heard, body: Buffer): Promise<Reply> {
    const { target } = this.#options;
    if (!target) return { status: 404 };
    const isTls = target.url.startsWith("https:");
    const agent = isTls ? tlsAgent : plainAgent;
    // The name in the host header need not be one of the target's.
    const trust = target.caPem === undefined ? {} : { ca: target.caPem, servername: "localhost" };
    const send = isTls ? tlsRequest : plainRequest;
    const onward = send(new URL(url, target.url), { method, headers, agent, ...trust }).end(body);
    const [answer] = (await once(onward, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    const { connection: _, ...kept } = answer.headers as Record<string, string>;
    return { status: answer.statusCode ?? 502, headers: kept, body: Buffer.concat(chunks).toString() };
  }
}
