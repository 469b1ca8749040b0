import { describe, expect, test } from "vitest";
import { z } from "zod";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { limitParameters, limitsFrom } from "../../provider/cloudian/limits.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { canonicalRecord, containsUnknown, parseInputs } from "../../provider/core/canonical.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const parsed = (property: string, value: unknown) => {
  const schema = property === "address" ? userHandler.args : groupHandler.args;
  const ids = property === "address" ? { groupId: "g", userId: "u" } : { groupId: "g" };
  const { known, problems } = parseInputs(schema, { ...ids, [property]: value }, UNKNOWN);
  return problems.length > 0 ? problems.map((problem) => `${problem.property}: ${problem.reason}`) : known[property];
};

describe("canonical forms", () => {
  test.each([
    ["limits", {}, {}],
    ["limits", { storageKiB: {} }, {}],
    ["limits", { storageKiB: { hard: "none", warning: "none" } }, {}],
    ["limits", { storageKiB: { hard: 0, warning: null } }, { storageKiB: { hard: 0 } }],
    ["limits", { objectCount: { warning: 1 }, requestsPerMinute: null }, { objectCount: { warning: 1 } }],
    ["limits", { storageKiB: { hard: -1 } }, ['limits.storageKiB.hard: must be a whole number from 0, or "none"']],
    ["limits", { storageKiB: { hard: 0.5 } }, ['limits.storageKiB.hard: must be a whole number from 0, or "none"']],
    ["limits", { storageKiB: { hard: "10" } }, ['limits.storageKiB.hard: must be a whole number from 0, or "none"']],
    ["limits", { storage: {} }, ["limits.storage: there is no such property; did you mean storageKiB?"]],
    ["ldap", { enabled: true, group: "", serverUrl: null, search: "s" }, { enabled: true, search: "s" }],
    ["ldap", { enabled: false }, { enabled: false }],
    ["ldap", { group: "g" }, ["ldap.enabled: is required"]],
    ["s3Endpoints", { http: ["b", "a", "b"] }, { http: ["a", "b"] }],
    ["s3Endpoints", { http: [], website: null }, { http: [] }],
    ["s3Endpoints", {}, {}],
    ["address", { line1: "", city: "x", zip: null }, { line1: "", city: "x" }],
    [
      "address",
      { street: "x" },
      ["address.street: there is no such property; there are line1, line2, city, state, zip, country"],
    ],
  ])("%s %j", (property, value, expected) => {
    expect(parsed(property, value)).toEqual(expected);
  });

  test("a record is brought to today's form, with the defaults that it lacks, and what cannot be parsed stays", () => {
    expect(
      canonicalRecord(groupHandler.args, {
        groupId: "g",
        groupName: null,
        active: "true",
        limits: { storageKiB: { hard: "none" } },
        other: 1,
      }),
    ).toEqual({
      groupId: "g",
      active: "true",
      limits: {},
      onDestroy: "delete",
      forceDestroy: false,
      adopt: false,
    });
  });

  test("what a record does not have, it does not get, at any depth", () => {
    const schema = z.object({ a: z.string().optional(), b: z.unknown() });
    const { known } = parseInputs(
      schema,
      { a: undefined, b: { c: undefined, d: null, e: [null, { f: null }] } },
      UNKNOWN,
    );
    expect(known).toStrictEqual(Object.assign(Object.create(Object.prototype), { b: { e: [null, {}] } }));
    expect(Object.keys(canonicalRecord(schema, {}))).toEqual([]);
  });

  test("what is not known before the update is set aside as it is, and is none of the problems", () => {
    const schema = z.object({ a: z.string(), b: z.strictObject({ c: z.string() }), d: z.string().default("d") });
    expect(parseInputs(schema, { a: UNKNOWN, b: { c: UNKNOWN } }, UNKNOWN)).toEqual({
      known: { d: "d" },
      unknown: { a: UNKNOWN, b: { c: UNKNOWN } },
      problems: [],
    });
  });

  test("a property that nobody knows is no problem while it is not given, and one as soon as it is", () => {
    const schema = z.object({ a: z.string().optional() });
    const problems = (inputs: object) => parseInputs(schema, { ...inputs }, UNKNOWN).problems;
    expect(problems({ other: undefined })).toEqual([]);
    expect(problems({ other: null })).toEqual([]);
    const reason = "there is no such property; there are a";
    expect(problems({ other: 1 })).toEqual([{ property: "other", reason }]);
    expect(problems({ other: UNKNOWN })).toEqual([{ property: "other", reason }]);
  });

  test("a misspelled property is named where it is, with what there is beside it", () => {
    const rule = z.strictObject({ allowedMethods: z.array(z.string()) });
    const schema = z.object({
      rules: z.array(rule).exactOptional(),
      one: rule.default({ allowedMethods: [] }),
      piped: rule.transform((value) => value).optional(),
      any: z.strictObject({}).optional(),
      byName: z.record(z.string(), rule).optional(),
    });
    const problems = (inputs: object) =>
      parseInputs(schema, { ...inputs }, UNKNOWN).problems.map(({ property, reason }) => `${property}: ${reason}`);
    const wrong = { allowedMethods: [], alowedMethods: [] };
    const meant = "there is no such property; did you mean allowedMethods?";
    expect(problems({ rules: [{ allowedMethods: [] }, wrong] })).toEqual([`rules.1.alowedMethods: ${meant}`]);
    expect(problems({ one: wrong })).toEqual([`one.alowedMethods: ${meant}`]);
    expect(problems({ piped: wrong })).toEqual([`piped.alowedMethods: ${meant}`]);
    expect(problems({ any: { x: 1 } })).toEqual(["any.x: there is no such property"]);
    expect(problems({ byName: { first: wrong } })).toEqual(["byName.first.alowedMethods: there is no such property"]);
  });

  test("what is missing is required; what has another type is said to be of another", () => {
    const schema = z.object({ a: z.string(), b: z.record(z.string().max(3, "is too long"), z.string()).optional() });
    const problems = (inputs: object) =>
      parseInputs(schema, { ...inputs }, UNKNOWN).problems.map(({ property, reason }) => `${property}: ${reason}`);
    expect(problems({})).toEqual(["a: is required"]);
    expect(problems({ a: 1 })).toEqual(["a: Invalid input: expected string, received number"]);
    expect(problems({ a: "x", b: { long: "y" } })).toEqual(["b.long: is too long"]);
  });

  test("a member called __proto__ and half a surrogate pair are refused wherever they are", () => {
    const schema = z.object({ a: z.unknown() });
    const problems = (a: unknown) => parseInputs(schema, { a }, UNKNOWN).problems;
    expect(problems(JSON.parse('{"b":[null,{"__proto__":{"c":1}}]}'))).toEqual([
      { property: "a.b.1.__proto__", reason: "cannot have this name" },
    ]);
    expect(problems({ "\ud800": 1 })).toEqual([{ property: "a.\ud800", reason: "cannot have this name" }]);
    expect(problems(["ok", "\udfff"])).toEqual([
      { property: "a.1", reason: "must not hold one half of a surrogate pair" },
    ]);
    expect(problems({ b: null, c: ["\ud83d\ude00"] })).toEqual([]);
  });

  test("an unknown is found at any depth, and a text that only contains it is none", () => {
    expect([{ a: [{ b: UNKNOWN }] }, [UNKNOWN], UNKNOWN].map((value) => containsUnknown(value, UNKNOWN))).toEqual([
      true,
      true,
      true,
    ]);
    expect([`x${UNKNOWN}`, null, { [UNKNOWN]: 1 }].map((value) => containsUnknown(value, UNKNOWN))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("limits on the wire", () => {
  const NONE = {
    hlStorageQuotaKBytes: "-1",
    wlStorageQuotaKBytes: "-1",
    hlStorageQuotaCount: "-1",
    wlStorageQuotaCount: "-1",
    hlRequestRate: "-1",
    wlRequestRate: "-1",
    hlDataKBytesIn: "-1",
    wlDataKBytesIn: "-1",
    hlDataKBytesOut: "-1",
    wlDataKBytesOut: "-1",
  };

  test("all ten are sent every time, -1 for none", () => {
    expect(limitParameters({})).toEqual(NONE);
    const limits = { storageKiB: { hard: 1, warning: 2 }, objectCount: { hard: 3 }, requestsPerMinute: { warning: 0 } };
    expect(limitParameters(limits)).toEqual({
      ...NONE,
      hlStorageQuotaKBytes: "1",
      wlStorageQuotaKBytes: "2",
      hlStorageQuotaCount: "3",
      wlRequestRate: "0",
    });
    const rates = { uploadKiBPerMinute: { hard: 4, warning: 5 }, downloadKiBPerMinute: { hard: 6, warning: 7 } };
    expect(limitParameters(rates)).toEqual({
      ...NONE,
      hlDataKBytesIn: "4",
      wlDataKBytesIn: "5",
      hlDataKBytesOut: "6",
      wlDataKBytesOut: "7",
    });
  });

  const answer = (...items: [string, unknown][]) => ({
    groupId: "g",
    qosLimitList: items.map(([type, value]) => ({ type, value })),
  });

  test("every negative value is none, numbers may be texts, and unknown kinds are ignored", () => {
    expect(
      limitsFrom(
        answer(
          ["STORAGE_QUOTA_KBYTES_LH", 5],
          ["STORAGE_QUOTA_KBYTES_LW", -1],
          ["REQUEST_RATE_LW", -2],
          ["DATAKBYTES_OUT_LH", "7"],
          ["NEW_KIND_LH", 1],
        ),
        "x",
      ),
    ).toEqual({ storageKiB: { hard: 5 }, downloadKiBPerMinute: { hard: 7 } });
    expect(limitsFrom(answer(), "x")).toEqual({});
  });

  test.each([[null], [""], [[]], [false], [true], ["many"], [1.5], [{}]])("a limit of %j is no answer", (value) => {
    expect(() => limitsFrom(answer(["REQUEST_RATE_LH", value]), "read the limits of x")).toThrow(
      "Could not read the limits of x: ",
    );
  });

  test.each([[null], [{}], [[]], [{ qosLimitList: "x" }], [{ qosLimitList: [1] }]])(
    "%j is no list of limits",
    (body) => {
      expect(() => limitsFrom(body, "x")).toThrow("Could not x: the answer holds no list of limits.");
    },
  );
});
