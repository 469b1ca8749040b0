import { beforeEach, expect, test } from "vitest";
import { openLab } from "./lab-stage.ts";

const { control, call } = await openLab();

beforeEach(async () => {
  await call("PUT", "/group", { groupId: "g" });
});

const me = "groupId=g&userId=u";
const identity = { groupId: "g", userId: "u" };
const minimal = { ...identity, userType: "User" };
const defaults = {
  ...minimal,
  fullName: null,
  emailAddr: null,
  active: "true",
  address1: null,
  address2: null,
  city: null,
  state: null,
  zip: null,
  country: null,
  phone: null,
  website: null,
  canonicalUserId: expect.stringMatching(/^[0-9a-f]{32}$/),
  ldapEnabled: false,
};

async function list(query: string): Promise<string[]> {
  const reply = await call("GET", `/user/list?groupId=g&${query}`);
  expect(reply.status).toBe(200);
  return reply.text === "" ? [] : (reply.json() as { userId: string }[]).map(({ userId }) => userId);
}

async function makeUsers(...userIds: string[]): Promise<void> {
  await control.patch("cloudian", { users: Object.fromEntries(userIds.map((userId) => [`g/${userId}`, {}])) });
}

test("creating answers the stored user, which reads the same", async () => {
  const created = await call("PUT", "/user", { ...minimal, canonicalUserId: "" });
  expect(created.status).toBe(200);
  expect(created.json()).toEqual(defaults);
  expect((await call("GET", `/user?${me}`)).text).toBe(created.text);
});

test("creating makes one active key pair", async () => {
  await call("PUT", "/user", minimal);
  const keys = (await call("GET", `/user/credentials/list?${me}`)).json();
  expect(keys).toEqual([
    {
      accessKey: expect.stringMatching(/^[0-9a-f]{20}$/),
      secretKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      createDate: expect.any(Number),
      expireDate: null,
      active: true,
    },
  ]);
});

test("creating needs a group that exists, both ids and a type", async () => {
  for (const change of [
    { groupId: "other" },
    { groupId: "" },
    { userId: "" },
    { userId: "ALL" },
    { userId: "*" },
    { userType: "" },
    { userType: "Root" },
    { canonicalUserId: "0f3a9c5e7b1d48260a6c4e2f8d9b7135" },
    { fullName: 5 },
  ]) {
    expect(await call("PUT", "/user", { ...minimal, ...change })).toMatchObject({ status: 400 });
  }
  expect((await control.state()).cloudian.credentials).toEqual({});
});

test("creating what exists is 409 and changes nothing", async () => {
  await call("PUT", "/user", minimal);
  expect(await call("PUT", "/user", { ...minimal, fullName: "x" })).toMatchObject({ status: 409 });
  expect((await call("GET", `/user?${me}`)).json()).toMatchObject({ fullName: null });
  expect(Object.keys((await control.state()).cloudian.credentials)).toHaveLength(1);
});

test("reading an absent user is 204, a missing parameter 400", async () => {
  expect(await call("GET", `/user?${me}`)).toMatchObject({ status: 204, text: "" });
  expect(await call("GET", "/user?userId=u")).toMatchObject({ status: 400 });
  expect(await call("GET", "/user?groupId=g")).toMatchObject({ status: 400 });
});

test("updating resets what is not named, even the type; with the other mode it keeps it", async () => {
  await call("PUT", "/user", { ...identity, userType: "GroupAdmin", fullName: "n", active: false });
  expect(await call("POST", "/user", { ...identity, city: "c" })).toMatchObject({ status: 200, text: "" });
  expect((await call("GET", `/user?${me}`)).json()).toEqual({ ...defaults, city: "c" });
  await control.patch("cloudian", { options: { updateMode: "merge" } });
  await call("POST", "/user", { ...identity, userType: "GroupAdmin", phone: "1" });
  await call("POST", "/user", { ...identity, active: "False" });
  expect((await call("GET", `/user?${me}`)).json()).toEqual({
    ...defaults,
    userType: "GroupAdmin",
    city: "c",
    phone: "1",
    active: "false",
  });
});

test("an update names the user by canonical id or by its two ids, not by both", async () => {
  const { canonicalUserId } = (await call("PUT", "/user", minimal)).json() as { canonicalUserId: string };
  expect(await call("POST", "/user", { ...minimal, canonicalUserId })).toMatchObject({ status: 400 });
  expect(await call("POST", "/user", { canonicalUserId, userType: "User", city: "a" })).toMatchObject({ status: 200 });
  expect(await call("POST", "/user", { ...minimal, canonicalUserId: "", phone: "1" })).toMatchObject({ status: 200 });
  expect((await call("GET", `/user?${me}`)).json()).toEqual({ ...defaults, phone: "1", canonicalUserId });
});

test("updating an absent user is 400", async () => {
  expect(await call("POST", "/user", minimal)).toMatchObject({ status: 400 });
  expect(await call("POST", "/user", { canonicalUserId: "f".repeat(32) })).toMatchObject({ status: 400 });
});

