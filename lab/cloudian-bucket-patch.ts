import type { LabClock } from "./clock.ts";
import { type Bucket, type BucketAttributes, bucketsOf, newAttributes } from "./cloudian-buckets.ts";
import { type CloudianStore, splitKey, type User, userKey } from "./cloudian-store.ts";
import { type MemberForm, Misfit, parseMembers, textMember } from "./patch.ts";
import { bucketForms, patchBucketMembers } from "./s3-patch.ts";
import type { S3Bucket } from "./s3-store.ts";

type Draft = { store: CloudianStore; clock: LabClock };

const wholeForm: MemberForm<number> = {
  expected: "a whole number",
  parse: (value) => (typeof value === "number" && Number.isSafeInteger(value) ? value : undefined),
};

const reportForms = { bucketName: textMember, byteCount: wholeForm, objectCount: wholeForm, policyName: textMember };

/** The list of a user's buckets as a whole: what it leaves out is deleted with all that is in it. */
export function patchBuckets({ store, clock }: Draft, key: string, change: unknown): void {
  const user = ownerOf(store, key);
  if (change !== null && !Array.isArray(change)) throw new Misfit('it must be a list such as [{"bucketName": "b1"}]');
  const given = (change ?? []).map(parseReport);
  const before = new Map(
    user === undefined ? [] : bucketsOf(store.s3, user).map((bucket) => [bucket.bucketName, bucket]),
  );
  for (const name of before.keys()) {
    const bucket = store.s3.bucket("", name);
    if (bucket !== undefined && given.every(({ bucketName }) => bucketName !== name)) store.s3.destroy(bucket);
  }
  if (given.length === 0) return;
  if (user === undefined) throw new Misfit("there is no such user: give groupId and userId");
  for (const report of given) {
    const bucket = madeBucket({ store, clock }, user, report.bucketName);
    bucket.attributes = newReport(report, before.get(report.bucketName), bucket);
  }
}

/** The S3 side of a bucket; null deletes it. */
export function patchS3Bucket({ store, clock }: Draft, name: string, change: unknown): void {
  const current = store.s3.bucket("", name);
  if (change === null) {
    if (current !== undefined) store.s3.destroy(current);
    return;
  }
  const members = parseMembers(bucketForms, change);
  const { owner } = members;
  const user = [...store.users.values()].find(({ canonicalUserId }) => canonicalUserId === owner);
  if (owner !== undefined && user === undefined) throw new Misfit("its owner must be the canonicalUserId of a user");
  if (current === undefined && user === undefined) throw new Misfit("a new bucket needs an owner");
  const bucket = current ?? (user === undefined ? undefined : madeBucket({ store, clock }, user, name));
  if (bucket !== undefined) patchBucketMembers({ store: store.s3, clock }, bucket, members);
}

type Report = { readonly bucketName: string } & Partial<Bucket>;

function parseReport(value: unknown): Report {
  const { bucketName, ...rest } = parseMembers(reportForms, value);
  if (bucketName === undefined) throw new Misfit("a bucket needs a bucketName");
  return { bucketName, ...rest };
}

function newReport(given: Report, before: Bucket | undefined, bucket: S3Bucket): BucketAttributes {
  const kept = bucket.attributes as BucketAttributes;
  return {
    policyName: given.policyName ?? "default",
    byteCount: statistic(given.byteCount, before?.byteCount, kept.byteCount),
    objectCount: statistic(given.objectCount, before?.objectCount, kept.objectCount),
  };
}

/** A number that is given back as it was read is no new one. */
function statistic(given: number | undefined, before: number | undefined, kept: number | null): number | null {
  return given === before ? kept : (given ?? null);
}

function madeBucket({ store, clock }: Draft, { canonicalUserId: owner }: User, name: string): S3Bucket {
  const current = store.s3.bucket("", name);
  if (current !== undefined && current.owner !== owner) throw new Misfit(`bucket ${name} is somebody else's`);
  if (current !== undefined) return current;
  const bucket = store.s3.create({ namespace: "", name, owner, created: clock.stamp(), attributes: newAttributes() });
  if (bucket === undefined) throw new Misfit(`bucket ${name} is there already`);
  return bucket;
}

function ownerOf(store: CloudianStore, key: string): User | undefined {
  const { groupId, userId } = splitKey(key);
  return store.users.get(userKey(groupId, userId));
}
