import { type Call, json, type Operation, required } from "./cloudian-call.ts";
import { Refused } from "./cloudian-documents.ts";
import { type User, usersOf } from "./cloudian-store.ts";
import { counts, type S3Bucket, type S3Store } from "./s3-store.ts";

/** What usage reports say of a bucket. */
export interface Bucket {
  readonly bucketName: string;
  readonly byteCount: number;
  readonly objectCount: number;
  readonly policyName: string;
}

/** What the HyperStore keeps of a bucket beside its S3 side. */
export type BucketAttributes = {
  policyName: string;
  /** Statistics that somebody has set by hand; null: what is in the bucket counts. */
  byteCount: number | null;
  objectCount: number | null;
};

export function newAttributes(policyName = "default"): BucketAttributes {
  return { policyName, byteCount: null, objectCount: null };
}

/** Every user of the group, those without buckets too. */
export const bucketUsage: Operation = (call) => {
  const groupId = required(call, "groupId");
  const userId = call.query.get("userId");
  const bucketName = call.query.get("bucket");
  if (!call.store.groups.has(groupId)) throw new Refused(400, "there is no such group");
  if (bucketName !== undefined && userId === undefined) throw new Refused(400, "parameter bucket needs userId");
  const users = usersOf(call.store, groupId).filter((user) => userId === undefined || user.userId === userId);
  if (userId !== undefined && users.length === 0) throw new Refused(400, "there is no such user");
  const rows = users.map((user) => ({
    userId: user.userId,
    buckets: bucketsOf(call.store.s3, user)
      .filter((bucket) => bucketName === undefined || bucket.bucketName === bucketName)
      .map((bucket) => measured(call, bucket)),
  }));
  if (bucketName !== undefined && rows[0]?.buckets.length === 0) throw new Refused(400, "there is no such bucket");
  return json(call, rows);
};

/** Only the users who own buckets: a user without any is as absent as one that does not exist. */
export const bucketList: Operation = (call) => {
  const rows = usersOf(call.store, required(call, "groupId")).map((user) => ({
    userId: user.userId,
    buckets: bucketsOf(call.store.s3, user).map(({ bucketName }) => ({ bucketName })),
  }));
  return json(
    call,
    rows.filter((row) => row.buckets.length > 0),
  );
};

/** The one call where absent is 404. */
export const readStoragePolicy: Operation = (call) => {
  const policyId = required(call, "policyId");
  const policyName = call.store.storagePolicies.get(policyId);
  if (policyName === undefined) throw new Refused(404, "there is no such storage policy");
  return json(call, {
    policyId,
    policyName,
    policyDescription: "",
    status: "ACTIVE",
    systemDefault: false,
    groups: [],
  });
};

/** The buckets of a user, in the order in which they were made. */
export function bucketsOf(s3: S3Store, { canonicalUserId }: Pick<User, "canonicalUserId">): Bucket[] {
  return s3.bucketsOf("", canonicalUserId).map(reported);
}

function reported(bucket: S3Bucket): Bucket {
  const { policyName, byteCount, objectCount } = bucket.attributes as BucketAttributes;
  const { bytes, versions } = counts(bucket);
  return {
    bucketName: bucket.name,
    byteCount: byteCount ?? bytes,
    objectCount: objectCount ?? versions,
    policyName,
  };
}

function measured(call: Call, bucket: Bucket): Bucket {
  return call.store.options.bucketStatistics ? bucket : { ...bucket, byteCount: 0, objectCount: 0 };
}
