import { type Lab, type LabAddresses, startLab } from "../../../lab/index.ts";
import { provider } from "../../../provider/dynamic.ts";
import { LabControl } from "../lab.ts";

export type Properties = Record<string, unknown>;
export type Settings = Readonly<Record<string, string>>;

/** One of the ways from a provider process to a system: its settings, and a reading and a writing call that go there. */
export interface Way {
  readonly name: string;
  /** How the names of its settings begin. */
  readonly prefix: "cloudian" | "ecs" | "cloudstack" | "s3" | "ecsS3";
  /** How an error names what holds the address. */
  readonly endpointNamed: string;
  /** The lab's own listener. */
  target(addresses: LabAddresses): string;
  /** Every setting but those of TLS, with this way leading to `origin` and the others to the lab. */
  settings(addresses: LabAddresses, origin: string): Settings;
  read(settings: Settings, origin: string): Promise<unknown>;
  write(settings: Settings, origin: string): Promise<unknown>;
}

export const s3Key = {
  accessKeyId: "AKIATRANSPORT0000001",
  secretAccessKey: "Canary/Transport+secret0000000000000000",
};
/** The zone that every new lab has. */
const firstZone = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";
const ownerSecret = "CanaryOwner000000000000000000000000Owner";

/** What no server but the addressed one may ever see, in the forms in which it could be sent. */
export function credentialsIn(bytes: string): string[] {
  const words = ["authorization", "x-sds-auth-token", "apikey", "signature", "public", "lab-ecs-password", "sysadmin"];
  const lower = bytes.toLowerCase();
  return [...words, s3Key.accessKeyId, s3Key.secretAccessKey, ownerSecret].filter((word) =>
    lower.includes(word.toLowerCase()),
  );
}

/** A kind as a provider process has it, under settings of its own. */
export function kind(name: string, settings: Settings) {
  const served = provider(name, 1) as Required<ReturnType<typeof provider>>;
  const get = (key: string) => settings[key.replace("cloudstack-storage:", "")];
  served.configure({ config: { get } } as Parameters<typeof served.configure>[0]);
  return served;
}

let made = 0;

/** Another one at each call: an object belongs to one resource of a process. */
function fresh(stem: string): string {
  made += 1;
  return `${stem}-${made}`;
}

const group = (settings: Settings) => kind("CloudianGroup", settings);
const objectUser = (settings: Settings) => kind("EcsObjectUser", settings);
const setting = (settings: Settings) => kind("GlobalSetting", settings);
const stagingStore = (settings: Settings) => kind("SecondaryStagingStore", settings);
const anyBucket = (settings: Settings) => kind("S3Bucket", settings);
const ecsBucket = (settings: Settings) => kind("EcsBucket", settings);

const ecsLogIn = ({ ecs }: LabAddresses) => ({
  ecsUsername: ecs.username,
  ecsPassword: ecs.password,
  ecsNamespace: ecs.namespace,
});

/** With an aspect that only S3 tells. */
const corsBucket = { bucketName: "inv", namespace: "ns1", owner: "own", cors: [] };

export const ways: readonly Way[] = [
  {
    name: "Cloudian's Admin API",
    prefix: "cloudian",
    endpointNamed: "cloudianEndpoint",
    target: ({ cloudian }) => cloudian.endpoint,
    settings: ({ cloudian }, origin) => ({
      cloudianEndpoint: origin,
      cloudianUsername: cloudian.username,
      cloudianPassword: cloudian.password,
    }),
    read: (settings) => group(settings).read("absent", { groupId: "absent" }),
    write: (settings) => group(settings).create({ groupId: fresh("group") }),
  },
  {
    name: "ECS's management API",
    prefix: "ecs",
    endpointNamed: "ecsEndpoint",
    target: ({ ecs }) => ecs.endpoint,
    settings: (addresses, origin) => ({ ecsEndpoint: origin, ...ecsLogIn(addresses) }),
    read: (settings) => objectUser(settings).read("ns1/absent", { userName: "absent", namespace: "ns1" }),
    write: (settings) => objectUser(settings).create({ userName: fresh("user"), namespace: "ns1" }),
  },
  {
    name: "CloudStack",
    prefix: "cloudstack",
    endpointNamed: "cloudstackEndpoint",
    target: ({ cloudstack }) => cloudstack.endpoint,
    settings: ({ cloudstack }, origin) => ({
      cloudstackEndpoint: `${origin}/client/api`,
      cloudstackApiKey: cloudstack.apiKey,
      cloudstackSecretKey: cloudstack.secretKey,
    }),
    read: (settings) => setting(settings).read("max.ssvm.count", { settingName: "max.ssvm.count", value: "5" }),
    write: (settings) =>
      stagingStore(settings).create({ zoneId: firstZone, server: "nfs.example", path: `/${fresh("staging")}` }),
  },
  {
    name: "Cloudian's S3",
    prefix: "s3",
    endpointNamed: "endpoint",
    target: ({ cloudian }) => cloudian.s3Endpoint,
    settings: () => ({}),
    read: (settings, endpoint) =>
      anyBucket(settings).read(`secondary@${new URL(endpoint).host}`, { endpoint, bucketName: "secondary", ...s3Key }),
    write: (settings, endpoint) =>
      anyBucket(settings).create({ endpoint, bucketName: fresh("bucket"), ...s3Key, tags: { a: "b" } }),
  },
  {
    name: "ECS's S3",
    prefix: "ecsS3",
    endpointNamed: "ecsS3Endpoint",
    target: ({ ecs }) => ecs.s3Endpoint,
    settings: (addresses, origin) => ({
      ecsEndpoint: addresses.ecs.endpoint,
      ecsCaPem: addresses.ecs.caPem,
      ecsS3Endpoint: origin,
      ...ecsLogIn(addresses),
    }),
    read: (settings) => ecsBucket(settings).read("ns1/inv", corsBucket),
    write: (settings) =>
      ecsBucket(settings).update("ns1/inv", corsBucket, {
        ...corsBucket,
        cors: [{ allowedMethods: ["GET"], allowedOrigins: [`https://${fresh("origin")}.example`] }],
      }),
  },
];

/** A lab whose systems hold what the ways read and write. */
export async function startTarget(options: { tls?: boolean } = {}): Promise<{ lab: Lab; control: LabControl }> {
  const lab = await startLab({ portBase: 0, ...options });
  const control = new LabControl(lab.addresses.control);
  const { accessKeyId, secretAccessKey } = s3Key;
  await control.patch("cloudian", {
    groups: { cloudstack: {} },
    users: { "cloudstack/secondary": {} },
    credentials: { [accessKeyId]: { groupId: "cloudstack", userId: "secondary", secretKey: secretAccessKey } },
    buckets: { "cloudstack/secondary": [{ bucketName: "secondary" }] },
  });
  const key = { secret: ownerSecret, created: "2026-01-01T00:00:00Z" };
  await control.patch("ecs", {
    // Each process of a run has a token of its own.
    options: { tokenCap: 100_000 },
    users: { "ns1/own": { keys: [key] } },
    buckets: { "ns1/inv": { owner: "own" } },
  });
  return { lab, control };
}

/** How a call ended: the error's name and text, or nothing where it succeeded. */
export type Outcome = { readonly name: string; readonly message: string } | undefined;

export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { name: error.name, message: error.message };
  }
}
