import { createHash, createHmac } from "node:crypto";
import { assertChecksums } from "./s3-checksum.ts";
import { S3Refused } from "./s3-error.ts";
import type { Verified } from "./s3-identity.ts";
import type { LabRequest } from "./system.ts";

const streamings = new Set([
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
]);

interface Payload {
  readonly body: Buffer;
  /** Headers and trailers, for checksums. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The content of a request, compared with every hash and checksum that came with it. */
export function verifiedPayload(request: LabRequest, verified: Verified | undefined): Payload {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === "string") headers[name] = value;
  const declared = headers["x-amz-content-sha256"];
  const payload =
    declared?.startsWith("STREAMING-") === true
      ? decodedPayload(request.body, headers, declared, verified)
      : { body: request.body, headers };
  if (declared !== undefined) assertHash(declared, request.body);
  assertChecksums(payload.headers, payload.body);
  return payload;
}

function assertHash(declared: string, body: Buffer): void {
  if (declared === "UNSIGNED-PAYLOAD" || streamings.has(declared)) return;
  if (!/^[0-9a-f]{64}$/i.test(declared)) throw new S3Refused("InvalidArgument", "x-amz-content-sha256 is not valid.");
  if (declared.toLowerCase() === sha256(body)) return;
  throw new S3Refused(
    "XAmzContentSHA256Mismatch",
    "The provided x-amz-content-sha256 does not match what was computed.",
  );
}

function decodedPayload(
  raw: Buffer,
  headers: Record<string, string>,
  declared: string,
  verified: Verified | undefined,
): Payload {
  if (!streamings.has(declared)) throw new S3Refused("NotImplemented", `The lab does not implement ${declared}.`);
  const chunks = new ChunkReader(raw, declared.startsWith("STREAMING-AWS4") ? verified?.seed : undefined);
  const body = chunks.content();
  const trailers = chunks.trailers();
  const length = headers["x-amz-decoded-content-length"];
  if (length === undefined || Number(length) !== body.length) {
    throw new S3Refused("IncompleteBody", "The body is not as long as x-amz-decoded-content-length says.");
  }
  return { body, headers: { ...headers, ...trailers } };
}

/** Takes the framing of `aws-chunked` apart, and follows its chain of signatures where there is one. */
class ChunkReader {
  readonly #raw: Buffer;
  readonly #seed: Verified["seed"];
  #at = 0;
  #previous: string;

  constructor(raw: Buffer, seed: Verified["seed"]) {
    this.#raw = raw;
    this.#seed = seed;
    this.#previous = seed?.signature ?? "";
  }

  content(): Buffer {
    const chunks: Buffer[] = [];
    for (;;) {
      const [size = "", signature] = this.#line().split(";chunk-signature=");
      if (!/^[0-9a-f]{1,8}$/i.test(size)) throw broken();
      const length = Number.parseInt(size, 16);
      const chunk = this.#raw.subarray(this.#at, this.#at + length);
      if (chunk.length < length) throw broken();
      this.#assertSigned("PAYLOAD", [sha256(Buffer.alloc(0)), sha256(chunk)], signature);
      if (length === 0) return Buffer.concat(chunks);
      this.#at += length;
      if (this.#line() !== "") throw broken();
      chunks.push(chunk);
    }
  }

  trailers(): Record<string, string> {
    const trailers: Record<string, string> = {};
    let signature: string | undefined;
    while (this.#at < this.#raw.length) {
      const line = this.#line();
      const colon = line.indexOf(":");
      const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (name === "x-amz-trailer-signature") signature = value;
      else if (name !== "") trailers[name] = value;
    }
    const canonical = Object.entries(trailers)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}:${value}\n`);
    if (canonical.length > 0) this.#assertSigned("TRAILER", [sha256(Buffer.from(canonical.join("")))], signature);
    return trailers;
  }

  #line(): string {
    const end = this.#raw.indexOf("\r\n", this.#at);
    if (end < 0) throw broken();
    const line = this.#raw.toString("latin1", this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #assertSigned(kind: "PAYLOAD" | "TRAILER", hashes: readonly string[], signature: string | undefined): void {
    if (this.#seed === undefined) return;
    const { secret, scope, timestamp } = this.#seed;
    const text = [`AWS4-HMAC-SHA256-${kind}`, timestamp, scope, this.#previous, ...hashes].join("\n");
    const key = scope
      .split("/")
      .reduce((secretSoFar: string | Buffer, part) => hmac(secretSoFar, part), `AWS4${secret}`);
    this.#previous = hmac(key, text).toString("hex");
    if (signature === this.#previous) return;
    throw new S3Refused(
      "SignatureDoesNotMatch",
      `The signature of a ${kind === "PAYLOAD" ? "chunk" : "trailer"} is wrong.`,
    );
  }
}

function broken(): S3Refused {
  return new S3Refused("IncompleteBody", "The body is not framed as aws-chunked.");
}

function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
