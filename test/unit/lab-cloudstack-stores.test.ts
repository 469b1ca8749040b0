import { describe, expect, test } from "vitest";
import { details, idOf, openCloudStack, type Params, refusal, storeOf } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();
const { zoneId } = lab.addresses.cloudstack;

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const s3Details = { accesskey: "AKIA1", secretkey: "s3cr3t", endpoint: "https://s3.example.test", bucket: "b" };

const add = (params: Params = {}, map: Params = s3Details) =>
  api("addImageStore", { provider: "S3", name: "one", ...params, ...details(map) });
const addNfs = (params: Params = {}) =>
  api("addImageStore", { provider: "NFS", url: "nfs://192.0.2.1/export", zoneid: zoneId, ...params });
const addS3 = (params: Params = {}) => api("addImageStoreS3", { ...s3Details, ...params });
const stage = (params: Params = {}) =>
  api("createSecondaryStagingStore", { url: "nfs://192.0.2.1/cache", zoneid: zoneId, ...params });
const options = (values: object) => control.patch("cloudstack", { options: values });

async function names(params: Params = {}, command = "listImageStores"): Promise<unknown> {
  const stores = (await api(command, params)).value["imagestore"] as { name: string }[] | undefined;
  return stores?.map(({ name }) => name);
}

describe("adding", () => {
  test("a store of S3 is of the region and shows none of its details", async () => {
    const reply = await add({ url: "https://s3.example.test/b" });
    expect(reply).toMatchObject({ status: 200, key: "addimagestoreresponse" });
    expect(storeOf(reply)).toEqual({
      id: uuid,
      name: "one",
      url: "https://s3.example.test/b",
      protocol: "http",
      providername: "S3",
      scope: "REGION",
      readonly: false,
      hasannotations: false,
    });
    expect(reply.text).not.toContain("s3cr3t");
    const { imageStores } = (await control.state()).cloudstack;
    expect(Object.values(imageStores)).toEqual([expect.objectContaining({ details: s3Details, removed: false })]);
  });

  test("the protocol comes from the flag alone", async () => {
    expect(storeOf(await add({}, { ...s3Details, usehttps: "TRUE" }))).toMatchObject({ protocol: "https" });
    expect(storeOf(await add({ name: "two" }, { ...s3Details, usehttps: "yes" }))).toMatchObject({ protocol: "http" });
  });

  test("the name is the URL where none is given, and else the id", async () => {
    expect(storeOf(await add({ name: "", url: "https://u" }))).toMatchObject({ name: "https://u" });
    const unnamed = storeOf(await add({ name: "" }));
    expect(unnamed).toMatchObject({ id: uuid, name: unnamed["id"] });
  });

  test("a provider that is not known becomes NFS", async () => {
    expect(await add({ provider: "s3" })).toMatchObject(refusal("NFS does not support scope REGION"));
    expect(storeOf(await addNfs({ provider: "s3" }))).toMatchObject({
      providername: "NFS",
      scope: "ZONE",
      zoneid: zoneId,
    });
  });

  test("the checks come in the order of the server", async () => {
    await stage();
    await add();
    expect(await add({ zoneid: zoneId })).toMatchObject(refusal("already exists, try creating"));
    expect(await add({ name: "nfs://192.0.2.1/cache" })).toMatchObject(refusal("already exists, try creating"));
    expect(await add({ name: "two", zoneid: zoneId })).toMatchObject(refusal("S3 does not support scope ZONE"));
    expect(await addNfs({ url: "http://h/p" })).toMatchObject(refusal("same provider"));
    expect(await addNfs({ zoneid: "1a2b3c4d-0000-4000-8000-000000000000" })).toMatchObject(
      refusal("entity does not exist"),
    );
    expect(await names()).toEqual(["one"]);
  });

  test("one NFS store in any zone keeps S3 out, staging stores do not count", async () => {
    await control.patch("cloudstack", { zones: { z2: { name: "far" } }, imageStores: { n: { zoneId: "z2" } } });
    expect(await add()).toMatchObject(refusal("same provider"));
    await control.patch("cloudstack", { imageStores: { n: { role: "ImageCache" } } });
    expect((await add()).status).toBe(200);
  });

  test.each([
    ["no details", () => add({}, {}), /^Failed to add data store: null$/],
    ["no URL", () => addNfs({ url: "" }), /^Failed to add data store: null$/],
    ["another scheme", () => addNfs({ url: "http://h/p" }), /^Failed to add data store: .*scheme http/],
    ["no path", () => addNfs({ url: "nfs://h" }), /^Failed to add data store: .*host and\/or path/],
    ["no URL at all", () => addNfs({ url: "h/p" }), /^Failed to add data store: .*not a valid uri/],
  ])("%s is 530, and nothing is there", async (_, send, text) => {
    expect(await send()).toMatchObject(refusal(text, 530));
    expect(await names()).toBeUndefined();
  });

  test("an add may fail after it has inserted", async () => {
    await options({ failAfterInsert: 2 });
    expect((await add()).status).toBe(530);
    expect((await addS3()).status).toBe(530);
    expect((await addS3()).status).toBe(200);
    expect(await names()).toHaveLength(3);
  });

  test.each([
    ["4.18.0.0", 200],
    ["4.18.1.0", 530],
    ["4.19.0.0", 530],
    ["4.19.1.0", 200],
  ])("without a secondary storage VM, %s answers %i, and the store is there", async (release, status) => {
    await options({ release, systemVmMissing: true });
    expect((await add()).status).toBe(status);
    expect(await names()).toEqual(["one"]);
  });

  test("addImageStoreS3 has an envelope of its own and makes a store each time", async () => {
    const [first, second] = [await addS3({ usehttps: "true", s3signer: "S3SignerType", name: "no" }), await addS3()];
    expect(first).toMatchObject({ status: 200, key: "addImageStoreS3Response" });
    expect(storeOf(first)).toMatchObject({ id: uuid, name: idOf(first), protocol: "https" });
    expect(storeOf(first)).not.toHaveProperty("url");
    expect(idOf(second)).not.toBe(idOf(first));
    const { imageStores } = (await control.state()).cloudstack;
    expect(imageStores[idOf(first)]?.details).toEqual({ ...s3Details, usehttps: "true", s3signer: "S3SignerType" });
  });

  test("addImageStoreS3 drops a signer that it does not know, and wants its four keys and whole numbers", async () => {
    const id = idOf(await addS3({ s3signer: "v4", maxerrorretry: "3" }));
    const { imageStores } = (await control.state()).cloudstack;
    expect(imageStores[id]?.details).toEqual({ ...s3Details, maxerrorretry: "3" });
    const { secretkey: _, ...incomplete } = s3Details;
    expect(await api("addImageStoreS3", incomplete)).toMatchObject({
      key: "addImageStoreS3Response",
      ...refusal("due to missing parameter secretkey$"),
    });
    expect((await addS3({ sockettimeout: "soon" })).status).toBe(431);
  });
});

