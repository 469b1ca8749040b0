import { assertOwner, attributesOf, newAttributes } from "./ecs-bucket.ts";
import { isBucketName } from "./ecs-buckets.ts";
import { type EcsDraft, splitName } from "./ecs-draft.ts";
import { EcsRefused } from "./ecs-error.ts";
import { flagMember, Misfit, parseMembers, textMember, timeMember, wholeMember } from "./patch.ts";
import { bucketForms, patchBucketMembers } from "./s3-patch.ts";
import type { S3Bucket } from "./s3-store.ts";

/** What lies in the attributes. */
const attributeForms = {
  vpool: textMember,
  encrypted: flagMember,
  fileSystem: flagMember,
  blockSize: wholeMember(-1),
  notificationSize: wholeMember(-1),
  staleAllowed: flagMember,
  tsoReadOnly: flagMember,
  locked: flagMember,
  retention: wholeMember(0),
};

const forms = { ...bucketForms, ...attributeForms, created: timeMember };

/** Makes, changes or deletes a bucket. */
export function patchBucket(draft: EcsDraft, key: string, change: unknown): void {
  const { namespace, name } = splitName(key);
  const current = draft.buckets.bucket(namespace, name);
  if (change === null) {
    if (current !== undefined) draft.buckets.destroy(current);
    return;
  }
  const { created, ...members } = parseMembers(forms, change);
  if (members.owner !== undefined) assertKnownOwner(draft, namespace, members.owner);
  if (created !== undefined && current !== undefined) throw new Misfit("created cannot change");
  const bucket = current ?? newBucket(draft, namespace, name, members.owner, created);
  const isAttribute = ([member]: [string, unknown]) => Object.hasOwn(attributeForms, member);
  Object.assign(attributesOf(bucket), Object.fromEntries(Object.entries(members).filter(isAttribute)));
  patchBucketMembers({ store: draft.buckets, clock: draft.clock }, bucket, members);
}

function newBucket(
  { store, buckets, clock }: EcsDraft,
  namespace: string,
  name: string,
  owner: string | undefined,
  created = clock.stamp(),
): S3Bucket {
  const home = store.namespaces.get(namespace);
  if (home === undefined) throw new Misfit("there is no such namespace");
  if (!isBucketName(name)) throw new Misfit("that is no name for a bucket");
  if (owner === undefined) throw new Misfit("a new bucket needs an owner");
  const bucket = buckets.create({ namespace, name, owner, created, attributes: newAttributes(home, owner) });
  if (bucket === undefined) throw new Misfit("there is such a bucket");
  return bucket;
}

function assertKnownOwner({ store }: EcsDraft, namespace: string, owner: string): void {
  try {
    assertOwner(store, namespace, owner);
  } catch (error) {
    if (error instanceof EcsRefused) throw new Misfit("its owner must be a user of its namespace");
    throw error;
  }
}
