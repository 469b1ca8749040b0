import { allowed } from "./s3-access.ts";
import { isoTime, type S3Call, wholeNumber } from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";
import { commonPrefix, compareKeys, type Page, pageOf, sortedKeys, textEncoder } from "./s3-paging.ts";
import type { S3Bucket, S3Version } from "./s3-store.ts";
import { type XmlElements, xmlReply } from "./s3-xml.ts";
import type { LabReply } from "./system.ts";

const mostRows = 1000;

interface Row {
  readonly key: string;
  readonly version: S3Version;
}

/** ListObjects and ListObjectsV2. */
export const listObjects = allowed("s3:ListBucket", (call, bucket) => {
  const type = call.query.get("list-type");
  if (type !== undefined && type !== "2") throw new S3Refused("InvalidArgument", "list-type must be 2.");
  return type === "2" ? listSecondVersion(call, bucket) : listFirstVersion(call, bucket);
});

function listFirstVersion(call: S3Call, bucket: S3Bucket): LabReply {
  const marker = call.query.get("marker") ?? "";
  const { page, common, encode } = listed(call, bucket, marker, true);
  const delimiter = call.query.get("delimiter") ?? "";
  return xmlReply("ListBucketResult", {
    ...common,
    Marker: encode(marker),
    // Without a delimiter a client goes on after the last key.
    NextMarker: page.truncated && delimiter !== "" ? encode(page.last) : undefined,
  });
}

function listSecondVersion(call: S3Call, bucket: S3Bucket): LabReply {
  const startAfter = call.query.get("start-after");
  const token = call.query.get("continuation-token");
  const after = token === undefined ? (startAfter ?? "") : decodeToken(token);
  const { page, common, encode } = listed(call, bucket, after, call.query.get("fetch-owner") === "true");
  return xmlReply("ListBucketResult", {
    ...common,
    KeyCount: page.rows.length + page.prefixes.length,
    ContinuationToken: token,
    NextContinuationToken: page.truncated ? Buffer.from(page.last).toString("base64") : undefined,
    StartAfter: startAfter === undefined ? undefined : encode(startAfter),
  });
}

function listed(
  call: S3Call,
  bucket: S3Bucket,
  after: string,
  owner: boolean,
): { page: Page<Row>; common: XmlElements; encode: (text: string) => string } {
  const prefix = call.query.get("prefix") ?? "";
  const delimiter = call.query.get("delimiter") ?? "";
  const limit = Math.min(wholeNumber(call, "max-keys", mostRows), call.options.maxPage);
  const page = pageOf(visibleRows(bucket, prefix), {
    prefix,
    delimiter,
    limit,
    isAfter: isAfter(after, prefix, delimiter),
  });
  const encode = textEncoder(call);
  const common = {
    Name: bucket.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    MaxKeys: limit,
    EncodingType: call.query.get("encoding-type"),
    IsTruncated: page.truncated,
    Contents: page.rows.map(({ key, version }) => ({
      Key: encode(key),
      LastModified: isoTime(version.modified),
      ETag: `"${version.etag}"`,
      Size: version.body.length,
      Owner: owner ? { ID: bucket.owner, DisplayName: bucket.owner } : undefined,
      StorageClass: "STANDARD",
    })),
    CommonPrefixes: page.prefixes.map((name) => ({ Prefix: encode(name) })),
  };
  return { page, common, encode };
}

function visibleRows(bucket: S3Bucket, prefix: string): Row[] {
  return sortedKeys(bucket.objects.keys(), prefix).flatMap((key) => {
    const [version] = bucket.objects.get(key) ?? [];
    return version === undefined || version.marker ? [] : [{ key, version }];
  });
}

/** A page that ended with a common prefix goes on behind all that is under it. */
function isAfter(after: string, prefix: string, delimiter: string): (row: Row) => boolean {
  return ({ key }) => compareKeys(key, after) > 0 && (after === "" || commonPrefix(key, prefix, delimiter) !== after);
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, "base64").toString("utf8");
  if (token !== "" && Buffer.from(text).toString("base64") === token) return text;
  throw new S3Refused("InvalidArgument", "The continuation token provided is incorrect.");
}
