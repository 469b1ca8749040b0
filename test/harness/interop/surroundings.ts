/** A key pair of one account of an S3 server. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The servers that the S3 contract is checked on. */
export type ServerId = "lab-ecs" | "lab-hyperstore" | "rgw" | "versitygw";

/** A running S3 server with two accounts. */
export interface S3Server {
  readonly id: ServerId;
  readonly name: string;
  readonly version: string;
  readonly endpoint: string;
  /** The same buckets over TLS. */
  readonly tls: { readonly endpoint: string; readonly caPem: string };
  readonly region: string;
  readonly owner: S3Keys;
  readonly other: S3Keys;
  /** How a policy names the other account. */
  readonly principalOfOther: string;
  /** What a request without a signature has to send beside. */
  readonly anonymousHeaders?: Readonly<Record<string, string>>;
}

/** Servers of one kind, and their end. */
export interface Started {
  readonly servers: readonly S3Server[];
  stop(): Promise<void>;
}

/** A program or library that nobody here wrote. */
export interface Client {
  readonly name: string;
  readonly version: string;
  /** The program, or the folder of the library. */
  readonly path: string;
}

/** What `test:interop` has found, installed or started. A test reads it; nothing here is started by a test. */
export interface Surroundings {
  readonly servers: readonly S3Server[];
  readonly awsCli?: Client;
  readonly rclone?: Client;
  readonly minio?: Client;
  readonly ecsClient?: Client;
  readonly cs?: Client;
  readonly s3cmd?: Client;
}

export const variable = "CLOUDSTACK_STORAGE_INTEROP";

/** What `test:interop` has laid out for the tests. */
export function surroundings(): Surroundings {
  const text = process.env[variable];
  if (!text) throw new Error("These tests need real servers and clients around them: npm run test:interop");
  return JSON.parse(text) as Surroundings;
}
