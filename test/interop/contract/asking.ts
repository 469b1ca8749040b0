import { createHash } from "node:crypto";
import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";

/** A command of the SDK, whichever. */
interface Command {
  readonly input: object;
}

/** The status, with the error's code where there is one. */
export async function ask(client: S3Client, command: Command): Promise<string> {
  const { status, code } = await outcome(client, command);
  return code === undefined ? `${status}` : `${status} ${code}`;
}

/** The status alone: an answer to HEAD has no body that could hold a code. */
export async function askHead(client: S3Client, command: Command): Promise<string> {
  return `${(await outcome(client, command)).status}`;
}

async function outcome(client: S3Client, command: Command): Promise<{ status: number; code?: string }> {
  try {
    const { $metadata } = (await client.send(command as Parameters<S3Client["send"]>[0])) as {
      $metadata: { httpStatusCode?: number };
    };
    return { status: $metadata.httpStatusCode ?? 0 };
  } catch (error) {
    if (error instanceof S3ServiceException) return { status: error.$metadata.httpStatusCode ?? 0, code: error.name };
    throw error;
  }
}

type Headers = Record<string, string | undefined>;

/** Changes the headers of every request before it is signed; undefined takes one away. */
export function withHeaders(client: S3Client, headers: Headers): S3Client {
  client.middlewareStack.add((next) => (args) => next(changed(args, headers)), { step: "build", priority: "low" });
  return client;
}

/** The checksum of older clients. */
export function withMd5(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers, body } = requestOf(args);
      headers["content-md5"] = createHash("md5").update(String(body)).digest("base64");
      return next(args);
    },
    { step: "build", priority: "low" },
  );
  return client;
}

/** Changes the headers behind the signature's back. */
export function tamperWithHeaders(client: S3Client, headers: Headers): S3Client {
  client.middlewareStack.add((next) => (args) => next(changed(args, headers)), { step: "deserialize" });
  return client;
}

export function tamperWithBody(client: S3Client, body: string): S3Client {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = requestOf(args);
      request.body = body;
      request.headers["content-length"] = String(Buffer.byteLength(body));
      return next(args);
    },
    { step: "deserialize" },
  );
  return client;
}

interface Sent {
  headers: Record<string, string>;
  body?: unknown;
}

function requestOf(args: { request?: unknown }): Sent {
  return args.request as Sent;
}

function changed<Args extends object>(args: Args, headers: Headers): Args {
  const request = requestOf(args);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) delete request.headers[name];
    else request.headers[name] = value;
  }
  return args;
}
