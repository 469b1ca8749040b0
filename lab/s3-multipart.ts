import { createHash, randomUUID } from "node:crypto";
import { allowed } from "./s3-access.ts";
import { assertWritable, type BucketOperation, isoTime, notFound, type S3Call, wholeNumber } from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";
import { assertUnderstood, storedHeaders, versionIdHeader } from "./s3-objects.ts";
import { compareKeys, sortedKeys, textEncoder } from "./s3-paging.ts";
import type { S3Bucket, S3Part, S3Upload } from "./s3-store.ts";
import { md5, putVersion } from "./s3-versions.ts";
import { malformed, parseXml, xmlReply } from "./s3-xml.ts";

const mostParts = 10_000;
const smallestPart = 5 * 1024 * 1024;
const mostRows = 1000;

export const createUpload = allowed("s3:PutObject", (call, bucket) => {
  assertUnderstood(call);
  assertWritable(call, bucket);
  const uploadId = randomUUID();
  const upload = { uploadId, key: call.key, initiated: call.clock.stamp(), initiator: call.identity?.owner ?? "" };
  bucket.uploads.set(uploadId, { ...upload, headers: storedHeaders(call), parts: new Map() });
  return xmlReply("InitiateMultipartUploadResult", { Bucket: bucket.name, Key: call.key, UploadId: uploadId });
});

export const uploadPart = allowed("s3:PutObject", (call, bucket) => {
  assertUnderstood(call);
  if (call.request.headers["x-amz-copy-source"] !== undefined) {
    throw new S3Refused("NotImplemented", "The lab does not implement the copy of a part.");
  }
  const number = wholeNumber(call, "partNumber", 0);
  if (number < 1 || number > mostParts) {
    throw new S3Refused("InvalidArgument", `Part number must be an integer between 1 and ${mostParts}.`);
  }
  const upload = requiredUpload(call, bucket);
  assertWritable(call, bucket, call.body.length);
  const etag = md5(call.body);
  upload.parts.set(number, { body: call.body, etag, modified: call.clock.stamp() });
  return { status: 200, headers: { etag: `"${etag}"` } };
});

export const completeUpload = allowed("s3:PutObject", (call, bucket) => {
  const upload = requiredUpload(call, bucket);
  assertWritable(call, bucket);
  const parts = namedParts(call, upload);
  const digests = parts.map(({ etag }) => Buffer.from(etag, "hex"));
  const etag = `${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${parts.length}`;
  const body = Buffer.concat(parts.map((part) => part.body));
  const version = putVersion(call, bucket, upload.key, { body, headers: upload.headers, etag });
  bucket.uploads.delete(upload.uploadId);
  const result = { Location: `/${bucket.name}/${upload.key}`, Bucket: bucket.name, Key: upload.key };
  const headers = versionIdHeader(bucket, version.versionId);
  return xmlReply("CompleteMultipartUploadResult", { ...result, ETag: `"${etag}"` }, headers);
});

export const abortUpload = allowed("s3:AbortMultipartUpload", (call, bucket) => {
  const { uploadId } = requiredUpload(call, bucket);
  assertWritable(call, bucket);
  bucket.uploads.delete(uploadId);
  return { status: 204 };
});

export const listUploads = allowed("s3:ListBucketMultipartUploads", (call, bucket) => {
  const { query } = call;
  if (query.get("delimiter")) throw new S3Refused("NotImplemented", "The lab lists uploads without delimiter only.");
  const prefix = query.get("prefix") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const idMarker = query.get("upload-id-marker") ?? "";
  const limit = Math.min(wholeNumber(call, "max-uploads", mostRows), call.options.maxPage);
  const rest = sortedUploads(bucket, prefix).filter((upload) => isLater(upload, keyMarker, idMarker));
  const page = rest.slice(0, limit);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  const encode = textEncoder(call);
  return xmlReply("ListMultipartUploadsResult", {
    Bucket: bucket.name,
    Prefix: encode(prefix),
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: last && encode(last.key),
    NextUploadIdMarker: last?.uploadId,
    MaxUploads: limit,
    EncodingType: query.get("encoding-type"),
    IsTruncated: last !== undefined,
    Upload: page.map(({ key, uploadId, initiator, initiated }) => ({
      Key: encode(key),
      UploadId: uploadId,
      Initiator: { ID: initiator, DisplayName: initiator },
      Owner: { ID: bucket.owner, DisplayName: bucket.owner },
      StorageClass: "STANDARD",
      Initiated: isoTime(initiated),
    })),
  });
});

const partsOf: BucketOperation = (call, bucket) => {
  const upload = requiredUpload(call, bucket);
  const marker = wholeNumber(call, "part-number-marker", 0);
  const limit = Math.min(wholeNumber(call, "max-parts", mostRows), mostRows);
  const rest = [...upload.parts].filter(([number]) => number > marker).toSorted(([a], [b]) => a - b);
  const page = rest.slice(0, limit);
  const truncated = rest.length > page.length;
  return xmlReply("ListPartsResult", {
    Bucket: bucket.name,
    Key: textEncoder(call)(upload.key),
    UploadId: upload.uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: truncated ? page.at(-1)?.[0] : undefined,
    MaxParts: limit,
    IsTruncated: truncated,
    Part: page.map(([number, { etag, body, modified }]) => ({
      PartNumber: number,
      LastModified: isoTime(modified),
      ETag: `"${etag}"`,
      Size: body.length,
    })),
    StorageClass: "STANDARD",
  });
};

export const listParts = allowed("s3:ListMultipartUploadParts", partsOf);

function requiredUpload(call: S3Call, bucket: S3Bucket): S3Upload {
  const upload = bucket.uploads.get(call.query.get("uploadId") ?? "");
  if (upload === undefined || upload.key !== call.key) throw notFound("NoSuchUpload");
  return upload;
}

/** The parts that the client names, which must be in order, and all but the last of some size. */
function namedParts({ body }: S3Call, upload: S3Upload): S3Part[] {
  const named = parseXml(body, "CompleteMultipartUpload")
    .elements("Part")
    .map((part) => ({ number: Number(part.text("PartNumber")), etag: part.text("ETag").replaceAll('"', "") }));
  if (named.length === 0) throw malformed();
  const parts = named.map(({ number, etag }, index) => {
    if (index > 0 && number <= (named[index - 1]?.number ?? 0)) {
      throw new S3Refused("InvalidPartOrder", "The list of parts was not in ascending order.");
    }
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== etag) {
      throw new S3Refused("InvalidPart", "One or more of the specified parts could not be found.");
    }
    return part;
  });
  if (parts.slice(0, -1).some((part) => part.body.length < smallestPart)) {
    throw new S3Refused("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.");
  }
  return parts;
}

function sortedUploads(bucket: S3Bucket, prefix: string): S3Upload[] {
  const uploads = [...bucket.uploads.values()];
  const keys = sortedKeys(new Set(uploads.map(({ key }) => key)), prefix);
  return keys.flatMap((key) =>
    uploads.filter((upload) => upload.key === key).toSorted((a, b) => (a.uploadId < b.uploadId ? -1 : 1)),
  );
}

function isLater({ key, uploadId }: S3Upload, keyMarker: string, idMarker: string): boolean {
  if (keyMarker === "") return true;
  if (key === keyMarker) return idMarker !== "" && uploadId > idMarker;
  return compareKeys(key, keyMarker) > 0;
}
