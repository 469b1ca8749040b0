import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { settingHandler } from "../../provider/cloudstack/global-setting.handler.ts";
import { poolHandler } from "../../provider/cloudstack/object-storage-pool.handler.ts";
import { secondaryStorageHandler } from "../../provider/cloudstack/secondary-storage.handler.ts";
import { stagingStoreHandler } from "../../provider/cloudstack/staging-store.handler.ts";
import { rosterHandler } from "../../provider/components/roster.handler.ts";
import {
  GlobalSetting,
  ObjectStoragePool,
  S3SecondaryStorage,
  SecondaryStagingStore,
  TenancyRoster,
} from "../../provider/index.ts";

interface Registered {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
  readonly id: string | undefined;
}

const NOTHING: Registered = { type: "", inputs: {}, id: undefined };
let registered: Registered[] = [];

beforeAll(async () => {
  const newResource = ({ type, name, inputs, id }: pulumi.runtime.MockResourceArgs) => {
    registered.push({ type, inputs, id });
    return { id: id || `${name}-id`, state: inputs };
  };
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "project", "stack");
});
afterAll(() => pulumi.runtime.disconnect());
beforeEach(() => {
  registered = [];
});

const settled = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));
const own = (resource: object) =>
  Object.keys(resource).filter((key) => !key.startsWith("__") && key !== "id" && key !== "urn");

const STORE = { endpoint: "https://s3.example.test", bucket: "b", accessKeyId: "k", secretAccessKey: "Canary-S3" };
const STAGING = { zoneId: "z", server: "nfs1", path: "/e" };
const POOL = {
  providerName: "MinIO",
  url: "https://minio.example.test",
  s3: { accessKeyId: "k", secretAccessKey: "Canary-Pool" },
} as const;

/** Old state depends on every one of these. The digits are of `printf … | sha256sum` of each class's URN. */
const kinds = [
  {
    kind: "S3SecondaryStorage",
    make: (options?: pulumi.CustomResourceOptions) => new S3SecondaryStorage("Ada L", STORE, options),
    look: () => S3SecondaryStorage.get("Ada L", "uuid"),
    handler: secondaryStorageHandler,
    inputs: [
      ...["storeName", "endpoint", "bucket", "accessKeyId", "secretAccessKey", "useHttps", "s3Signer"],
      ...["connectionTimeoutMs", "socketTimeoutMs", "maxErrorRetry", "connectionTtlMs", "useTcpKeepAlive", "readOnly"],
      ...["verifyBucket", "requireStagingStores", "waitForTemplates", "onDestroy", "adopt"],
    ],
    outputs: ["protocol", "url", "systemEndpoint"],
    secrets: ["secretAccessKey"],
    sent: ["accessKeyId", "bucket", "endpoint", "secretAccessKey"],
    name: "ada-l-ab9b2440",
  },
  {
    kind: "SecondaryStagingStore",
    make: (options?: pulumi.CustomResourceOptions) => new SecondaryStagingStore("Ada L", STAGING, options),
    look: () => SecondaryStagingStore.get("Ada L", "uuid"),
    handler: stagingStoreHandler,
    inputs: ["zoneId", "server", "path", "adopt"],
    outputs: ["url", "systemEndpoint"],
    secrets: [],
    sent: ["path", "server", "zoneId"],
    name: "ada-l-b98ac101",
  },
  {
    kind: "GlobalSetting",
    make: (options?: pulumi.CustomResourceOptions) =>
      new GlobalSetting("Ada L", { settingName: "a.b", members: ["x"] }, options),
    look: () => GlobalSetting.get("Ada L", "a.b"),
    handler: settingHandler,
    inputs: ["settingName", "value", "members", "onDestroy", "scope"],
    outputs: ["previousValue", "addedMembers", "restartRequired", "systemEndpoint"],
    secrets: ["previousValue"],
    sent: ["members", "settingName"],
    name: "ada-l-ca6a3eb0",
  },
  {
    kind: "ObjectStoragePool",
    make: (options?: pulumi.CustomResourceOptions) => new ObjectStoragePool("Ada L", POOL, options),
    look: () => ObjectStoragePool.get("Ada L", "uuid"),
    handler: poolHandler,
    inputs: ["poolName", "url", "providerName", "ecs", "cloudian", "s3", "adopt"],
    outputs: ["systemEndpoint"],
    secrets: ["ecs", "cloudian", "s3"],
    sent: ["providerName", "s3", "url"],
    name: "ada-l-fd633d88",
  },
  {
    kind: "TenancyRoster",
    make: (options?: pulumi.CustomResourceOptions) => new TenancyRoster("Ada L", { members: {} }, options),
    look: undefined,
    handler: rosterHandler,
    inputs: ["rosterName", "members", "maxRemovals"],
    outputs: ["systemEndpoint"],
    secrets: [],
    sent: ["members"],
    name: "ada-l-f2cf41f5",
  },
];

describe.each(kinds)("$kind", ({ kind, make, look, handler, inputs, outputs, secrets, sent, name }) => {
  test("has these properties for ever, and the handler knows the same inputs", async () => {
    const resource = make();
    await settled(resource.urn);
    expect(own(resource).sort()).toEqual([...inputs, ...outputs].sort());
    expect(Object.keys(handler.args.shape)).toEqual(inputs);
    expect(handler.kind).toBe(kind);
  });

  test("is registered with this type, this text and a derived name, and holes for nothing", async () => {
    await settled(make().urn);
    const [{ type, inputs: given } = NOTHING] = registered;
    expect(type).toBe(`pulumi-nodejs:dynamic/cloudstack-storage:${kind}`);
    expect(Object.keys(given).sort()).toEqual(["__defaultName", "__provider", ...sent]);
    expect(given["__defaultName"]).toBe(name);
    expect(given["__provider"]).toContain(`.provider("${kind}",1)`);
  });

  test("has these secrets beside those that the program names", async () => {
    const seen: string[][] = [];
    const transformation: pulumi.ResourceTransformation = ({ opts }) => {
      seen.push((opts as pulumi.CustomResourceOptions).additionalSecretOutputs ?? []);
      return undefined;
    };
    await settled(make({ additionalSecretOutputs: ["more"], transformations: [transformation] }).urn);
    expect(seen).toEqual([[...secrets, "more"]]);
  });

  test("is looked up with its id and the text alone", async () => {
    if (look === undefined) return expect(Object.keys(TenancyRoster)).not.toContain("get");
    await settled(look().id);
    expect(registered.map(({ id, inputs: given }) => ({ id, keys: Object.keys(given) }))).toEqual([
      { id: kind === "GlobalSetting" ? "a.b" : "uuid", keys: ["__provider"] },
    ]);
  });
});

test.each([
  ["cloudian.admin.password", true],
  ["cloudian.sso.key", true],
  ["ldap.bind.password", true],
  ["cloudian.admin.port", false],
  ["secstorage.allowed.internal.sites", false],
])("the value of %s is a secret by its name: %s", async (settingName, isSecret) => {
  await settled(new GlobalSetting("s", { settingName, value: "Canary-Value" }).urn);
  expect(registered[0]?.inputs["__secrets"]).toEqual(isSecret ? ["value"] : undefined);
});

test("a pool's details leave the program as a secret, though it gives them without a mark", async () => {
  await settled(new ObjectStoragePool("a", POOL).urn);
  expect(registered[0]?.inputs["s3"]).toEqual({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value: POOL.s3,
  });
  expect(registered[0]?.inputs["__secrets"]).toBeUndefined();
});
