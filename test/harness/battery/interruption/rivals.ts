import type { Properties } from "../../provider-client.ts";
import type { Arena } from "../arena.ts";
import { cloudianGroup, cloudianUser } from "../specimens/cloudian.ts";
import { memberSetting, objectStoragePool, s3SecondaryStorage } from "../specimens/cloudstack.ts";
import { ecsBucket, ecsObjectUser } from "../specimens/ecs.ts";
import { pair, s3Bucket } from "../specimens/s3.ts";
import type { Rivals } from "./rivalry.ts";

type Change = readonly [before: Properties, after: Properties];

/** The first program makes the object, the second adopts it; each manages what its change names. */
function programs(
  object: Properties | ((arena: Arena) => Properties),
  first: Change,
  second: Change,
): Pick<Rivals, "first" | "second"> {
  const both = (arena: Arena) => (typeof object === "function" ? object(arena) : object);
  const declared = (arena: Arena, [before, after]: Change, more: Properties = {}) => ({
    before: { ...both(arena), ...more, ...before },
    after: { ...both(arena), ...more, ...after },
  });
  return {
    first: (arena) => declared(arena, first),
    second: (arena) => declared(arena, second, { adopt: true }),
  };
}

export const groupProperties: Rivals = {
  kind: "CloudianGroup",
  seed: cloudianGroup.seed,
  ...programs(
    { groupId: "blue" },
    [{ groupName: "Blue" }, { groupName: "Blue, later" }],
    [{ active: true }, { active: false }],
  ),
  foreign: (arena) => arena.control.patch("cloudian", { groups: { blue: { ldapGroup: "cn=by-hand" } } }),
};

export const userProperties: Rivals = {
  kind: "CloudianUser",
  seed: cloudianUser.seed,
  ...programs(
    { groupId: "blue", userId: "ada" },
    [{ fullName: "Ada" }, { fullName: "Ada, later" }],
    [{ email: "ada@example.test" }, { email: "later@example.test" }],
  ),
  foreign: (arena) => arena.control.patch("cloudian", { users: { "blue/ada": { phone: "+44 1" } } }),
};

export const objectUserTagsAndLock: Rivals = {
  kind: "EcsObjectUser",
  seed: ecsObjectUser.seed,
  ...programs(
    { userName: "ada" },
    [{ tags: { team: "blue" } }, { tags: { team: "green", first: "1" } }],
    [{ locked: false }, { locked: true }],
  ),
  foreign: async (arena) => {
    const [key] = (await arena.control.state()).ecs.users["ns1/ada"]?.keys ?? [];
    await arena.control.patch("ecs", { users: { "ns1/ada": { keys: [key, "by-hand"] } } });
  },
};

export const bucketQuota: Rivals = {
  kind: "EcsBucket",
  seed: ecsBucket.seed,
  ...programs(
    { bucketName: "invoices", owner: "own" },
    [{ quotaGiB: 5 }, { quotaGiB: 7 }],
    [{ notifyAtGiB: 3 }, { notifyAtGiB: 4 }],
  ),
  foreign: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": { tags: { by: "hand" } } } }),
};

const tags: readonly [Change, Change] = [
  [{ tags: { team: "blue", old: "1" } }, { tags: { team: "green", first: "1" } }],
  [{ tags: { team: "blue", old: "1" } }, { tags: { team: "red", second: "1" } }],
];

export const ecsBucketTags: Rivals = {
  kind: "EcsBucket",
  seed: ecsBucket.seed,
  ...programs({ bucketName: "invoices", owner: "own" }, ...tags),
  foreign: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": { blockSize: 9 } } }),
};

export const s3BucketTags: Rivals = {
  kind: "S3Bucket",
  seed: s3Bucket.seed,
  ...programs(
    (arena) => ({ endpoint: arena.lab.addresses.cloudian.s3Endpoint, ...pair, bucketName: "invoices" }),
    ...tags,
  ),
  foreign: (arena) => arena.control.patch("cloudian", { s3Buckets: { invoices: { versioning: "enabled" } } }),
};

const sites = { settingName: "secstorage.allowed.internal.sites" };

/** A setting is always there, so that nobody adopts it. */
export const settingMembers: Rivals = {
  kind: "GlobalSetting",
  seed: memberSetting.seed,
  first: () => ({
    before: { ...sites, members: ["10.1.0.0/16"] },
    after: { ...sites, members: ["10.1.0.0/16", "10.2.0.0/16"] },
  }),
  second: () => ({
    before: { ...sites, members: ["10.3.0.0/16"] },
    after: { ...sites, members: ["10.3.0.0/16", "10.4.0.0/16"] },
  }),
};

export const storeNameAndMode: Rivals = {
  kind: "S3SecondaryStorage",
  seed: s3SecondaryStorage.seed,
  ...programs(
    (arena) => ({
      storeName: "main",
      endpoint: arena.lab.addresses.cloudian.s3Endpoint,
      bucket: "theirs",
      ...pair,
      useHttps: false,
    }),
    [{ readOnly: false }, { readOnly: true }],
    [{}, { storeName: "renamed" }],
  ),
};

const pool = (url: string, poolName: string) => ({ url: `https://${url}.example.test:9000`, poolName });

/** A program has to declare both. */
export const poolNameAndUrl: Rivals = {
  kind: "ObjectStoragePool",
  seed: objectStoragePool.seed,
  ...programs(
    { providerName: "MinIO", s3: { accessKeyId: "pool-key", secretAccessKey: "Canary-secret-of-pool" } },
    [pool("pool", "pool"), pool("moved", "pool")],
    [pool("pool", "pool"), pool("pool", "renamed")],
  ),
};
