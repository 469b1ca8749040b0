import { describe, expect, test } from "vitest";
import { settingStage, wrapped } from "./cloudstack-setting-stage.ts";

const stage = settingStage();

const check = (news: object, olds: object = {}) =>
  stage.another().check({ ...olds }, { settingName: "max.ssvm.count", ...news, __provider: "text" });
const textOf = async (value: unknown) => (await check({ value })).inputs.value;
const reasonsOf = async (news: object, olds: object = {}) =>
  (await check(news, olds)).failures?.map(({ property, reason }) => `${property}${reason}`);

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SCOPE = { type: "zone", id: "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35" };

test("nothing is added to what a program gives", async () => {
  const given = { settingName: "max.ssvm.count", value: "7", onDestroy: "keep", scope: SCOPE };
  expect(await check(given)).toEqual({ inputs: given, failures: [] });
});

describe("a value", () => {
  test.each([
    ["7", "7"],
    [" 7\n", "7"],
    ["a b", "a b"],
    [7, "7"],
    [0, "0"],
    [-1, "-1"],
    [0.85, "0.85"],
    [true, "true"],
    [false, "false"],
    ["", ""],
    ["null", ""],
    [" null ", ""],
    ["NULL", "NULL"],
    ["nullable", "nullable"],
  ])("%j is the text %j, as CloudStack keeps it", async (given, text) => {
    expect(await textOf(given)).toBe(text);
  });

  test.each([
    [53687091200, "53687091200"],
    [1e21, "1000000000000000000000"],
    [1e-7, "0.0000001"],
    [0.1234567890123, "0.1234567890123"],
    [-1234567.5, "-1234567.5"],
  ])("the number %d is written in digits, without exponent and without commas", async (given, text) => {
    expect(await textOf(given)).toBe(text);
  });

  test("has at most 4096 characters, blanks around it not counted", async () => {
    expect(await textOf(`${"x".repeat(4096)} `)).toHaveLength(4096);
    expect(await reasonsOf({ value: "x".repeat(4097) })).toEqual(["value: must not be longer than 4096 characters"]);
  });

  test.each([[["7"]], [{ a: 1 }]])("cannot be %j", async (value) => {
    expect(await reasonsOf({ value })).toEqual(["value: must be a text, a number or a boolean"]);
  });
});

describe("members", () => {
  test("are a set: sorted, each of them once", async () => {
    expect((await check({ members: ["b", "c", "a", "b"] })).inputs.members).toEqual(["a", "b", "c"]);
  });

  test("are at least one", async () => {
    expect(await reasonsOf({ members: [] })).toEqual([
      "members: must not be empty; remove the resource to take its members out",
    ]);
  });

  test.each(["", " ", "a b", " a", "a ", "a,b", ",", "a\n"])("cannot be %j", async (member) => {
    expect(await reasonsOf({ members: ["10.0.0.0/8", member] })).toEqual([
      "members.1: must not be empty and must not hold blanks or commas",
    ]);
  });
});

describe("value and members", () => {
  const both = ["value: and members exclude each other; give one"];
  const none = ["value: or members is required"];

  test("exclude each other, also while one of them is unknown", async () => {
    expect(await reasonsOf({ value: "1", members: ["a"] })).toEqual(both);
    expect(await reasonsOf({ value: UNKNOWN, members: ["a"] })).toEqual(both);
    expect(await reasonsOf({ value: "1", members: [UNKNOWN] })).toEqual(both);
    expect(await reasonsOf({ value: "1", members: ["a"] }, stage.recorded("max.ssvm.count"))).toEqual(both);
  });

  test("are not both missing", async () => {
    expect(await reasonsOf({})).toEqual(none);
    expect(await reasonsOf({ onDestroy: UNKNOWN })).toEqual(none);
    expect(await reasonsOf({}, stage.recorded("max.ssvm.count"))).toEqual(none);
  });

  test.each([{ value: "" }, { value: UNKNOWN }, { members: ["a"] }, { members: [UNKNOWN] }])(
    "are enough as %j",
    async (news) => {
      expect(await reasonsOf(news)).toEqual([]);
    },
  );
});

