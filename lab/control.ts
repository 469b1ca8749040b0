import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { LabClock } from "./clock.ts";
import { refusePages } from "./control-access.ts";
import { isObject, LabError } from "./errors.ts";
import { type Faults, parseFault } from "./faults.ts";
import { host, listen } from "./ports.ts";
import { decodeQuery, splitTarget } from "./query.ts";
import type { Recorder } from "./recorder.ts";
import type { Listener } from "./server.ts";
import type { StatefulSystem } from "./system.ts";

/** What the control API looks at and changes. */
export interface Controlled {
  readonly clock: LabClock;
  readonly faults: Faults;
  readonly recorder: Recorder;
  readonly listeners: readonly Listener[];
  readonly systems: readonly StatefulSystem[];
  /** Brings systems that were reset to the state of the start. */
  seed(): void;
  /** What `GET /addresses` answers. */
  addresses(): object;
}

interface ControlCall {
  /** What follows the route's path and a slash; empty for the path itself. */
  readonly rest: string;
  readonly query: ReadonlyMap<string, string>;
  body(): Promise<Record<string, unknown>>;
}

/** Answers what to send as JSON; undefined for 204. */
type ControlOperation = (lab: Controlled, call: ControlCall) => unknown;

const routes: Record<string, Record<string, ControlOperation>> = {
  "/addresses": { GET: (lab) => lab.addresses() },
  "/requests": { GET: listRequests, DELETE: (lab) => lab.recorder.clear() },
  "/state": { GET: readState, PATCH: patchState },
  "/faults": { GET: (lab) => lab.faults.list(), POST: armFault, DELETE: clearFaults },
  "/clock": { GET: readClock, POST: setClock },
  "/reset": { POST: reset },
};

/** The control API on its own port, always plain HTTP. */
export class ControlServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(lab: Controlled) {
    this.#server = createServer((incoming, outgoing) => void serve(lab, incoming, outgoing));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  async open(port: number): Promise<string> {
    return `http://${host}:${await listen(this.#server, port)}`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function serve(lab: Controlled, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  try {
    const value = await answer(lab, incoming);
    if (value === undefined) outgoing.writeHead(204).end();
    else send(outgoing, 200, value);
  } catch (error) {
    const status = error instanceof LabError ? error.status : 500;
    send(outgoing, status, { error: error instanceof Error ? error.message : String(error) });
  }
}

async function answer(lab: Controlled, incoming: IncomingMessage): Promise<unknown> {
  refusePages(incoming.headers);
  const { path, rawQuery } = splitTarget(incoming.url ?? "/");
  const base = `/${path.split("/")[1] ?? ""}`;
  const operations = Object.hasOwn(routes, base) ? routes[base] : undefined;
  if (operations === undefined) {
    throw new LabError(`The control API has no ${path}: use ${Object.keys(routes).join(", ")}.`, 404);
  }
  const method = incoming.method ?? "GET";
  const operation = Object.hasOwn(operations, method) ? operations[method] : undefined;
  if (operation === undefined) throw new LabError(`${base} takes ${Object.keys(operations).join(", ")}.`, 405);
  const rest = path.slice(base.length + 1);
  if (rest !== "" && operation !== patchState) throw new LabError(`Use ${base} without "/${rest}".`, 404);
  const query = decodeQuery(rawQuery);
  if (query === undefined) throw new LabError("The query is not percent-encoded UTF-8.");
  return operation(lab, { rest, query, body: () => jsonBody(incoming) });
}

async function jsonBody(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new LabError("The body is not JSON. Send a JSON object.");
  }
  if (!isObject(body)) throw new LabError("Send a JSON object as the body.");
  return body;
}

function send(outgoing: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  outgoing.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  outgoing.end(body);
}

function listenerNames(lab: Controlled): string[] {
  return lab.listeners.map((listener) => listener.system.name);
}

function listRequests(lab: Controlled, { query }: ControlCall): unknown {
  const system = query.get("system");
  const names = listenerNames(lab);
  if (system !== undefined && !names.includes(system)) {
    throw new LabError(`There is no system "${system}": use ${names.join(", ")}.`);
  }
  return lab.recorder.list(system);
}

function readState(lab: Controlled, { query }: ControlCall): unknown {
  const secrets = query.get("secrets") === "true";
  return Object.fromEntries(lab.systems.map((system) => [system.name, system.tree({ secrets })]));
}

async function patchState(lab: Controlled, { rest, body }: ControlCall): Promise<unknown> {
  const system = lab.systems.find((candidate) => candidate.name === rest);
  if (system === undefined) {
    const paths = lab.systems.map((candidate) => `/state/${candidate.name}`);
    throw new LabError(`PATCH needs the system in its path: ${paths.join(", ")}.`, 404);
  }
  system.patch(await body());
  return system.tree({ secrets: false });
}

async function armFault(lab: Controlled, { body }: ControlCall): Promise<unknown> {
  const fault = parseFault(await body(), listenerNames(lab));
  const armed = lab.faults.arm(fault);
  if (fault.kind === "refuse" && fault.after === 0) {
    await lab.listeners.find((listener) => listener.system.name === fault.system)?.close();
  }
  return armed;
}

async function clearFaults(lab: Controlled): Promise<void> {
  lab.faults.clear();
  await Promise.all(lab.listeners.map((listener) => listener.reopen()));
}

function readClock({ clock }: Controlled): unknown {
  return { now: new Date(clock.now()).toISOString(), running: clock.running };
}

async function setClock(lab: Controlled, { body }: ControlCall): Promise<unknown> {
  lab.clock.apply(await body());
  return readClock(lab);
}

async function reset(lab: Controlled): Promise<void> {
  lab.clock.reset();
  for (const system of lab.systems) system.reset();
  lab.seed();
  lab.recorder.clear();
  await clearFaults(lab);
}
