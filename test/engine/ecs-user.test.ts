import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, stepsOf, updatedPaths } from "../harness/stack-run.ts";
import {
  drift,
  first,
  keyByHand,
  names,
  oddName,
  oddPath,
  programOf,
  second,
  setByHand,
  tagsByHand,
  third,
  unmanaged,
} from "./ecs-user-estate.ts";

const logIn = "GET /login";
const logOut = "GET /logout";
const makeUser = "POST /object/users";
const lock = "PUT /object/users/lock";
const remove = "POST /object/users/deactivate";
const listBuckets = (namespace: string) => `GET /object/bucket?limit=1000&namespace=${namespace}`;
const pushKey = (path: string) => `POST /object/user-secret-keys/${path}`;
const readKeys = (path: string) => `GET /object/user-secret-keys/${path}/ns1`;
const read = (path: string) => `GET /object/users/${path}/info?namespace=${path === "moving-2" ? "ns2" : "ns1"}`;
const tags = (method: string, path: string) => `${method} /object/users/${path}/tags?namespace=ns1`;
/** The name of each in a path, as long as `moving` has the given one. */
const paths = (moving: string) => names.map((name) => ({ odd: oddPath, moving })[name as string] ?? name);

describe("ECS object users, each property alone", { shuffle: false }, () => {
  let stack: TestStack;
  let lost: string | null = "";
  const live = async () => (await stack.lab.state()).ecs;
  const users = async () =>
    Object.fromEntries(Object.entries((await live()).users).map(([id, user]) => [id.replace(/^ns\d\//, ""), user]));
  const secretsOf = async (name: string) => (await users())[name]?.keys.map((key) => key?.secret ?? null) ?? [];

  beforeAll(async () => {
    stack = await TestStack.open("ecs-users");
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("a preview of the creation sends nothing", async () => {
    const run = await stack.preview(programOf(first));
    expect(changesOf(run)).toEqual({ create: 8 });
    expect(run.calls).toEqual([]);
  });

  test("up makes each with two requests, and one for a lock, after one log-in", async () => {
    const run = await stack.up(programOf(first));
    expect(run.calls.toSorted()).toEqual(
      [logIn, logOut, ...Array(7).fill(makeUser), ...paths("moving-1").map(pushKey), lock].toSorted(),
    );
    const fresh = { locked: false, tags: {}, keys: [expect.objectContaining({ expires: null }), null] };
    expect(await users()).toMatchObject({
      locked: { ...fresh, locked: true },
      tagged: { ...fresh, tags: { a: "1", b: "two words", c: "" } },
      switched: fresh,
      rotated: fresh,
      "lost-key": fresh,
      [oddName]: fresh,
      "moving-1": { ...fresh, tags: { stays: "yes" } },
    });
    expect((await live()).sessions).toMatchObject({ live: 0, logins: 1 });
  });

  test("what is declared stays declared: an unchanged up sends nothing", async () => {
    const run = await stack.up(programOf(first));
    expect(changesOf(run)).toEqual({ same: 8 });
    expect(run.calls).toEqual([]);
  });

  test("a change of one property leaves its neighbors and foreign keys alone", async () => {
    await setByHand(stack);
    const [before = null] = await secretsOf("rotated");
    const run = await stack.up(programOf(second));
    expect(updatedPaths(run)).toEqual({
      locked: ["locked"],
      tagged: ["tags.a", "tags.b", "tags.d"],
      switched: ["adopt", "onDestroy", "previousKeyExpiryMinutes"],
      rotated: ["keyGeneration", "previousKeyExpiryMinutes"],
    });
    expect(stepsOf(run).filter(({ name }) => name === "moving")).toMatchObject([
      { op: "create-replacement", paths: ["namespace", "userName"] },
      { op: "replace" },
      { op: "delete-replaced" },
    ]);
    expect(run.calls.toSorted()).toEqual(
      [
        ...[logIn, logOut, lock, makeUser, pushKey("moving-2"), listBuckets("ns1"), remove],
        ...["DELETE", "PUT", "POST"].map((method) => tags(method, "tagged")),
        ...[readKeys("rotated"), pushKey("rotated")],
      ].toSorted(),
    );
    const found = await users();
    expect(found).toMatchObject({
      locked: { locked: false, tags: tagsByHand },
      tagged: { locked: true, tags: { b: "3", c: "", d: "é & ü" } },
      switched: { locked: true, tags: tagsByHand },
      rotated: { locked: true, tags: tagsByHand },
      "lost-key": { locked: true, tags: tagsByHand },
      "moving-2": { locked: false, tags: { stays: "yes" } },
    });
    expect(Object.keys((await live()).users)).toContain("ns2/moving-2");
    expect(Object.keys(found)).not.toContain("moving-1");
    for (const name of ["locked", "tagged", "switched", "lost-key"]) expect((await secretsOf(name))[1]).toBe(keyByHand);
    expect(found["rotated"]?.["keys"]).toEqual([
      { secret: before, created: expect.any(String), expires: expect.any(String) },
      { secret: expect.not.stringMatching(String(before)), created: expect.any(String), expires: null },
    ]);
  });

  test("once the earlier key has ended there is room for the next", async () => {
    const [, kept] = await secretsOf("rotated");
    const full = await stack.tryUp(programOf({ ...second, rotated: { keyGeneration: 3 } }));
    expect(full.code).toBe(1);
    expect(full.output).toMatch(
      /ECS object user ns1\/rotated has two keys already, and ECS allows two: one made \d{4}-[^;]*, which ends \d{4}-[^;]*; one made \d{4}-[^;,]*\. None is deleted here/,
    );
    await stack.lab.advance(31 * 60);
    const run = await stack.up(programOf(third));
    expect(run.calls.toSorted()).toEqual(
      [
        ...[logIn, logOut, lock, readKeys("rotated"), pushKey("rotated")],
        ...[tags("DELETE", "tagged"), read(oddPath), tags("DELETE", oddPath), tags("POST", oddPath)],
      ].toSorted(),
    );
    expect((await secretsOf("rotated"))[1]).toBe(kept);
    expect(await users()).toMatchObject({
      locked: { locked: true },
      tagged: { tags: {} },
      [oddName]: { tags: { "a/b": "c=d" } },
    });
  });

  test("the gate finds drift of every property, and nothing else", async () => {
    [lost = ""] = await secretsOf("lost-key");
    await drift(stack);
    const run = await stack.strictGate(programOf(third));
    expect(run.code).toBe(7);
    expect(changesOf(run)).toEqual({ create: 1, same: 3, update: 4 });
    expect(updatedPaths(run)).toEqual({
      locked: ["locked"],
      tagged: ["tags.drifted"],
      "lost-key": ["keyGeneration"],
      odd: ["tags.more", 'tags["a/b"]'],
    });
    expect(stepsOf(run).filter(({ op }) => op === "create")).toMatchObject([{ name: "moving" }]);
    const there = paths("moving-2").filter((name) => name !== "moving-2");
    expect(run.calls.toSorted()).toEqual(
      [logIn, logOut, ...paths("moving-2").map(read), ...there.map(readKeys)].toSorted(),
    );
  });

  test("up --refresh repairs it, the key as the same pair, and makes again what was deleted", async () => {
    const run = await stack.up(programOf(third), { refresh: true });
    expect(run.calls.filter((call) => !call.startsWith("GET /object/")).toSorted()).toEqual(
      [
        ...[logIn, logOut, lock, tags("DELETE", "tagged")],
        ...[tags("DELETE", oddPath), tags("PUT", oddPath)],
        ...[pushKey("lost-key"), makeUser, pushKey("moving-2")],
      ].toSorted(),
    );
    expect(await users()).toMatchObject({
      locked: { locked: true, tags: tagsByHand },
      tagged: { locked: true, tags: {} },
      switched: { locked: false, tags: { ...tagsByHand, "not managed": "1" } },
      [oddName]: { locked: true, tags: { "a/b": "c=d" } },
      "moving-2": { locked: false, tags: { stays: "yes" } },
    });
    expect(await secretsOf("lost-key")).toEqual([lost, keyByHand]);
    expect((await stack.strictGate(programOf(third))).code).toBe(0);
  });

  test("a property that the program no longer gives is left as it is, without a request", async () => {
    const before = await stack.lab.state();
    const run = await stack.up(programOf(unmanaged));
    expect(changesOf(run)).toEqual({ same: 4, update: 4 });
    expect(run.calls).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);
  });

  test("destroy deletes or locks; what is gone already is no error", async () => {
    await stack.lab.patch("ecs", { users: { "ns1/tagged": null } });
    const run = await stack.destroy();
    expect(run.calls.toSorted()).toEqual(
      [logIn, logOut, lock, read("switched"), ...["ns1", "ns2"].map(listBuckets), ...Array(6).fill(remove)].toSorted(),
    );
    const left = await users();
    expect(Object.keys(left)).toEqual(["switched"]);
    expect(left["switched"]).toMatchObject({ locked: true, tags: { "not managed": "1" } });
    expect((await live()).sessions).toMatchObject({ live: 0, failures: 0 });
  });
});
