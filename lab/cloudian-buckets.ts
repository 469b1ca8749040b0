import { type Call, json, type Operation, required } from "./cloudian-call.ts";
import { Refused } from "./cloudian-documents.ts";
import { type Bucket, type User, userKey, usersOf } from "./cloudian-store.ts";

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
    buckets: bucketsOf(call, user)
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
    buckets: bucketsOf(call, user).map(({ bucketName }) => ({ bucketName })),
  }));
  return json(
    call,
    rows.filter((row) => row.buckets.length > 0),
  );
};

/** No storage policy exists in the lab, and this is the one call where absent is 404. */
export const readStoragePolicy: Operation = (call) => {
  required(call, "policyId");
  throw new Refused(404, "there is no such storage policy");
};

function bucketsOf(call: Call, { groupId, userId }: User): Bucket[] {
  return call.store.buckets.get(userKey(groupId, userId)) ?? [];
}

function measured(call: Call, bucket: Bucket): Bucket {
  return call.store.options.bucketStatistics ? bucket : { ...bucket, byteCount: 0, objectCount: 0 };
}
