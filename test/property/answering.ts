import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AnsweringServer {
  endpoint: string;
  seen: Seen[];
  answer: (request: Seen) => Reply;
}

/** A server that says what a test tells it to say, whatever the size of the request, and remembers what it was asked. */
export function answeringServer(): AnsweringServer {
  const state: AnsweringServer = { endpoint: "", seen: [], answer: () => ({ status: 500, body: "" }) };
  const server = createServer({ maxHeaderSize: 4 * 1024 * 1024 }, async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url = "", headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
    state.seen.push(request);
    const reply = state.answer(request);
    const none = reply.status === 204 || method === "HEAD";
    outgoing.writeHead(reply.status, reply.headers).end(none ? undefined : reply.body);
  });
  beforeAll(async () => {
    // Where no engine listens, warnings go there.
    vi.spyOn(console, "error").mockImplementation(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    state.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    state.seen = [];
  });
  return state;
}
