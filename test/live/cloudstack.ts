import { createHmac } from "node:crypto";
import { GlobalSetting, ObjectStoragePool, S3SecondaryStorage, SecondaryStagingStore } from "pulumi-cloudstack-storage";
import type { Environment } from "./environment.ts";
import { send } from "./request.ts";
import type { LiveSystem, Step } from "./system.ts";

type Fields = Record<string, unknown>;
type Call = (command: string, parameters?: Readonly<Record<string, string>>) => Promise<Fields>;

const ways = {
  S3SecondaryStorage: "CLOUDSTACK_STORAGE_LIVE_STORE_ENDPOINT",
  SecondaryStagingStore: "CLOUDSTACK_STORAGE_LIVE_STAGING_ZONE_ID",
  ObjectStoragePool: "CLOUDSTACK_STORAGE_LIVE_POOL_URL",
  GlobalSetting: "CLOUDSTACK_STORAGE_LIVE_SETTING",
} as const;

/** What a cloud lets be made depends on what it is, so each kind is asked for by a variable of its own. */
export function liveCloudStack(env: Environment): LiveSystem {
  const call = signedCalls(env);
  const names = namesFor(env.prefix);
  const setting = env.optional(ways.GlobalSetting);
  const values = setting === undefined ? [] : threeValues(env, setting);
  const isTested = (kind: keyof typeof ways) => env.optional(ways[kind]) !== undefined;
  const kinds = (Object.keys(ways) as (keyof typeof ways)[]).filter(isTested);
  return {
    name: "CloudStack",
    kinds,
    leftOut: Object.entries(ways).flatMap(([kind, way]) =>
      env.optional(way) === undefined ? [`${kind}: set ${way}`] : [],
    ),
    // Both are there once: a second pool of one address is refused, and a setting is always there.
    stays: ["ObjectStoragePool", "GlobalSetting"],
    program: (step) => async () => declare(env, names(step), step === "first" ? values[0] : values[1]),
    expected: (step) => {
      const { store, pool, path } = names(step);
      const all = { S3SecondaryStorage: store, ObjectStoragePool: pool, SecondaryStagingStore: path.slice(1) };
      return Object.entries(all)
        .flatMap(([kind, name]) => (kinds.some((each) => each === kind) ? [name] : []))
        .sort();
    },
    objectsWith: (start) => objectsWith(call, start),
    drift: async () => await changeByHand(call, names("second"), setting, values[2]),
    surroundings: async () => (setting === undefined ? "" : await settingValue(call, setting)),
  };
}

function threeValues(env: Environment, setting: string): string[] {
  const values = env.get("CLOUDSTACK_STORAGE_LIVE_SETTING_VALUES").split(",");
  if (values.length === 3 && new Set(values).size === 3) return values;
  throw new Error(
    `CLOUDSTACK_STORAGE_LIVE_SETTING_VALUES must name three different values of ${setting}, with commas between.`,
  );
}

function declare(env: Environment, { store, bucket, pool, path }: Names, value = ""): void {
  const endpoint = env.optional(ways.S3SecondaryStorage);
  if (endpoint !== undefined) {
    const keys = { accessKeyId: `${env.prefix}-key`, secretAccessKey: `${env.prefix}-secret` };
    const place = { endpoint, useHttps: endpoint.startsWith("https:"), bucket, verifyBucket: false };
    // No new data goes to a store that only tests know.
    new S3SecondaryStorage("store", { storeName: store, ...place, ...keys, readOnly: true });
  }
  const zoneId = env.optional(ways.SecondaryStagingStore);
  if (zoneId !== undefined) new SecondaryStagingStore("staging", { zoneId, server: "nfs.invalid", path });
  const url = env.optional(ways.ObjectStoragePool);
  if (url !== undefined) new ObjectStoragePool("pool", { poolName: pool, url, ...poolOf(env) });
  const settingName = env.optional(ways.GlobalSetting);
  if (settingName !== undefined) new GlobalSetting("setting", { settingName, value, onDestroy: "restore" });
}

