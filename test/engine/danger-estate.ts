import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import {
  CloudianGroup,
  CloudianUser,
  EcsBucket,
  EcsObjectUser,
  GlobalSetting,
  ObjectStoragePool,
  S3Bucket,
  S3SecondaryStorage,
  SecondaryStagingStore,
} from "pulumi-cloudstack-storage";
import type { LabAddresses } from "../../lab/index.ts";
import type { LabState } from "../harness/lab.ts";
import type { TestStack } from "../harness/stack.ts";

/** How a program comes by the name of an object: not at all, by itself, or with leave to take over what has it. */
export const forms = ["derived", "explicit", "adopting"] as const;

/** By logical name without its prefix, such as `EcsBucket-derived`. */
type OptionsOf = (name: string) => CustomResourceOptions | undefined;
type Namer = (name: string) => string;

export const settingName = "secstorage.session.max";
export const membersName = "secstorage.allowed.internal.sites";

/** A hand-made tenant on each array, who owns the buckets. */
const byHand = {
  group: "home",
  user: "tenant",
  accessKeyId: "0123456789abcdef0001",
  secretAccessKey: "Key0By1Hand2Of3Tenant4abcdefghijklmnopqr",
} as const;

/** The group of HyperStore's own administrators. */
const ofSystem = "0";

/** What each resource of the estate is called, by its kind. */
export const estateNames = {
  CloudianGroup: forms,
  CloudianUser: forms,
  EcsObjectUser: forms,
  EcsBucket: forms,
  S3Bucket: forms,
  S3SecondaryStorage: forms,
  ObjectStoragePool: forms,
  // Where a share is is its name, and a setting is always there.
  SecondaryStagingStore: ["explicit", "adopting"],
  GlobalSetting: ["explicit", "members"],
} as const;

type Kind = keyof typeof estateNames;

export function urnsOf(stack: TestStack): string[] {
  return Object.entries(estateNames).flatMap(([kind, names]) =>
    names.map((name) => stack.urn(kind as Kind, `${kind}-${name}`)),
  );
}

export const estateSize = Object.values(estateNames).flat().length;

/** Every kind under names of every form, each of which would go with all that it holds if it were deleted. */
export function estate(
  { cloudian, cloudstack }: LabAddresses,
  named: Namer = (name) => name,
  optionsOf: OptionsOf = () => undefined,
): PulumiFn {
  return async () => {
    const at = (kind: Kind, form: string) => [named(`${kind}-${form}`), optionsOf(`${kind}-${form}`)] as const;
    const keys = { accessKeyId: byHand.accessKeyId, secretAccessKey: byHand.secretAccessKey };
    for (const form of forms) {
      const name = `the-${form}-one`;
      const leave = form === "adopting" ? { adopt: true } : {};
      const under = (property: string) => ({ ...(form === "derived" ? {} : { [property]: name }), ...leave });
      const make = <Args>(
        kind: Kind,
        Class: new (name: string, args: Args, options?: CustomResourceOptions) => unknown,
        args: Args,
      ) => new Class(at(kind, form)[0], args, at(kind, form)[1]);
      make("CloudianGroup", CloudianGroup, { ...under("groupId"), groupName: name, forceDestroy: true });
      make("CloudianUser", CloudianUser, { groupId: byHand.group, ...under("userId") });
      make("EcsObjectUser", EcsObjectUser, { ...under("userName"), tags: { form } });
      make("EcsBucket", EcsBucket, { owner: byHand.user, ...under("bucketName"), quotaGiB: 5, forceDestroy: true });
      const s3 = { endpoint: cloudian.s3Endpoint, ...keys };
      make("S3Bucket", S3Bucket, { ...s3, ...under("bucketName"), versioning: true, forceDestroy: true });
      const store = { endpoint: "https://s3.example.test", bucket: name, ...keys, verifyBucket: false };
      make("S3SecondaryStorage", S3SecondaryStorage, { ...store, ...under("storeName") });
      const pool = { providerName: "MinIO", url: `https://${form}.example.test:9000`, s3: keys } as const;
      make("ObjectStoragePool", ObjectStoragePool, { ...pool, ...under("poolName") });
      const share = { zoneId: cloudstack.zoneId, server: "nfs.example.test", path: `/${form}`, ...leave };
      if (form !== "derived") make("SecondaryStagingStore", SecondaryStagingStore, share);
    }
    const [value, options] = at("GlobalSetting", "explicit");
    new GlobalSetting(value, { settingName, value: 40, onDestroy: "reset" }, options);
    const [members, more] = at("GlobalSetting", "members");
    new GlobalSetting(members, { settingName: membersName, members: ["10.1.0.0/16"] }, more);
  };
}

