import { beforeEach, describe, expect, test } from "vitest";
import { details, idOf, openCloudStack, type Params, refusal } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();
const { zoneId } = lab.addresses.cloudstack;

const s3Details = { accesskey: "AKIA1", secretkey: "s3cr3t", endpoint: "https://s3.example.test", bucket: "b" };

const add = (params: Params = {}, map: Params = s3Details) =>
  api("addImageStore", { provider: "S3", name: "one", ...params, ...details(map) });
const addNfs = (params: Params = {}) =>
  api("addImageStore", { provider: "NFS", url: "nfs://192.0.2.1/export", zoneid: zoneId, ...params });
const stage = (params: Params = {}) =>
  api("createSecondaryStagingStore", { url: "nfs://192.0.2.1/cache", zoneid: zoneId, ...params });
const options = (values: object) => control.patch("cloudstack", { options: values });

async function names(params: Params = {}, command = "listImageStores"): Promise<unknown> {
  const stores = (await api(command, params)).value["imagestore"] as { name: string }[] | undefined;
  return stores?.map(({ name }) => name);
}

describe("deleting", () => {
  test("is soft: the row stays without its details, the name is free, the id is gone", async () => {
    const id = idOf(await add());
    expect((await api("deleteImageStore", { id })).value).toEqual({ success: "true" });
    expect((await control.state()).cloudstack.imageStores[id]).toMatchObject({ removed: true, details: {} });
    for (const command of ["deleteImageStore", "updateImageStore", "listImageStores"]) {
      expect(await api(command, { id })).toMatchObject(refusal("entity does not exist"));
    }
    expect((await add()).status).toBe(200);
  });

  test("is refused for snapshots, then volumes, then templates of users", async () => {
    const id = idOf(await add());
    await control.patch("cloudstack", {
      snapshots: { s: { storeId: id } },
      volumes: { v: { storeId: id } },
      templates: { t: { stores: { [id]: {} } }, inactive: { state: "Inactive", stores: { [id]: {} } } },
    });
    const remove = () => api("deleteImageStore", { id });
    expect(await remove()).toMatchObject(refusal("active snapshots"));
    await control.patch("cloudstack", { snapshots: { s: null } });
    expect(await remove()).toMatchObject(refusal("active volumes"));
    await control.patch("cloudstack", { volumes: { v: null } });
    expect(await remove()).toMatchObject(refusal("emplates backup"));
    await control.patch("cloudstack", { templates: { t: { type: "BUILTIN" } } });
    expect((await remove()).status).toBe(200);
  });

  test("does not look at the role", async () => {
    expect((await api("deleteImageStore", { id: idOf(await stage()) })).status).toBe(200);
    expect(await names({}, "listSecondaryStagingStores")).toBeUndefined();
  });
});

describe("what blocks a deletion", () => {
  let id = "";

  beforeEach(async () => {
    id = idOf(await add());
    await add({ name: "two" });
    await control.patch("cloudstack", {
      snapshots: { s: { name: "nightly", storeId: id } },
      volumes: { v: { name: "data", storeId: id } },
      templates: { t: { name: "golden", stores: { [id]: {} } }, i: { format: "ISO", stores: { [id]: {} } } },
    });
  });

  test("snapshots by store, since 4.19", async () => {
    const place = { datastoreid: id, datastorename: "one", datastoretype: "Image" };
    const found = await api("listSnapshots", { listall: "true", imagestoreid: id });
    expect(found.value).toMatchObject({ count: 1, snapshot: [{ id: "s", name: "nightly", zoneid: zoneId, ...place }] });
    await options({ release: "4.18.0.0" });
    const older = await api("listSnapshots", { listall: "true", imagestoreid: "anything" });
    expect(older.value).toMatchObject({ count: 1, snapshot: [{ id: "s" }] });
    expect(older.text).not.toContain("datastore");
  });

  test("volumes do not tell their store", async () => {
    const reply = await api("listVolumes", { listall: "true" });
    expect(reply.value).toMatchObject({ count: 1, volume: [{ id: "v", name: "data", state: "Uploaded" }] });
    expect(reply.text).not.toContain(id);
    expect(await api("listVolumes", { storageid: id })).toMatchObject(refusal("entity does not exist"));
  });

  test("templates and ISOs by store", async () => {
    const templates = await api("listTemplates", { templatefilter: "all", imagestoreid: id, templatetype: "USER" });
    expect(templates.value).toMatchObject({ count: 1, template: [{ id: "t", name: "golden", templatetype: "USER" }] });
    const isos = await api("listIsos", { isofilter: "all", imagestoreid: id });
    expect(isos.value).toMatchObject({ count: 1, iso: [{ id: "i" }] });
  });
});