interface Names {
  readonly store: string;
  readonly bucket: string;
  readonly pool: string;
  readonly path: string;
}

/** A store and a pool change their names in place, a share its path by another store. */
function namesFor(prefix: string): (step: Step) => Names {
  return (step) => {
    const name = step === "moved" ? `${prefix}-moved` : prefix;
    const pool = step === "first" ? `${prefix}-pool` : `${prefix}-pool-two`;
    return { store: `${name}-store`, bucket: `${name}-bucket`, pool, path: `/${name}-staging` };
  };
}

function poolOf(env: Environment) {
  const accessKeyId = env.get("CLOUDSTACK_STORAGE_LIVE_POOL_ACCESS_KEY_ID");
  const secretAccessKey = env.get("CLOUDSTACK_STORAGE_LIVE_POOL_SECRET_ACCESS_KEY");
  return { providerName: "MinIO" as const, s3: { accessKeyId, secretAccessKey } };
}

async function objectsWith(call: Call, start: string): Promise<string[]> {
  const named = async (command: string, member: string, optional = false) => {
    const answer = await call(command).catch((error: unknown) => {
      // Releases before 4.19 have no pools.
      if (optional) return {} as Fields;
      throw error;
    });
    return ((answer[member] ?? []) as Fields[]).map(({ name }) => String(name));
  };
  const all = [
    ...(await named("listImageStores", "imagestore")),
    ...(await named("listObjectStoragePools", "objectstore", true)),
    ...(await named("listSecondaryStagingStores", "imagestore")).map((url) => url.slice(url.lastIndexOf("/") + 1)),
  ];
  return all.filter((name) => name.startsWith(start)).sort();
}

async function changeByHand(call: Call, names: Names, setting?: string, value = ""): Promise<number> {
  let changed = 0;
  const stores = ((await call("listImageStores"))["imagestore"] ?? []) as Fields[];
  for (const { id } of stores.filter(({ name }) => name === names.store)) {
    await call("updateImageStore", { id: String(id), readonly: "false" });
    changed += 1;
  }
  const pools = ((await call("listObjectStoragePools").catch(() => ({}) as Fields))["objectstore"] ?? []) as Fields[];
  for (const { id } of pools.filter(({ name }) => name === names.pool)) {
    await call("updateObjectStoragePool", { id: String(id), name: `${names.pool}-by-hand` });
    changed += 1;
  }
  if (setting === undefined) return changed;
  await call("updateConfiguration", { name: setting, value });
  return changed + 1;
}

async function settingValue(call: Call, setting: string): Promise<string> {
  const rows = ((await call("listConfigurations", { name: setting }))["configuration"] ?? []) as Fields[];
  return String(rows.find(({ name }) => name === setting)?.["value"] ?? "");
}

/** Signed as CloudStack's documentation says: all parameters but the signature, sorted, encoded and in lower case. */
function signedCalls(env: Environment): Call {
  const secretKey = env.get("CLOUDSTACK_SECRET_KEY");
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return async (command, more = {}) => {
    const parameters: Record<string, string> = {
      ...{ command, response: "json", apikey: env.get("CLOUDSTACK_API_KEY"), ...more },
    };
    const query = Object.keys(parameters)
      .sort()
      .map((name) => `${name}=${encoded(parameters[name] ?? "")}`)
      .join("&");
    const signature = createHmac("sha1", secretKey).update(query.toLowerCase()).digest("base64");
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = `${query}&signature=${encoded(signature)}`;
    const sent = { headers, body, ...env.authority("CLOUDSTACK") };
    const { status, text } = await send("POST", env.get("CLOUDSTACK_API_URL"), sent);
    if (status >= 300) throw new Error(`${command} of CloudStack: ${status}`);
    return Object.values(JSON.parse(text) as Record<string, Fields>)[0] ?? {};
  };
}
