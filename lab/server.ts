import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Certificates } from "./certificates.ts";
import type { LabClock } from "./clock.ts";
import type { Fault, Faults } from "./faults.ts";
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

/** What is done with a request, decided before anything is written. */
interface Decision {
  readonly outcome: Outcome;
  readonly act: "send" | "send-half" | "reset" | "keep-silent";
  readonly reply: LabReply;
}

const loginPage =
  "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Please sign in.</form></body></html>";

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
    const fault = early && this.#takeFault({ ...head, body: early });
    if (fault?.kind === "reset-before-read") {
      this.#record({ ...head, body: early ?? unread.body }, fault.kind);
      await pause(fault);
      this.#reset(incoming);
      return;
    }
    const body = early === unread.body ? await readBody(incoming) : early;
    if (body === undefined) {
      this.#record(unread, "aborted");
      return;
    }
    const request = { ...head, body };
    const decision = this.#decide(request, fault);
    this.#record(request, decision.outcome, decision.reply);
    await pause(fault);
    this.#carryOut(decision, incoming, outgoing, fault);
  }

  #takeFault(request: LabRequest): Fault | undefined {
    const { method, path } = request;
    const command = this.system.commandOf?.(request);
    return this.#around.faults.take({ system: this.system.name, method, path, command });
  }

  #decide(request: LabRequest, fault: Fault | undefined): Decision {
    const { system } = this;
    const none: LabReply = { status: 0 };
    switch (fault?.kind) {
      case "hang":
        return { outcome: "hang", act: "keep-silent", reply: none };
      case "status":
        return sending(failure(system, fault.status ?? 503));
      case "html":
        return sending({ status: fault.status ?? 200, body: loginPage, contentType: "text/html" });
      case "status-after-commit":
        this.#handle(request);
        return sending(failure(system, fault.status ?? 503));
      case "reset-after-commit":
        return { outcome: fault.kind, act: "reset", reply: this.#handle(request) };
      case "truncate":
        return { outcome: fault.kind, act: "send-half", reply: this.#handle(request) };
      default:
        return sending(this.#handle(request));
    }
  }

  /** A mistake of a simulator is this request's failure, not the end of the lab. */
  #handle(request: LabRequest): LabReply {
    try {
      return this.system.handle(request);
    } catch (error) {
      console.error(`The lab failed at ${request.method} ${request.path} of ${this.system.name}:`, error);
      return { status: 500, body: "The lab failed at this request.\n", contentType: "text/plain; charset=utf-8" };
    }
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
    if (decision.act === "reset" || (decision.act === "send-half" && half.length === 0)) {
      this.#reset(incoming);
      return;
    }
    writeHead(outgoing, decision.reply, this.#around.clock.now(), fault?.retryAfter);
    // Head and body given at once leave in one write; two small writes would wait for the peer's delayed acknowledgment.
    if (decision.act === "send") outgoing.end(body);
    else outgoing.write(half, () => incoming.socket.destroy());
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

function sending(reply: LabReply): Decision {
  return { outcome: reply.status, act: "send", reply };
}

function failure(system: SimulatedSystem, status: number): LabReply {
  return status >= 400 ? system.errorReply(status) : { status };
}

async function pause(fault: Fault | undefined): Promise<void> {
  if (fault?.delayMs) await wait(fault.delayMs, undefined, { ref: false });
}

function writeHead(outgoing: ServerResponse, reply: LabReply, now: number, retryAfter: number | undefined): void {
  outgoing.writeHead(reply.status, {
    date: new Date(now).toUTCString(),
    ...(bodiless.has(reply.status) ? {} : { "content-length": Buffer.byteLength(reply.body ?? "") }),
    ...(reply.contentType === undefined ? {} : { "content-type": reply.contentType }),
    ...reply.headers,
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
  });
}
