import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { surroundings } from "../harness/interop/surroundings.ts";
import { CsStage, pairsOf, s3Details } from "./clients/cs-stage.ts";

const { cs } = surroundings();
let stage: CsStage;

if (cs) {
  describe(cs.name, () => {
    beforeAll(async () => {
      stage = await CsStage.open(cs);
    });
    beforeEach(() => stage.control.reset());
    afterAll(() => stage.close());

    describe("stores", storeSuite);
    describe("settings", settingSuite);
    describe("lists", listSuite);
    describe("jobs", jobSuite);
  });
}

function storeSuite(): void {
  test("lists the zone", async () => {
    const { zoneId: id } = stage.addresses.cloudstack;
    expect(await stage.ask("listZones")).toMatchObject({ count: 1, zone: [{ id, allocationstate: "Enabled" }] });
  });

  test.each(["get", "post"] as const)("adds secondary storage with %s, changes and deletes it", async (method) => {
    const ask = (command: string, args: object = {}) => stage.ask(command, args, { method });
    expect(await ask("listImageStores")).toEqual({});
    const url = "https://s3.example.test/cs-secondary";
    const addition = { provider: "S3", name: "Cloudian S3 (main)", url, details: pairsOf(s3Details) };
    const { imagestore } = (await ask("addImageStore", addition)) as { imagestore: { id: string } };
    const { id } = imagestore;
    const fixed = { id, url, protocol: "https", providername: "S3", scope: "REGION", hasannotations: false };
    const store = { ...fixed, name: "Cloudian S3 (main)", readonly: false };
    expect(imagestore).toEqual(store);
    expect(await ask("listImageStores")).toEqual({ count: 1, imagestore: [store] });
    const { imageStores } = (await stage.control.state()).cloudstack;
    expect(imageStores[id]).toMatchObject({ role: "Image", details: s3Details });

    const changed = { ...fixed, name: "renamed", readonly: true };
    expect(await ask("updateImageStore", { id, name: "renamed", readonly: true })).toEqual({ imagestore: changed });
    expect(await ask("listImageStores", { id })).toEqual({ count: 1, imagestore: [changed] });

    expect(await ask("deleteImageStore", { id })).toEqual({ success: "true" });
    expect(await ask("listImageStores")).toEqual({});
    const gone = { status: 431, errorText: expect.stringContaining("entity does not exist") };
    await expect(ask("deleteImageStore", { id })).rejects.toMatchObject(gone);
  });

  test("makes a staging store, which is no secondary storage, and deletes it", async () => {
    const { zoneId: zoneid } = stage.addresses.cloudstack;
    const url = "nfs://nas.example.test/export/staging";
    const made = await stage.ask("createSecondaryStagingStore", { url, zoneid });
    const shown = { name: url, url, protocol: "nfs", providername: "NFS", scope: "ZONE", zoneid, readonly: false };
    expect(made).toMatchObject({ secondarystorage: shown });
    const { secondarystorage } = made as { secondarystorage: { id: string } };
    const list = await stage.ask("listSecondaryStagingStores", { zoneid });
    expect(list).toEqual({ count: 1, imagestore: [secondarystorage] });
    expect(await stage.ask("listImageStores")).toEqual({});

    const { id } = secondarystorage;
    expect(await stage.ask("deleteSecondaryStagingStore", { id })).toEqual({ success: "true" });
    expect(await stage.ask("listSecondaryStagingStores")).toEqual({});
  });
}

function settingSuite(): void {
  const name = "secstorage.allowed.internal.sites";

  test("writes one, finds it by a part of its name, and resets it", async () => {
    const value = "10.1.0.0/16,192.0.2.0/24";
    expect(await stage.ask("updateConfiguration", { name, value })).toMatchObject({ configuration: { name, value } });
    expect(await stage.ask("listConfigurations", { name: "allowed.internal" })).toMatchObject({
      count: 1,
      configuration: [{ name, value, isdynamic: false }],
    });
    await stage.ask("resetConfiguration", { name });
    const { configuration } = (await stage.ask("listConfigurations", { name })) as { configuration: object[] };
    expect(configuration).toMatchObject([{ name }]);
    expect(configuration[0]).not.toHaveProperty("value");
  });

  test.each([
    ["a blank among sites", { name, value: "10.1.0.0/16, 192.0.2.0/24" }, "Invalid CIDR"],
    ["a name that is none", { name: "no.such.setting", value: "1" }, "doesn't exist"],
  ])("is told of %s", async (_what, args, words) => {
    const refused = { status: 431, errorText: expect.stringContaining(words) };
    await expect(stage.ask("updateConfiguration", args)).rejects.toMatchObject(refused);
  });
}

