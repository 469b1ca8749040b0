import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import { SDKS } from "../harness/sdks.ts";
import { GROUP_TEXT, group, PAIR, Stage, UNKNOWN, USER_TEXT, user } from "./support.ts";

const NONE = { changes: "NONE", replaces: [], deleteBeforeReplace: false };
const CHANGED = { changes: "UNKNOWN", replaces: [], deleteBeforeReplace: false };

/** Each input of a group with another value. */
const GROUP_CHANGES: Record<string, unknown> = {
  groupName: "other",
  active: true,
  ldap: { enabled: false },
  s3Endpoints: { http: ["c.example"] },
  limits: {},
  userLimits: { objectCount: { hard: 0 } },
  onDestroy: "deactivate",
  forceDestroy: true,
  adopt: true,
};
const GROUP_STATE = group("blue", {
  groupName: "name",
  active: false,
  ldap: { enabled: true, group: "cn=blue" },
  s3Endpoints: { http: ["a.example", "b.example"] },
  limits: { storageKiB: { hard: 1 } },
  userLimits: {},
  systemEndpoint: "http://127.0.0.1:80",
});
const USER_CHANGES: Record<string, unknown> = {
  userType: "GroupAdmin",
  fullName: "Other",
  email: "",
  address: { line1: "" },
  phone: "1",
  website: "x",
  active: true,
  limits: {},
  password: "Other-Passw0rd",
  keyGeneration: 2,
  previousKeys: "delete",
  onDestroy: "deactivate",
  adopt: true,
};
const USER_INPUTS = user("blue", "ada", {
  fullName: "Ada",
  email: "a@b.c",
  address: { line1: "1 Road" },
  phone: "0",
  website: "w",
  active: false,
  limits: { objectCount: { warning: 5 } },
  password: "First-Passw0rd",
});
const USER_STATE = {
  ...USER_INPUTS,
  ...PAIR,
  canonicalUserId: "c0ffee",
  __keyGeneration: 1,
  systemEndpoint: "http://127.0.0.1:80",
};

describe.each(SDKS)("diff in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    server = await stage.serve();
  });
  afterAll(() => stage.close());

  const { systemEndpoint: _endpoint, ...GROUP_INPUTS } = GROUP_STATE;

  test("what is declared as it is recorded is no change", async () => {
    expect(await server.diff("blue", GROUP_STATE, GROUP_INPUTS)).toEqual(NONE);
    expect(await server.diff("blue/ada", USER_STATE, USER_INPUTS)).toEqual(NONE);
  });

  test("another spelling, a default that an import lacks and null for absent are no change", async () => {
    expect(await server.diff("blue", { __provider: GROUP_TEXT, groupId: "blue" }, group("blue"))).toEqual(NONE);
    expect(
      await server.diff("blue/ada", { __provider: USER_TEXT, groupId: "blue", userId: "ada" }, user("blue", "ada")),
    ).toEqual(NONE);
    const spelled = group("blue", {
      groupName: null,
      limits: { storageKiB: { hard: 1, warning: "none" }, objectCount: {} },
      s3Endpoints: { http: ["b", "a", "a"] },
      ldap: { enabled: true, group: "", search: null },
    });
    const canonical = group("blue", {
      limits: { storageKiB: { hard: 1 } },
      s3Endpoints: { http: ["a", "b"] },
      ldap: { enabled: true },
    });
    expect(await server.diff("blue", spelled, canonical)).toEqual(NONE);
    expect(await server.diff("blue", canonical, spelled)).toEqual(NONE);
  });

  test.each(Object.entries(GROUP_CHANGES))(
    "a group's %s alone is an update, changed or no longer managed",
    async (key, value) => {
      expect(await server.diff("blue", GROUP_STATE, { ...GROUP_INPUTS, [key]: value })).toEqual(CHANGED);
      expect(await server.diff("blue", GROUP_STATE, { ...GROUP_INPUTS, [key]: UNKNOWN })).toEqual(CHANGED);
      const { [key]: _gone, ...rest } = GROUP_INPUTS;
      const hasDefault = ["onDestroy", "forceDestroy", "adopt"].includes(key);
      expect(await server.diff("blue", GROUP_STATE, rest)).toEqual(hasDefault ? NONE : CHANGED);
    },
  );

  test.each(Object.entries(USER_CHANGES))(
    "a user's %s alone is an update, changed or no longer managed",
    async (key, value) => {
      expect(await server.diff("blue/ada", USER_STATE, { ...USER_INPUTS, [key]: value })).toEqual(CHANGED);
      expect(await server.diff("blue/ada", USER_STATE, { ...USER_INPUTS, [key]: UNKNOWN })).toEqual(CHANGED);
      const { [key]: _gone, ...rest } = USER_INPUTS;
      const hasDefault = ["userType", "keyGeneration", "previousKeys", "onDestroy", "adopt"].includes(key);
      expect(await server.diff("blue/ada", USER_STATE, rest)).toEqual(hasDefault ? NONE : CHANGED);
    },
  );

  test("an id that changes, or may change, replaces, never by deleting first", async () => {
    const replaced = (...replaces: string[]) => ({ ...CHANGED, replaces });
    expect(await server.diff("blue", GROUP_STATE, { ...GROUP_INPUTS, groupId: "red" })).toEqual(replaced("groupId"));
    expect(await server.diff("blue", GROUP_STATE, { ...GROUP_INPUTS, groupId: UNKNOWN })).toEqual(replaced("groupId"));
    const other = { groupId: UNKNOWN, userId: "eve", fullName: "Eve" };
    expect(await server.diff("blue/ada", USER_STATE, { ...USER_INPUTS, ...other })).toEqual(
      replaced("groupId", "userId"),
    );
    expect(await server.diff("blue/ada", USER_STATE, { ...USER_INPUTS, userId: UNKNOWN })).toEqual(replaced("userId"));
  });

  test("a lost key, which reads as generation 0, is a change", async () => {
    expect(await server.diff("blue/ada", { ...USER_STATE, keyGeneration: 0 }, USER_INPUTS)).toEqual(CHANGED);
  });

  test.each([
    { olds: {} },
    { olds: { systemEndpoint: 1, groupId: [], limits: "x", ldap: 7, s3Endpoints: null } },
    { olds: { groupId: { a: { b: [null, { c: 1 }] } }, adopt: "maybe", systemEndpoint: { x: 1 } } },
    { olds: { limits: { storageKiB: [1, 2] }, userId: 4, groupId: null, keyGeneration: "1" } },
  ])("never throws and never says yes, whatever is recorded: $olds", async ({ olds }) => {
    for (const [id, text, news] of [
      ["blue", GROUP_TEXT, GROUP_INPUTS],
      ["blue/ada", USER_TEXT, USER_INPUTS],
      ["", USER_TEXT, { __provider: USER_TEXT }],
    ] as const) {
      const { changes } = await server.diff(id, { ...olds, __provider: text }, news);
      expect(["UNKNOWN", "NONE"]).toContain(changes);
    }
  });

  test("old outputs without the text were written by another host: the one yes there is", async () => {
    const { __provider: _text, ...olds } = GROUP_STATE;
    expect(await server.diff("blue", olds, GROUP_INPUTS)).toEqual({ ...NONE, changes: "SOME" });
    expect(await server.diff("blue", {}, GROUP_INPUTS)).toEqual({ ...NONE, changes: "SOME" });
  });

  test("sends nothing", async () => {
    expect(await stage.callsOf(() => server.diff("blue", GROUP_STATE, group("red")))).toEqual([]);
  });
});
