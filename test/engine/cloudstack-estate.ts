import {
  GlobalSetting,
  type GlobalSettingArgs,
  ObjectStoragePool,
  type ObjectStoragePoolArgs,
  S3SecondaryStorage,
  type S3SecondaryStorageArgs,
  SecondaryStagingStore,
  type SecondaryStagingStoreArgs,
} from "pulumi-cloudstack-storage";
import type { TestStack } from "../harness/stack.ts";
import { liveCloud, zoneOne } from "./cloudstack-live.ts";

/** A zone that the tests add. It takes no new workload, so that nothing has to be ready in it. */
export const zoneTwo = "77a1c5de-3b60-4f1c-8f0e-2d9b4a6c8e10";

type StoreArgs = Partial<S3SecondaryStorageArgs>;

interface Estate {
  readonly stores: Readonly<Record<string, StoreArgs>>;
  readonly staging: Readonly<Record<string, SecondaryStagingStoreArgs>>;
  readonly settings: Readonly<Record<string, GlobalSettingArgs>>;
  readonly pools: Readonly<Record<string, ObjectStoragePoolArgs>>;
}

/** Nobody looks for this bucket: these stores are about what CloudStack is told. */
const required: S3SecondaryStorageArgs = {
  endpoint: "https://s3.example.test",
  bucket: "secondary",
  accessKeyId: "access-1",
  secretAccessKey: "secret-of-access-1",
  verifyBucket: false,
};
const share = { zoneId: zoneOne, server: "nfs.example.test" };
const ofMinio = { providerName: "MinIO", s3: { accessKeyId: "pool-key", secretAccessKey: "secret-of-pool" } } as const;
const ofHyperstore = {
  providerName: "Cloudian HyperStore",
  url: "https://admin.example.test:19443",
  cloudian: {
    username: "sysadmin",
    password: "public",
    s3Url: "https://hyperstore.example.test",
    iamUrl: "https://iam.example.test:16443",
    validateSsl: true,
  },
} as const;
const inZone = { settingName: "pool.storage.capacity.disablethreshold", scope: { type: "zone", id: zoneOne } } as const;
const sites = "secstorage.allowed.internal.sites";

/** Each object manages one property beside those that are required, so that a change of it alone shows what happens. */
export const first: Estate = {
  stores: {
    named: { storeName: "named-1" },
    writable: { storeName: "writable", readOnly: true },
    endpoint: {},
    bucket: {},
    keys: {},
    clear: {},
    signer: { s3Signer: "v4" },
    connection: { connectionTimeoutMs: 1000 },
    socket: { socketTimeoutMs: 2000 },
    retry: { maxErrorRetry: 3 },
    life: { connectionTtlMs: 4000 },
    alive: { useTcpKeepAlive: true },
    switches: { storeName: "switches" },
    kept: { storeName: "kept", onDestroy: "readOnly" },
  },
  staging: {
    path: { ...share, path: "/export/one" },
    server: { ...share, path: "/export/two" },
    zone: { ...share, path: "/export/three" },
    "staging-switch": { ...share, path: "/export/four/" },
  },
  settings: {
    text: { settingName: "secstorage.ssl.cert.domain", value: "one.example.test" },
    flag: { settingName: "secstorage.encrypt.copy", value: true },
    number: { settingName: "secstorage.session.max", value: 40 },
    members: { settingName: sites, members: ["10.2.0.0/16", "10.1.0.0/16"] },
    scoped: { ...inZone, value: 0.5 },
    "setting-switch": { settingName: "max.ssvm.count", value: 7 },
    "setting-name": { settingName: "api.throttling.max", value: 30 },
  },
  pools: {
    "pool-name": { poolName: "pool-1", url: "https://one.example.test:9000", ...ofMinio },
    "pool-url": { poolName: "pool-url", url: "https://two.example.test:9000", ...ofMinio },
    "pool-switch": { poolName: "pool-switch", url: "https://three.example.test:443", ...ofMinio, providerName: "Ceph" },
    "pool-derived": ofHyperstore,
  },
};

