import { beforeEach, expect, test } from "vitest";
import { openLab } from "./lab-stage.ts";

const { control, call } = await openLab();

beforeEach(async () => {
  await control.patch("cloudian", { groups: { g: {}, empty: {} }, users: { "g/u": {}, "g/v": {} } });
});

const ten =
  "hlStorageQuotaKBytes=1&wlStorageQuotaKBytes=2&hlStorageQuotaCount=3&wlStorageQuotaCount=4&hlRequestRate=5" +
  "&wlRequestRate=-2&hlDataKBytesIn=7&wlDataKBytesIn=8&hlDataKBytesOut=9&wlDataKBytesOut=-1";

const set = (owner: string, parameters = ten) => call("POST", `/qos/limits?${owner}&${parameters}`);

const allUnlimited = ten.replaceAll(/=-?\d+/g, "=-1");

async function read(owner: string): Promise<Record<string, number>> {
  const reply = (await call("GET", `/qos/limits?${owner}`)).json() as {
    qosLimitList: { type: string; value: number }[];
  };
  return Object.fromEntries(reply.qosLimitList.map(({ type, value }) => [type, value]));
}

const unset = {
  STORAGE_QUOTA_KBYTES_LH: -1,
  STORAGE_QUOTA_KBYTES_LW: -1,
  STORAGE_QUOTA_COUNT_LH: -1,
  STORAGE_QUOTA_COUNT_LW: -1,
  REQUEST_RATE_LH: -1,
  REQUEST_RATE_LW: -1,
  DATAKBYTES_IN_LH: -1,
  DATAKBYTES_IN_LW: -1,
  DATAKBYTES_OUT_LH: -1,
  DATAKBYTES_OUT_LW: -1,
};

test.each([
  "groupId=g&userId=u",
  "groupId=g&userId=ALL",
  "groupId=*&userId=ALL",
  "groupId=g&userId=*",
  "groupId=ALL&userId=*",
])("limits of %s: -1 when unset, then all ten as set, -2 included, then unset again", async (owner) => {
  expect(await read(owner)).toEqual(unset);
  expect(await set(owner)).toMatchObject({ status: 200, text: "" });
  expect(await read(owner)).toEqual({
    STORAGE_QUOTA_KBYTES_LH: 1,
    STORAGE_QUOTA_KBYTES_LW: 2,
    STORAGE_QUOTA_COUNT_LH: 3,
    STORAGE_QUOTA_COUNT_LW: 4,
    REQUEST_RATE_LH: 5,
    REQUEST_RATE_LW: -2,
    DATAKBYTES_IN_LH: 7,
    DATAKBYTES_IN_LW: 8,
    DATAKBYTES_OUT_LH: 9,
    DATAKBYTES_OUT_LW: -1,
  });
  expect(await call("DELETE", `/qos/limits?${owner}`)).toMatchObject({ status: 200, text: "" });
  expect(await read(owner)).toEqual(unset);
});

test("regions are kept apart", async () => {
  await set("groupId=g&userId=u&region=eu");
  expect(await read("groupId=g&userId=u&region=us")).toEqual(unset);
  expect(await read("groupId=g&userId=u")).toEqual(unset);
  expect(await read("groupId=g&userId=u&region=eu")).toMatchObject({ REQUEST_RATE_LH: 5 });
  expect(Object.keys((await control.state()).cloudian.limits)).toEqual(["g/u?region=eu"]);
});

test("what was never set reads as the nearest default, unless configured otherwise", async () => {
  await set("groupId=*&userId=ALL");
  expect(await read("groupId=g&userId=u")).toMatchObject({ REQUEST_RATE_LH: 5 });
  await set("groupId=g&userId=ALL", allUnlimited.replace("hlRequestRate=-1", "hlRequestRate=50"));
  expect(await read("groupId=g&userId=u")).toEqual({ ...unset, REQUEST_RATE_LH: 50 });
  await set("groupId=g&userId=u", allUnlimited);
  expect(await read("groupId=g&userId=u")).toEqual(unset);
  expect(await read("groupId=g&userId=*")).toEqual(unset);
  await set("groupId=ALL&userId=*");
  expect(await read("groupId=g&userId=*")).toMatchObject({ REQUEST_RATE_LH: 5 });
  await control.patch("cloudian", { options: { inheritLimits: false } });
  expect(await read("groupId=g&userId=*")).toEqual(unset);
  expect(await read("groupId=g&userId=v")).toEqual(unset);
});

