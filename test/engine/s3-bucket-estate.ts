import { CloudianUser, EcsObjectUser, S3Bucket, type S3BucketArgs } from "pulumi-cloudstack-storage";
import type { LabAddresses } from "../../lab/index.ts";
import type { TestStack } from "../harness/stack.ts";

/** The two services: buckets that begin with `c-` are on HyperStore, those that begin with `e-` on ECS. */
export const services = ["c", "e"] as const;
type Service = (typeof services)[number];

/** Each bucket manages one property only, so that a change of it alone shows what happens to its neighbors. */
export const names = ["versioned", "policy", "cors", "tagged", "switched", "moving"] as const;
type Name = (typeof names)[number];
type Buckets = Record<Name, Partial<S3BucketArgs>>;

interface Step {
  /** Of both users: raised, the buckets get new keys. */
  readonly keyGeneration: number;
  buckets(service: Service): Buckets;
}

export const first: Step = {
  keyGeneration: 1,
  buckets: (service) => ({
    versioned: { versioning: true },
    policy: { policy: "public" },
    cors: { cors: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://cloud.example.com"] }] },
    tagged: { tags: { a: "1", b: "two words", c: "" } },
    switched: {},
    moving: { bucketName: `${service}-moving-1`, tags: { stays: "yes" } },
  }),
};
export const second: Step = {
  keyGeneration: 2,
  buckets: (service) => ({
    versioned: { versioning: false },
    policy: {
      policy: {
        Statement: [
          {
            Effect: "Allow",
            Principal: "*",
            Action: ["s3:ListBucket", "s3:GetBucketTagging"],
            Resource: `${service}-policy`,
          },
        ],
      },
    },
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
    tagged: { tags: { b: "3", d: "é & ü" } },
    switched: { forceDestroy: true, adopt: true, region: "eu-west-1" },
    moving: { bucketName: `${service}-moving-2`, tags: { stays: "yes" } },
  }),
};
export const third: Step = {
  keyGeneration: 2,
  buckets: (service) => ({
    ...second.buckets(service),
    versioned: { versioning: true },
    policy: { policy: "private" },
    cors: { cors: [] },
    tagged: { tags: {} },
    switched: {},
  }),
};
export const unmanaged: Step = {
  keyGeneration: 2,
  buckets: (service) => ({
    ...(Object.fromEntries(names.map((name) => [name, {}])) as Buckets),
    moving: { bucketName: `${service}-moving-2` },
  }),
};

/** `suffix` gives the endpoints another spelling. */
export function programOf({ cloudian, ecs }: LabAddresses, { keyGeneration, buckets }: Step, suffix = "") {
  return async () => {
    const tenant = new CloudianUser("tenant", { groupId: "home", userId: "tenant", keyGeneration });
    const user = new EcsObjectUser("user", { userName: "user", keyGeneration });
    const accounts = { c: [cloudian.s3Endpoint, tenant], e: [ecs.s3Endpoint, user] } as const;
    for (const service of services) {
      const [endpoint, { accessKeyId, secretAccessKey }] = accounts[service];
      const common = { endpoint: `${endpoint}${suffix}`, accessKeyId, secretAccessKey };
      for (const [name, args] of Object.entries(buckets(service)))
        new S3Bucket(`${service}-${name}`, { ...common, bucketName: `${service}-${name}`, ...args });
    }
  };
}

/** What somebody has set by hand on every bucket. */
export const byHand = {
  versioning: "enabled",
  tags: { hand: "1", "b y": "" },
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Principal: "*", Action: ["s3:PutObject"], Resource: ["anything/*"] }],
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
  versioned: "versioning",
  policy: "policy",
  tagged: "tags",
  cors: "cors",
};

/** Everything that was set by hand on a bucket, without what it manages itself. */
export function neighborsOf(name: Name): Partial<typeof byHand> {
  return Object.fromEntries(Object.entries(byHand).filter(([field]) => field !== own[name]));
}

/** Patches both services alike. */
export async function patchBoth(stack: TestStack, buckets: Readonly<Record<string, object | null>>): Promise<void> {
  const prefixed = (prefix: string) =>
    Object.fromEntries(Object.entries(buckets).map(([name, value]) => [`${prefix}-${name}`, value]));
  await stack.lab.patch("cloudian", { s3Buckets: prefixed("c") });
  await stack.lab.patch("ecs", { buckets: prefixed("ns1/e") });
}

/** Gives every bucket unusual values in everything that it does not manage itself. */
export async function setByHand(stack: TestStack): Promise<void> {
  const changed = names.filter((name) => name !== "moving");
  await patchBoth(stack, Object.fromEntries(changed.map((name) => [name, neighborsOf(name)])));
}

/** Changes what each bucket manages, and deletes one. */
export async function drift(stack: TestStack): Promise<void> {
  await patchBoth(stack, {
    versioned: { versioning: "suspended" },
    policy: { policy: byHand.policy },
    tagged: { tags: { drifted: "1" } },
    cors: { cors: byHand.cors },
    switched: { tags: { "not managed": "1" } },
    "moving-2": null,
  });
}
