import { randomBytes, randomUUID } from "node:crypto";
import { type Answer, job, list, object, succeeded } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalEntity,
  optionalFlag,
  optionalWhole,
  required,
  requiredEntity,
  stamp,
} from "./cloudstack-call.ts";
import { accountsListed, assertMaySee, domainOf, liveAccounts, pathOf } from "./cloudstack-directory.ts";
import type { Account } from "./cloudstack-directory-store.ts";
import { ApiError, failed, invalid } from "./cloudstack-error.ts";
import { atLeast } from "./cloudstack-options.ts";
import type { Bucket, ObjectPool } from "./cloudstack-pool-store.ts";

/** The record is there at once; the bucket is made by the job, which takes the record back if it cannot. */
function createBucket(call: Call): Answer {
  const { store, clock } = call;
  const pool = requiredEntity(call, "objectstorageid", store.objectPools);
  const name = required(call, "name");
  if (atLeast(store.options, [4, 21])) required(call, "quota");
  const account = ownerMeant(call);
  if (!/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) throw invalid(`Invalid Bucket Name: ${name}`);
  assertRoom(call, account);
  const bucket: Bucket = {
    ...newBucket(randomUUID(), name, pool.id, account.id, clock.stamp()),
    quotaGib: optionalWhole(call, "quota") ?? null,
    encryption: optionalFlag(call, "encryption") ?? false,
    versioning: optionalFlag(call, "versioning") ?? false,
    objectLocking: optionalFlag(call, "objectlocking") ?? false,
    policy: optional(call, "policy") ?? "private",
  };
  store.buckets.set(bucket.id, bucket);
  return job(() => madeBucket(call, bucket.id), { id: bucket.id });
}

function madeBucket(call: Call, id: string): Answer {
  const { buckets, objectPools } = call.store;
  const bucket = buckets.get(id);
  const pool = objectPools.get(bucket?.poolId ?? "");
  if (bucket === undefined || pool === undefined || !takes(pool, bucket)) {
    buckets.delete(id);
    throw failed(`Failed to create bucket with name: ${bucket?.name}`);
  }
  bucket.state = "Created";
  return object("bucket", bucketDocument(call, bucket));
}

/** HyperStore knows no quota but none, ECS no object lock. */
function takes({ provider }: ObjectPool, { quotaGib, objectLocking }: Bucket): boolean {
  if (provider === "Cloudian HyperStore") return (quotaGib ?? 0) === 0;
  return provider !== "ECS" || !objectLocking;
}

function listBuckets(call: Call): Answer {
  const { store } = call;
  const wanted = optionalEntity(call, "id", store.buckets);
  const pool = optionalEntity(call, "objectstorageid", store.objectPools);
  const ids = optional(call, "ids")?.split(",");
  const owners = new Set(accountsListed(call));
  const found = [...store.buckets.values()].filter((bucket) => {
    const owner = store.accounts.get(bucket.accountId);
    return (
      owner !== undefined &&
      (wanted === undefined ? owners.has(owner) : bucket === wanted) &&
      (pool === undefined || bucket.poolId === pool.id) &&
      (ids === undefined || ids.includes(bucket.id)) &&
      fits(optional(call, "name"), bucket.name) &&
      fits(optional(call, "account"), owner.name) &&
      hasKeyword(call, bucket.name)
    );
  });
  return list(
    "bucket",
    found.map((bucket) => bucketDocument(call, bucket)),
  );
}

/** One part after the other: what was done before a failure stays. */
function updateBucket(call: Call): Answer {
  const bucket = requiredEntity(call, "id", call.store.buckets);
  const pool = call.store.objectPools.get(bucket.poolId);
  const quota = optionalWhole(call, "quota");
  bucket.encryption = optionalFlag(call, "encryption") ?? bucket.encryption;
  bucket.versioning = optionalFlag(call, "versioning") ?? bucket.versioning;
  bucket.policy = optional(call, "policy") ?? bucket.policy;
  if (quota !== undefined) {
    if (pool?.provider === "Cloudian HyperStore" && quota !== 0) {
      throw failed("Error while updating bucket: the quota cannot be set");
    }
    bucket.quotaGib = quota;
  }
  return succeeded();
}

