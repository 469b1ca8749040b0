import { createHash } from "node:crypto";
import type { LabClock } from "./clock.ts";
import { denied } from "./s3-call.ts";
import { isRetained, type S3Bucket, type S3Store, type S3Version, setVersions } from "./s3-store.ts";

/** What writing needs to know. */
export interface WriteContext {
  readonly store: S3Store;
  readonly clock: LabClock;
}

export interface Content {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Without one, it is the MD5 of the body. */
  readonly etag?: string;
}

/** The version id of what was written while versioning was not enabled. */
export const nullVersion = "null";

export function md5(body: Buffer): string {
  return createHash("md5").update(body).digest("hex");
}

/** Writes an object: a further version, or in place of the one that has no id of its own. */
export function putVersion(context: WriteContext, bucket: S3Bucket, key: string, content: Content): S3Version {
  const { body, headers, etag = md5(body) } = content;
  return addVersion(context, bucket, key, { marker: false, body, headers, etag });
}

export interface Deletion {
  readonly versionId?: string;
  /** A delete marker was made, or deleted. */
  readonly marker: boolean;
  /** Something was deleted that cannot be had back. */
  readonly destructive: boolean;
}

/** Deletes what one sees under a key: where versions are kept, a delete marker hides them. */
export function deleteObject(context: WriteContext, bucket: S3Bucket, key: string): Deletion {
  if (bucket.versioning !== "never") {
    const overwrites = bucket.versioning === "suspended" && hasNullVersion(bucket, key);
    const marker = addVersion(context, bucket, key, { marker: true, body: Buffer.alloc(0), headers: {}, etag: "" });
    return { versionId: marker.versionId, marker: true, destructive: overwrites };
  }
  const versions = bucket.objects.get(key) ?? [];
  assertDeletable(versions, context.clock.now());
  setVersions(bucket, key, []);
  return { marker: false, destructive: versions.length > 0 };
}

/** Deletes one version for good; it is no error if there is none. */
export function deleteVersion({ clock }: WriteContext, bucket: S3Bucket, key: string, versionId: string): Deletion {
  const versions = bucket.objects.get(key) ?? [];
  const [gone] = versions.filter((version) => version.versionId === versionId);
  if (gone === undefined) return { versionId, marker: false, destructive: false };
  assertDeletable([gone], clock.now());
  setVersions(
    bucket,
    key,
    versions.filter((version) => version !== gone),
  );
  return { versionId, marker: gone.marker, destructive: true };
}

function hasNullVersion(bucket: S3Bucket, key: string): boolean {
  return bucket.objects.get(key)?.some(({ versionId }) => versionId === nullVersion) === true;
}

function addVersion(
  { store, clock }: WriteContext,
  bucket: S3Bucket,
  key: string,
  written: Omit<S3Version, "versionId" | "modified">,
): S3Version {
  const versionId = bucket.versioning === "enabled" ? store.newVersionId() : nullVersion;
  const older = bucket.objects.get(key) ?? [];
  const replaced = older.filter((version) => version.versionId === versionId);
  assertDeletable(replaced, clock.now());
  const version = { ...written, versionId, modified: clock.stamp() };
  setVersions(bucket, key, [version, ...older.filter((other) => other.versionId !== versionId)]);
  return version;
}

function assertDeletable(versions: readonly S3Version[], now: number): void {
  if (versions.some((version) => isRetained(version, now))) {
    throw denied("Access Denied because object protected by object lock.");
  }
}
