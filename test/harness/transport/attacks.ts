import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { endlessPages } from "./endless-pages.ts";
import type { Reply, Seizure } from "./front.ts";

export interface Attack {
  readonly name: string;
  /** For the memory that it takes it is made alone. */
  readonly big?: true;
  /** Takes all the time that an operation has. */
  readonly slow?: true;
  /** For lists only. */
  readonly paging?: true;
  /** How each answer of one request is given; a new one for each case. */
  start(): Seizure;
}

const depth = 100_000;
const hugeBytes = 100 * 1024 * 1024;

/** As a system answers that is well, but for the body. */
function saying(make: (original: Reply) => string): () => Seizure {
  return () => async (outgoing, original) => {
    const answer = await original();
    const { "content-length": _, ...headers } = answer.headers ?? {};
    outgoing.writeHead(answer.status === 204 || answer.status >= 300 ? 200 : answer.status, headers);
    outgoing.end(make(answer));
  };
}

/** The document with every leaf as `change` has it; XML is left to what text there is. */
function leavesOf({ body = "" }: Reply, change: (leaf: unknown) => unknown): string {
  const changed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(changed);
    if (typeof value !== "object" || value === null) return change(value);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, changed(member)]));
  };
  try {
    return JSON.stringify(changed(JSON.parse(body)));
  } catch {
    return body.replace(/>([^<>]+)</g, (_, text: string) => `>${String(change(text))}<`);
  }
}

const wrongTypes = new Map<string, unknown>([
  ["string", { not: ["a", "text"] }],
  ["number", [[]]],
  ["boolean", 7],
  ["object", "no null"],
]);

function withZeros(leaf: unknown): unknown {
  return typeof leaf === "number" || /^\d+$/.test(String(leaf)) ? `000${leaf}` : leaf;
}

/** The usual members of every document, and below one of them too many levels. */
const deepJson = (() => {
  const nested = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  return ({ body = "" }: Reply) =>
    body.startsWith("{") && body !== "{}" ? `${body.slice(0, -1)},"x":${nested}}` : nested;
})();

const deepXml = (root: string) => `<${root}>${"<a>".repeat(depth)}x${"</a>".repeat(depth)}</${root}>`;

const bomb = (root: string) => {
  const entities = Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`);
  return `<?xml version="1.0"?><!DOCTYPE ${root} [<!ENTITY e0 "haha">${entities.join("")}]><${root}><a>&e9;</a></${root}>`;
};

/** The root that the client waits for, where it waits for XML. */
function rootOf({ body = "" }: Reply): string {
  return /<([A-Z][A-Za-z]+)[\s/>]/.exec(body)?.[1] ?? "Error";
}

async function huge(outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(200, { "content-type": "application/json" });
  const chunk = Buffer.alloc(1024 * 1024, '{"a":1},');
  const chunks = Array.from({ length: hugeBytes / chunk.length }, () => chunk);
  // The client gives up before the end.
  await pipeline(Readable.from(chunks), outgoing).catch(() => undefined);
}

/** One byte a second, until the client has had enough. */
async function drip(outgoing: ServerResponse, text: string): Promise<void> {
  for (const byte of text) {
    if (outgoing.destroyed || !outgoing.socket?.writable) return;
    outgoing.socket.write(byte);
    await wait(1000, undefined, { ref: false });
  }
}

export const attacks: readonly Attack[] = [
  { name: "wrong types", start: saying((answer) => leavesOf(answer, (leaf) => wrongTypes.get(typeof leaf))) },
  { name: "leading zeros", start: saying((answer) => leavesOf(answer, withZeros)) },
  { name: "endless pages", slow: true, paging: true, start: () => endlessPages((page) => `page${page}`) },
  { name: "a token that repeats", slow: true, paging: true, start: () => endlessPages(() => "again") },
  { name: "100 MB", big: true, start: () => async (outgoing) => await huge(outgoing) },
  { name: "deep JSON", big: true, start: saying(deepJson) },
  { name: "deep XML", big: true, start: saying((answer) => deepXml(rootOf(answer))) },
  { name: "entity bomb", big: true, start: saying((answer) => bomb(rootOf(answer))) },
  {
    name: "slow headers",
    slow: true,
    start: () => async (outgoing) => await drip(outgoing, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"),
  },
  {
    name: "slow body",
    slow: true,
    start: () => async (outgoing) => {
      outgoing.writeHead(200, { "content-type": "application/json", "content-length": "1000" }).flushHeaders();
      await drip(outgoing, " ".repeat(1000));
    },
  },
];
