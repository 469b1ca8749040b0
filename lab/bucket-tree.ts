import { counts, type S3Bucket } from "./s3-store.ts";

/** The S3 side of a bucket, as the control API shows it. */
export function bucketNode(bucket: S3Bucket): Record<string, unknown> {
  const { owner, created, versioning, policy, cors, tags, objectLock, readOnly, objects, uploads } = bucket;
  return {
    owner,
    created: isoTime(created),
    versioning,
    policy: policy === undefined ? null : (JSON.parse(policy) as unknown),
    cors: cors ?? null,
    tags,
    objectLock,
    readOnly,
    counts: counts(bucket),
    objects: shown(objects, (versions) =>
      versions.map(({ versionId, marker, body, modified, retainUntil }) => ({
        versionId,
        marker,
        size: body.length,
        modified: isoTime(modified),
        ...(retainUntil === undefined ? {} : { retainUntil: isoTime(retainUntil) }),
      })),
    ),
    uploads: shown(uploads, ({ key, parts }) => ({ key, parts: [...parts.keys()] })),
  };
}

/** A map as an object, each value as it shall be seen. */
export function shown<T>(map: ReadonlyMap<string, T>, view: (value: T) => unknown): Record<string, unknown> {
  return Object.fromEntries([...map].map(([key, value]) => [key, view(value)]));
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}
