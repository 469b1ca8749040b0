import { may, requiredBucket } from "./s3-access.ts";
import {
  assertWritable,
  type BucketOperation,
  denied,
  header,
  notFound,
  type S3Call,
  type S3Operation,
} from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";
import type { S3Bucket, S3Version } from "./s3-store.ts";
import { type Deletion, deleteObject, deleteVersion, nullVersion, putVersion } from "./s3-versions.ts";

const kept = ["cache-control", "content-disposition", "content-language", "content-type", "expires"];
const longestKey = 1024;

/** GET and HEAD. */
export const readObject: S3Operation = (call) => {
  const bucket = requiredBucket(call);
  const versionId = call.query.get("versionId");
  if (!may(call, bucket, versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion")) throw denied();
  const version = visibleVersion(call, bucket, versionId);
  const headers = { ...versionHeaders(bucket, version), ...contentHeaders(call, version) };
  if (!matchesTag(call, "if-match", version)) throw new S3Refused("PreconditionFailed", "If-Match does not hold.");
  if (header(call, "if-none-match") !== undefined && matchesTag(call, "if-none-match", version)) {
    return { status: 304, headers };
  }
  const range = requestedRange(header(call, "range"), version.body.length);
  if (range === undefined) return { status: 200, headers, body: version.body };
  const body = version.body.subarray(range.first, range.last + 1);
  const contentRange = `bytes ${range.first}-${range.last}/${version.body.length}`;
  return { status: 206, headers: { ...headers, "content-range": contentRange }, body };
};

export const putObject: BucketOperation = (call, bucket) => {
  const { key, body } = call;
  assertUnderstood(call);
  assertWritable(call, bucket, body.length);
  const [current] = bucket.objects.get(key) ?? [];
  const exists = current !== undefined && !current.marker;
  if (exists && header(call, "if-none-match") === "*") throw new S3Refused("PreconditionFailed", "The object exists.");
  const version = putVersion(call, bucket, key, { body, headers: storedHeaders(call) });
  return { status: 200, headers: { etag: `"${version.etag}"`, ...versionIdHeader(bucket, version.versionId) } };
};

export const removeObject: S3Operation = (call) => {
  const bucket = requiredBucket(call);
  const versionId = call.query.get("versionId");
  if (versionId !== undefined && !/^[!-~]+$/.test(versionId)) {
    throw new S3Refused("InvalidArgument", "Invalid version id specified.");
  }
  const deletion = deleteOne(call, bucket, call.key, versionId);
  const headers = {
    ...(deletion.versionId === undefined ? {} : { "x-amz-version-id": deletion.versionId }),
    ...(deletion.marker ? { "x-amz-delete-marker": "true" } : {}),
  };
  return { status: 204, headers, ...(deletion.destructive ? { destructive: true } : {}) };
};

/** One deletion, by itself or out of a list. */
export function deleteOne(call: S3Call, bucket: S3Bucket, key: string, versionId: string | undefined): Deletion {
  if (!may(call, bucket, versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion", key)) throw denied();
  assertWritable(call, bucket);
  return versionId === undefined ? deleteObject(call, bucket, key) : deleteVersion(call, bucket, key, versionId);
}

/** Refuses the features of writing that the lab lacks. */
export function assertUnderstood(call: S3Call): void {
  const { headers } = call.request;
  const acl = header(call, "x-amz-acl");
  const unknown = Object.keys(headers).find((name) =>
    /^x-amz-(copy-source-|grant-|object-lock-|server-side-encryption|tagging|website)/.test(name),
  );
  if (unknown !== undefined) throw new S3Refused("NotImplemented", `The lab does not implement ${unknown}.`);
  if (acl !== undefined && acl !== "private") {
    throw new S3Refused("NotImplemented", `The lab does not implement the ACL ${acl}.`);
  }
  if (Buffer.byteLength(call.key) > longestKey) throw new S3Refused("KeyTooLongError", "Your key is too long.");
}

/** What is given back with the object. */
export function storedHeaders(call: S3Call): Record<string, string> {
  const stored: Record<string, string> = {};
  for (const name of Object.keys(call.request.headers)) {
    const value = header(call, name);
    if (value === undefined) continue;
    if (kept.includes(name)) stored[name] = headerText(value);
    else if (name.startsWith("x-amz-meta-")) stored[name] = value;
  }
  const encodings = (header(call, "content-encoding") ?? "").split(",").map((encoding) => encoding.trim());
  const encoding = encodings.filter((name) => name !== "" && name !== "aws-chunked").join(",");
  return encoding === "" ? stored : { ...stored, "content-encoding": encoding };
}

export function versionIdHeader(bucket: S3Bucket, versionId: string): Record<string, string> {
  return bucket.versioning === "never" && versionId === nullVersion ? {} : { "x-amz-version-id": versionId };
}

function visibleVersion(call: S3Call, bucket: S3Bucket, versionId: string | undefined): S3Version {
  const versions = bucket.objects.get(call.key) ?? [];
  const version = versions.find((candidate) => versionId === undefined || candidate.versionId === versionId);
  if (version !== undefined && !version.marker) return version;
  // Who may not list is not told whether the key exists.
  if (!may(call, bucket, "s3:ListBucket", "")) throw denied();
  const refusal = versionId === undefined || version ? notFound("NoSuchKey") : notFound("NoSuchVersion");
  if (version === undefined) throw refusal;
  const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": version.versionId };
  if (versionId === undefined) throw new S3Refused("NoSuchKey", refusal.message, headers);
  throw new S3Refused("MethodNotAllowed", "The specified version is a delete marker.", headers);
}

function versionHeaders(bucket: S3Bucket, version: S3Version): Record<string, string> {
  return {
    etag: `"${version.etag}"`,
    "last-modified": new Date(version.modified).toUTCString(),
    "accept-ranges": "bytes",
    ...versionIdHeader(bucket, version.versionId),
  };
}

function contentHeaders(call: S3Call, version: S3Version): Record<string, string> {
  const overridden: Record<string, string> = {};
  for (const name of [...kept, "content-encoding"]) {
    const value = call.identity && call.query.get(`response-${name}`);
    if (value) overridden[name] = headerText(value);
  }
  return { "content-type": "binary/octet-stream", ...version.headers, ...overridden };
}

/** Node.js refuses to send other characters in some headers. */
function headerText(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  throw new S3Refused("InvalidArgument", "The lab takes printable ASCII only in headers of content.");
}

function matchesTag(call: S3Call, name: "if-match" | "if-none-match", { etag }: S3Version): boolean {
  const given = header(call, name);
  if (given === undefined || given.trim() === "*") return true;
  return given.split(",").some((tag) => tag.trim().replace(/^W\//, "").replaceAll('"', "") === etag);
}

/** The first of its bytes and the last; undefined for the whole, and for what is no single range. */
function requestedRange(range: string | undefined, size: number): { first: number; last: number } | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const first = from === "" ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  if (first >= size || (from === "" && Number(to) === 0)) {
    throw new S3Refused("InvalidRange", "The range is not satisfiable.", { "content-range": `bytes */${size}` });
  }
  return { first, last };
}