test("a missing or strange value is 400, and so are an absent owner and a wrong wild card", async () => {
  expect(await set("groupId=g&userId=u", ten.replace("&hlRequestRate=5", ""))).toMatchObject({ status: 400 });
  for (const value of ["", "x", "-3", "1.5"]) {
    const parameters = ten.replace("hlRequestRate=5", `hlRequestRate=${value}`);
    expect(await set("groupId=g&userId=u", parameters)).toMatchObject({ status: 400 });
  }
  for (const owner of [
    "groupId=g&userId=x",
    "groupId=x&userId=*",
    "groupId=*&userId=u",
    "groupId=ALL&userId=ALL",
    "groupId=g",
  ]) {
    expect(await set(owner)).toMatchObject({ status: 400 });
  }
  expect((await control.state()).cloudian.limits).toEqual({});
});

test("the limits of an absent owner read as unset, and may be accepted", async () => {
  expect(await read("groupId=g&userId=x")).toEqual(unset);
  expect(await call("DELETE", "/qos/limits?groupId=g&userId=x")).toMatchObject({ status: 400 });
  await control.patch("cloudian", { options: { limitsOfAbsentOwner: "accept" } });
  expect(await set("groupId=g&userId=x")).toMatchObject({ status: 200 });
  expect(await call("DELETE", "/qos/limits?groupId=g&userId=x")).toMatchObject({ status: 200 });
});

test("with the feature off, setting is 503", async () => {
  await control.patch("cloudian", { options: { qosEnabled: false } });
  expect(await set("groupId=g&userId=u")).toMatchObject({ status: 503 });
  expect(await read("groupId=g&userId=u")).toEqual(unset);
});

test("an old release has one storage limit of each kind, without a prefix", async () => {
  await control.patch("cloudian", { options: { storageQuotaPairs: false } });
  expect(await set("groupId=g&userId=u")).toMatchObject({ status: 400 });
  const rates =
    "hlRequestRate=5&wlRequestRate=-1&hlDataKBytesIn=7&wlDataKBytesIn=8&hlDataKBytesOut=9&wlDataKBytesOut=-1";
  expect(await set("groupId=g&userId=u", `storageQuotaKBytes=10&storageQuotaCount=20&${rates}`)).toMatchObject({
    status: 200,
  });
  expect(await read("groupId=g&userId=u")).toEqual({
    STORAGE_QUOTA_KBYTES: 10,
    STORAGE_QUOTA_COUNT: 20,
    REQUEST_RATE_LH: 5,
    REQUEST_RATE_LW: -1,
    DATAKBYTES_IN_LH: 7,
    DATAKBYTES_IN_LW: 8,
    DATAKBYTES_OUT_LH: 9,
    DATAKBYTES_OUT_LW: -1,
  });
});

test("bucket usage names every user, reads 0 without statistics, and may be negative with them", async () => {
  await control.patch("cloudian", {
    buckets: { "g/u": [{ bucketName: "b1", byteCount: -5, objectCount: 2, policyName: "rf3" }, { bucketName: "b2" }] },
  });
  const zero = { byteCount: 0, objectCount: 0 };
  const usage = async (query: string) => (await call("GET", `/system/bucketusage?${query}`)).json();
  expect(await usage("groupId=g")).toEqual([
    {
      userId: "u",
      buckets: [
        { bucketName: "b1", ...zero, policyName: "rf3" },
        { bucketName: "b2", ...zero, policyName: "default" },
      ],
    },
    { userId: "v", buckets: [] },
  ]);
  expect(await usage("groupId=empty")).toEqual([]);
  expect(await usage("groupId=g&userId=v")).toEqual([{ userId: "v", buckets: [] }]);
  await control.patch("cloudian", { options: { bucketStatistics: true } });
  expect(await usage("groupId=g&userId=u&bucket=b1")).toEqual([
    { userId: "u", buckets: [{ bucketName: "b1", byteCount: -5, objectCount: 2, policyName: "rf3" }] },
  ]);
});

test("bucket usage of an unknown group, user or bucket is 400", async () => {
  for (const query of ["", "groupId=x", "groupId=g&userId=x", "groupId=g&userId=u&bucket=b", "groupId=g&bucket=b"]) {
    expect(await call("GET", `/system/bucketusage?${query}`)).toMatchObject({ status: 400 });
  }
});

test("the bucket list names only the users who own buckets", async () => {
  await control.patch("cloudian", { buckets: { "g/v": [{ bucketName: "b" }] } });
  expect((await call("GET", "/system/bucketlist?groupId=g")).json()).toEqual([
    { userId: "v", buckets: [{ bucketName: "b" }] },
  ]);
  expect(await call("GET", "/system/bucketlist?groupId=x")).toMatchObject({ status: 200, text: "[]" });
  expect(await call("GET", "/system/bucketlist")).toMatchObject({ status: 400 });
});
