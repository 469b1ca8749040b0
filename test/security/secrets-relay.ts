import { createServer, type IncomingMessage, type RequestOptions, request, type ServerResponse } from "node:http";
import { request as requestTls } from "node:https";
import type { AddressInfo } from "node:net";

/** What a server that repeats a request in its error text has seen of it. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Page = (seen: Seen) => string;

/** What matters comes first: a message shows 300 characters of a page. */
export const everythingOf: Page = ({ method, url, headers, body }) => {
  const { authorization = "" } = headers;
  const logIn = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
  const parts = [
    decodeURIComponent(url),
    url,
    authorization,
    logIn,
    body,
    JSON.stringify(body),
    JSON.stringify(headers),
  ];
  return `<html><body>Bad ${method} request: ${parts.join(" | ")}</body></html>`;
};

/** Stands in front of a simulated system, notes the log-ins that pass by, and can turn into a server that tells everything. */
export class Relay {
  /** Values of the headers that prove who sends a request. */
  readonly proofs = new Set<string>();
  readonly #target: string;
  readonly #caPem: string | undefined;
  readonly #server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
  #told: { readonly matches: RegExp; readonly status: number; readonly page: Page } | undefined;

  private constructor(target: string, caPem: string | undefined) {
    this.#target = target;
    this.#caPem = caPem;
  }

  static async to(target: string, caPem?: string): Promise<Relay> {
    const relay = new Relay(target, caPem);
    await new Promise<void>((resolve) => relay.#server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  /** The target's address with this one in place of its host and port. */
  get endpoint(): string {
    const { pathname } = new URL(this.#target);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${pathname.replace(/\/$/, "")}`;
  }

  /** From here on requests that match by line and body are refused, with a page that repeats them. */
  tellAbout(matches: RegExp, status: number, page: Page = everythingOf): void {
    this.#told = { matches, status, page };
  }

  beSilent(): void {
    this.#told = undefined;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = "", url = "", headers } = incoming;
    this.#note(headers);
    if (this.#told?.matches.test(`${method} ${url} ${body}`)) {
      outgoing.writeHead(this.#told.status, { "content-type": "text/html" });
      outgoing.end(this.#told.page({ method, url, headers, body: body.toString() }));
      return;
    }
    this.#forward({ method, path: url, headers }, body, outgoing);
  }

  #note(headers: IncomingMessage["headers"]): void {
    const token = headers["x-sds-auth-token"];
    if (typeof token === "string") this.proofs.add(token);
    const [scheme, proof] = headers.authorization?.split(" ") ?? [];
    if (scheme === "Basic" && proof !== undefined) this.proofs.add(proof);
  }

  #forward(options: RequestOptions, body: Buffer, outgoing: ServerResponse): void {
    const { protocol, hostname, port } = new URL(this.#target);
    const send = protocol === "https:" ? requestTls : request;
    const authority = this.#caPem === undefined ? {} : { ca: this.#caPem };
    const passed = send({ ...options, ...authority, hostname, port, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    passed.end(body);
  }
}
