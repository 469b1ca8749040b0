import { beforeEach, expect, test } from "vitest";
import { openEcs } from "./lab-ecs-stage.ts";

const { control, call } = await openEcs();

beforeEach(() => control.patch("ecs", { users: { "ns1/u": {} } }));

const create = (body: object = {}) => call("POST", "/object/user-secret-keys/u", { namespace: "ns1", ...body });
const remove = (body: object = {}) =>
  call("POST", "/object/user-secret-keys/u/deactivate", { namespace: "ns1", ...body });
const read = async (path = "u/ns1") =>
  (await call("GET", `/object/user-secret-keys/${path}`)).json() as Record<string, unknown>;
const pair = async () => {
  const { secret_key_1: one, secret_key_2: two } = await read();
  return [one, two];
};
const time = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
const link = { rel: "self", href: "/object/secret-keys" };

test("a key is generated, or taken as it is given", async () => {
  expect((await create({ secret_key: "ignored" })).json()).toEqual({
    secret_key: expect.stringMatching(/^(?=.*\+)(?=.*\/)[A-Za-z0-9+/]{40}$/),
    key_timestamp: time,
    key_expiry_timestamp: "",
    link: { rel: "self", href: "/object/user-secret-keys/u" },
  });
  expect((await create({ secretkey: "own-key" })).json()).toMatchObject({ secret_key: "own-key" });
  expect(await read()).toEqual({
    secret_key_1: expect.stringMatching(/^.{40}$/),
    secret_key_1_exist: true,
    key_timestamp_1: time,
    key_expiry_timestamp_1: "",
    secret_key_2: "own-key",
    secret_key_2_exist: true,
    key_timestamp_2: time,
    key_expiry_timestamp_2: "",
    link,
  });
});

test("a user without keys has empty slots, and who does not exist is 404", async () => {
  const empty = { key_timestamp_1: "", key_expiry_timestamp_1: "", key_timestamp_2: "", key_expiry_timestamp_2: "" };
  const none = { secret_key_1: "", secret_key_1_exist: false, secret_key_2: "", secret_key_2_exist: false };
  expect(await read("u")).toEqual({ ...none, ...empty, link });
  expect((await call("GET", "/object/user-secret-keys/v")).status).toBe(404);
  expect((await call("POST", "/object/user-secret-keys/v", {})).status).toBe(404);
});

test("a third key is refused, and so is one that the user has", async () => {
  await create({ secretkey: "a" });
  expect((await create({ secretkey: "a" })).json()).toMatchObject({ code: 1008 });
  await control.patch("ecs", { options: { repeatedKey: "accept" } });
  expect((await create({ secretkey: "a" })).json()).toMatchObject({ secret_key: "a" });
  await create({ secretkey: "b" });
  const third = await create({ secretkey: "c" });
  expect([third.status, third.json()]).toEqual([
    400,
    expect.objectContaining({ code: 1031, details: "User u already has 2 valid keys" }),
  ]);
  expect(await pair()).toEqual(["a", "b"]);
});

test("the old key expires when the new one says so, by the clock of the lab", async () => {
  expect((await create({ existing_key_expiry_time_mins: "5" })).json()).toMatchObject({ code: 1008 });
  await create({ secretkey: "old" });
  await create({ secretkey: "new", existing_key_expiry_time_mins: "5" });
  expect(await read()).toMatchObject({ key_expiry_timestamp_1: time, key_expiry_timestamp_2: "" });
  await control.advance(299);
  expect(await pair()).toEqual(["old", "new"]);
  await control.advance(2);
  expect(await pair()).toEqual(["", "new"]);
  await create({ secretkey: "newer" });
  expect(await pair()).toEqual(["newer", "new"]);
});

test("deleting takes the key that is named, and all where none is", async () => {
  await control.patch("ecs", { users: { "ns1/u": { keys: ["a", "b"] } } });
  expect((await remove({ secret_key: "c" })).json()).toMatchObject({ code: 1004 });
  const reply = await remove({ secret_key: "a" });
  expect([reply.status, reply.headers["content-type"], reply.text]).toEqual([200, "application/json", "null"]);
  expect(await pair()).toEqual(["", "b"]);
  await create({ secretkey: "c" });
  expect(await pair()).toEqual(["c", "b"]);
  await remove({ secretkey: "c" });
  expect(await pair()).toEqual(["", ""]);
});

test("slot 2 may move up", async () => {
  await control.patch("ecs", { users: { "ns1/u": { keys: ["a", "b"] } }, options: { keySlotsMoveUp: true } });
  await remove({ secret_key: "a" });
  expect(await pair()).toEqual(["b", ""]);
});

test("hidden keys read blank, with flags and, on the newest release, with ids", async () => {
  await control.patch("ecs", { users: { "ns1/u": { keys: ["a", "b"] } }, options: { hideSecretKeys: true } });
  expect(await read()).toMatchObject({ secret_key_1: "", secret_key_1_exist: true });
  await control.patch("ecs", { options: { release: "4.x" } });
  const { secret_key_1_id: first, secret_key_2_id: second } = await read();
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect((await remove({ secret_key: "a" })).json()).toMatchObject({ code: 1005 });
  expect((await remove({ secret_key_id: second })).status).toBe(200);
  expect(await read()).toMatchObject({ secret_key_1_exist: true, secret_key_2_exist: false });
  expect((await create({ secretkey: "c" })).json()).toMatchObject({
    secret_key: "c",
    secret_key_id: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("a management user has keys of the object user of the same name", async () => {
  const own = (method: string, path = "", body?: object) => call(method, `/object/secret-keys${path}`, body);
  expect((await own("GET")).status).toBe(404);
  await control.patch("ecs", { users: { "ns1/pulumi": {} } });
  expect((await own("POST", "", { secretkey: "ignored" })).json()).toMatchObject({
    secret_key: expect.stringMatching(/^.{40}$/),
  });
  expect((await own("GET")).json()).toMatchObject({ secret_key_1_exist: true });
  await own("POST", "/deactivate", {});
  expect((await own("GET")).json()).toMatchObject({ secret_key_1: "", secret_key_1_exist: false });
});

test("one call answers flags only", async () => {
  await create({ secretkey: "a" });
  expect(await read("exist/u/ns1")).toMatchObject({ secret_key_1: "", secret_key_1_exist: true });
});
