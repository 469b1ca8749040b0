import type { Arena } from "../arena.ts";
import type { Specimen } from "../specimen.ts";
import { owner, pair } from "./s3.ts";

/** The second of two pages begins behind the second row, and somebody else's bucket has contents, too. */
const pages = { s3MaxPage: 2 };

/** Three versions, a delete marker and an unfinished upload, one after the other. */
const contents = [
  { objects: { changed: "first", plain: "content" } },
  { objects: { changed: "second" } },
  { objects: { changed: { deleted: true } }, uploads: { "8c0a1f52": "unfinished" } },
] as const;

const changes = {
  updates: [{ aspect: "tags", inputs: { tags: { team: "green" } } }],
  replacement: { aspect: "bucketName", inputs: { bucketName: "receipts" } },
  byHand: [],
} as const;

export const filledS3Bucket: Specimen = {
  kind: "S3Bucket",
  variant: "filled",
  seed: async (arena) => {
    await arena.control.patch("cloudian", { ...owner, options: pages });
    await arena.control.patch("cloudian", { s3Buckets: { theirs: { objects: { kept: "content" } } } });
  },
  derivable: "bucketName",
  inputs: (arena, bucketName = "invoices") => ({
    endpoint: arena.lab.addresses.cloudian.s3Endpoint,
    ...pair,
    bucketName,
    versioning: true,
    tags: { team: "blue" },
    forceDestroy: true,
  }),
  fill: async (arena, name) => {
    for (const step of contents) await arena.control.patch("cloudian", { s3Buckets: { [name]: step } });
  },
  ...changes,
  shown: { cloudian: { s3Buckets: { invoices: { versioning: "enabled" } } } },
  removeByHand: (arena) => arena.control.patch("cloudian", { s3Buckets: { invoices: null } }),
};

/** Emptied by the array, which shows it at two looks; the versioning call came with this release. */
export const filledEcsBucket = filledEcs("filled", { release: "4.x", emptyBucketSeconds: 0, emptyBucketPolls: 2 });

/** Emptied over S3, with one request for each version. */
export const filledOldEcsBucket = filledEcs("filled, release 3.6", { release: "3.6", multiDelete: false });

function filledEcs(variant: string, options: object): Specimen {
  /** Older than any delay. */
  const key = { secret: "owner000000000000000000000000000000owner", created: "2026-01-01T00:00:00Z" };
  return {
    kind: "EcsBucket",
    variant,
    seed: async (arena) => {
      await arena.control.patch("ecs", {
        options: { ...pages, ...options },
        users: { "ns1/own": { keys: [key] } },
        buckets: { "ns1/theirs": { owner: "own", objects: { kept: "content" } } },
      });
    },
    derivable: "bucketName",
    inputs: (_arena, bucketName = "invoices") => ({
      bucketName,
      owner: "own",
      versioning: true,
      tags: { team: "blue" },
      forceDestroy: true,
    }),
    fill: async (arena, name) => {
      for (const step of contents) await arena.control.patch("ecs", { buckets: { [`ns1/${name}`]: step } });
    },
    ...changes,
    shown: { ecs: { buckets: { "ns1/invoices": { versioning: "enabled" } } } },
    removeByHand: (arena) => arena.control.patch("ecs", { buckets: { "ns1/invoices": null } }),
  };
}

const theirs = { groups: { theirs: {} }, users: { "theirs/grace": { fullName: "Grace" } } };

export const groupWithUsers: Specimen = {
  kind: "CloudianGroup",
  variant: "with users",
  seed: (arena) => arena.control.patch("cloudian", theirs),
  derivable: "groupId",
  inputs: () => ({ groupId: "blue", groupName: "Blue", forceDestroy: true }),
  fill: (arena: Arena, name) =>
    arena.control.patch("cloudian", { users: { [`${name}/ada`]: {}, [`${name}/eve`]: { active: "false" } } }),
  updates: [{ aspect: "groupName", inputs: { groupName: "Blue, later" } }],
  replacement: { aspect: "groupId", inputs: { groupId: "green" } },
  shown: { cloudian: { groups: { blue: { groupName: "Blue" } } } },
  byHand: [],
  removeByHand: (arena) => arena.control.patch("cloudian", { groups: { blue: null } }),
};
