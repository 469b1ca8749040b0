import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { S3Client } from "../../provider/s3/client.ts";

export interface Seen {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** The connection ends instead of an answer. */
  readonly cut?: boolean;
}

/** A server that says what a test tells it to say, and remembers what it was asked. */
export function s3Service() {
  const service = {
    endpoint: "",
    seen: [] as Seen[],
    replies: [] as Reply[],
    /** Where no reply is queued. */
    always: undefined as ((line: string, body: string) => Reply) | undefined,
    lines: () => service.seen.map(({ line }) => line),
    first: (): Seen => {
      const [first] = service.seen;
      if (!first) throw new Error("nothing was asked");
      return first;
    },
    client: (more: object = {}) =>
      new S3Client({
        connection: {
          endpoint: service.endpoint,
          tls: { insecure: false },
          transport: { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 100 },
        },
        settingPrefix: "s3",
        accessKeyId: "AKLITERAL",
        secretAccessKey: "Canary-s3-secret",
        region: "us-east-1",
        pathStyle: true,
        ...more,
      }),
  };
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const line = `${incoming.method} ${incoming.url}`;
    const body = Buffer.concat(chunks).toString();
    service.seen.push({ line, headers: incoming.headers, body });
    const reply = service.replies.shift() ?? service.always?.(line, body) ?? { status: 200 };
    if (reply.cut) incoming.socket.destroy();
    else outgoing.writeHead(reply.status, reply.headers).end(reply.body ?? "");
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    service.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    service.seen = [];
    service.replies = [];
    service.always = undefined;
  });
  return service;
}

export function refusal(status: number, code: string, message = ""): Reply {
  return { status, body: `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>` };
}
