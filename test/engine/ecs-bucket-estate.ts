import { EcsBucket, type EcsBucketArgs, EcsObjectUser, type PolicyDocument } from "pulumi-cloudstack-storage";
import type { TestStack } from "../harness/stack.ts";

type BucketArgs = Partial<EcsBucketArgs>;

/** Each bucket manages one property only, so that a change of it alone shows what happens to its neighbors. */
export const names = [
  "owned",
  "quota",
  "notified",
  "policy",
  "tagged",
  "retained",
  "outage",
  "cors",
  "versioned",
  "encrypted",
  "grouped",
  "switched",
  "moving",
] as const;
type Name = (typeof names)[number];

/** The replication groups of a new lab. */
export const groupUrn = "urn:storageos:ReplicationGroupInfo:3f6a2c1e-8b47-4d09-9a5e-71c20d4be8f3:global";

const document: PolicyDocument = {
  Id: "mine",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "second" }, Action: ["s3:PutObject", "s3:GetObject"], Resource: "policy/*" },
    { Sid: "list", Effect: "Deny", Principal: "*", Action: "s3:ListBucket", Resource: ["policy"] },
  ],
};

export const first: Record<Name, BucketArgs> = {
  owned: {},
  quota: { quotaGiB: 10 },
  notified: { notifyAtGiB: 5 },
  policy: { policy: "public" },
  tagged: { tags: { a: "1", b: "two words", c: "" } },
  retained: { retentionSeconds: 60 },
  outage: { accessDuringOutage: true },
  cors: { cors: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://cloud.example.com"] }] },
  versioned: { versioning: true },
  encrypted: { encryption: true },
  grouped: { replicationGroup: "rg1" },
  switched: {},
  moving: { bucketName: "moving-1", quotaGiB: 3 },
};
export const second: Record<Name, BucketArgs> = {
  ...first,
  owned: { owner: "second" },
  quota: { quotaGiB: 20 },
  notified: { notifyAtGiB: 4 },
  policy: { policy: document },
  tagged: { tags: { b: "3", c: "", d: "é & ü" } },
  retained: { retentionSeconds: 120 },
  outage: { accessDuringOutage: false },
  cors: {
    cors: [
      {
        allowedMethods: ["HEAD"],
        allowedOrigins: ["*"],
        allowedHeaders: ["*"],
        exposeHeaders: ["ETag"],
        maxAgeSeconds: 9,
      },
      { allowedMethods: ["DELETE"], allowedOrigins: ["https://*.example.com"] },
    ],
  },
  versioned: { versioning: false },
  grouped: { replicationGroup: groupUrn },
  switched: { forceDestroy: true, adopt: true, allowNonDnsName: true },
  moving: { bucketName: "moving-2", quotaGiB: 3 },
};
export const third: Record<Name, BucketArgs> = {
  ...second,
  quota: { quotaGiB: "none" },
  notified: { notifyAtGiB: "none" },
  policy: { policy: "private" },
  tagged: { tags: {} },
  retained: { retentionSeconds: 0 },
  cors: { cors: [] },
  versioned: { versioning: true },
  switched: {},
};
export const unmanaged = Object.fromEntries(names.map((name) => [name, {}])) as Record<Name, BucketArgs>;
unmanaged.owned = { owner: "second" };
unmanaged.moving = { bucketName: "moving-2" };

export function programOf(args: Record<Name, BucketArgs>) {
  return async () => {
    const owner = new EcsObjectUser("first", { userName: "first" });
    const other = new EcsObjectUser("second", { userName: "second" });
    const options = { dependsOn: [owner, other] };
    for (const name of names) new EcsBucket(name, { bucketName: name, owner: owner.userName, ...args[name] }, options);
  };
}

/** What somebody has set by hand on every bucket. */
export const byHand = {
  blockSize: 77,
  notificationSize: 66,
  retention: 33,
  staleAllowed: true,
  versioning: "enabled",
  tags: { hand: "1", "b y": "" },
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Principal: "*", Action: ["s3:DeleteBucket"], Resource: ["anything/*"] }],
  },
  cors: [
    {
      id: "hand",
      allowedOrigins: ["https://hand.example.com"],
      allowedMethods: ["POST"],
      allowedHeaders: [],
      exposeHeaders: [],
    },
  ],
};
const own: Partial<Record<Name, keyof typeof byHand>> = {
  quota: "blockSize",
  notified: "notificationSize",
  policy: "policy",
  tagged: "tags",
  retained: "retention",
  outage: "staleAllowed",
  cors: "cors",
  versioned: "versioning",
};

/** Everything that was set by hand on a bucket, without what it manages itself. */
export function neighborsOf(name: Name): Partial<typeof byHand> {
  return Object.fromEntries(Object.entries(byHand).filter(([field]) => field !== own[name]));
}

/** Gives every bucket unusual values in everything that it does not manage itself. */
export async function setByHand(stack: TestStack): Promise<void> {
  const changed = names.filter((name) => name !== "moving").map((name) => [`ns1/${name}`, neighborsOf(name)]);
  await stack.lab.patch("ecs", { buckets: Object.fromEntries(changed) });
}

/** Changes what each bucket manages, and deletes one. */
export async function drift(stack: TestStack): Promise<void> {
  await stack.lab.patch("ecs", {
    buckets: {
      "ns1/owned": { owner: "first" },
      "ns1/quota": { blockSize: 1 },
      "ns1/notified": { notificationSize: 2 },
      "ns1/policy": { policy: byHand.policy },
      "ns1/tagged": { tags: { drifted: "1" } },
      "ns1/retained": { retention: 5 },
      "ns1/outage": { staleAllowed: true },
      "ns1/cors": { cors: byHand.cors },
      "ns1/versioned": { versioning: "suspended" },
      "ns1/switched": { blockSize: 5, tags: { "not managed": "1" } },
      "ns1/moving-2": null,
    },
  });
}
