import type { LabClock } from "./clock.ts";
import { isObject } from "./errors.ts";
import {
  flagMember,
  type MemberForm,
  type MembersOf,
  Misfit,
  parseMembers,
  textChanges,
  textMember,
  timeMember,
  withChanges,
} from "./patch.ts";
import { corsMethods, isCorsPattern, isHeaderName } from "./s3-cors.ts";
import { S3Refused } from "./s3-error.ts";
import { assertPolicySyntax } from "./s3-policy.ts";
import { type CorsRule, type S3Bucket, type S3Store, setVersions, versioningStates } from "./s3-store.ts";
import { deleteObject, putVersion } from "./s3-versions.ts";

/** A copy of the store, which the patch changes. */
export interface S3Draft {
  readonly store: S3Store;
  readonly clock: LabClock;
}

/** What a patch may say of the S3 side of a bucket; a system adds its own. */
export const bucketForms = {
  owner: textMember,
  versioning: {
    expected: `one of ${versioningStates.join(", ")}`,
    parse: (value: unknown) => versioningStates.find((state) => state === value),
  },
  policy: { expected: "a policy document, or null", parse: policyText },
  cors: { expected: 'a list of rules such as {"allowedOrigins": ["*"], "allowedMethods": ["GET"]}', parse: corsRules },
  tags: textChanges,
  objectLock: flagMember,
  readOnly: flagMember,
  objects: objectChanges("an object of contents by key"),
  uploads: objectChanges("an object of keys by upload id"),
};

export type BucketMembers = MembersOf<typeof bucketForms>;

/** Applies the members that are given. Who may own a bucket is for the system to say. */
export function patchBucketMembers(draft: S3Draft, bucket: S3Bucket, members: BucketMembers): void {
  if (members.versioning === "never" && bucket.versioning !== "never") {
    throw new Misfit("versioning never goes back to never, only to suspended");
  }
  bucket.owner = members.owner ?? bucket.owner;
  bucket.versioning = members.versioning ?? bucket.versioning;
  bucket.objectLock = members.objectLock ?? bucket.objectLock;
  bucket.readOnly = members.readOnly ?? bucket.readOnly;
  bucket.tags = withChanges(bucket.tags, members.tags ?? {});
  if (members.policy !== undefined) bucket.policy = members.policy === "none" ? undefined : members.policy;
  if (members.cors !== undefined) bucket.cors = members.cors === "none" ? undefined : members.cors;
  for (const [key, change] of Object.entries(members.objects ?? {})) patchObject(draft, bucket, key, change);
  for (const [id, change] of Object.entries(members.uploads ?? {})) patchUpload(draft, bucket, id, change);
}

const objectForms = {
  text: { expected: "a text", parse: (value: unknown) => (typeof value === "string" ? value : undefined) },
  retainUntil: timeMember,
  deleted: flagMember,
};

/**
 * A text is a further version, `{"deleted": true}` a deletion as by a client, null the end of all versions, and
 * `{"retainUntil": "2030-01-01T00:00:00Z"}` puts the versions that are there, or the text beside it, under object lock.
 */
function patchObject(draft: S3Draft, bucket: S3Bucket, key: string, change: unknown): void {
  if (change === null) {
    setVersions(bucket, key, []);
    return;
  }
  const { text, retainUntil, deleted } = parseMembers(objectForms, isObject(change) ? change : { text: change });
  try {
    if (text !== undefined) putVersion(draft, bucket, key, { body: Buffer.from(text), headers: {} });
    if (deleted) deleteObject(draft, bucket, key);
  } catch (error) {
    if (error instanceof S3Refused) throw new Misfit(error.message);
    throw error;
  }
  if (retainUntil !== undefined) retain(bucket, key, retainUntil, text === undefined);
}

function retain(bucket: S3Bucket, key: string, retainUntil: number, all: boolean): void {
  const versions = bucket.objects.get(key);
  if (versions === undefined) throw new Misfit(`there is no object ${key} to retain`);
  const retained = versions.map((version, index) =>
    version.marker || (index > 0 && !all) ? version : { ...version, retainUntil },
  );
  setVersions(bucket, key, retained);
}

function patchUpload({ clock }: S3Draft, bucket: S3Bucket, uploadId: string, key: unknown): void {
  bucket.uploads.delete(uploadId);
  if (key === null) return;
  if (typeof key !== "string" || key === "") throw new Misfit("an upload is the key of its object, or null");
  const initiator = bucket.owner;
  bucket.uploads.set(uploadId, { uploadId, key, initiated: clock.stamp(), initiator, headers: {}, parts: new Map() });
}

function policyText(value: unknown): string | "none" | undefined {
  if (value === null) return "none";
  const text = JSON.stringify(value);
  try {
    assertPolicySyntax(text);
    return text;
  } catch (error) {
    if (error instanceof S3Refused) return undefined;
    throw error;
  }
}

function corsRules(value: unknown): readonly CorsRule[] | "none" | undefined {
  if (value === null) return "none";
  const rules = Array.isArray(value) ? value.map(corsRule) : [];
  const known = rules.filter((rule) => rule !== undefined);
  return known.length === rules.length && rules.length > 0 ? known : undefined;
}

function corsRule(value: unknown): CorsRule | undefined {
  if (!isObject(value)) return undefined;
  const { id, allowedOrigins, allowedMethods, allowedHeaders = [], exposeHeaders = [], maxAgeSeconds } = value;
  const lists = [allowedOrigins, allowedMethods, allowedHeaders, exposeHeaders];
  if (!lists.every(isTexts)) return undefined;
  const [origins = [], methods = [], headers = [], exposed = []] = lists;
  const fits =
    origins.length > 0 &&
    methods.length > 0 &&
    methods.every((method) => corsMethods.includes(method)) &&
    [...origins, ...headers].every(isCorsPattern) &&
    exposed.every(isHeaderName);
  if (!fits) return undefined;
  return {
    ...(typeof id === "string" ? { id } : {}),
    allowedOrigins: origins,
    allowedMethods: methods,
    allowedHeaders: headers,
    exposeHeaders: exposed,
    ...(typeof maxAgeSeconds === "number" ? { maxAgeSeconds } : {}),
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function objectChanges(expected: string): MemberForm<Record<string, unknown>> {
  return { expected, parse: (value) => (isObject(value) ? value : undefined) };
}
