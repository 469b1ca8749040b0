import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CloudianSecondaryStorage,
  type CloudianSecondaryStorageArgs,
} from "../../provider/components/cloudian-secondary-storage.ts";
import { declaredBy, mockEngine, secretOf, settled } from "./component-stage.ts";

const ARGS: CloudianSecondaryStorageArgs = {
  groupId: "cloudstack",
  userId: "secondary",
  bucketName: "cs-secondary",
  endpoint: "https://s3.example.test",
  zones: [
    { zoneId: "z-1", server: "nfs1.example.test", path: "/export/staging" },
    { zoneId: "z-2", server: "nfs2.example.test", path: "/export/staging" },
  ],
  allowedInternalCidrs: ["10.1.0.0/16"],
};

beforeAll(mockEngine);
afterAll(() => pulumi.runtime.disconnect());

const declared = (change: object = {}) =>
  declaredBy((options) => new CloudianSecondaryStorage("s", { ...ARGS, ...change }, options));
const make = (change: object) => () => new CloudianSecondaryStorage("s", { ...ARGS, ...change });

describe("CloudianSecondaryStorage", () => {
  test("each step waits for the one before, so that destroy goes in reverse", async () => {
    expect((await declared()).map(({ kind, name, dependsOn }) => [kind, name, ...dependsOn])).toEqual([
      ["CloudianSecondaryStorage", "s"],
      ["CloudianGroup", "s-group"],
      ["CloudianUser", "s-user", "s-group"],
      ["S3Bucket", "s-bucket", "s-user"],
      ["GlobalSetting", "s-internal-sites", "s-bucket"],
      ["SecondaryStagingStore", "s-staging-z-1", "s-internal-sites"],
      ["SecondaryStagingStore", "s-staging-z-2", "s-internal-sites"],
      ["S3SecondaryStorage", "s-store", "s-internal-sites", "s-staging-z-1", "s-staging-z-2"],
    ]);
  });

  test.each([{ allowedInternalCidrs: [] }, { allowedInternalCidrs: undefined }])(
    "without networks (%j) the setting is not touched",
    async (change) => {
      const steps = (await declared(change)).map(({ name, dependsOn }) => [name, ...dependsOn]);
      expect(steps.slice(4)).toEqual([
        ["s-staging-z-1", "s-bucket"],
        ["s-staging-z-2", "s-bucket"],
        ["s-store", "s-bucket", "s-staging-z-1", "s-staging-z-2"],
      ]);
    },
  );

  test("another generation is one of the user's key pair, and nobody else's", async () => {
    const rows = (await declared({ keyGeneration: 2 })).map(({ name, inputs }) => [name, inputs["keyGeneration"]]);
    expect(rows.filter(([, generation]) => generation !== undefined)).toEqual([["s-user", 2]]);
  });

  test("the arguments reach the kinds, and the keys of the user are those of bucket and store", async () => {
    const keys = { accessKeyId: "access-1", secretAccessKey: secretOf("Canary-Secret") };
    const endpoint = "https://s3.example.test";
    expect(Object.fromEntries((await declared()).map(({ name, inputs }) => [name, inputs]))).toEqual({
      s: {},
      "s-group": { groupId: "cloudstack" },
      "s-user": { groupId: "cloudstack", userId: "secondary" },
      "s-bucket": { endpoint, ...keys, bucketName: "cs-secondary" },
      "s-internal-sites": { settingName: "secstorage.allowed.internal.sites", members: ["10.1.0.0/16"] },
      "s-staging-z-1": { zoneId: "z-1", server: "nfs1.example.test", path: "/export/staging" },
      "s-staging-z-2": { zoneId: "z-2", server: "nfs2.example.test", path: "/export/staging" },
      "s-store": { endpoint, ...keys, bucket: "cs-secondary", requireStagingStores: true },
    });
  });

  test("further arguments of the store go before the component's own", async () => {
    const store = {
      storeName: "main",
      readOnly: true,
      requireStagingStores: false,
      endpoint: "https://inside.example.test",
    };
    const [last] = (await declared({ store })).slice(-1);
    expect(last?.inputs).toMatchObject({ ...store, bucket: "cs-secondary" });
  });

  test.each([undefined, null])(
    "those of them that are %s take away nothing that the component makes",
    async (absent) => {
      const store = {
        endpoint: absent,
        bucket: absent,
        accessKeyId: absent,
        requireStagingStores: absent,
        readOnly: true,
      };
      const [last] = (await declared({ store })).slice(-1);
      expect(last?.inputs).toEqual({
        endpoint: "https://s3.example.test",
        accessKeyId: "access-1",
        secretAccessKey: secretOf("Canary-Secret"),
        bucket: "cs-secondary",
        requireStagingStores: true,
        readOnly: true,
      });
      await expect(declared({ endpoint: "http://s3.example.test", store })).rejects.toThrow("is plain http");
      expect((await declared({ store: absent })).at(-1)?.inputs).toMatchObject({ bucket: "cs-secondary" });
    },
  );

  test("what the procedure asks to be noted down, the secret one as a secret", async () => {
    const storage = new CloudianSecondaryStorage("noted", ARGS);
    const { endpoint, bucketName, accessKeyId, secretAccessKey, storeName } = storage;
    const notes = pulumi.all({ endpoint, bucketName, accessKeyId, secretAccessKey, storeName });
    expect(await settled(notes)).toEqual({
      endpoint: "https://s3.example.test",
      bucketName: "cs-secondary",
      accessKeyId: "access-1",
      secretAccessKey: "Canary-Secret",
      storeName: "store-1",
    });
    expect(await pulumi.isSecret(secretAccessKey)).toBe(true);
    expect(await pulumi.isSecret(accessKeyId)).toBe(false);
  });

  test.each([
    {
      what: "the endpoint and the bucket before it, and the Admin API",
      change: {},
      names: {
        "s3.example.test": ["management servers", "system VMs", "users who download"],
        "cs-secondary.s3.example.test": ["management servers", "system VMs", "users who download"],
        "admin.example.test": ["management servers"],
      },
    },
    {
      what: "those of the endpoint that the store has",
      change: { store: { endpoint: "https://inside.example.test:8443" } },
      names: {
        "inside.example.test": ["management servers", "system VMs", "users who download"],
        "cs-secondary.inside.example.test": ["management servers", "system VMs", "users who download"],
        "admin.example.test": ["management servers"],
      },
    },
    {
      what: "no IP address",
      change: { endpoint: "https://192.0.2.7" },
      names: { "admin.example.test": ["management servers"] },
    },
    {
      what: "no IP address of version 6",
      change: { endpoint: "https://[2001:db8::7]:8443" },
      names: { "admin.example.test": ["management servers"] },
    },
    {
      what: "one entry for all that one host does",
      change: { endpoint: "https://admin.example.test" },
      names: {
        "admin.example.test": ["management servers", "system VMs", "users who download"],
        "cs-secondary.admin.example.test": ["management servers", "system VMs", "users who download"],
      },
    },
  ])("names that must resolve: $what", async ({ change, names }) => {
    const found = await settled(new CloudianSecondaryStorage("names", { ...ARGS, ...change }).names);
    expect(Object.fromEntries(found.map(({ name, resolvedBy }) => [name, resolvedBy]))).toEqual(names);
  });
});

