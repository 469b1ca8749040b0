import fc from "fast-check";
import { ecsBucketArgs, ecsUserArgs, s3BucketArgs } from "../../../property/bucket-inputs.ts";
import { poolArgs, rosterArgs, stagingArgs, storeArgs } from "../../../property/cloudstack-inputs.ts";
import { groupArgs, type Kinds, type Properties, userArgs } from "../../../property/support.ts";
import type { Arena } from "../arena.ts";
import { pair } from "../specimens/s3.ts";

const zoneId = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";

/** What is fuzzed of one kind. */
export interface FuzzedKind {
  readonly kind: keyof Kinds;
  readonly written: fc.Arbitrary<Properties>;
  /** Inputs that a creation sends in the very text that is declared. */
  readonly sent: readonly string[];
  /** The system refuses what it is sent. */
  readonly isRefused?: true;
  /** Inputs about which no request that could be looked at is made, or only after a long wait. */
  readonly unsent?: readonly string[];
  /** Inputs that no message may show. */
  readonly secrets: readonly string[];
  /** What is given the same in every case, so that the systems take it, unless it is what is fuzzed. */
  readonly given: (s3Endpoint: string) => Properties;
}

export const fuzzedKinds: readonly FuzzedKind[] = [
  {
    kind: "group",
    written: groupArgs,
    sent: ["groupId", "groupName", "ldap", "s3Endpoints"],
    secrets: [],
    given: () => ({}),
  },
  {
    kind: "user",
    written: userArgs,
    sent: ["groupId", "userId", "fullName", "email", "address", "phone", "website", "password"],
    secrets: ["password"],
    given: () => ({ groupId: "home", keyGeneration: 1 }),
  },
  {
    kind: "ecsUser",
    written: ecsUserArgs,
    sent: ["userName", "namespace", "tags"],
    secrets: [],
    given: () => ({ namespace: "ns1", keyGeneration: 1 }),
  },
  {
    kind: "ecsBucket",
    written: ecsBucketArgs,
    sent: ["bucketName", "namespace", "owner", "tags", "policy", "cors"],
    secrets: [],
    given: () => ({ namespace: "ns1", owner: "own", replicationGroup: "rg1" }),
  },
  {
    kind: "s3Bucket",
    written: s3BucketArgs,
    sent: ["bucketName", "tags", "policy", "cors"],
    unsent: ["endpoint", "accessKeyId", "secretAccessKey", "region", "pathStyle", "storagePolicy"],
    secrets: ["secretAccessKey"],
    given: (endpoint) => ({ endpoint, ...pair, pathStyle: true, region: "us-east-1", storagePolicy: "silver" }),
  },
  {
    kind: "store",
    written: storeArgs,
    sent: ["storeName", "bucket", "accessKeyId", "secretAccessKey"],
    secrets: ["secretAccessKey"],
    given: () => ({
      endpoint: "https://s3.example.test",
      verifyBucket: false,
      requireStagingStores: false,
      waitForTemplates: undefined,
    }),
  },
  {
    kind: "staging",
    written: stagingArgs,
    sent: ["zoneId"],
    isRefused: true,
    secrets: [],
    given: () => ({ zoneId }),
  },
  {
    kind: "pool",
    // CloudStack refuses a second pool of the same address.
    written: fc.tuple(poolArgs, fc.uuid()).map(([pool, id]) => ({ ...pool, url: `https://${id}.example.test` })),
    sent: ["poolName", "ecs", "cloudian", "s3"],
    secrets: ["ecs", "cloudian", "s3"],
    given: () => ({}),
  },
  {
    kind: "setting",
    written: fc.record({ settingName: fc.constantFrom("lab.text", "lab.other"), value: fc.constant("7") }),
    sent: ["value"],
    secrets: [],
    given: () => ({}),
  },
  { kind: "roster", written: rosterArgs, sent: [], secrets: [], given: () => ({}) },
];

/** What the declarations stand on. */
export async function prepare(arena: Arena): Promise<void> {
  await arena.control.reset();
  await arena.control.patch("cloudian", {
    options: { maxGroupNameLength: 0 },
    storagePolicies: { silver: "silver" },
    groups: { home: {}, own: {} },
    users: { "own/own": {} },
    credentials: {
      [pair.accessKeyId]: { groupId: "own", userId: "own", secretKey: pair.secretAccessKey, createDate: 1 },
    },
  });
  const key = { secret: "owner000000000000000000000000000000owner", created: "2026-01-01T00:00:00Z" };
  await arena.control.patch("ecs", { users: { "ns1/own": { keys: [key] } } });
  const setting = { value: "5", initial: "5", type: "String" };
  await arena.control.patch("cloudstack", { settings: { "lab.text": setting, "lab.other": setting } });
}
