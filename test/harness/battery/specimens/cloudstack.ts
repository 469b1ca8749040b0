import type { Arena } from "../arena.ts";
import type { Specimen } from "../specimen.ts";
import { owner, pair } from "./s3.ts";

const zoneId = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";
/** Comes with CloudStack, and is not downloaded before a secondary storage VM connects anew. */
const builtinTemplate = "9c3d70f5-6e18-4a2b-b8f1-d4025e7a6c93";
const systemTemplate = "22222222-0000-4000-8000-000000000001";

/** Whose objects they are nobody here knows. */
const neighbors = {
  imageStores: {
    "11111111-0000-4000-8000-000000000001": {
      name: "theirs",
      provider: "S3",
      url: "https://s3.example.test/theirs",
      readOnly: true,
    },
    "11111111-0000-4000-8000-000000000002": { name: "nfs://nfs.example.test/theirs", role: "ImageCache" },
  },
  objectPools: {
    "11111111-0000-4000-8000-000000000003": {
      name: "theirs",
      url: "http://theirs.example.test:9000",
      provider: "MinIO",
    },
  },
  settings: {
    "lab.count": { value: "5", initial: "5", type: "Number" },
    "lab.other": { value: "6", initial: "6", type: "Number" },
    "lab.of.zone": { value: "5", initial: "5", type: "Number", scope: "Zone" },
    "lab.other.of.zone": { value: "6", initial: "6", type: "Number", scope: "Zone" },
    "secstorage.allowed.internal.sites": "10.0.0.0/8",
  },
};

const seed = async (arena: Arena) => {
  await arena.control.patch("cloudstack", neighbors);
  await arena.control.patch("cloudian", owner);
};

export const s3SecondaryStorage: Specimen = {
  kind: "S3SecondaryStorage",
  seed,
  derivable: "storeName",
  inputs: (arena) => ({
    storeName: "main",
    endpoint: arena.lab.addresses.cloudian.s3Endpoint,
    bucket: "theirs",
    ...pair,
    useHttps: false,
    s3Signer: "v4",
    maxErrorRetry: 3,
    readOnly: true,
  }),
  updates: [
    { aspect: "readOnly", inputs: { readOnly: false } },
    { aspect: "storeName", inputs: { storeName: "renamed" } },
    { aspect: "onDestroy", inputs: { onDestroy: "readOnly" } },
    { aspect: "unmanaged", inputs: { readOnly: undefined } },
  ],
  replacement: { aspect: "maxErrorRetry", inputs: { storeName: "successor", maxErrorRetry: 4 } },
  shown: {},
  byHand: [
    { input: "readOnly", change: (arena) => patchStore(arena, "main", { readOnly: false }) },
    { input: "storeName", change: (arena) => patchStore(arena, "main", { name: "by hand" }) },
  ],
  removeByHand: (arena) => patchStore(arena, "main", { removed: true }),
};

/** Needs a staging store, and waits for the templates of the cloud, which are shown twice before they are there. */
export const storageWithTemplates: Specimen = {
  kind: "S3SecondaryStorage",
  variant: "with templates",
  seed: async (arena) => {
    await seed(arena);
    await arena.control.patch("cloudstack", {
      options: { downloadSeconds: 0, downloadPolls: 2 },
      templates: { [builtinTemplate]: null, [systemTemplate]: { name: "SystemVM Template (VMware)", type: "SYSTEM" } },
    });
  },
  derivable: "storeName",
  inputs: (arena) => ({
    storeName: "main",
    endpoint: arena.lab.addresses.cloudian.s3Endpoint,
    bucket: "theirs",
    ...pair,
    useHttps: false,
    requireStagingStores: true,
    waitForTemplates: { set: "system", timeoutMinutes: 0.2 },
  }),
  updates: [{ aspect: "waitForTemplates", inputs: { waitForTemplates: { set: "all", timeoutMinutes: 0.2 } } }],
  replacement: { aspect: "maxErrorRetry", inputs: { storeName: "successor", maxErrorRetry: 4 } },
  shown: {},
  byHand: [],
  removeByHand: (arena) => patchStore(arena, "main", { removed: true }),
};

export const secondaryStagingStore: Specimen = {
  kind: "SecondaryStagingStore",
  seed,
  inputs: () => ({ zoneId, server: "nfs.example.test", path: "/export/one" }),
  updates: [{ aspect: "adopt", inputs: { adopt: true } }],
  replacement: { aspect: "path", inputs: { path: "/export/two" } },
  shown: {},
  byHand: [],
  removeByHand: (arena) => patchStore(arena, "nfs://nfs.example.test/export/one", { removed: true }),
};