describe("arguments of CloudianSecondaryStorage that cannot be right", () => {
  const zone = { zoneId: "z-1", server: "nfs1.example.test", path: "/export/staging" };

  test.each([
    { change: { zones: [] }, says: "zones must hold at least one zone" },
    { change: { zones: undefined }, says: "zones must hold at least one zone" },
    { change: { zones: [{ ...zone, server: "" }] }, says: "zones[0].server is required" },
    { change: { zones: [{ ...zone, path: undefined }] }, says: "zones[0].path is required" },
    { change: { zones: [zone, { ...zone, zoneId: "" }] }, says: "zones[1].zoneId is required" },
    { change: { zones: [{ ...zone, zoneId: pulumi.output("z-1") }] }, says: "zones[0].zoneId is required" },
    { change: { zones: [zone, zone] }, says: "zones[1] has the zone z-1 again" },
    { change: { zones: [zone, { ...zone, path: "/other" }] }, says: "zones[1] has the zone z-1 again" },
    {
      change: { zones: [zone, { ...zone, zoneId: "z-2" }] },
      says: "zones[1] has the server and the path of the zone z-1",
    },
    { change: { bucketName: "CS-secondary" }, says: "bucketName must be 3 to 63 of lower case letters, digits and -" },
    { change: { bucketName: "cs.secondary" }, says: "bucketName must be 3 to 63 of lower case letters, digits and -" },
    { change: { bucketName: undefined }, says: "bucketName must be" },
    { change: { bucketName: null }, says: "bucketName must be" },
    { change: { bucketName: "cs_secondary" }, says: "bucketName must be" },
    { change: { bucketName: "-cs" }, says: "bucketName must be" },
    { change: { bucketName: "cs-" }, says: "bucketName must be" },
    { change: { bucketName: "cs" }, says: "bucketName must be" },
    { change: { bucketName: "a".repeat(64) }, says: "bucketName must be" },
    { change: { groupId: "" }, says: "groupId is required" },
    { change: { userId: undefined }, says: "userId is required" },
    { change: { endpoint: "s3.example.test" }, says: "endpoint must be an http or https URL without a path" },
    { change: { endpoint: "https://s3.example.test/bucket" }, says: "endpoint must be an http or https URL" },
    { change: { endpoint: "http://s3.example.test" }, says: "endpoint is plain http" },
    { change: { endpoint: "http://s3.example.test", store: { useHttps: true } }, says: "endpoint is plain http" },
    { change: { store: { useHttps: false } }, says: "endpoint says https, but store.useHttps is false" },
  ])("$says: $change", ({ change, says }) => {
    expect(make(change)).toThrow(`CloudianSecondaryStorage s: ${says}`);
    expect(make(change)).toThrow(pulumi.RunError);
  });

  test.each([
    { endpoint: "http://s3.example.test", store: { useHttps: false } },
    { endpoint: "http://s3.example.test", store: { endpoint: "https://inside.example.test" } },
    { endpoint: "https://s3.example.test:9443/" },
    { bucketName: "a".repeat(63) },
  ])("right: %j", (change) => {
    expect(make(change)).not.toThrow();
  });

  test("what is known later is refused by the kind that takes it, never by a rejected output", async () => {
    const resources = await declared({
      groupId: pulumi.output(" "),
      bucketName: pulumi.output("cs.secondary"),
      endpoint: pulumi.output("https://s3.example.test"),
      zones: [{ ...zone, server: Promise.resolve("") }],
    });
    expect(resources.flatMap(({ name, inputs }) => (inputs["__refusal"] ? [[name, inputs["__refusal"]]] : []))).toEqual(
      [
        ["s-group", "CloudianSecondaryStorage s: groupId is required: a text that is not empty."],
        [
          "s-bucket",
          expect.stringContaining("CloudianSecondaryStorage s: bucketName must be 3 to 63 of lower case letters"),
        ],
        ["s-staging-z-1", "CloudianSecondaryStorage s: zones[0].server is required: a text that is not empty."],
      ],
    );
  });

  test("what is known later and right is refused by nobody", async () => {
    const resources = await declared({
      groupId: pulumi.output("cloudstack"),
      bucketName: pulumi.secret("cs-secondary"),
      endpoint: pulumi.output("https://s3.example.test"),
    });
    expect(resources.filter(({ inputs }) => "__refusal" in inputs)).toEqual([]);
  });
});
