import { may } from "./s3-access.ts";
import { assertWritable, denied, header, isoTime, notFound, type S3Call } from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";
import { assertUnderstood, storedHeaders, versionIdHeader } from "./s3-objects.ts";
import type { S3Bucket, S3Version } from "./s3-store.ts";
import { putVersion } from "./s3-versions.ts";
import { xmlReply } from "./s3-xml.ts";
import type { LabReply } from "./system.ts";

/** PUT of an object with `x-amz-copy-source`. */
export function copyObject(call: S3Call, bucket: S3Bucket, source: string): LabReply {
  assertUnderstood(call);
  const original = sourceVersion(call, source);
  const { body, etag } = original.version;
  assertWritable(call, bucket, body.length);
  const directive = header(call, "x-amz-metadata-directive") ?? "COPY";
  const itself = original.bucket === bucket && original.key === call.key && original.versionId === undefined;
  if (directive !== "COPY" && directive !== "REPLACE") throw new S3Refused("InvalidArgument", "Unknown directive.");
  if (itself && directive === "COPY") {
    throw new S3Refused("InvalidRequest", "This copy request is illegal because it changes nothing of the object.");
  }
  const headers = directive === "COPY" ? original.version.headers : storedHeaders(call);
  // A copy is written in one piece, also where the original came in parts.
  const content = etag.includes("-") ? { body, headers } : { body, headers, etag };
  const version = putVersion(call, bucket, call.key, content);
  const result = { LastModified: isoTime(version.modified), ETag: `"${version.etag}"` };
  return xmlReply("CopyObjectResult", result, versionIdHeader(bucket, version.versionId));
}

interface Source {
  readonly bucket: S3Bucket;
  readonly key: string;
  readonly versionId: string | undefined;
  readonly version: S3Version;
}

/** What `bucket/key?versionId=…` names, as far as the caller may read it. */
function sourceVersion(call: S3Call, source: string): Source {
  const [, path = "", versionId] = /^\/?(.*?)(?:\?versionId=(.*))?$/s.exec(source) ?? [];
  const slash = path.indexOf("/");
  if (slash < 1) throw new S3Refused("InvalidArgument", "x-amz-copy-source must be BUCKET/KEY.");
  const bucket = call.store.bucket(call.namespace, decoded(path.slice(0, slash)));
  if (bucket === undefined) throw notFound("NoSuchBucket");
  const key = decoded(path.slice(slash + 1));
  if (!may(call, bucket, versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion", key)) throw denied();
  const versions = bucket.objects.get(key) ?? [];
  const version = versions.find((candidate) => versionId === undefined || candidate.versionId === versionId);
  if (version === undefined || version.marker) throw notFound(versionId === undefined ? "NoSuchKey" : "NoSuchVersion");
  return { bucket, key, versionId, version };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Refused("InvalidArgument", "x-amz-copy-source is not percent-encoded UTF-8.");
  }
}
