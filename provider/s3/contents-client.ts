import { type Fault, saidBy } from "./answers.ts";
import { S3Caller } from "./caller.ts";
import {
  type Marker,
  type Page,
  type Undeleted,
  type UploadEntry,
  undeletedOf,
  uploadsIn,
  type VersionEntry,
  versionsIn,
} from "./listing.ts";
import type { S3Access } from "./sdk.ts";

/** Codes by which services say that they cannot take a list of objects to delete, or not this one. */
const notUnderstood = new Set([
  "BadDigest",
  "InvalidDigest",
  "InvalidRequest",
  "MalformedXML",
  "MethodNotAllowed",
  "NotImplemented",
]);

/** The requests about what is in a bucket; every deletion names a version, so that none leaves a delete marker. */
export class ContentsClient {
  readonly endpoint: string;
  protected readonly caller: S3Caller;

  constructor(access: S3Access) {
    this.endpoint = access.connection.endpoint;
    this.caller = new S3Caller(access);
  }

  async hasObjectLock(bucket: string): Promise<boolean> {
    const reply = await this.caller.call(
      {
        what: `read the object lock of bucket ${bucket}`,
        effect: "read",
        document: "ObjectLockConfiguration",
        alternative: "ListBucketResult",
        understands: (fault) =>
          isNotOffered(fault) ||
          ["ObjectLockConfigurationNotFoundError", "InvalidArgument", "InvalidRequest"].includes(fault.code ?? ""),
      },
      (sdk) => new sdk.GetObjectLockConfigurationCommand({ Bucket: bucket }),
    );
    return !reply.fault && reply.output.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
  }

  async listVersions(bucket: string, from?: Marker): Promise<Page<VersionEntry>> {
    const reply = await this.caller.call(
      { what: `list the contents of bucket ${bucket}`, effect: "read", document: "ListVersionsResult" },
      (sdk) =>
        new sdk.ListObjectVersionsCommand({
          Bucket: bucket,
          EncodingType: "url",
          ...(from ? { KeyMarker: from.key } : {}),
          ...(from?.id === undefined ? {} : { VersionIdMarker: from.id }),
        }),
    );
    return versionsIn(reply.output);
  }

  async listUploads(bucket: string, from?: Marker): Promise<Page<UploadEntry>> {
    const reply = await this.caller.call(
      {
        what: `list the unfinished uploads of bucket ${bucket}`,
        effect: "read",
        document: "ListMultipartUploadsResult",
        understands: isNotOffered,
      },
      (sdk) =>
        // Not encoded: Ceph RGW 16 encodes the keys, but does not say so.
        new sdk.ListMultipartUploadsCommand({
          Bucket: bucket,
          ...(from ? { KeyMarker: from.key } : {}),
          ...(from?.id === undefined ? {} : { UploadIdMarker: from.id }),
        }),
    );
    return reply.fault ? { entries: [] } : uploadsIn(reply.output);
  }

  /** Up to 1000 at once. Undefined where the service does not understand such a request. */
  async deleteObjects(
    bucket: string,
    entries: readonly Pick<VersionEntry, "key" | "versionId">[],
  ): Promise<Undeleted[] | undefined> {
    const Objects = entries.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
    const reply = await this.caller.call(
      {
        what: `delete ${entries.length} versions from bucket ${bucket}`,
        effect: "repeatable",
        document: "DeleteResult",
        understands: ({ code, status }) =>
          status === 501 || status === 405 || (code !== undefined && notUnderstood.has(code)),
      },
      (sdk) => new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    if (reply.fault) return undefined;
    return (reply.output.Errors ?? []).map(undeletedOf).filter((each) => each !== undefined);
  }

  /** Undefined where it is gone. */
  async deleteVersion(bucket: string, key: string, versionId: string): Promise<Undeleted | undefined> {
    const { fault } = await this.caller.call(
      {
        what: `delete ${key} from bucket ${bucket}`,
        effect: "repeatable",
        understands: (refused) => isAboutObject(refused),
      },
      (sdk) => new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
    );
    if (!fault || fault.code === "NoSuchKey" || fault.code === "NoSuchVersion") return undefined;
    return { key, reason: saidBy(fault) };
  }

  async abortUpload(bucket: string, { key, uploadId }: UploadEntry): Promise<Undeleted | undefined> {
    const { fault } = await this.caller.call(
      {
        what: `abort the unfinished upload of ${key} in bucket ${bucket}`,
        effect: "repeatable",
        understands: (refused) => isAboutObject(refused) || refused.code === "NoSuchUpload",
      },
      (sdk) => new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }),
    );
    return !fault || fault.code === "NoSuchUpload" ? undefined : { key, reason: saidBy(fault) };
  }
}

/** A service without a feature has nothing of it. */
function isNotOffered({ code, status }: Fault): boolean {
  return code !== undefined && (status === 501 || status === 405);
}

/** Another object may still be deleted after such a refusal. */
function isAboutObject({ code, status }: Fault): boolean {
  if (code === undefined || status >= 500) return false;
  return (
    ["AccessDenied", "NoSuchKey", "NoSuchVersion", "InvalidArgument", "InvalidRequest", "ObjectLocked"].includes(
      code,
    ) || status === 409
  );
}