/** What the estate stands on, made by hand; another member of the list is not the program's either. */
export async function prepare(stack: TestStack): Promise<void> {
  const { group: groupId, user: userId, accessKeyId, secretAccessKey: secretKey } = byHand;
  await stack.lab.patch("cloudian", {
    groups: { [groupId]: {} },
    users: { [`${groupId}/${userId}`]: {} },
    credentials: { [accessKeyId]: { groupId, userId, secretKey } },
  });
  await stack.lab.patch("ecs", { users: { [`ns1/${userId}`]: { keys: [secretKey] } } });
  await stack.lab.patch("cloudstack", {
    settings: { [membersName]: "192.0.2.0/24" },
    // What is reported later is not what this is about.
    options: { statisticsSeconds: 0 },
  });
}

/**
 * Puts a user into every group, gives every user that holds none a bucket on its array, and puts data into every bucket,
 * a template onto every store and a bucket into every pool.
 */
export async function fill(stack: TestStack): Promise<void> {
  const { cloudian, cloudstack } = await stack.lab.state();
  const members = Object.keys(cloudian.groups).filter((groupId) => ![byHand.group, ofSystem].includes(groupId));
  await stack.lab.patch("cloudian", { users: all(members.map((groupId) => `${groupId}/member`)) });
  await fillCloudian(stack);
  await fillEcs(stack);
  await stack.lab.patch("cloudstack", {
    templates: all(Object.keys(cloudstack.imageStores), "template-on-", (id) => ({
      type: "USER",
      stores: { [id]: {} },
    })),
    buckets: all(Object.keys(cloudstack["objectPools"] ?? {}), "bucket-in-", (id) => ({ poolId: id })),
  });
}

const objects = { "invoices/2026.pdf": "what must not be lost" };

async function fillCloudian(stack: TestStack): Promise<void> {
  const { users, buckets } = (await stack.lab.state()).cloudian;
  const ours = Object.keys(users).filter((user) => !user.startsWith(`${ofSystem}/`));
  const without = ours.filter((user) => (buckets[user] ?? []).length === 0);
  await stack.lab.patch("cloudian", {
    buckets: all(without, "", (_user, index) => [{ bucketName: `data-${index}` }]),
  });
  const { s3Buckets } = (await stack.lab.state()).cloudian;
  await stack.lab.patch("cloudian", { s3Buckets: all(Object.keys(s3Buckets), "", () => ({ objects })) });
}

async function fillEcs(stack: TestStack): Promise<void> {
  const { users, buckets } = (await stack.lab.state()).ecs;
  const owners = Object.values(buckets).map(({ owner }) => `ns1/${owner}`);
  const without = Object.keys(users).filter((user) => !owners.includes(user));
  const made = without.map((user, index) => [`ns1/data-${index}`, { owner: user.replace("ns1/", ""), objects }]);
  await stack.lab.patch("ecs", {
    buckets: { ...all(Object.keys(buckets), "", () => ({ objects })), ...Object.fromEntries(made) },
  });
}

function all(
  names: readonly string[],
  prefix = "",
  document: (name: string, index: number) => object = () => ({}),
): Record<string, object> {
  return Object.fromEntries(names.map((name, index) => [`${prefix}${name}`, document(name, index)]));
}

/** Everything that the systems hold of the estate: objects in buckets, keys, limits, stores, templates, values of settings. */
export async function held(stack: TestStack): Promise<object> {
  const { cloudian, ecs, cloudstack } = await stack.lab.state();
  return {
    ...pick(cloudian, ["groups", "users", "credentials", "limits", "buckets", "s3Buckets"]),
    ecs: pick(ecs, ["users", "buckets"]),
    cloudstack: {
      ...pick(cloudstack, ["imageStores", "objectPools", "buckets", "settings"]),
      templates: templatesByHand(cloudstack),
    },
  };
}

/** Those that come with CloudStack are downloaded all the while. */
function templatesByHand({ templates = {} }: LabState["cloudstack"]): object {
  return Object.fromEntries(
    Object.entries(templates).filter(([, template]) => (template as { type: string }).type === "USER"),
  );
}

/** Requests that take something away, whatever the system answered. */
export async function deletionsOf(stack: TestStack): Promise<string[]> {
  return (await stack.requests()).flatMap(({ system, method, path, query, body, destructive }) => {
    const command = String(query["command"] ?? body?.["command"] ?? "");
    const takesAway = method === "DELETE" || "delete" in query || /^(delete|reset|remove)/.test(command);
    return takesAway || destructive ? [`${system} ${method} ${path} ${command}`.trim()] : [];
  });
}

/** How many objects the buckets of both arrays hold, templates the stores and buckets the pools. */
export function contentsIn({
  cloudian,
  ecs,
  cloudstack,
}: LabState): Record<"objects" | "templates" | "pooled", number> {
  const buckets = [...Object.values(ecs.buckets), ...Object.values(cloudian.s3Buckets)];
  return {
    objects: buckets.reduce((sum, bucket) => sum + ((bucket["counts"] as { objects: number }).objects ?? 0), 0),
    templates: Object.keys(templatesByHand(cloudstack)).length,
    pooled: Object.keys(cloudstack["buckets"] ?? {}).length,
  };
}

function pick<T extends object, K extends keyof T>(values: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, values[key]])) as Pick<T, K>;
}
