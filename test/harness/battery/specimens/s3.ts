import type { Specimen } from "../specimen.ts";

/** A key pair of the lab's HyperStore. */
export const pair = {
  accessKeyId: "00a1b2c3d4e5f6071829",
  secretAccessKey: "Canary/Key+of/owner00000000000000000000000",
};

const policyOf = (bucketName: string) => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${bucketName}/*`] },
  ],
});
const cors = [{ allowedMethods: ["GET"], allowedOrigins: ["https://cloud.example.test"] }];

/** The owner, and a bucket of his that nobody here manages. */
export const owner = {
  groups: { own: {} },
  users: { "own/own": {} },
  credentials: {
    [pair.accessKeyId]: { groupId: "own", userId: "own", secretKey: pair.secretAccessKey, createDate: 1 },
  },
  buckets: { "own/own": [{ bucketName: "theirs" }] },
};

export const s3Bucket: Specimen = {
  kind: "S3Bucket",
  seed: async (arena) => {
    await arena.control.patch("cloudian", owner);
    await arena.control.patch("cloudian", {
      s3Buckets: { theirs: { tags: { by: "hand" }, objects: { kept: "content" } } },
    });
  },
  derivable: "bucketName",
  inputs: (arena, bucketName = "invoices") => ({
    endpoint: arena.lab.addresses.cloudian.s3Endpoint,
    ...pair,
    bucketName,
    versioning: true,
    policy: policyOf(bucketName),
    cors,
    tags: { team: "blue" },
  }),
  updates: [
    { aspect: "versioning", inputs: { versioning: false } },
    { aspect: "policy", inputs: { policy: "private" } },
    { aspect: "cors", inputs: { cors: [] } },
    { aspect: "tags", inputs: { tags: { team: "green", cost: "1" } } },
    { aspect: "unmanaged", inputs: { versioning: undefined, policy: undefined, cors: undefined, tags: undefined } },
  ],
  replacement: { aspect: "bucketName", inputs: { bucketName: "receipts", policy: policyOf("receipts") } },
  shown: { cloudian: { s3Buckets: { invoices: { versioning: "enabled", tags: { team: "blue" } } } } },
  byHand: [
    {
      input: "tags",
      change: (arena) => arena.control.patch("cloudian", { s3Buckets: { invoices: { tags: { by: "hand" } } } }),
    },
    {
      input: "versioning",
      change: (arena) => arena.control.patch("cloudian", { s3Buckets: { invoices: { versioning: "suspended" } } }),
    },
    {
      input: "policy",
      change: (arena) => arena.control.patch("cloudian", { s3Buckets: { invoices: { policy: null } } }),
    },
    { input: "cors", change: (arena) => arena.control.patch("cloudian", { s3Buckets: { invoices: { cors: null } } }) },
  ],
  removeByHand: (arena) => arena.control.patch("cloudian", { s3Buckets: { invoices: null } }),
};
