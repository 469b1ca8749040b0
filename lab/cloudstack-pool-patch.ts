import { isoTime } from "./bucket-tree.ts";
import { newBucket } from "./cloudstack-buckets.ts";
import { adminAccountId } from "./cloudstack-directory-store.ts";
import type { CloudStackDraft, CloudStackSection } from "./cloudstack-patch-draft.ts";
import type { ObjectPool, PoolStore } from "./cloudstack-pool-store.ts";
import {
  flagMember,
  Misfit,
  nullable,
  oneOf,
  parseMembers,
  textChanges,
  textMember,
  timeMember,
  wholeMember,
  withChanges,
} from "./patch.ts";
import { secretMask } from "./query.ts";

export const poolSections: Readonly<Record<string, CloudStackSection>> = {
  objectPools: patchPool,
  buckets: patchBucket,
};

const secretDetails = new Set(["secretkey", "sa_password"]);

/** What the control API shows of object storage pools and their buckets. */
export function poolTree({ objectPools, buckets }: PoolStore, secrets: boolean): Record<string, unknown> {
  const hidden = (secret: string): string => (secrets ? secret : secretMask);
  const details = (all: ObjectPool["details"]): object =>
    Object.fromEntries(
      Object.entries(all).map(([key, value]) => [key, secretDetails.has(key) ? hidden(value) : value]),
    );
  return {
    objectPools: Object.fromEntries(
      [...objectPools].map(([key, { id, ...pool }]) => [key, { ...pool, details: details(pool.details) }]),
    ),
    buckets: Object.fromEntries(
      [...buckets].map(([key, { id, ...bucket }]) => [
        key,
        { ...bucket, created: isoTime(bucket.created), secretKey: hidden(bucket.secretKey) },
      ]),
    ),
  };
}

const poolForms = {
  name: textMember,
  url: textMember,
  provider: textMember,
  sizeGib: nullable(wholeMember(0)),
  details: textChanges,
};

/** The buckets of a pool that is deleted go with it. */
function patchPool({ store }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    for (const bucket of [...store.buckets.values()]) if (bucket.poolId === id) store.buckets.delete(bucket.id);
    store.objectPools.delete(id);
    return;
  }
  const { details, ...members } = parseMembers(poolForms, change);
  const current = store.objectPools.get(id) ?? {
    id,
    name: id,
    url: `https://${id}.example.test`,
    provider: "MinIO",
    sizeGib: null,
    details: {},
  };
  store.objectPools.set(id, { ...current, ...members, details: withChanges(current.details, details ?? {}) });
}

const bucketForms = {
  name: textMember,
  poolId: textMember,
  accountId: textMember,
  state: oneOf("Allocated", "Created", "Destroyed"),
  quotaGib: nullable(wholeMember(0)),
  encryption: flagMember,
  versioning: flagMember,
  objectLocking: flagMember,
  policy: textMember,
  created: timeMember,
  accessKey: textMember,
  secretKey: textMember,
  empty: flagMember,
};

function patchBucket({ store, clock }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    store.buckets.delete(id);
    return;
  }
  const members = parseMembers(bucketForms, change);
  const current = store.buckets.get(id) ?? { ...newBucket(id, id, "", adminAccountId, clock.now()), state: "Created" };
  const bucket = { ...current, ...members };
  if (!store.objectPools.has(bucket.poolId)) throw new Misfit("there is no such pool: give its poolId");
  if (!store.accounts.has(bucket.accountId)) throw new Misfit("there is no such account");
  store.buckets.set(id, bucket);
}
