import type { LabClock } from "./clock.ts";
import { S3Refused } from "./s3-error.ts";
import type { S3Options } from "./s3-options.ts";
import type { S3Bucket, S3Directory, S3Identity, S3Store } from "./s3-store.ts";
import type { LabReply, LabRequest } from "./system.ts";

/** One request to an S3 service, its signature and body verified. */
export interface S3Call {
  readonly request: LabRequest;
  readonly query: ReadonlyMap<string, string>;
  /** The content, without the framing of `aws-chunked`. */
  readonly body: Buffer;
  /** Undefined: anonymous. */
  readonly identity: S3Identity | undefined;
  readonly namespace: string;
  /** Empty for a request to the service itself. */
  readonly bucketName: string;
  /** Empty for a request to a bucket. */
  readonly key: string;
  readonly store: S3Store;
  readonly directory: S3Directory;
  readonly clock: LabClock;
  readonly options: S3Options;
}

export type S3Operation = (call: S3Call) => LabReply;

/** An operation on a bucket that is there, and on which the caller may do it. */
export type BucketOperation = (call: S3Call, bucket: S3Bucket) => LabReply;

export function header(call: S3Call, name: string): string | undefined {
  const value = call.request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

export function denied(message = "Access Denied"): S3Refused {
  return new S3Refused("AccessDenied", message);
}

export function notFound(what: "NoSuchBucket" | "NoSuchKey" | "NoSuchUpload" | "NoSuchVersion"): S3Refused {
  const nouns = { NoSuchBucket: "bucket", NoSuchKey: "key", NoSuchUpload: "upload", NoSuchVersion: "version" };
  return new S3Refused(what, `The specified ${nouns[what]} does not exist.`);
}

export function isOwner(call: S3Call, bucket: S3Bucket): boolean {
  return call.identity?.owner === bucket.owner && call.identity.namespace === bucket.namespace;
}

/** A whole number from the query, or the fallback; anything else is refused. */
export function wholeNumber(call: S3Call, name: string, fallback: number): number {
  const text = call.query.get(name);
  if (text === undefined || text === "") return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new S3Refused("InvalidArgument", `${name} must be a whole number.`);
  return Number(text);
}

/** Refuses what changes a bucket that is being emptied, or that would exceed its quota. */
export function assertWritable(call: S3Call, bucket: S3Bucket, bytes = 0): void {
  if (bucket.readOnly) throw new S3Refused("EmptyBucketInProgress", "The bucket is being emptied.");
  if (bytes > 0 && call.directory.admits?.(bucket, bytes) === false) {
    throw new S3Refused("QuotaExceeded", "The quota of the bucket is exceeded.");
  }
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}