describe("the name", () => {
  const reason = "settingName: must be the name of a setting: letters, digits, dots, hyphens, underscores";

  test.each(["a", "a.b", "A-1_b.c"])("may be %j", async (settingName) => {
    expect(await reasonsOf({ settingName, value: "1" })).toEqual([]);
  });

  test.each(["", " a", "a b", "a/b", "a=b", "é", "aé", "a\n"])("cannot be %j", async (settingName) => {
    expect(await reasonsOf({ settingName, value: "1" })).toEqual([reason]);
  });

  test("has at most 255 characters", async () => {
    expect(await reasonsOf({ settingName: "x".repeat(255), value: "1" })).toEqual([]);
    expect(await reasonsOf({ settingName: "x".repeat(256), value: "1" })).toEqual([
      "settingName: must not be longer than 255 characters",
    ]);
  });

  test("is never derived", async () => {
    const news = { value: "1", __defaultName: "count-0123abcd", __provider: "text" };
    expect((await stage.kind.check({}, news)).failures).toEqual([{ property: "", reason: "settingName: is required" }]);
  });
});

describe("the scope", () => {
  test.each(["zone", "cluster", "storage", "account", "domain", "imageStore"])("may be a %s", async (type) => {
    expect(await reasonsOf({ value: "1", scope: { type, id: "i" } })).toEqual([]);
  });

  test("can be nothing else", async () => {
    for (const type of ["host", "", "Zone"])
      expect(await reasonsOf({ value: "1", scope: { type, id: "i" } })).toEqual([
        'scope.type: Invalid option: expected one of "zone"|"cluster"|"storage"|"account"|"domain"|"imageStore"',
      ]);
  });

  test.each(["", "a/b", "/a", "a b", " a", "a\n", "x".repeat(256)])("needs a UUID, which %j is not", async (id) => {
    expect(await reasonsOf({ value: "1", scope: { type: "zone", id } })).toEqual(["scope.id: must be a UUID"]);
  });

  test("takes an id of 255 characters, and no member of another name", async () => {
    const scope = { type: "zone", id: "x".repeat(255) };
    expect(await reasonsOf({ value: "1", scope })).toEqual([]);
    expect(await reasonsOf({ value: "1", scope: { ...scope, name: "zone1" } })).toEqual([
      "scope.name: there is no such property; there are type, id",
    ]);
  });
});

test("onDestroy is one of three words, and no property has another name", async () => {
  for (const onDestroy of ["reset", "restore", "keep"]) expect(await reasonsOf({ value: "1", onDestroy })).toEqual([]);
  expect(await reasonsOf({ value: "1", onDestroy: "delete" })).toEqual([
    'onDestroy: Invalid option: expected one of "reset"|"restore"|"keep"',
  ]);
  expect(await reasonsOf({ value: "1", adopt: true })).toEqual([
    "adopt: there is no such property; there are settingName, value, members, onDestroy, scope",
  ]);
});

test.each(["cloudian.sso.key", "a.secret.b", "ldap.bind.password"])(
  "the value of %s is a secret without a word",
  async (settingName) => {
    expect((await check({ settingName, value: "Canary-value-1" })).inputs.value).toEqual(wrapped("Canary-value-1"));
  },
);

test("a name that is no text is refused as such", async () => {
  for (const settingName of [5, ["cloudian.sso.key"], { toString: "x", valueOf: "x" }])
    expect(await reasonsOf({ settingName, value: "1" })).toEqual([
      expect.stringMatching(/^settingName: Invalid input: expected string, received (number|array|object)$/),
    ]);
});

test("one setting has one resource; in another scope it is another setting", async () => {
  const declare = async (news: object) =>
    (await stage.kind.check({}, { settingName: "max.ssvm.count", ...news, __provider: "text" })).failures;
  expect(await declare({ value: "7" })).toEqual([]);
  expect(await declare({ value: "7", scope: SCOPE })).toEqual([]);
  expect(await declare({ value: "7", scope: { ...SCOPE, type: "cluster" } })).toEqual([]);
  const reason =
    "CloudStack setting max.ssvm.count is declared by another resource of this program as well, or would replace itself " +
    "(it cannot be replaced, only changed): remove one of the two, or give a resource that was only renamed its old name " +
    "in the resource option aliases";
  expect(await declare({ value: "8" })).toEqual([{ property: "", reason }]);
});
