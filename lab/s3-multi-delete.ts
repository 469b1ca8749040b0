import { requiredBucket } from "./s3-access.ts";
import { header, type S3Call, type S3Operation } from "./s3-call.ts";
import { hasChecksum } from "./s3-checksum.ts";
import { S3Refused } from "./s3-error.ts";
import { deleteOne } from "./s3-objects.ts";
import type { S3Bucket } from "./s3-store.ts";
import { element, malformed, parseXml, rawXmlReply } from "./s3-xml.ts";

const mostKeys = 1000;

interface Wanted {
  readonly key: string;
  readonly versionId: string | undefined;
}

interface Result {
  readonly xml: string;
  readonly failed: boolean;
  readonly destructive: boolean;
}

/** `POST ?delete`. The right to delete is asked for each key. */
export const deleteObjects: S3Operation = (call) => {
  if (!call.options.multiDelete) throw new S3Refused("NotImplemented", "Multi-object delete is not implemented.");
  const bucket = requiredBucket(call);
  assertChecksumGiven(call);
  const document = parseXml(call.body, "Delete");
  const quiet = document.optionalText("Quiet") === "true";
  const wanted = document
    .elements("Object")
    .map((object): Wanted => ({ key: object.text("Key"), versionId: object.optionalText("VersionId") || undefined }));
  if (wanted.length === 0 || wanted.length > mostKeys || wanted.some(({ key }) => key === "")) throw malformed();
  const results = wanted.map((one) => deleted(call, bucket, one));
  const shown = results.filter(({ failed }) => failed || !quiet).map(({ xml }) => xml);
  const destructive = results.some((result) => result.destructive);
  return { ...rawXmlReply("DeleteResult", shown.join("")), ...(destructive ? { destructive: true } : {}) };
};

function deleted(call: S3Call, bucket: S3Bucket, { key, versionId }: Wanted): Result {
  const named = { Key: key, VersionId: versionId };
  try {
    const deletion = deleteOne(call, bucket, key, versionId);
    const marker = { DeleteMarker: "true", DeleteMarkerVersionId: deletion.versionId };
    const xml = element("Deleted", { ...named, ...(deletion.marker ? marker : {}) });
    return { xml, failed: false, destructive: deletion.destructive };
  } catch (error) {
    if (!(error instanceof S3Refused)) throw error;
    const xml = element("Error", { ...named, Code: error.code, Message: error.message });
    return { xml, failed: true, destructive: false };
  }
}

/** That it is right was found with the body's other checks. */
function assertChecksumGiven(call: S3Call): void {
  const names = Object.keys(call.request.headers);
  const trailer = header(call, "x-amz-trailer")?.toLowerCase();
  const given = [...names, ...(trailer === undefined ? [] : [trailer])].map((name) => [name, ""] as const);
  if (hasChecksum(Object.fromEntries(given))) return;
  throw new S3Refused("InvalidRequest", "Missing required header for this request: Content-MD5 or x-amz-checksum-*");
}
