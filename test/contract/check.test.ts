import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import { SDKS } from "../harness/sdks.ts";
import { GROUP_TEXT, group, Stage, secret, UNKNOWN, USER_TEXT, user } from "./support.ts";

const PASSWORD = "Canary-Passw0rd";

/** As a program may write it, in every property, and as it must come out. */
const GROUP_WRITTEN = {
  __provider: GROUP_TEXT,
  __defaultName: "not-used-1a2b3c4d",
  groupId: "blue",
  groupName: "/ROOT/blue",
  active: false,
  ldap: { enabled: true, group: "cn=blue", serverUrl: "", search: null },
  s3Endpoints: { https: ["b.example", "a.example", "b.example"], http: [] },
  limits: { storageKiB: { hard: 10, warning: "none" }, objectCount: { hard: "none" }, requestsPerMinute: {} },
  userLimits: {},
  onDestroy: null,
  forceDestroy: true,
};
const GROUP_CHECKED = {
  __provider: GROUP_TEXT,
  groupId: "blue",
  groupName: "/ROOT/blue",
  active: false,
  ldap: { enabled: true, group: "cn=blue" },
  s3Endpoints: { https: ["a.example", "b.example"], http: [] },
  limits: { storageKiB: { hard: 10 } },
  userLimits: {},
  onDestroy: "delete",
  forceDestroy: true,
  adopt: false,
};
const USER_WRITTEN = {
  __provider: USER_TEXT,
  __defaultName: "not-used-1a2b3c4d",
  groupId: "blue",
  userId: "ada/with?odd&id",
  fullName: "",
  email: "ada@example.test",
  address: { line1: "1 Road", country: null },
  limits: { uploadKiBPerMinute: { warning: 0 } },
  password: PASSWORD,
};
const USER_CHECKED = {
  __provider: USER_TEXT,
  groupId: "blue",
  userId: "ada/with?odd&id",
  userType: "User",
  fullName: "",
  email: "ada@example.test",
  address: { line1: "1 Road" },
  limits: { uploadKiBPerMinute: { warning: 0 } },
  password: secret(PASSWORD),
  keyGeneration: 1,
  previousKeys: "keep",
  onDestroy: "delete",
  adopt: false,
};

