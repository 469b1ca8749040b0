import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";

interface Comment {
  readonly id: number;
  body: string;
}

interface Place {
  readonly method: string;
  readonly id: number | undefined;
  readonly query: URLSearchParams;
}

const routes = [
  { list: "/repos/owner/storage/issues/7/comments", one: "/repos/owner/storage/issues/comments/", change: "PATCH" },
  { list: "/api/v4/projects/12/merge_requests/7/notes", one: undefined, change: "PUT" },
];

/** The comments of one pull or merge request, behind the few calls of GitHub's and GitLab's API that change them. */
export class CommentServer {
  readonly comments: Comment[] = [];
  readonly token: string;
  readonly #server: Server;

  constructor(token: string) {
    this.token = token;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** What people wrote before. */
  fill(count: number): void {
    for (let number = 0; number < count; number += 1) this.#add(`Comment ${number} of somebody.`);
  }

  #add(body: string): Comment {
    const comment = { id: this.comments.length + 1, body };
    this.comments.push(comment);
    return comment;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const { authorization, "private-token": token } = request.headers;
    if (authorization !== `Bearer ${this.token}` && token !== this.token) return { status: 401, body: {} };
    const place = placeOf(request);
    if (place === undefined) return { status: 404, body: { message: `${request.method} ${request.url}` } };
    const { method, id, query } = place;
    if (method === "GET") {
      const [size, page] = [Number(query.get("per_page") ?? 30), Number(query.get("page") ?? 1)];
      return { status: 200, body: this.comments.slice((page - 1) * size, page * size) };
    }
    const { body } = JSON.parse(await text(request)) as { body: string };
    if (id === undefined) return { status: 201, body: this.#add(body) };
    const comment = this.comments.find((each) => each.id === id);
    if (comment === undefined) return { status: 404, body: {} };
    comment.body = body;
    return { status: 200, body: comment };
  }
}

function placeOf({ method = "", url = "" }: IncomingMessage): Place | undefined {
  const { pathname, searchParams: query } = new URL(url, "http://127.0.0.1");
  for (const { list, one = `${list}/`, change } of routes) {
    if (pathname === list && (method === "GET" || method === "POST")) return { method, id: undefined, query };
    if (pathname.startsWith(one) && method === change) return { method, id: Number(pathname.slice(one.length)), query };
  }
  return undefined;
}
