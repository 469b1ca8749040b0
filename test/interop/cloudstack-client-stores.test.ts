import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { surroundings } from "../harness/interop/surroundings.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CsStage } from "./clients/cs-stage.ts";
import { ProviderProcesses, Resource } from "./resource.ts";

const { cs } = surroundings();
let stage: CsStage;
let processes: ProviderProcesses;

if (cs) {
  describe(cs.name, () => {
    beforeAll(async () => {
      processes = new ProviderProcesses();
      stage = await CsStage.open(cs);
    });
    beforeEach(makeBucket);
    afterAll(async () => {
      await stage.close();
      processes.close();
    });

    describe("S3SecondaryStorage", secondaryStorageSuite);
    describe("SecondaryStagingStore", stagingStoreSuite);
  });
}

const bucket = "cs-secondary";
/** With a mark in it that `cs` itself signs wrong. */
const keys = { accessKeyId: "0123456789abcdef0123", secretAccessKey: "s3cr3t/+~!*()=" };

/** A new lab with the bucket, which the provider looks up before it adds a store. */
async function makeBucket(): Promise<void> {
  const owner = "stores/cloud";
  const { accessKeyId, secretAccessKey: secretKey } = keys;
  await stage.control.reset();
  // Sizes that come after a minute would come between two looks at a store.
  await stage.control.patch("cloudstack", { options: { statisticsSeconds: 86_400 } });
  await stage.control.patch("cloudian", {
    groups: { stores: {} },
    users: { [owner]: {} },
    credentials: { [accessKeyId]: { groupId: "stores", userId: "cloud", secretKey } },
    buckets: { [owner]: [{ bucketName: bucket }] },
  });
}

function resourceOf(kind: string): Resource {
  const { endpoint, apiKey, secretKey } = stage.addresses.cloudstack;
  const config = {
    "cloudstack-storage:cloudstackEndpoint": endpoint,
    "cloudstack-storage:cloudstackApiKey": apiKey,
    "cloudstack-storage:cloudstackSecretKey": secretKey,
  };
  return new Resource(kind, processes, () => config);
}

function declared(more: Properties = {}): Properties {
  const { s3Endpoint: endpoint } = stage.addresses.cloudian;
  return { storeName: "main", endpoint, bucket, ...keys, useHttps: false, ...more };
}

const urlOfBucket = () => `${stage.addresses.cloudian.s3Endpoint}/${bucket}`;

/** The list with one store, and every field of it. */
function listOf(id: string, more: object = {}) {
  const fixed = { protocol: "http", providername: "S3", scope: "REGION", hasannotations: false };
  return { count: 1, imagestore: [{ id, name: "main", url: urlOfBucket(), readonly: false, ...fixed, ...more }] };
}

async function commandsSent(): Promise<unknown[]> {
  const records = await stage.control.requests("cloudstack");
  return records.map(({ body, query }) => body?.["command"] ?? query["command"]);
}

function secondaryStorageSuite(): void {
  test("made by the provider it is seen, and what is changed by hand is put right", async () => {
    const resource = resourceOf("S3SecondaryStorage");
    expect(await resource.up(declared({ readOnly: false }))).toBe("create");
    const { id } = resource;
    expect(await stage.ask("listImageStores")).toEqual(listOf(id));

    const wanted = declared({ storeName: "main, renamed", readOnly: true });
    expect(await resource.up(wanted)).toBe("update");
    const renamed = listOf(id, { name: "main, renamed", readonly: true });
    expect(await stage.ask("listImageStores")).toEqual(renamed);

    await stage.ask("updateImageStore", { id, readonly: false });
    expect(await resource.refresh()).toEqual(["readOnly"]);
    expect(await resource.up(wanted)).toBe("update");
    expect(await stage.ask("listImageStores")).toEqual(renamed);

    await resource.destroy();
    expect(await stage.ask("listImageStores")).toEqual({});
  });

  test("deleted by hand it is gone, and made anew", async () => {
    const resource = resourceOf("S3SecondaryStorage");
    await resource.up(declared());
    const { id: first } = resource;
    await stage.ask("deleteImageStore", { id: first });
    expect(await resource.refresh()).toEqual(["gone"]);
    expect(await resource.up(declared())).toBe("create");
    expect(resource.id).not.toBe(first);
    expect(await stage.ask("listImageStores")).toEqual(listOf(resource.id));
  });

  test("made by hand it is refused without adopt, and taken over with it", async () => {
    // The client cannot send the real secret.
    const shared = { accesskey: keys.accessKeyId, secretkey: "given by hand", usehttps: "false" };
    const details = { ...shared, bucket, endpoint: stage.addresses.cloudian.s3Endpoint };
    const id = await stage.addS3Store("main", details, { url: urlOfBucket() });
    const { imageStores: before } = (await stage.control.state()).cloudstack;

    await stage.control.clearRequests();
    await expect(resourceOf("S3SecondaryStorage").up(declared())).rejects.toThrow("exists already");
    const resource = resourceOf("S3SecondaryStorage");
    expect(await resource.up(declared({ adopt: true }))).toBe("create");
    expect(resource.id).toBe(id);
    expect(await commandsSent()).not.toContain("addImageStore");
    expect((await stage.control.state()).cloudstack.imageStores).toEqual(before);
    expect(await resource.refresh()).toEqual([]);
    expect(await resource.up(declared({ adopt: true }))).toBe("same");

    await resource.destroy();
    expect(await stage.ask("listImageStores")).toEqual({});
  });
}

function stagingStoreSuite(): void {
  test("made by the provider it is seen, and gone with it", async () => {
    const { zoneId } = stage.addresses.cloudstack;
    const resource = resourceOf("SecondaryStagingStore");
    const url = "nfs://nas.example.test/export/staging";
    expect(await resource.up({ zoneId, server: "nas.example.test", path: "/export/staging" })).toBe("create");
    expect(await stage.ask("listSecondaryStagingStores")).toMatchObject({
      count: 1,
      imagestore: [{ id: resource.id, name: url, url, zoneid: zoneId, providername: "NFS", scope: "ZONE" }],
    });
    await resource.destroy();
    expect(await stage.ask("listSecondaryStagingStores")).toEqual({});
  });
}