test("deleting takes keys, limits and buckets along and is recorded as destructive; absent is 400", async () => {
  await call("PUT", "/user", minimal);
  await control.patch("cloudian", {
    limits: { "g/u": { hlRequestRate: 5 } },
    buckets: { "g/u": [{ bucketName: "b" }] },
    passwords: { "g/u": "Sup3rSecret" },
  });
  await control.clearRequests();
  expect(await call("DELETE", `/user?${me}`)).toMatchObject({ status: 200, text: "" });
  expect(await call("DELETE", `/user?${me}`)).toMatchObject({ status: 400 });
  expect((await control.requests()).map(({ destructive }) => destructive)).toEqual([true, undefined]);
  const { credentials, limits, buckets, passwords } = (await control.state()).cloudian;
  expect({ credentials, limits, buckets, passwords }).toEqual({
    credentials: {},
    limits: {},
    buckets: {},
    passwords: {},
  });
});

test("a user that is made again has another canonical id", async () => {
  const first = (await call("PUT", "/user", minimal)).json() as { canonicalUserId: string };
  await call("DELETE", `/user?${me}`);
  const second = (await call("PUT", "/user", minimal)).json() as { canonicalUserId: string };
  expect(second.canonicalUserId).not.toBe(first.canonicalUserId);
});

test("an empty group and an unknown one list as 200 with a zero-length body", async () => {
  for (const group of ["g", "unknown"]) {
    const reply = await call("GET", `/user/list?groupId=${group}&userType=all&userStatus=all`);
    expect(reply).toMatchObject({ status: 200, text: "" });
  }
});

test("a page has one row more than its limit, and begins with the offset", async () => {
  await makeUsers("d", "b", "e", "a", "c");
  expect(await list("userType=all&userStatus=all&limit=2")).toEqual(["a", "b", "c"]);
  expect(await list("userType=all&userStatus=all&limit=2&offset=c")).toEqual(["c", "d", "e"]);
  expect(await list("userType=all&userStatus=all&limit=2&offset=e")).toEqual(["e"]);
  expect(await list("userType=all&userStatus=all&limit=5")).toEqual(["a", "b", "c", "d", "e"]);
});

test("without a limit the server's own holds, 100 or as configured", async () => {
  const userIds = Array.from({ length: 102 }, (_, index) => `u${String(index).padStart(3, "0")}`);
  await makeUsers(...userIds);
  expect(await list("userType=all&userStatus=all")).toEqual(userIds.slice(0, 101));
  await control.patch("cloudian", { options: { listPageLimit: 1 } });
  expect(await list("userType=all&userStatus=all")).toEqual(["u000", "u001"]);
});

test("the list filters by type, status and prefix", async () => {
  await control.patch("cloudian", {
    users: {
      "g/ab": {},
      "g/ac": { userType: "GroupAdmin" },
      "g/ad": { active: "false" },
      "g/b": { active: "false", userType: "GroupAdmin" },
    },
  });
  expect(await list("userType=all&userStatus=all")).toEqual(["ab", "ac", "ad", "b"]);
  expect(await list("userType=GroupAdmin&userStatus=all")).toEqual(["ac", "b"]);
  expect(await list("userType=all&userStatus=active")).toEqual(["ab", "ac"]);
  expect(await list("userType=all&userStatus=inactive")).toEqual(["ad", "b"]);
  expect(await list("userType=all&userStatus=all&prefix=a")).toEqual(["ab", "ac", "ad"]);
});

test("a list with a missing or strange parameter is 400", async () => {
  for (const query of [
    "groupId=g&userType=all",
    "groupId=g&userStatus=all",
    "userType=all&userStatus=all",
    "groupId=g&userType=none&userStatus=all",
    "groupId=g&userType=all&userStatus=on",
    "groupId=g&userType=all&userStatus=all&limit=0",
    "groupId=g&userType=all&userStatus=all&limit=x",
  ]) {
    expect(await call("GET", `/user/list?${query}`)).toMatchObject({ status: 400 });
  }
});

test("a password is 200 without a body, 204 for an absent user, 400 when it is weak, and is never shown", async () => {
  const set = (password: string) => call("POST", `/user/password?${me}&password=${encodeURIComponent(password)}`);
  expect(await set("Sup3rSecret")).toMatchObject({ status: 204 });
  await call("PUT", "/user", minimal);
  for (const weak of ["Sh0rt#", "lowercase1", "x1A".repeat(22), "ONLYUPPER1"]) {
    expect(await set(weak)).toMatchObject({ status: 400 });
  }
  expect(await set("")).toMatchObject({ status: 400 });
  expect(await set("Sup3rSecret")).toMatchObject({ status: 200, text: "" });
  expect((await call("GET", `/user?${me}`)).text).not.toContain("Sup3rSecret");
  expect((await control.state()).cloudian.passwords).toEqual({ "g/u": "Sup3rSecret" });
});

test("the first administrator exists and has no keys", async () => {
  expect((await call("GET", "/user?groupId=0&userId=admin")).json()).toMatchObject({ userType: "SystemAdmin" });
  expect(await call("GET", "/user/credentials/list?groupId=0&userId=admin")).toMatchObject({ status: 204 });
});

test("the next lists miss the newest user, as often as configured", async () => {
  await makeUsers("b", "a");
  await control.patch("cloudian", { options: { staleLists: 2 } });
  expect(await list("userType=all&userStatus=all")).toEqual(["b"]);
  expect(await list("userType=all&userStatus=all")).toEqual(["b"]);
  expect(await list("userType=all&userStatus=all")).toEqual(["a", "b"]);
});
