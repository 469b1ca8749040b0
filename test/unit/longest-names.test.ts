import type * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { handlerOf } from "../../provider/handlers.ts";

const system = (name: string) => ({
  [`cloudstack-storage:${name}Endpoint`]: "https://storage.example.test/client/api",
  [`cloudstack-storage:${name}Username`]: "admin",
  [`cloudstack-storage:${name}Password`]: "some-password",
  [`cloudstack-storage:${name}ApiKey`]: "some-key",
  [`cloudstack-storage:${name}SecretKey`]: "some-secret",
});
const settings: Record<string, string> = { ...system("ecs"), ...system("cloudstack") };

async function failuresOf(kind: string, inputs: object): Promise<string[]> {
  const handler = handlerOf(kind);
  if (handler === undefined) throw new Error(`there is no ${kind}`);
  const lifecycle = new Lifecycle(handler, new Ledger());
  lifecycle.configure({ config: { get: (key: string) => settings[key] } } as pulumi.dynamic.ConfigureRequest);
  const { failures = [] } = await lifecycle.check({}, { __provider: "text", ...inputs });
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
}

const store = {
  endpoint: "https://s3.example.test",
  bucket: "templates",
  accessKeyId: "an-access-key",
  secretAccessKey: "a-secret-key",
};
const pool = {
  providerName: "MinIO",
  s3: { accessKeyId: "an-access-key", secretAccessKey: "a-secret-key" },
  url: "https://a.example.test",
};

/** The columns of CloudStack's database and the names of ECS are as long as that, and no longer. */
test.each<[kind: string, property: string, rest: object]>([
  ["SecondaryStagingStore", "zoneId", { server: "nfs.example.test", path: "/staging" }],
  ["ObjectStoragePool", "poolName", pool],
  ["GlobalSetting", "settingName", { value: "1" }],
  ["S3SecondaryStorage", "storeName", store],
  ["EcsObjectUser", "userName", { namespace: "ns1" }],
  ["EcsObjectUser", "namespace", { userName: "ada" }],
  ["EcsBucket", "bucketName", { namespace: "ns1", owner: "ada", encryption: false, allowNonDnsName: true }],
  ["EcsBucket", "namespace", { bucketName: "box", owner: "ada", encryption: false }],
])("%s: %s has at most 255 characters", async (kind, property, rest) => {
  expect(await failuresOf(kind, { [property]: "a".repeat(255), ...rest })).toEqual([]);
  const [failure, ...more] = await failuresOf(kind, { [property]: "a".repeat(256), ...rest });
  expect(failure).toContain(property);
  expect(more).toEqual([]);
});