export const second: Estate = {
  stores: {
    named: { storeName: "named-2" },
    writable: { storeName: "writable", readOnly: false },
    endpoint: { endpoint: "https://other.example.test:8443" },
    bucket: { bucket: "tertiary" },
    keys: { accessKeyId: "access-2", secretAccessKey: "secret-of-access-2" },
    clear: { endpoint: "http://s3.example.test", useHttps: false },
    signer: { s3Signer: "v2" },
    connection: { connectionTimeoutMs: 1001 },
    socket: { socketTimeoutMs: 2001 },
    retry: { maxErrorRetry: 0 },
    life: { connectionTtlMs: 4001 },
    alive: { useTcpKeepAlive: false },
    switches: {
      storeName: "switches",
      verifyBucket: true,
      requireStagingStores: true,
      onDestroy: "readOnly",
      adopt: true,
    },
    kept: { storeName: "kept", onDestroy: "readOnly" },
  },
  staging: {
    path: { ...share, path: "/export/one-b" },
    server: { ...share, server: "[2001:db8::1]", path: "/export/two" },
    zone: { ...share, zoneId: zoneTwo, path: "/export/three-b" },
    "staging-switch": { ...share, path: "/export/four", adopt: true },
  },
  settings: {
    text: { settingName: "secstorage.ssl.cert.domain", value: "" },
    flag: { settingName: "secstorage.encrypt.copy", value: "false" },
    number: { settingName: "secstorage.session.max", value: "41" },
    members: { settingName: sites, members: ["10.1.0.0/16", "10.3.0.0/16"] },
    scoped: { ...inZone, value: 0.6 },
    "setting-switch": { settingName: "max.ssvm.count", value: " 7 ", onDestroy: "restore" },
    "setting-name": { settingName: "api.throttling.interval", value: 30 },
  },
  pools: {
    "pool-name": { poolName: "pool-2", url: "https://one.example.test:9000", ...ofMinio },
    "pool-url": { poolName: "pool-url", url: "https://two-b.example.test:9000", ...ofMinio },
    "pool-switch": {
      poolName: "pool-switch",
      url: "https://three.example.test",
      ...ofMinio,
      providerName: "Ceph",
      adopt: true,
    },
    "pool-derived": ofHyperstore,
  },
};

const { endpoint, bucket, keys, clear, kept } = second.stores;
/** What a program may leave out is left out. */
export const unmanaged: Estate = {
  ...second,
  stores: {
    ...Object.fromEntries(Object.keys(second.stores).map((name) => [name, {}])),
    ...({ endpoint, bucket, keys, clear, kept } as Record<string, StoreArgs>),
  },
  settings: { ...second.settings, "setting-switch": { settingName: "max.ssvm.count", value: 7 } },
};

export function programOf({ stores, staging, settings, pools }: Estate) {
  return async () => {
    const dependsOn = Object.entries(staging).map(([name, args]) => new SecondaryStagingStore(name, args));
    for (const [name, args] of Object.entries(stores))
      new S3SecondaryStorage(name, { ...required, ...args }, { dependsOn });
    for (const [name, args] of Object.entries(settings)) new GlobalSetting(name, args);
    for (const [name, args] of Object.entries(pools)) new ObjectStoragePool(name, args);
  };
}

/** Somebody marks every store read-only and sizes every pool, which no resource here manages but one. */
export async function setByHand(stack: TestStack): Promise<void> {
  const { stores, pools } = await liveCloud(stack);
  const unmanagedStores = Object.entries(stores).filter(([name]) => name !== "writable");
  await stack.lab.patch("cloudstack", {
    imageStores: Object.fromEntries(unmanagedStores.map(([, { id }]) => [id, { readOnly: true }])),
    objectPools: Object.fromEntries(Object.values(pools).map(({ id }) => [id, { sizeGib: 77 }])),
  });
}

/** Changes what each object manages as far as it can be changed back, and deletes one of each kind. */
export async function drift(stack: TestStack): Promise<void> {
  const { stores, pools } = await liveCloud(stack);
  const shareByHand = "nfs://nfs.example.test/by/hand";
  const changedStores: Record<string, object> = {
    "named-2": { name: "by hand" },
    writable: { readOnly: true },
    life: { name: "derived, by hand" },
    keys: { removed: true },
    "nfs://nfs.example.test/export/one-b": { name: shareByHand, url: shareByHand },
    "nfs://nfs.example.test/export/four": { removed: true },
  };
  const changedPools: Record<string, object | null> = {
    "pool-2": { name: "by hand" },
    "pool-url": { url: "https://hand.example.test:9000" },
    "pool-derived": { name: "derived, by hand" },
    "pool-switch": null,
  };
  const byId = (changes: Record<string, object | null>, live: Record<string, { id: string }>) =>
    Object.fromEntries(Object.entries(changes).map(([name, change]) => [live[name]?.id, change]));
  await stack.lab.patch("cloudstack", {
    imageStores: byId(changedStores, stores),
    objectPools: byId(changedPools, pools),
    settings: {
      "secstorage.ssl.cert.domain": "hand.example.test",
      "secstorage.encrypt.copy": "true",
      "secstorage.session.max": "99",
      [sites]: "192.0.2.0/24, 10.3.0.0/16,198.51.100.0/24",
      [inZone.settingName]: { scoped: { [`Zone/${zoneOne}`]: "0.9" } },
      "max.ssvm.count": "8",
      "api.throttling.interval": { value: null },
    },
  });
}
