import { CloudStackClient } from "../../cloudstack/client.ts";
import type { Configuration } from "../../cloudstack/configurations.ts";
import type { ImageStore } from "../../cloudstack/image-stores.ts";
import { membersIn } from "../../cloudstack/members.ts";
import type { Pool } from "../../cloudstack/pools.ts";
import { holdsSecret } from "../../cloudstack/secret-settings.ts";
import { isUnreadable } from "../../cloudstack/setting-writes.ts";
import type { StagingStore } from "../../cloudstack/staging-stores.ts";
import { placeOf } from "../../cloudstack/store-details.ts";
import type { Settings } from "../../core/settings.ts";
import type { Values } from "../../core/values.ts";
import { fewAtOnce } from "./few-at-once.ts";
import { type Found, FromConfig, leftAlone } from "./found.ts";
import { inspect } from "./inspection.ts";

type Wanted = (name: string) => boolean;

/** The release that brought object storage pools. */
const poolsSince = "4.19";

/** The one setting around secondary storage that is a list which several hands write. */
const listSetting = "secstorage.allowed.internal.sites";

const keysFromConfig = {
  accessKeyId: new FromConfig("accessKeyId", "text"),
  secretAccessKey: new FromConfig("secretAccessKey", "secret"),
};

/** What no call returns of a pool, by its provider. */
const poolDetails: Readonly<Record<string, Values>> = {
  ECS: {
    ecs: {
      managementUrl: new FromConfig("managementUrl", "text"),
      username: new FromConfig("username", "text"),
      password: new FromConfig("password", "secret"),
    },
  },
  "Cloudian HyperStore": {
    cloudian: {
      username: new FromConfig("username", "text"),
      password: new FromConfig("password", "secret"),
      s3Url: new FromConfig("s3Url", "text"),
      iamUrl: new FromConfig("iamUrl", "text"),
      validateSsl: new FromConfig("validateSsl", "boolean"),
    },
  },
  MinIO: { s3: keysFromConfig },
  Ceph: { s3: keysFromConfig },
};

/** Secondary storage, staging stores, object storage pools, and the settings around them. */
export async function cloudStackEstate(
  settings: Settings,
  settingNames: readonly string[],
  wanted: Wanted,
): Promise<Found[]> {
  const { api, imageStores, stagingStores, pools, configurations } = CloudStackClient.of(settings);
  const stores = (await imageStores.list()).filter(({ name }) => wanted(name));
  const staging = (await stagingStores.known()).filter(({ url }) => wanted(url));
  const hasPools = (await api.release()).isAtLeast(poolsSince);
  const listed = hasPools ? (await pools.list()).filter(({ name }) => wanted(name)) : [];
  const all = await configurations.list();
  const values = all.filter((each) => settingNames.includes(each.name) || (isOfInterest(each) && wanted(each.name)));
  const missing = [...new Set(settingNames)].filter((name) => !all.some((each) => each.name === name));
  const looks = [
    ...stores.map((store) => () => storeOf(settings, store)),
    ...staging.map((store) => () => stagingOf(settings, store)),
    ...listed.map((pool) => () => poolOf(settings, pool)),
    ...values.map((setting) => () => settingOf(settings, setting)),
  ];
  return [
    ...(await fewAtOnce(settings, looks, (look) => look())),
    ...missing.map((name) =>
      leftAlone("GlobalSetting", name, "CloudStack lists no such setting: it is misspelled, or of the category Hidden"),
    ),
  ];
}

async function storeOf(settings: Settings, store: ImageStore): Promise<Found> {
  const { id, name, providerName } = store;
  if (providerName !== "S3")
    return leftAlone(
      "S3SecondaryStorage",
      name,
      `it is secondary storage of the provider ${providerName}, which no kind manages`,
    );
  const place = placeOf(store, {});
  const unseen = (["endpoint", "bucket"] as const).filter((key) => place[key] === undefined);
  const instead = {
    ...keysFromConfig,
    ...Object.fromEntries(unseen.map((key) => [key, new FromConfig(key, key === "endpoint" ? "url" : "text")])),
  };
  return await inspect(settings, { kind: "S3SecondaryStorage", name, stem: name, id, instead });
}

async function stagingOf(settings: Settings, { id, url }: StagingStore): Promise<Found> {
  const stem = `staging-${url.replace(/^nfs:\/\//i, "")}`;
  return await inspect(settings, { kind: "SecondaryStagingStore", name: url, stem, id });
}

async function poolOf(settings: Settings, { id, name, providerName }: Pool): Promise<Found> {
  const instead = poolDetails[providerName];
  if (instead)
    return await inspect(settings, { kind: "ObjectStoragePool", name, stem: name, id, instead, unreadable: [] });
  return leftAlone("ObjectStoragePool", name, `no kind manages pools of the provider ${providerName}`);
}

/** Around secondary storage and the connector, what somebody has changed, or may have: older releases tell no defaults. */
function isOfInterest({ name, value, initial }: Configuration): boolean {
  return (name.startsWith("cloudian.") || name === listSetting) && value !== "" && value !== initial;
}

async function settingOf(settings: Settings, { name, value, category }: Configuration): Promise<Found> {
  if (isUnreadable(category))
    return leftAlone("GlobalSetting", name, `CloudStack returns its value in no readable form (category ${category})`);
  const subject = { kind: "GlobalSetting", name, stem: name, id: name, unreadable: [] };
  const recorded = { previousValue: value, __untouched: true };
  if (name === listSetting) {
    const members = membersIn(value);
    return await inspect(settings, {
      ...subject,
      known: { members, onDestroy: "restore" },
      unmanaged: ["value"],
      recorded: { ...recorded, addedMembers: [] },
    });
  }
  if (holdsSecret(name))
    return await inspect(settings, {
      ...subject,
      known: { value },
      recorded,
      instead: { value: new FromConfig("value", "secret") },
    });
  return await inspect(settings, { ...subject, known: { value, onDestroy: "restore" }, recorded });
}
