import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Certificates } from "./certificates.ts";
import type { LabClock } from "./clock.ts";
import { type Decision, decide } from "./decision.ts";
import type { Fault, Faults, FaultTarget } from "./faults.ts";
import { listen } from "./ports.ts";
import { decodeQuery, splitTarget } from "./query.ts";
import { type Outcome, type Recorder, usualParams } from "./recorder.ts";
import type { LabReply, LabRequest, SimulatedSystem } from "./system.ts";

/** What all listeners of one lab share. */
export interface Surroundings {
  readonly clock: LabClock;
  readonly faults: Faults;
  readonly recorder: Recorder;
  /** Present where the lab speaks TLS. */
  readonly certificates?: Certificates;
}

/** The listening socket of one system, with the faults in front of it. */
export class Listener {
  readonly system: SimulatedSystem;
  readonly #around: Surroundings;
  readonly #server: Server | TlsServer;
  readonly #sockets = new Map<number | undefined, Socket>();
  #port = 0;

  constructor(system: SimulatedSystem, around: Surroundings) {
    this.system = system;
    this.#around = around;
    const serve = (incoming: IncomingMessage, outgoing: ServerResponse) => void this.#serve(incoming, outgoing);
    this.#server = around.certificates ? createTlsServer(around.certificates.byName.ca, serve) : createServer(serve);
    // A pooled connection must outlive the pauses of a client; Node's five seconds would cut it at random.
    this.#server.keepAliveTimeout = 60_000;
    this.#server.prependListener("connection", (socket: Socket) => this.#track(socket));
  }

  async open(port: number): Promise<string> {
    this.#port = await listen(this.#server, port);
    return `${this.#around.certificates ? "https" : "http"}://127.0.0.1:${this.#port}`;
  }

  /** Takes no connection any more and cuts those it has. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  /** Listens again, where it did before. */
  async reopen(): Promise<void> {
    if (!this.#server.listening) await listen(this.#server, this.#port);
  }

  #track(socket: Socket): void {
    const { certificates } = this.#around;
    const wanted = this.system.certificate?.();
    if (certificates && wanted && this.#server instanceof TlsServer) {
      this.#server.setSecureContext(certificates.byName[wanted]);
    }
    const key = socket.remotePort;
    this.#sockets.set(key, socket);
    socket.once("close", () => {
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
    });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const head = requestHead(incoming);
    const unread = { ...head, body: Buffer.alloc(0) };
    // A fault may ask for the command, and that stands in the body.
    const early = this.system.commandOf === undefined ? unread.body : await readBody(incoming);
    const target = this.#target({ ...head, body: early ?? unread.body });
    const fault = early && this.#around.faults.take(target);
    if (this.#around.faults.refusesAfter(target)) this.#closeAfter(incoming, outgoing);
    if (fault?.kind === "reset-before-read") {
      this.#record({ ...head, body: early ?? unread.body }, fault.kind);
      await this.#around.faults.delay(fault);
      this.#reset(incoming);
      return;
    }
    const body = early === unread.body ? await readBody(incoming) : early;
    if (body === undefined) {
      this.#record(unread, "aborted");
      return;
    }
    const request = { ...head, body };
    const decision = decide(this.system, request, fault);
    this.#record(request, decision.outcome, decision.reply);
    if (fault) await this.#around.faults.delay(fault);
    this.#carryOut(decision, incoming, outgoing, fault);
  }

  #target(request: LabRequest): FaultTarget {
    const { method, path } = request;
    return { system: this.system.name, method, path, command: this.system.commandOf?.(request) };
  }

  /** Takes no new connection; this one ends with its answer. */
  #closeAfter(incoming: IncomingMessage, outgoing: ServerResponse): void {
    outgoing.shouldKeepAlive = false;
    const last = this.#sockets.get(incoming.socket.remotePort);
    this.#server.close();
    for (const socket of this.#sockets.values()) if (socket !== last) socket.destroy();
  }

  #record(request: LabRequest, outcome: Outcome, reply?: LabReply): void {
    const { recorder, clock } = this.#around;
    const params = this.system.recorded?.(request) ?? usualParams(request);
    recorder.add(this.system.name, request, params, outcome, clock.now(), reply?.destructive === true);
  }

  #carryOut(decision: Decision, incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined): void {
    if (decision.act === "keep-silent") return;
    const { body = "" } = decision.reply;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const half = bytes.subarray(0, Math.floor(bytes.length / 2));
    const isCut = decision.act !== "send";
    if (decision.act === "reset" || (isCut && half.length === 0)) {
      this.#reset(incoming);
      return;
    }
    writeHead(outgoing, decision.reply, this.#around.clock.now(), fault);
    // Head and body given at once leave in one write; two small writes would wait for the peer's delayed acknowledgment.
    if (!isCut) outgoing.end(body);
    else if (decision.act === "send-half") outgoing.write(half, () => incoming.socket.destroy());
    else outgoing.write(half, () => this.#reset(incoming));
  }

  #reset(incoming: IncomingMessage): void {
    this.#sockets.get(incoming.socket.remotePort)?.resetAndDestroy();
  }
}

/** Statuses whose answers have no body, not even an empty one. */
const bodiless = new Set([204, 304]);

function requestHead(incoming: IncomingMessage): Omit<LabRequest, "body"> {
  const { path, rawQuery } = splitTarget(incoming.url ?? "/");
  return { method: incoming.method ?? "GET", path, rawQuery, query: decodeQuery(rawQuery), headers: incoming.headers };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function writeHead(outgoing: ServerResponse, reply: LabReply, now: number, fault: Fault | undefined): void {
  const later = fault && retryAfterOf(fault, now);
  outgoing.writeHead(reply.status, {
    date: new Date(now).toUTCString(),
    ...(bodiless.has(reply.status) ? {} : { "content-length": Buffer.byteLength(reply.body ?? "") }),
    ...(reply.contentType === undefined ? {} : { "content-type": reply.contentType }),
    ...reply.headers,
    ...(later === undefined ? {} : { "retry-after": later }),
  });
}

function retryAfterOf({ retryAfter, retryAfterForm }: Fault, now: number): string | undefined {
  if (retryAfter === undefined) return undefined;
  return retryAfterForm === "date" ? new Date(now + retryAfter * 1000).toUTCString() : String(retryAfter);
}
