import type { Specimen } from "../specimen.ts";

const cors = [{ allowedMethods: ["GET"], allowedOrigins: ["https://cloud.example.test"], maxAgeSeconds: 60 }];
/** Older than any delay. */
const key = { secret: "owner000000000000000000000000000000owner", created: "2026-01-01T00:00:00Z" };

/** Whose objects they are nobody here knows. */
const neighbors = {
  users: {
    "ns1/grace": { keys: [{ ...key, secret: "grace000000000000000000000000000000grace" }], tags: { by: "hand" } },
  },
  buckets: {
    "ns1/theirs": {
      owner: "grace",
      tags: { by: "hand" },
      blockSize: 5,
      notificationSize: 3,
      objects: { kept: "content" },
    },
  },
};

export const ecsObjectUser: Specimen = {
  kind: "EcsObjectUser",
  seed: (arena) => arena.control.patch("ecs", neighbors),
  derivable: "userName",
  inputs: () => ({ userName: "ada", locked: false, tags: { team: "blue", cost: "1" } }),
  updates: [
    { aspect: "locked", inputs: { locked: true } },
    { aspect: "tags", inputs: { tags: { team: "green", owner: "2" } } },
    { aspect: "no tags", inputs: { tags: {} } },
    { aspect: "onDestroy", inputs: { onDestroy: "lock" } },
    { aspect: "key rotation", inputs: { keyGeneration: 2 } },
    { aspect: "key rotation with expiry", inputs: { keyGeneration: 2, previousKeyExpiryMinutes: 10 } },
    { aspect: "unmanaged", inputs: { tags: undefined, locked: undefined } },
  ],
  replacement: { aspect: "userName", inputs: { userName: "eve" } },
  shown: { ecs: { users: { "ns1/ada": { locked: false, tags: { team: "blue", cost: "1" } } } } },
  byHand: [
    {
      input: "tags",
      change: (arena) => arena.control.patch("ecs", { users: { "ns1/ada": { tags: { by: "hand" } } } }),
    },
    { input: "locked", change: (arena) => arena.control.patch("ecs", { users: { "ns1/ada": { locked: true } } }) },
    { input: "keyGeneration", change: (arena) => arena.control.patch("ecs", { users: { "ns1/ada": { keys: [] } } }) },
  ],
  removeByHand: (arena) => arena.control.patch("ecs", { users: { "ns1/ada": null } }),
};

const policyOf = (bucketName: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:ListBucket"], Resource: [`arn:aws:s3:::${bucketName}`] }],
});

export const ecsBucket: Specimen = {
  kind: "EcsBucket",
  seed: (arena) =>
    arena.control.patch("ecs", {
      users: { ...neighbors.users, "ns1/own": { keys: [key] }, "ns1/heir": { keys: [key] } },
      buckets: neighbors.buckets,
    }),
  derivable: "bucketName",
  inputs: (_arena, bucketName = "invoices") => ({
    bucketName,
    owner: "own",
    versioning: true,
    quotaGiB: 5,
    notifyAtGiB: 3,
    policy: policyOf(bucketName),
    cors,
    tags: { team: "blue" },
    retentionSeconds: 60,
    encryption: true,
    accessDuringOutage: true,
    replicationGroup: "rg2",
  }),
  updates: [
    { aspect: "owner", inputs: { owner: "heir" } },
    { aspect: "versioning", inputs: { versioning: false } },
    { aspect: "quota", inputs: { quotaGiB: 7, notifyAtGiB: "none" } },
    { aspect: "policy", inputs: { policy: "private" } },
    { aspect: "cors", inputs: { cors: [] } },
    { aspect: "tags", inputs: { tags: { team: "green", cost: "1" } } },
    { aspect: "retention", inputs: { retentionSeconds: 0 } },
    { aspect: "accessDuringOutage", inputs: { accessDuringOutage: false } },
    {
      aspect: "unmanaged",
      inputs: { policy: undefined, cors: undefined, tags: undefined, quotaGiB: undefined, notifyAtGiB: undefined },
    },
  ],
  replacement: { aspect: "bucketName", inputs: { bucketName: "receipts", policy: policyOf("receipts") } },
  shown: {
    ecs: {
      buckets: {
        "ns1/invoices": {
          owner: "own",
          versioning: "enabled",
          blockSize: 5,
          notificationSize: 3,
          retention: 60,
          encrypted: true,
          staleAllowed: true,
          tags: { team: "blue" },
        },
      },
    },
  },
  byHand: [
    {
      input: "tags",
      change: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": { tags: { by: "hand" } } } }),
    },
    {
      input: "quotaGiB",
      change: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": { blockSize: 9 } } }),
    },
    {
      input: "versioning",
      change: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": { versioning: "suspended" } } }),
    },
    {
      input: "policy",
      change: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": { policy: null } } }),
    },
  ],
  removeByHand: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": null } }),
};
