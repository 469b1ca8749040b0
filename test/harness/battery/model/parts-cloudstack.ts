import type { LabState } from "../../lab.ts";
import { pair } from "../specimens/s3.ts";
import type { HandPatch, Part, Values } from "./part.ts";

/** What was there before anybody ran a program. */
const seeded = "11111111-";
const zoneId = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";

export const store: Part = {
  name: "store",
  kind: "S3SecondaryStorage",
  derives: "storeName",
  given: (arena) => ({
    endpoint: arena.lab.addresses.cloudian.s3Endpoint,
    bucket: "theirs",
    useHttps: false,
    ...pair,
  }),
  aspects: {
    readOnly: { values: [true, false], byHand: [true, false], initial: false },
    maxErrorRetry: { values: [3, 4], byHand: [], isRequired: true, replaces: true },
  },
  live: (state) =>
    storesOf(state, "Image").map(([, { readOnly, details }]) => ({
      readOnly,
      maxErrorRetry: Number(details["maxerrorretry"]),
    })),
  changeByHand: (state, _name, _aspect, readOnly) => storePatch(state, "Image", { readOnly }),
  removeByHand: (state) => storePatch(state, "Image", { removed: true }),
};

export const staging: Part = {
  name: "staging",
  kind: "SecondaryStagingStore",
  given: () => ({ zoneId, server: "nfs.example.test", path: "/export/one" }),
  aspects: {},
  live: (state) => storesOf(state, "ImageCache").map(() => ({})),
  changeByHand: (state) => storePatch(state, "ImageCache", {}),
  removeByHand: (state) => storePatch(state, "ImageCache", { removed: true }),
};

export const pool: Part = {
  name: "pool",
  kind: "ObjectStoragePool",
  derives: "poolName",
  given: () => ({ providerName: "MinIO", s3: { accessKeyId: "pool-key", secretAccessKey: "Canary-secret-of-pool" } }),
  aspects: {
    url: {
      values: ["https://pool.example.test:9000", "https://other.example.test:9000"],
      byHand: ["https://hand.example.test:9000"],
      isRequired: true,
    },
  },
  live: (state) => poolsOf(state).map(([, { url }]) => ({ url })),
  changeByHand: (state, _name, _aspect, url) => ({
    system: "cloudstack",
    patch: { objectPools: Object.fromEntries(poolsOf(state).map(([id]) => [id, { url }])) },
  }),
  removeByHand: (state) => ({
    system: "cloudstack",
    patch: { objectPools: Object.fromEntries(poolsOf(state).map(([id]) => [id, null])) },
  }),
};

export const valueSetting: Part = {
  name: "count",
  kind: "GlobalSetting",
  given: () => ({ settingName: "lab.count" }),
  aspects: { value: { values: ["7", "8"], byHand: ["9"], isRequired: true } },
  live: (state) => [{ value: settingOf(state, "lab.count") }],
  changeByHand: (_state, _name, _aspect, value) => settingPatch("lab.count", value),
  alwaysThere: [{ value: "5" }],
};

const listName = "secstorage.allowed.internal.sites";
const members = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"];

/** A list that the program shares with others, whose members are an aspect that it never declares. */
export const memberSetting: Part = {
  name: "sites",
  kind: "GlobalSetting",
  given: () => ({ settingName: listName }),
  aspects: {
    members: {
      values: [members.slice(0, 1), members.slice(0, 2), members.slice(1), members.slice(2)],
      byHand: [[]],
      isRequired: true,
      shared: true,
    },
    others: { values: [], byHand: [["10.0.0.0/8"], ["192.0.2.0/24"], ["10.0.0.0/8", "198.51.100.0/24"]] },
  },
  live: (state) => [splitMembers(state)],
  changeByHand: (state, _name, aspect, value) => {
    const { members: ours, others } = { ...splitMembers(state), ...Object.fromEntries([[aspect, value as string[]]]) };
    return settingPatch(listName, [...others, ...ours].join(","));
  },
  alwaysThere: [{ members: [] }],
};

function splitMembers(state: LabState): { members: string[]; others: string[] } {
  const all = `${settingOf(state, listName) ?? ""}`.split(",").filter((member) => member !== "");
  return {
    members: all.filter((member) => members.includes(member)).sort(),
    others: all.filter((member) => !members.includes(member)),
  };
}

function storesOf({ cloudstack }: LabState, role: "Image" | "ImageCache") {
  return Object.entries(cloudstack.imageStores).filter(
    ([id, each]) => each.role === role && !each.removed && !id.startsWith(seeded),
  );
}

function storePatch(state: LabState, role: "Image" | "ImageCache", change: Values): HandPatch {
  const ids = storesOf(state, role).map(([id]) => [id, change]);
  return { system: "cloudstack", patch: { imageStores: Object.fromEntries(ids) } };
}

function poolsOf({ cloudstack }: LabState): [string, Values][] {
  const pools = Object.entries(cloudstack["objectPools"] ?? {}) as [string, Values][];
  return pools.filter(([id]) => !id.startsWith(seeded));
}

function settingOf({ cloudstack }: LabState, name: string): unknown {
  return (cloudstack["settings"]?.[name] as { value?: unknown } | undefined)?.value;
}

function settingPatch(name: string, value: unknown): HandPatch {
  return { system: "cloudstack", patch: { settings: { [name]: value } } };
}