function listSuite(): void {
  const names = ["one", "two", "three", "four", "five"];
  const namesOf = (stores: unknown) => (stores as { name: string }[]).map(({ name }) => name);
  const all = async (command: string, paging: object = {}) => await stage.ask(command, { fetch_list: true, ...paging });

  beforeEach(async () => {
    for (const name of names) await stage.addS3Store(name, s3Details);
    await stage.control.patch("cloudstack", { options: { defaultPageSize: 2 } });
  });

  test("are cut without paging, and whole with it", async () => {
    const { count, imagestore } = (await stage.ask("listImageStores")) as { count: number; imagestore: object[] };
    expect({ count, names: namesOf(imagestore) }).toEqual({ count: 5, names: ["one", "two"] });
    expect(namesOf(await all("listImageStores", { pagesize: 2 }))).toEqual(names);
    expect(namesOf(await all("listImageStores", { pagesize: 1 }))).toEqual(names);
    expect(await stage.ask("listImageStores", { page: 4, pagesize: 2 })).toEqual({ count: 5 });
    expect(await all("listSecondaryStagingStores", { pagesize: 2 })).toEqual([]);
  });

  test("are refused with pages larger than the server's", async () => {
    const refused = { status: 431, errorText: expect.stringContaining("max allowed page size") };
    await expect(all("listImageStores")).rejects.toMatchObject(refused);
  });
}

function jobSuite(): void {
  const addPool = async (provider: string, details: Readonly<Record<string, string>>) => {
    const { endpoint: url } = stage.addresses.cloudian;
    const asked = { name: "objects", provider, url, details: pairsOf(details) };
    return ((await stage.ask("addObjectStoragePool", asked)) as { objectstore: { id: string } }).objectstore.id;
  };

  test("waits until a system VM is up again", async () => {
    const list = await stage.ask("listSystemVms", { systemvmtype: "secondarystoragevm" });
    expect(list).toMatchObject({ count: 1, systemvm: [{ state: "Running", agentstate: "Up" }] });
    const [{ id } = { id: "" }] = (list as { systemvm: { id: string }[] }).systemvm;
    const rebooted = await stage.ask("rebootSystemVm", { id, fetch_result: true });
    expect(rebooted).toMatchObject({ systemvm: { id, state: "Running", agentstate: "Up" } });
    const { jobs } = (await stage.control.state()).cloudstack;
    expect(Object.values(jobs)).toMatchObject([{ command: "rebootSystemVm", status: 1 }]);
  });

  test("waits for a bucket, whose id comes at once", async () => {
    const objectstorageid = await addPool("MinIO", { accesskey: "a", secretkey: "b" });
    const asked = { objectstorageid, quota: 5 };
    const begun = await stage.ask("createBucket", { ...asked, name: "first-bucket" });
    expect(begun).toEqual({ jobid: expect.any(String), id: expect.any(String) });
    const made = await stage.ask("createBucket", { ...asked, name: "second-bucket", fetch_result: true });
    expect(made).toMatchObject({ bucket: { name: "second-bucket", state: "Created", quota: 5 } });
  });

  test("is told of a bucket that cannot be made", async () => {
    const { username: accesskey, password: secretkey, endpoint: iamUrl, s3Endpoint: s3Url } = stage.addresses.cloudian;
    const details = { accesskey, secretkey, s3Url, iamUrl, validateSSL: "false" };
    const objectstorageid = await addPool("Cloudian HyperStore", details);
    const asked = { name: "with-quota", objectstorageid, quota: 5, fetch_result: true };
    const failed = { message: "Job failure", errorText: expect.stringContaining("Failed to create bucket") };
    await expect(stage.ask("createBucket", asked)).rejects.toMatchObject(failed);
    expect(await stage.ask("listBuckets")).toEqual({});
  });
}
