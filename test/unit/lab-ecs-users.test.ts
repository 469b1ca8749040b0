import { expect, test } from "vitest";
import { openEcs } from "./lab-ecs-stage.ts";

const { control, call } = await openEcs();

const create = (user: string, namespace = "ns1", more: object = {}) =>
  call("POST", "/object/users", { user, namespace, ...more });
const names = async (target: string) =>
  ((await call("GET", target)).json() as { blobuser: { userid: string }[] }).blobuser.map(({ userid }) => userid);

test("creating answers a link only, and makes no key", async () => {
  const reply = await create("cs-1", "ns1", { tags: [{ name: "managed-by", value: "pulumi" }] });
  expect(reply.json()).toEqual({ link: { rel: "self", href: "/object/user-secret-keys/cs-1" } });
  expect((await call("GET", "/object/users/cs-1/info?namespace=ns1")).json()).toEqual({
    namespace: "ns1",
    name: "cs-1",
    locked: false,
    created: expect.stringMatching(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC 20\d\d$/),
    tag: [{ name: "managed-by", value: "pulumi" }],
  });
  expect((await call("GET", "/object/user-secret-keys/cs-1")).json()).toMatchObject({ secret_key_1_exist: false });
});

test("a name is taken over all namespaces, or with the other scope in its own", async () => {
  await create("u");
  for (const namespace of ["ns1", "ns2"]) {
    const reply = await create("u", namespace);
    expect([reply.status, reply.json()]).toEqual([
      400,
      expect.objectContaining({ code: 1015, details: "User u already exists" }),
    ]);
  }
  expect((await call("GET", "/object/users/u/info")).json()).toMatchObject({ namespace: "ns1" });
  expect((await call("GET", "/object/users/u/info?namespace=ns2")).status).toBe(404);
  await control.patch("ecs", { options: { userScope: "NAMESPACE" } });
  expect((await create("u", "ns2")).status).toBe(200);
  expect((await call("GET", "/object/users/u/info")).json()).toMatchObject({ code: 1005 });
  expect((await call("GET", "/object/users/u/info?namespace=ns2")).json()).toMatchObject({ namespace: "ns2" });
});

test("creating needs both names, of characters that are allowed, and a namespace that exists", async () => {
  for (const [body, code] of [
    [{ user: "u" }, 1005],
    [{ namespace: "ns1" }, 1005],
    [{ user: "", namespace: "ns1" }, 1005],
    [{ user: "ü", namespace: "ns1" }, 1008],
    [{ user: "u v", namespace: "ns1" }, 1008],
    [{ user: "u", namespace: "none" }, 1004],
  ] as const) {
    const reply = await call("POST", "/object/users", body);
    expect([reply.status, reply.json()]).toEqual([400, expect.objectContaining({ code })]);
  }
  expect((await create("!#$&'()*+,-./:;=?@_~")).status).toBe(200);
});

test("names with a domain are stored in lower case, unless the option says otherwise", async () => {
  await create("User1@SANITY.local");
  expect((await call("GET", "/object/users/USER1%40sanity.local/info")).json()).toMatchObject({
    name: "user1@sanity.local",
  });
  await control.patch("ecs", { options: { lowercaseDomainNames: false } });
  await create("User2@X");
  expect((await call("GET", "/object/users/User2%40X/info")).json()).toMatchObject({ name: "User2@X" });
});

test("lists have pages, of all, of a namespace and by tag", async () => {
  const users = Object.fromEntries(["a", "b", "c", "d"].map((name) => [`ns1/${name}`, { tags: { team: "x" } }]));
  await control.patch("ecs", { users: { ...users, "ns2/e": { tags: { team: "y" } } }, options: { pageSize: 2 } });
  const first = (await call("GET", "/object/users/ns1")).json();
  expect(first).toMatchObject({ MaxUsers: 2, NextMarker: "ns1/b", Filter: "userid=*" });
  await control.patch("ecs", { users: { "ns1/b": null, "ns1/a": null } });
  expect((await call("GET", "/object/users/ns1?marker=ns1%2Fb")).json()).toEqual({
    blobuser: [
      { userid: "c", namespace: "ns1" },
      { userid: "d", namespace: "ns1" },
    ],
    MaxUsers: 2,
    Filter: "userid=*",
  });
  expect(await names("/object/users?limit=1000")).toEqual(["c", "d", "e"]);
  expect(await names("/object/users/query?tag=team&value=y&namespace=ns2")).toEqual(["e"]);
  expect(await names("/object/users/query?tag=none")).toEqual([]);
  expect((await call("GET", "/object/users/none")).json()).toMatchObject({ code: 1004 });
  expect((await call("GET", "/object/users?limit=x")).json()).toMatchObject({ code: 1008 });
});

test("a user is locked and unlocked", async () => {
  await create("u");
  const lock = (isLocked: unknown) => call("PUT", "/object/users/lock", { user: "u", namespace: "ns1", isLocked });
  const locked = async (path: string) => (await call("GET", `/object/users/lock/${path}`)).json();
  expect((await lock(true)).status).toBe(200);
  expect(await locked("u")).toEqual({ user_name: "u", isLocked: true });
  expect((await lock("false")).status).toBe(200);
  expect(await locked("u/ns1")).toEqual({ user_name: "u", isLocked: false });
  expect((await lock("perhaps")).json()).toMatchObject({ code: 1008 });
  expect((await lock(undefined)).json()).toMatchObject({ code: 1005 });
});

test("deleting takes the keys along; who owns buckets stays, unless the option says otherwise", async () => {
  await control.patch("ecs", { users: { "ns1/u": { keys: ["s"] } }, buckets: { "ns1/b": { owner: "u" } } });
  const remove = () => call("POST", "/object/users/deactivate", { user: "u", namespace: "ns1" });
  expect((await remove()).json()).toMatchObject({ code: 1020 });
  await control.patch("ecs", { options: { deleteUserWithBuckets: "allow" } });
  expect((await remove()).status).toBe(200);
  expect((await control.requests("ecs")).at(-1)).toMatchObject({ destructive: true });
  expect([(await remove()).status, (await remove()).json()]).toEqual([404, expect.objectContaining({ code: 2000 })]);
  expect((await call("GET", "/object/user-secret-keys/u")).status).toBe(404);
});

test("tags are appended; overwriting and removing need every one of them", async () => {
  await create("u");
  const tags = (method: string, ...given: object[]) =>
    call(method, "/object/users/u/tags?namespace=ns1", { tags: given });
  const read = async () => (await call("GET", "/object/users/u/tags?namespace=ns1")).json();
  expect(await read()).toEqual({ user_name: "u", tags: "" });
  await tags("POST", { name: "a", value: "1" }, { name: "b", value: "2" });
  expect((await tags("POST", { name: "a", value: "1" })).json()).toMatchObject({ code: 1015 });
  expect((await tags("PUT", { name: "a", value: "3" }, { name: "c", value: "" })).json()).toMatchObject({ code: 1004 });
  await tags("PUT", { name: "a", value: "3" });
  expect(await read()).toEqual({
    user_name: "u",
    tags: [
      { name: "a", value: "3" },
      { name: "b", value: "2" },
    ],
  });
  expect((await tags("DELETE", { name: "c" })).json()).toMatchObject({ code: 1004 });
  expect((await call("DELETE", "/object/users/u/tags?namespace=ns1")).json()).toMatchObject({ code: 1005 });
  await tags("DELETE", { name: "a" });
  expect(await read()).toEqual({ user_name: "u", tags: [{ name: "b", value: "2" }] });
});