describe("staging stores", () => {
  test("have their URL as name, and two different names in answers", async () => {
    const made = await stage();
    expect(made).toMatchObject({ status: 200, key: "createsecondarystagingstoreresponse" });
    expect(made.value["secondarystorage"]).toMatchObject({
      name: "nfs://192.0.2.1/cache",
      providername: "NFS",
      scope: "ZONE",
      zoneid: zoneId,
      zonename: "lab-zone",
    });
    expect(await names({ zoneid: zoneId }, "listSecondaryStagingStores")).toEqual(["nfs://192.0.2.1/cache"]);
    expect(await names()).toBeUndefined();
  });

  test("a URL that is taken answers the store that has it, of whatever role", async () => {
    const [first, again] = [await stage(), await stage()];
    expect(idOf(again)).toBe(idOf(first));
    const secondary = await addNfs({ url: "nfs://h/p" });
    expect(idOf(await stage({ url: "nfs://h/p" }))).toBe(idOf(secondary));
    expect(await names({}, "listSecondaryStagingStores")).toEqual(["nfs://192.0.2.1/cache"]);
  });

  test.each<[string, Params]>([
    ["no zone", { zoneid: "" }],
    ["another scope", { scope: "region" }],
    ["another scheme", { url: "smb://h/p" }],
    ["no path", { url: "nfs://h" }],
  ])("%s is 530", async (_, params) => {
    expect((await stage(params)).status).toBe(530);
    expect((await stage({ scope: "Zone" })).status).toBe(200);
  });

  test("are not deleted while in use", async () => {
    const id = idOf(await stage());
    const remove = () => api("deleteSecondaryStagingStore", { id });
    await control.patch("cloudstack", { snapshots: { s: { storeId: id } } });
    expect(await remove()).toMatchObject(refusal("staging snapshots"));
    await control.patch("cloudstack", { snapshots: { s: null }, volumes: { v: { storeId: id } } });
    expect(await remove()).toMatchObject(refusal("staging Volumes"));
    await control.patch("cloudstack", { volumes: { v: null }, templates: { t: { stores: { [id]: {} } } } });
    expect(await remove()).toMatchObject(refusal("staging Templates"));
    await control.patch("cloudstack", { templates: { t: null } });
    expect((await remove()).value).toEqual({ success: "true" });
    expect(await remove()).toMatchObject(refusal("entity does not exist"));
  });
});

describe("conversion to object storage", () => {
  const convert = (params: Params = {}) =>
    api("updateCloudToUseObjectStore", { provider: "S3", name: "s3", ...details(s3Details), ...params });

  test("turns all NFS stores into staging stores and adds the new one", async () => {
    await addNfs();
    expect((await convert()).value).toMatchObject({ imagestore: { name: "s3", scope: "REGION" } });
    expect(await names()).toEqual(["s3"]);
    expect(await names({}, "listSecondaryStagingStores")).toEqual(["nfs://192.0.2.1/export"]);
  });

  test("leaves the cloud without a store where the add fails", async () => {
    await addNfs();
    expect(await convert({ provider: "s3" })).toMatchObject(refusal("does not support scope"));
    expect(await names()).toBeUndefined();
    expect(await names({}, "listSecondaryStagingStores")).toEqual(["nfs://192.0.2.1/export"]);
  });

  test("is for clouds on NFS", async () => {
    await add();
    expect(await convert()).toMatchObject(refusal("only support migrate NFS"));
  });
});