function deleteBucket(call: Call): Answer {
  const bucket = requiredEntity(call, "id", call.store.buckets);
  if (!bucket.empty) throw failed(`Failed to delete bucket ${bucket.name}: it is not empty`);
  call.store.buckets.delete(bucket.id);
  return succeeded();
}

export function newBucket(id: string, name: string, poolId: string, accountId: string, created: number): Bucket {
  return {
    id,
    name,
    poolId,
    accountId,
    state: "Allocated",
    quotaGib: null,
    encryption: false,
    versioning: false,
    objectLocking: false,
    policy: "private",
    created,
    accessKey: randomBytes(10).toString("hex"),
    secretKey: randomBytes(30).toString("base64"),
    empty: true,
  };
}

/** The account that is named with its domain, else the caller's own. */
function ownerMeant(call: Call): Account {
  const { store, clock, caller } = call;
  const name = optional(call, "account");
  const domain = optionalEntity(call, "domainid", store.domains);
  if (name === undefined) return caller.account;
  const live = [...liveAccounts(store, clock.now()).values()];
  const account = live.find((one) => one.name === name && one.domainId === domain?.id);
  if (account === undefined) throw invalid(`Unable to find account ${name} in domain ${domain?.id}`);
  assertMaySee(call, domainOf(store, account));
  return account;
}

function assertRoom({ store }: Call, { id, name }: Account): void {
  const most = store.options.bucketLimit;
  const own = [...store.buckets.values()].filter(({ accountId }) => accountId === id);
  if (most < 0 || own.length < most) return;
  throw new ApiError(
    535,
    `Maximum amount of resources of Type = 'bucket' for Account Name = ${name} has been exceeded.`,
  );
}

/** With the secret of its owner in the clear; where it stands depends on the release. */
function bucketDocument({ store }: Call, bucket: Bucket): object {
  const account = store.accounts.get(bucket.accountId);
  const domain = account && domainOf(store, account);
  const pool = store.objectPools.get(bucket.poolId);
  const secretName = atLeast(store.options, [4, 20]) ? "usersecretkey" : "secretkey";
  const base = pool?.provider === "ECS" ? pool.url.replace(/^http:/, "https:") : pool?.url;
  return {
    id: bucket.id,
    name: bucket.name,
    created: stamp(bucket.created),
    account: account?.name,
    ...(domain === undefined ? {} : { domainid: domain.id, domain: domain.name, domainpath: pathOf(store, domain) }),
    objectstorageid: bucket.poolId,
    objectstore: pool?.name,
    provider: pool?.provider,
    size: 0,
    state: bucket.state,
    ...(bucket.quotaGib === null ? {} : { quota: bucket.quotaGib }),
    encryption: bucket.encryption,
    versioning: bucket.versioning,
    objectlocking: bucket.objectLocking,
    policy: bucket.policy,
    url: `${base?.replace(/\/$/, "")}/${bucket.name}`,
    accesskey: bucket.accessKey,
    [secretName]: bucket.secretKey,
    tags: [],
  };
}

export const bucketCommands: Commands = {
  createBucket: {
    run: createBucket,
    changes: true,
    async: true,
    since: [4, 19],
    role: "everyone",
    params: "name! objectstorageid! quota account domainid projectid encryption versioning objectlocking policy",
  },
  listBuckets: {
    run: listBuckets,
    changes: false,
    since: [4, 19],
    role: "everyone",
    params: "id ids name objectstorageid account domainid projectid listall isrecursive keyword tags page pagesize",
    fields:
      "id name created account domainid domain domainpath objectstorageid objectstore provider size state quota encryption versioning objectlocking policy url accesskey usersecretkey@4.20 tags",
  },
  updateBucket: {
    run: updateBucket,
    changes: true,
    since: [4, 19],
    role: "everyone",
    params: "id! encryption versioning policy quota",
  },
  deleteBucket: { run: deleteBucket, changes: true, since: [4, 19], role: "everyone", params: "id!" },
};
