import { Agent } from "node:https";
import { CreateBucketCommand, type CreateBucketCommandInput, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Keys, S3Server } from "../../harness/interop/surroundings.ts";

export interface ClientOptions {
  readonly keys?: S3Keys;
  readonly region?: string;
  readonly clockOffsetMs?: number;
  /** As the SDK does it by default: a CRC32 with every object. */
  readonly checksums?: boolean;
  /** Over TLS, with this authority trusted, or with none but the system's. */
  readonly tls?: { readonly caPem?: string };
}

interface AnonymousInit extends RequestInit {
  readonly headers?: Record<string, string>;
}

/** A server with an owner, another account, and as many new buckets as a check wants. */
export class Scene {
  readonly server: S3Server;
  readonly owner: S3Client;
  readonly other: S3Client;
  readonly #clients: S3Client[] = [];
  /** No two runs share a name. */
  readonly #prefix = `check-${Date.now().toString(36)}`;
  #buckets = 0;

  constructor(server: S3Server) {
    this.server = server;
    this.owner = this.client({});
    this.other = this.client({ keys: server.other });
  }

  client({ keys = this.server.owner, region, clockOffsetMs, checksums = false, tls }: ClientOptions): S3Client {
    const when = checksums ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
    const client = new S3Client({
      endpoint: tls ? this.server.tls.endpoint : this.server.endpoint,
      region: region ?? this.server.region,
      credentials: { ...keys },
      forcePathStyle: true,
      maxAttempts: 1,
      requestChecksumCalculation: when,
      responseChecksumValidation: when,
      ...(clockOffsetMs === undefined ? {} : { systemClockOffset: clockOffsetMs }),
      ...(tls ? { requestHandler: { httpsAgent: new Agent(tls.caPem === undefined ? {} : { ca: tls.caPem }) } } : {}),
    });
    this.#clients.push(client);
    return client;
  }

  /** A name that nobody has. */
  name(): string {
    return `${this.#prefix}-${this.#buckets++}`;
  }

  /** A new bucket of the owner. */
  async bucket(input: Omit<CreateBucketCommandInput, "Bucket"> = {}): Promise<string> {
    const name = this.name();
    await this.owner.send(new CreateBucketCommand({ ...input, Bucket: name }));
    return name;
  }

  async put(bucket: string, ...keys: readonly string[]): Promise<void> {
    for (const key of keys)
      await this.owner.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: `of ${key}` }));
  }

  /** Without any signature, but with what the server wants to know of anonymous requests. */
  async anonymous(path: string, { headers, ...init }: AnonymousInit = {}): Promise<string> {
    return await this.raw(path, { ...init, headers: { ...this.server.anonymousHeaders, ...headers } });
  }

  /** As it stands. */
  async raw(path: string, init: RequestInit = {}): Promise<string> {
    const response = await fetch(`${this.server.endpoint}${path}`, init);
    const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
    return code === undefined ? `${response.status}` : `${response.status} ${code}`;
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
  }
}
