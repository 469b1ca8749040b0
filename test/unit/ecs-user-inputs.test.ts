import { describe, expect, test } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { Secrecy } from "../../provider/core/secrecy.ts";
import { Settings } from "../../provider/core/settings.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import { handlerOf } from "../../provider/handlers.ts";
import { ecsArray, messageOf, processOf, userInfo } from "./ecs-array.ts";

const array = ecsArray();
const { client } = array;
const handler = anyHandler(objectUserHandler);

const LEAST = { __provider: "text", userName: "ada" };
const FULL = { userName: "ada", namespace: "ns1", keyGeneration: 1, onDestroy: "delete", adopt: false } as const;
const SETTINGS: Record<string, string> = {
  "cloudstack-storage:ecsEndpoint": "https://ecs.example.test:4443/",
  "cloudstack-storage:ecsUsername": "pulumi",
  "cloudstack-storage:ecsPassword": "Canary-ecs-password",
  "cloudstack-storage:ecsNamespace": "ns1",
};

const check = (news: object, olds: object = {}) =>
  processOf(handler, SETTINGS).kind.check({ ...olds }, { ...LEAST, ...news });
const reasonsOf = async (news: object, olds?: object) =>
  (await check(news, olds)).failures?.map(({ reason }) => reason) ?? [];

test("what a program leaves out: the namespace of the settings, a first key, deleted with the resource, nothing taken over", async () => {
  expect(await check({})).toEqual({ inputs: FULL, failures: [] });
});

test("what a program gives stays as it is given", async () => {
  const given = {
    namespace: "ns2",
    locked: true,
    tags: { team: "" },
    keyGeneration: 3,
    previousKeyExpiryMinutes: 1,
    onDestroy: "lock",
    adopt: true,
  };
  expect(await check(given)).toEqual({ inputs: { ...FULL, ...given }, failures: [] });
});

test("the name is derived where the program gives none", async () => {
  const { userName: _given, ...rest } = LEAST;
  const { inputs } = await processOf(handler, SETTINGS).kind.check({}, { ...rest, __defaultName: "u-1234abcd" });
  expect(inputs).toEqual({ ...FULL, userName: "u-1234abcd", __derived: true });
});

describe("refused before anything is sent", () => {
  test.each([
    [{ tags: { "": "x" } }, "tags.: must not have an empty key"],
    [{ previousKeyExpiryMinutes: 0 }, "previousKeyExpiryMinutes: must be a whole number of minutes from 1"],
    [{ previousKeyExpiryMinutes: 1.5 }, "previousKeyExpiryMinutes: must be a whole number of minutes from 1"],
    [{ onDestroy: "keep" }, 'onDestroy: Invalid option: expected one of "delete"|"lock"'],
    [{ keyGeneration: 0 }, "keyGeneration: must be a whole number from 1"],
    [
      { password: "x" },
      "password: there is no such property; there are userName, namespace, locked, tags, keyGeneration, " +
        "previousKeyExpiryMinutes, onDestroy, adopt",
    ],
  ])("%j", async (news, reason) => {
    expect(await reasonsOf(news)).toEqual([reason]);
  });

  test("a lower number of the key pair", async () => {
    expect(await reasonsOf({ keyGeneration: 1 }, { ...FULL, keyGeneration: 2 })).toEqual([
      "keyGeneration: can only be raised; it is 2 and was to become 1",
    ]);
    expect(await reasonsOf({ keyGeneration: 3 }, { ...FULL, keyGeneration: 2 })).toEqual([]);
  });
});

test("the class and its id: a user is one in its namespace", () => {
  expect(handlerOf("EcsObjectUser")).toBe(objectUserHandler);
  expect(objectUserHandler.idOf(FULL)).toBe("ns1/ada");
});

test("the address and the password come from the settings", () => {
  const { endpoint } = objectUserHandler.connect(new Settings({ get: (key) => SETTINGS[key] }, {}), {});
  expect(endpoint).toBe("https://ecs.example.test:4443");
});

test.each(["ada", "ns1/", "/ada", ""])("an id of another form is refused: %j", async (id) => {
  const text = `"${id}" is no id of an ECS object user; it has the form namespace/userName.`;
  expect(() => objectUserHandler.read(client, id, undefined)).toThrow(text);
  expect(await messageOf(objectUserHandler.delete(client, id, FULL))).toBe(text);
  expect(await messageOf(objectUserHandler.update(client, id, FULL, FULL, () => {}, []))).toBe(text);
  expect(array.sent).toEqual([]);
});

test("a name may hold the mark that separates it from its namespace", async () => {
  array.users = { "ns1/team/ada": userInfo() };
  expect((await objectUserHandler.read(client, "ns1/team/ada", undefined))?.state.userName).toBe("team/ada");
});

test("another name or namespace replaces, everything else is an update", async () => {
  const { kind } = processOf({ ...handler, connect: () => client });
  const recorded = { __provider: "text", ...FULL };
  const diff = (news: object) => kind.diff("ns1/ada", recorded, { ...recorded, ...news });
  expect(await diff({ userName: "bob" })).toEqual({ replaces: ["userName"] });
  expect(await diff({ namespace: "ns2" })).toEqual({ replaces: ["namespace"] });
  expect(await diff({ locked: true, tags: {}, keyGeneration: 2, onDestroy: "lock" })).toEqual({ replaces: [] });
});

test("keys are secret in every state, and the access key id where the program made the name so", () => {
  const outputs = { userName: "ada", accessKeyId: "ada", secretAccessKey: "Canary-1", __nextSecret: "Canary-2" };
  const secretIn = (marks: object) =>
    Object.entries(new Secrecy(handler).wired({ ...outputs, ...marks })).flatMap(([key, value]) =>
      Object.hasOwn(value as object, "4dabf18193072939515e22adb298388d") ? [key] : [],
    );
  expect(secretIn({})).toEqual(["secretAccessKey", "__nextSecret"]);
  expect(secretIn({ __secrets: ["userName"] })).toEqual(["userName", "accessKeyId", "secretAccessKey", "__nextSecret"]);
});

test("a refresh carries over what is only ours, and nothing that the program leaves unmanaged", async () => {
  array.users = { "ns1/ada": userInfo({ locked: true, tags: { by: "hand" } }) };
  array.keys = { "ns1/ada": [{ secret: "Canary-ecs-key-1", created: "2026-01-01", expires: "" }] };
  const olds = { ...FULL, tags: {}, previousKeyExpiryMinutes: 5, onDestroy: "lock", adopt: true };
  const { kind } = processOf({ ...handler, connect: () => client });
  expect((await kind.read("ns1/ada", olds)).inputs).toEqual({ ...olds, tags: { by: "hand" } });
});