export const globalSetting: Specimen = {
  kind: "GlobalSetting",
  variant: "value",
  seed,
  inputs: () => ({ settingName: "lab.count", value: "7" }),
  updates: [
    { aspect: "value", inputs: { value: "8" } },
    { aspect: "onDestroy", inputs: { onDestroy: "restore" } },
  ],
  replacement: { aspect: "settingName", inputs: { settingName: "lab.other" } },
  shown: { cloudstack: { settings: { "lab.count": { value: "7" } } } },
  byHand: [
    { input: "value", change: (arena) => arena.control.patch("cloudstack", { settings: { "lab.count": "9" } }) },
  ],
};

export const scopedSetting: Specimen = {
  kind: "GlobalSetting",
  variant: "of a zone",
  seed,
  inputs: () => ({ settingName: "lab.of.zone", scope: { type: "zone", id: zoneId }, value: "7" }),
  updates: [
    { aspect: "value", inputs: { value: "8" } },
    { aspect: "onDestroy", inputs: { onDestroy: "restore" } },
  ],
  replacement: { aspect: "settingName", inputs: { settingName: "lab.other.of.zone" } },
  shown: { cloudstack: { settings: { "lab.of.zone": { value: "5", scoped: [["Zone/<uuid>", "7"]] } } } },
  byHand: [
    {
      input: "value",
      change: (arena) =>
        arena.control.patch("cloudstack", { settings: { "lab.of.zone": { scoped: { [`Zone/${zoneId}`]: "9" } } } }),
    },
  ],
};

/** Not beside a pool of a HyperStore, and for releases that have it only. */
export const connectorSetting: Specimen = {
  kind: "GlobalSetting",
  variant: "connector",
  seed,
  inputs: () => ({ settingName: "cloudian.connector.enabled", value: "true" }),
  updates: [{ aspect: "value", inputs: { value: "false" } }],
  replacement: { aspect: "settingName", inputs: { settingName: "cloudian.validate.ssl", value: "false" } },
  shown: { cloudstack: { settings: { "cloudian.connector.enabled": { value: "true" } } } },
  byHand: [],
};

export const memberSetting: Specimen = {
  kind: "GlobalSetting",
  variant: "members",
  seed,
  inputs: () => ({ settingName: "secstorage.allowed.internal.sites", members: ["10.1.0.0/16", "10.2.0.0/16"] }),
  updates: [{ aspect: "members", inputs: { members: ["10.2.0.0/16", "10.3.0.0/16"] } }],
  shown: {},
  byHand: [
    {
      input: "members",
      change: (arena) =>
        arena.control.patch("cloudstack", { settings: { "secstorage.allowed.internal.sites": "10.0.0.0/8" } }),
    },
  ],
};

export const objectStoragePool: Specimen = {
  kind: "ObjectStoragePool",
  seed,
  derivable: "poolName",
  inputs: () => ({
    poolName: "pool",
    url: "https://pool.example.test:9000",
    providerName: "MinIO",
    s3: { accessKeyId: "pool-key", secretAccessKey: "Canary-secret-of-pool" },
  }),
  updates: [
    { aspect: "poolName", inputs: { poolName: "renamed" } },
    { aspect: "url", inputs: { url: "https://other.example.test:9000" } },
    { aspect: "adopt", inputs: { adopt: true } },
  ],
  shown: {},
  byHand: [],
};

/** Not beside the connector. */
export const hyperStorePool: Specimen = {
  kind: "ObjectStoragePool",
  variant: "Cloudian HyperStore",
  seed,
  derivable: "poolName",
  inputs: ({ lab }) => ({
    poolName: "pool",
    url: "https://admin.example.test:19443",
    providerName: "Cloudian HyperStore",
    cloudian: {
      username: lab.addresses.cloudian.username,
      password: lab.addresses.cloudian.password,
      s3Url: "https://s3.example.test",
      iamUrl: "https://iam.example.test:16443",
      validateSsl: true,
    },
  }),
  updates: [{ aspect: "poolName", inputs: { poolName: "renamed" } }],
  shown: {},
  byHand: [],
};

async function patchStore(arena: Arena, name: string, document: object): Promise<void> {
  const { imageStores } = (await arena.control.state()).cloudstack;
  const ids = Object.entries(imageStores).flatMap(([id, store]) => (store.name === name && !store.removed ? [id] : []));
  await arena.control.patch("cloudstack", { imageStores: Object.fromEntries(ids.map((id) => [id, document])) });
}
