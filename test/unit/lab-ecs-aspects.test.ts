import { beforeEach, describe, expect, test } from "vitest";
import { openEcs } from "./lab-ecs-stage.ts";

const { control, call } = await openEcs();

beforeEach(() =>
  control.patch("ecs", { users: { "ns1/u": {}, "ns1/v": {}, "ns2/w": {} }, buckets: { "ns1/b": { owner: "u" } } }),
);

const path = "/object/bucket/b";
const query = "?namespace=ns1";
const get = async (aspect: string) => (await call("GET", `${path}/${aspect}${query}`)).json();
const live = async () => (await control.state()).ecs.buckets["ns1/b"];

describe("quota", () => {
  const set = (blockSize: unknown, notificationSize: unknown, namespace = "ns1") =>
    call("PUT", `${path}/quota`, { blockSize, notificationSize, namespace });

  test("it is set, lowered and removed", async () => {
    const none = { bucketname: "b", namespace: "ns1", blockSize: -1, notificationSize: -1 };
    expect(await get("quota")).toEqual(none);
    expect((await set(80, "-1")).status).toBe(200);
    expect(await get("quota")).toEqual({ ...none, blockSize: 80 });
    expect((await set(10, 20)).status).toBe(200);
    expect(await get("info")).toMatchObject({ block_size: 10, notification_size: 20, softquota: "20" });
    for (let turn = 0; turn < 2; turn++) expect((await call("DELETE", `${path}/quota${query}`)).status).toBe(200);
    expect(await get("quota")).toEqual(none);
  });

  test.each([
    [-1, -1, 1008],
    [5, undefined, 1005],
    [undefined, 5, 1005],
    [0, 5, 1014],
    [5, -2, 1014],
    ["x", 5, 1008],
  ])("%s and %s are refused", async (block, notification, code) => {
    expect((await set(block, notification)).json()).toMatchObject({ code });
  });

  test("the namespace is in the body, and in the query where there is no body", async () => {
    const inQuery = await call("PUT", `${path}/quota${query}`, { blockSize: 1, notificationSize: 1 });
    expect(inQuery.json()).toMatchObject({ code: 1004, details: "Unable to find bucket b" });
    expect((await call("GET", `${path}/quota`)).json()).toMatchObject({ code: 1004 });
  });
});

describe("policy", () => {
  const statement = { Effect: "Allow", Principal: ["v"], Action: "s3:GetObject", Resource: ["b/*"] };
  const set = (document: object) => call("PUT", `${path}/policy${query}`, document);

  test("none is success with an empty body; one reads back rewritten; deleting is fine twice", async () => {
    const none = await call("GET", `${path}/policy${query}`);
    expect([none.status, none.headers["content-type"], none.text]).toEqual([200, "application/xml", ""]);
    expect((await set({ Version: "2012-10-17", Statement: [statement] })).status).toBe(200);
    expect(await get("policy")).toEqual({
      Version: "2012-10-17",
      Id: "",
      Statement: [{ Sid: "", Effect: "Allow", Principal: "v", Action: "s3:GetObject", Resource: ["b/*"] }],
    });
    for (let turn = 0; turn < 2; turn++) expect((await call("DELETE", `${path}/policy${query}`)).status).toBe(200);
    expect((await call("GET", `${path}/policy${query}`)).text).toBe("");
  });

  test("without a statement, with an unknown principal, on a file system it is refused", async () => {
    expect((await set({})).json()).toMatchObject({ code: 1008 });
    expect((await set({ Statement: [{ ...statement, Principal: "w" }] })).json()).toMatchObject({
      code: 1008,
      details: "Invalid principal in policy: w",
    });
    await control.patch("ecs", { buckets: { "ns1/b": { fileSystem: true } } });
    expect((await set({ Statement: [statement] })).json()).toMatchObject({ code: 1012 });
  });
});

describe("versioning", () => {
  const set = (Status: string) => call("PUT", `${path}/versioning${query}`, { Status });

  test("releases before 4 do not have the call, each in its way", async () => {
    expect((await set("Enabled")).json()).toMatchObject({ code: 1007 });
    await control.patch("ecs", { options: { release: "3.6" } });
    const reply = await set("Enabled");
    expect([reply.status, reply.headers["content-type"]]).toEqual([404, "text/html"]);
    expect(await live()).toMatchObject({ versioning: "never" });
  });

  test("4.x turns it on and suspends it, but not under object lock", async () => {
    await control.patch("ecs", { options: { release: "4.x" } });
    expect(await get("versioning")).toEqual({});
    await set("Enabled");
    expect(await get("versioning")).toEqual({ Status: "Enabled" });
    await set("Suspended");
    expect(await get("versioning")).toEqual({ Status: "Suspended" });
    expect((await set("Off")).json()).toMatchObject({ code: 1008 });
    await control.patch("ecs", { buckets: { "ns1/b": { versioning: "enabled", objectLock: true } } });
    expect((await set("Suspended")).json()).toMatchObject({ code: 1012 });
    expect(await get("object-lock-config")).toEqual({ ObjectLockEnabled: "Enabled" });
  });
});