describe.each(SDKS)("check in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    server = await stage.serve();
  });
  afterAll(() => stage.close());

  const reasons = async (olds: object, news: object) => {
    const { failures } = await server.check(olds as Record<string, unknown>, news as Record<string, unknown>);
    return failures.map(({ property, reason }) => `${property}|${reason}`);
  };

  test.each([
    { kind: "group", written: GROUP_WRITTEN, checked: GROUP_CHECKED, plain: GROUP_CHECKED },
    { kind: "user", written: USER_WRITTEN, checked: USER_CHECKED, plain: { ...USER_CHECKED, password: PASSWORD } },
  ])("brings a $kind to the canonical form, and leaves that as it is", async ({ written, checked, plain }) => {
    expect(await server.check({}, written)).toEqual({ inputs: checked, failures: [] });
    expect(await server.check({}, plain)).toEqual({ inputs: checked, failures: [] });
    expect(await server.check(plain, plain)).toEqual({ inputs: checked, failures: [] });
  });

  test("what the program made secret is kept by name, wrapped by value, and in no reason", async () => {
    const secrets = { __secrets: ["groupName", "limits"] };
    const news = group("blue", { groupName: "Canary-Name", limits: { objectCount: { hard: 1 } }, ...secrets });
    const wrapped = { groupName: secret("Canary-Name"), limits: secret({ objectCount: { hard: 1 } }), ...secrets };
    expect(await server.check({}, news)).toEqual({ inputs: group("blue", wrapped), failures: [] });
    expect(await server.check(news, news)).toEqual({ inputs: group("blue", wrapped), failures: [] });
    const { failures } = await server.check({}, { ...news, groupId: "0" });
    expect(failures).toHaveLength(1);
    expect(JSON.stringify(failures)).not.toContain("Canary");
  });

  test("sends nothing", async () => {
    expect(await stage.callsOf(() => server.check({}, GROUP_WRITTEN))).toEqual([]);
    expect(await stage.callsOf(() => server.check(group("blue"), group("blue", { groupName: "x" })))).toEqual([]);
  });

  test("a name is the given one, else the old one, else the derived one, and only a derived one is marked", async () => {
    const bare = { __provider: GROUP_TEXT, __defaultName: "g-01234567" };
    const derived = group("g-01234567", { __derived: true });
    expect((await server.check({}, bare)).inputs).toEqual(derived);
    expect((await server.check({}, derived)).inputs).toEqual(derived);
    expect((await server.check(derived, { ...bare, __defaultName: "g-89abcdef" })).inputs).toEqual(derived);
    expect((await server.check(group("given"), bare)).inputs).toEqual(group("given"));
    expect((await server.check(derived, { ...bare, groupId: "given" })).inputs).toEqual(group("given"));
    expect((await server.check({}, { ...bare, groupId: UNKNOWN })).inputs).toEqual(group(UNKNOWN));
    expect(
      (await server.check({}, { __provider: USER_TEXT, __defaultName: "u-01234567", groupId: "blue" })).inputs,
    ).toEqual(user("blue", "u-01234567", { __derived: true }));
  });

  test.each(Object.keys(GROUP_CHECKED).filter((key) => key !== "__provider"))(
    "a group's %s may be unknown, and the others keep their canonical form",
    async (property) => {
      const expected = { inputs: { ...GROUP_CHECKED, [property]: UNKNOWN }, failures: [] };
      expect(await server.check({}, { ...GROUP_WRITTEN, [property]: UNKNOWN })).toEqual(expected);
      expect(await server.check(GROUP_CHECKED, { ...GROUP_CHECKED, [property]: UNKNOWN })).toEqual(expected);
    },
  );

  test.each([...Object.keys(USER_CHECKED).filter((key) => key !== "__provider"), "phone", "website", "active"])(
    "a user's %s may be unknown, and the others keep their canonical form",
    async (property) => {
      const expected = { inputs: { ...USER_CHECKED, [property]: UNKNOWN }, failures: [] };
      if (property === "password") expected.inputs.password = UNKNOWN as never;
      expect(await server.check({}, { ...USER_WRITTEN, [property]: UNKNOWN })).toEqual(expected);
    },
  );

  test.each([
    { ldap: { enabled: UNKNOWN, group: "" } },
    { ldap: { enabled: true, search: UNKNOWN } },
    { s3Endpoints: { http: ["z", UNKNOWN, "a"], https: [] } },
    { s3Endpoints: { website: UNKNOWN } },
    { limits: { storageKiB: { hard: UNKNOWN, warning: "none" } } },
    { userLimits: { objectCount: UNKNOWN } },
  ])("an unknown may lie inside: %j", async (value) => {
    expect(await server.check({}, group("blue", value))).toEqual({ inputs: group("blue", value), failures: [] });
  });

  test("refusals are made on the known keys while others are unknown", async () => {
    const olds = user("blue", "ada", { keyGeneration: 3 });
    const news = user("blue", "ada", { keyGeneration: 3, userType: "GroupAdmin", fullName: UNKNOWN });
    expect(await reasons(olds, news)).toEqual([
      '|userType: cannot be changed from "User" to "GroupAdmin" under the same groupId and userId: a replacement of the same name would delete the live object. Declare "User", or give the new object another userId',
    ]);
    expect(await reasons(olds, user("blue", "ada", { keyGeneration: 2, email: UNKNOWN }))).toEqual([
      "|keyGeneration: can only be raised; it is 3 and was to become 2",
    ]);
    expect(await reasons(olds, user("blue", "ada", { keyGeneration: 0, email: UNKNOWN }))).toEqual([
      "|keyGeneration: must be a whole number from 1",
    ]);
  });

  test("a change of a fixed property passes where the id changes, or may change, as well", async () => {
    const olds = user("blue", "ada", { keyGeneration: 3 });
    const news = { userType: "GroupAdmin", keyGeneration: 1 };
    expect(await reasons(olds, user("blue", "eve", news))).toEqual([]);
    expect(await reasons(olds, user("red", "ada", news))).toEqual([]);
    expect(await reasons(olds, user(UNKNOWN, "ada", news))).toEqual([]);
    expect(await reasons({}, user("blue", "ada", news))).toEqual([]);
  });

  test.each(["0", "ALL", "*", "", " ", "\t", "a\u0000b", "a\nb", "a\u007fb", "a/b", " ALL "])(
    "the group id %j is refused",
    async (groupId) => {
      expect((await reasons({}, group(groupId))).length).toBeGreaterThan(0);
      expect((await reasons({}, user(groupId, "ada"))).length).toBeGreaterThan(0);
      const userId = groupId === "a/b" ? [] : await reasons({}, user("blue", groupId));
      expect(userId.length > 0).toBe(groupId !== "a/b");
    },
  );

  test("every problem is told at once, with its path, and none with a property's name or value", async () => {
    const news = group("0", {
      active: "yes",
      ldap: { group: "g", colour: "blue" },
      s3Endpoints: { http: ["", 1] },
      limits: { storageKiB: { hard: -1 }, objectCount: { warning: 1.5 }, speed: {} },
      userLimits: "none",
      onDestroy: "explode",
      grupName: "x",
    });
    const { failures } = await server.check({}, news);
    expect(failures.map(({ property }) => property)).toEqual(failures.map(() => ""));
    expect(failures.map(({ reason }) => reason.slice(0, reason.indexOf(":"))).sort()).toEqual([
      "active",
      "groupId",
      "grupName",
      "ldap.colour",
      "ldap.enabled",
      "limits.objectCount.warning",
      "limits.speed",
      "limits.storageKiB.hard",
      "onDestroy",
      "s3Endpoints.http.0",
      "s3Endpoints.http.1",
      "userLimits",
    ]);
    expect(failures.map(({ reason }) => reason)).toContain(
      "grupName: there is no such property; did you mean groupName?",
    );
    expect(failures.map(({ reason }) => reason)).toContain("ldap.enabled: is required");
    expect(await reasons({}, { __provider: USER_TEXT, __defaultName: "u-1" })).toEqual(["|groupId: is required"]);
  });

  test("a misspelled property is refused though its value is unknown", async () => {
    const none =
      "there is no such property; there are groupId, groupName, active, ldap, s3Endpoints, limits, userLimits, onDestroy, forceDestroy, adopt";
    expect(await reasons({}, group("blue", { grupName: UNKNOWN }))).toEqual([
      "|grupName: there is no such property; did you mean groupName?",
    ]);
    expect(await reasons({}, group("blue", { constructor: UNKNOWN }))).toEqual([`|constructor: ${none}`]);
    expect(await reasons({}, group("blue", { constructor: "x" }))).toEqual([`|constructor: ${none}`]);
  });

  test.each([
    ["Short-1a", "must have 9 to 64 characters"],
    [`Long-1${"a".repeat(59)}`, "must have 9 to 64 characters"],
    ["canarycanary1", "must hold at least three of: lower case, upper case, digit, special character"],
    ["CANARY-CANARY", "must hold at least three of: lower case, upper case, digit, special character"],
  ])("the password %j breaks the rule, and the reason does not show it", async (password, reason) => {
    expect(await reasons({}, user("blue", "ada", { password }))).toEqual([`|password: ${reason}`]);
  });

  test("a secret in a place where it does not belong is in no reason", async () => {
    const canary = "Canary-In-The-Wrong-Place-1";
    const wrong = {
      userType: canary,
      keyGeneration: canary,
      limits: { storageKiB: canary },
      previousKeys: canary,
      active: canary,
    };
    const { failures } = await server.check({}, user("blue", "ada", wrong));
    expect(failures).toHaveLength(5);
    expect(JSON.stringify(failures)).not.toContain(canary);
  });
});