describe("listing", () => {
  test("filters are exact, and a zone hides the stores of the region", async () => {
    await add();
    await add({ name: "one more" }, { ...s3Details, usehttps: "true" });
    expect(await names({ name: "one" })).toEqual(["one"]);
    expect(await names({ protocol: "https" })).toEqual(["one more"]);
    expect(await names({ provider: "S3" })).toEqual(["one", "one more"]);
    expect(await names({ provider: "s3" })).toBeUndefined();
    expect(await names({ keyword: "MORE" })).toEqual(["one more"]);
    expect(await names({ zoneid: zoneId })).toBeUndefined();
    expect(await names({ readonly: "true" })).toBeUndefined();
  });

  test("sizes come with the first report of a system VM, the same for every S3", async () => {
    await add();
    await control.advance(59);
    expect((await api("listImageStores")).text).not.toContain("disksize");
    await control.advance(2);
    expect((await api("listImageStores")).value["imagestore"]).toEqual([
      expect.objectContaining({ disksizetotal: 2_147_483_647, disksizeused: 0 }),
    ]);
  });

  test.each([
    ["4.9.3.0", { details: expect.arrayContaining([{ name: "bucket", value: "b" }]) }],
    ["4.11.0.0", {}],
    ["4.15.2.0", { readonly: false }],
    ["next", { readonly: false, hasannotations: false, endpoint: "https://s3.example.test", bucket: "b" }],
  ])("what %s shows more", async (release, more) => {
    await add();
    await options({ release });
    const reply = await api("listImageStores");
    const usual = { id: uuid, name: "one", protocol: "http", providername: "S3", scope: "REGION" };
    expect(reply.value["imagestore"]).toEqual([{ ...usual, ...more }]);
    expect(reply.text).not.toContain("s3cr3t");
  });
});

describe("changing", () => {
  test.each([
    ["4.19.1.0", { name: "one", readonly: true }],
    ["4.20.0.0", { name: "new", readonly: true, disksizetotal: 5 }],
  ])("%s takes what it knows and ignores the rest", async (release, changed) => {
    const id = idOf(await add());
    await options({ release });
    const reply = await api("updateImageStore", { id, name: "new", readonly: "true", capacitybytes: "5", url: "x" });
    expect(reply).toMatchObject({ status: 200, key: "updateImageStoreresponse", value: { imagestore: changed } });
    expect(storeOf(reply)).not.toHaveProperty("url");
  });

  test("a name that another store has is taken", async () => {
    await add();
    await api("updateImageStore", { id: idOf(await add({ name: "two" })), name: "one" });
    expect(await names({ name: "one" })).toEqual(["one", "one"]);
  });

  test("before 4.15 there is no such command", async () => {
    await options({ release: "4.14.1.0" });
    expect(await api("updateImageStore", { id: "x" })).toMatchObject({ status: 401, key: "errorresponse" });
  });

  test("listApis tells what the release knows", async () => {
    const apis = async () => {
      const [{ params = [], response = [] } = {}] = (await api("listApis", { name: "updateImageStore" })).value[
        "api"
      ] as {
        params: { name: string }[];
        response: { name: string }[];
      }[];
      return [params.map(({ name }) => name), response.some(({ name }) => name === "bucket")];
    };
    expect(await apis()).toEqual([["id", "readonly", "name", "capacitybytes"], false]);
    await options({ release: "4.15.2.0" });
    expect(await apis()).toEqual([["id", "readonly"], false]);
    await options({ release: "next" });
    expect(await apis()).toEqual([["id", "readonly", "name", "capacitybytes"], true]);
    expect((await api("listApis", { name: "updateImageStores" })).value).toEqual({});
  });
});