test("the owner is a user of the namespace; the one before may keep rights", async () => {
  const set = (body: object) => call("POST", `${path}/owner`, { namespace: "ns1", ...body });
  expect((await set({ new_owner: "w" })).json()).toMatchObject({ code: 40010 });
  expect((await set({})).json()).toMatchObject({ code: 1005 });
  await set({ new_owner: "v" });
  expect(await get("info")).toMatchObject({ owner: "v" });
  expect(await get("acl")).toMatchObject({ acl: { owner: "v", user_acl: [{ user: "u" }, { user: "v" }] } });
  await set({ new_owner: "u", reset_previous_owners: true });
  expect(await get("acl")).toMatchObject({ acl: { user_acl: [{ user: "u", permission: ["full_control"] }] } });
});

test("access during an outage, lock and retention are updated", async () => {
  await call("POST", `${path}/isstaleallowed`, { is_stale_allowed: "true", namespace: "ns1" });
  expect(await get("info")).toMatchObject({ is_stale_allowed: true });
  expect((await call("POST", `${path}/isstaleallowed`, { namespace: "ns1" })).json()).toMatchObject({ code: 1005 });
  await call("PUT", `${path}/lock/true`, { namespace: "ns1" });
  expect(await get("lock")).toEqual({ bucket_name: "b", isLocked: true });
  expect((await call("PUT", `${path}/lock/yes`, { namespace: "ns1" })).json()).toMatchObject({ code: 1002 });
  await call("PUT", `${path}/retention`, { period: 60, namespace: "ns1" });
  expect(await get("retention")).toEqual({ period: 60 });
  expect(await get("info")).toMatchObject({ retention: 60, default_retention: 60 });
});

test("tags are added up to ten; overwriting and removing need every one of them", async () => {
  const tags = (method: string, ...pairs: [string, string?][]) =>
    call(method, `${path}/tags`, { namespace: "ns1", TagSet: pairs.map(([Key, Value]) => ({ Key, Value })) });
  await tags("POST", ["a", "1"], ["b", "2"]);
  expect((await tags("POST", ...Array.from("cdefghijk", (key): [string] => [key]))).json()).toMatchObject({
    code: 1031,
  });
  expect((await tags("PUT", ["a", "3"], ["z", ""])).json()).toMatchObject({ code: 1004 });
  await tags("PUT", ["a", "3"]);
  expect((await tags("DELETE", ["z"])).json()).toMatchObject({ code: 1004 });
  await tags("DELETE", ["b"]);
  expect(await get("info")).toMatchObject({ TagSet: [{ Key: "a", Value: "3" }] });
});

test("an ACL replaces the one before; the order of permissions is not kept", async () => {
  const acl = {
    user_acl: [{ user: "v", permission: ["read", "write"] }],
    group_acl: [{ group: "public", permission: ["read"] }],
    default_group: "public",
  };
  expect((await call("PUT", `${path}/acl`, { namespace: "ns1", acl })).status).toBe(200);
  expect(await get("acl")).toEqual({
    bucket: "b",
    namespace: "ns1",
    acl: {
      owner: "u",
      default_group: "public",
      user_acl: [{ user: "v", permission: ["write", "read"] }],
      group_acl: [{ group: "public", permission: ["read"] }],
      customgroup_acl: [],
    },
  });
  const odd = { group_acl: [{ group: "nobody", permission: ["read"] }] };
  expect((await call("PUT", `${path}/acl`, { namespace: "ns1", acl: odd })).json()).toMatchObject({ code: 1008 });
  await call("PUT", `${path}/acl`, { namespace: "ns1", acl: {} });
  expect(await get("acl")).toMatchObject({ acl: { default_group: "", user_acl: [], group_acl: [] } });
  expect((await call("GET", "/object/bucket/acl/permissions")).json()).toMatchObject({
    permission: expect.arrayContaining([{ id: "full_control", display_name: "full control", description: "" }]),
  });
  const { group } = (await call("GET", "/object/bucket/acl/groups")).json() as { group: { id: string }[] };
  expect(group.map(({ id }) => id)).toEqual(["public", "all_users", "other", "log_delivery"]);
});

test("metadata is there until it is deleted", async () => {
  const metadata = [{ name: "n", value: "v" }];
  await call("PUT", `${path}/metadata`, { head_type: "s3", metadata, namespace: "ns1" });
  expect((await call("GET", `${path}/metadata${query}&headType=S3`)).json()).toEqual({ head_type: "S3", metadata });
  await call("DELETE", `${path}/metadata${query}&headType=S3`);
  expect((await call("GET", `${path}/metadata${query}&headType=S3`)).status).toBe(400);
});
