import { allowed } from "./s3-access.ts";
import { isoTime, wholeNumber } from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";
import { commonPrefix, compareKeys, pageOf, sortedKeys, textEncoder } from "./s3-paging.ts";
import type { S3Bucket, S3Version } from "./s3-store.ts";
import { nullVersion } from "./s3-versions.ts";
import { element, rawXmlReply } from "./s3-xml.ts";

const mostRows = 1000;

interface Row {
  readonly key: string;
  readonly version: S3Version;
  readonly latest: boolean;
}

/** ListObjectVersions: versions and delete markers in one order, by key and then the newest first. */
export const listVersions = allowed("s3:ListBucketVersions", (call, bucket) => {
  const { query } = call;
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const versionMarker = query.get("version-id-marker") ?? "";
  if (versionMarker !== "" && keyMarker === "") {
    throw new S3Refused("InvalidArgument", "A version-id marker cannot be specified without a key marker.");
  }
  const limit = Math.min(wholeNumber(call, "max-keys", mostRows), call.options.maxPage);
  const isAfter = (row: Row) =>
    comesAfter(row, keyMarker, versionMarker, bucket) &&
    (keyMarker === "" || commonPrefix(row.key, prefix, delimiter) !== keyMarker);
  const page = pageOf(rowsOf(bucket, prefix), { prefix, delimiter, limit, isAfter });
  const encode = textEncoder(call);
  const head = {
    Name: bucket.name,
    Prefix: encode(prefix),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker,
    NextKeyMarker: page.truncated ? encode(page.last) : undefined,
    NextVersionIdMarker: page.truncated ? page.lastRow?.version.versionId : undefined,
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    MaxKeys: limit,
    EncodingType: query.get("encoding-type"),
    IsTruncated: page.truncated,
  };
  const elements = [
    ...Object.entries(head).map(([name, value]) => (value === undefined ? "" : element(name, value))),
    ...page.rows.map((row) => rowElement(row, bucket, encode)),
    ...page.prefixes.map((name) => element("CommonPrefixes", { Prefix: encode(name) })),
  ];
  return rawXmlReply("ListVersionsResult", elements.join(""));
});

function rowsOf(bucket: S3Bucket, prefix: string): Row[] {
  return sortedKeys(bucket.objects.keys(), prefix).flatMap((key) =>
    (bucket.objects.get(key) ?? []).map((version, index) => ({ key, version, latest: index === 0 })),
  );
}

function comesAfter({ key, version }: Row, keyMarker: string, versionMarker: string, bucket: S3Bucket): boolean {
  if (keyMarker === "") return true;
  if (key !== keyMarker) return compareKeys(key, keyMarker) > 0;
  if (versionMarker === "") return false;
  const versions = bucket.objects.get(key) ?? [];
  const marked = versions.findIndex(({ versionId }) => versionId === versionMarker);
  if (marked >= 0) return versions.indexOf(version) > marked;
  // The marked version was deleted since. Ids tell the order, but for the one that was no id.
  return version.versionId === nullVersion || versionMarker === nullVersion || version.versionId > versionMarker;
}

function rowElement({ key, version, latest }: Row, bucket: S3Bucket, encode: (text: string) => string): string {
  const named = {
    Key: encode(key),
    VersionId: version.versionId,
    IsLatest: latest,
    LastModified: isoTime(version.modified),
  };
  const Owner = { ID: bucket.owner, DisplayName: bucket.owner };
  if (version.marker) return element("DeleteMarker", { ...named, Owner });
  const size = { ETag: `"${version.etag}"`, Size: version.body.length, StorageClass: "STANDARD" };
  return element("Version", { ...named, ...size, Owner });
}
