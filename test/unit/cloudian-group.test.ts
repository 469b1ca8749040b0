import { describe, expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { blue, cloudianSystem, type GroupArgs, LDAP, LDAP_FIELDS, LIVE, messageOf } from "./cloudian-system.ts";

const system = cloudianSystem();
const { client } = system;

const NAMED = { groupId: "blue" };
const read = (last?: Partial<GroupArgs>) => groupHandler.read(client, "blue", last);
const update = (from: Partial<GroupArgs>, to: Partial<GroupArgs>) =>
  groupHandler.update(client, "blue", blue(from), blue(to), () => {}, []);
const remove = (last: Partial<GroupArgs>) => groupHandler.delete(client, "blue", blue(last));

describe("what is read", () => {
  const live = { ...NAMED, groupName: "n", active: "true" };

  test.each([true, "true"])("the directory, whose switch may be a flag or a text: %j", async (ldapEnabled) => {
    system.groups = { blue: { ...live, ...LDAP_FIELDS, ldapEnabled } };
    expect((await read(NAMED))?.state.ldap).toEqual(LDAP);
  });

  test.each([false, "false", null])("a directory that is off: %j", async (ldapEnabled) => {
    system.groups = { blue: { ...live, ldapEnabled, ldapSearch: null } };
    expect((await read(NAMED))?.state).toEqual({
      groupId: "blue",
      groupName: "n",
      active: true,
      ldap: { enabled: false },
      s3Endpoints: {},
    });
  });

  test("without anything recorded, everything; every endpoint where the release does not know the field", async () => {
    system.groups = { blue: { ...live, s3endpointshttp: ["b", "a"], s3websiteendpoints: [] } };
    system.limits = { "blue/*": { storageKiB: { hard: 1 } }, "blue/ALL": { objectCount: { hard: 2 } } };
    expect((await read())?.state).toMatchObject({
      s3Endpoints: { http: ["a", "b"], https: ["ALL"], website: [] },
      limits: { storageKiB: { hard: 1 } },
      userLimits: { objectCount: { hard: 2 } },
    });
    expect(system.sent).toEqual([
      ["GET group", "blue"],
      ["GET limits", "blue/*"],
      ["GET limits", "blue/ALL"],
    ]);
  });

  test("the members that are managed, and no limits that are not", async () => {
    system.groups = { blue: live };
    const managed = { ...NAMED, s3Endpoints: { https: ["x"] } };
    expect((await read(managed))?.state).toMatchObject({ s3Endpoints: { https: ["ALL"] } });
    expect((await groupHandler.find(client, blue(managed)))?.state).toMatchObject({ s3Endpoints: { https: ["ALL"] } });
    expect(system.sent).toEqual([
      ["GET group", "blue"],
      ["GET group", "blue"],
    ]);
  });

  test("nothing where the group is gone", async () => {
    expect(await read(NAMED)).toBeUndefined();
  });
});

describe("a look before adoption", () => {
  const limits = { storageKiB: { hard: 1 } };
  const userLimits = { objectCount: { hard: 2 } };
  const stateOf = async () => (await groupHandler.find(client, blue({ limits: {}, userLimits: {} })))?.state ?? {};

  test("leaves out limits that are the default of all, each by itself", async () => {
    system.groups = { blue: { ...NAMED, active: "true" } };
    system.limits = { "blue/*": limits, "blue/ALL": userLimits, "ALL/*": limits };
    expect(Object.keys(await stateOf())).not.toContain("limits");
    expect(await stateOf()).toMatchObject({ userLimits });
    system.limits = { "blue/*": limits, "blue/ALL": userLimits, "*/ALL": userLimits };
    expect(Object.keys(await stateOf())).not.toContain("userLimits");
    expect(await stateOf()).toMatchObject({ limits });
  });

  test("asks for no default where there are none", async () => {
    system.groups = { blue: { ...NAMED, active: "true" } };
    expect(await stateOf()).toMatchObject({ limits: {}, userLimits: {} });
    expect(system.sent).toEqual([
      ["GET group", "blue"],
      ["GET limits", "blue/*"],
      ["GET limits", "blue/ALL"],
    ]);
  });

  test("finds nothing where there is no group", async () => {
    expect(await groupHandler.find(client, blue())).toBeUndefined();
  });
});

describe("a change of endpoints on an older release, which does not know the field", () => {
  const live = { ...NAMED, groupName: "old", active: "true", s3endpointshttps: ["b"] };

  test("is refused, because it would be ignored", async () => {
    system.groups = { blue: live };
    const refused = (members: string) =>
      `Cloudian group blue has no ${members}: this release of HyperStore does not know it and would ignore it. ` +
      "Remove it from the program.";
    expect(await messageOf(update({}, { s3Endpoints: { http: ["a"], https: ["a"] } }))).toBe(
      refused("s3Endpoints.http"),
    );
    expect(await messageOf(update({}, { s3Endpoints: { http: [], website: ["a"] } }))).toBe(
      refused("s3Endpoints.http, s3Endpoints.website"),
    );
    expect(system.sent.filter(([call]) => call !== "GET group")).toEqual([]);
  });

  test("of a field that it does know is written", async () => {
    system.groups = { blue: live };
    await update({ s3Endpoints: { https: ["b"] } }, { s3Endpoints: { https: ["c"] } });
    expect(system.sent.at(-1)).toEqual(["POST group", { ...live, s3endpointshttps: ["c"] }]);
  });

  test("does not stand in the way of other changes where every endpoint is declared, which is what it offers", async () => {
    system.groups = { blue: live };
    const s3Endpoints = { http: ["ALL"] };
    await update({ groupName: "old", s3Endpoints }, { groupName: "new", s3Endpoints });
    expect(system.sent.at(-1)).toEqual(["POST group", { ...live, groupName: "new", s3endpointshttp: ["ALL"] }]);
  });
});

test("limits are written where they differ, the group's and those of its users", async () => {
  const limits = { storageKiB: { hard: 1 } };
  await update({ limits, userLimits: limits }, { limits, userLimits: { storageKiB: { hard: 2 } } });
  await update({}, { limits });
  await update({ limits }, {});
  expect(system.sent).toEqual([
    ["POST limits", "blue/ALL", { storageKiB: { hard: 2 } }],
    ["POST limits", "blue/*", limits],
  ]);
});

test("a change that the live group already has is not written", async () => {
  system.groups = { blue: { ...NAMED, groupName: "new" } };
  await update({ groupName: "old" }, { groupName: "new" });
  expect(system.sent).toEqual([["GET group", "blue"]]);
});

test("a change of a group that is gone says how to have it made anew", async () => {
  expect(await messageOf(update({}, { groupName: "new" }))).toBe(
    "Cloudian group blue no longer exists. Run pulumi up --refresh to make it anew.",
  );
});

describe("the removal", () => {
  test("of a group with users is refused, or takes them along where the program says so", async () => {
    system.users = { "blue/ada": LIVE };
    expect(await messageOf(remove({}))).toBe(
      "Cloudian group blue is not deleted: it has 1 users (ada). Delete them first, or set forceDestroy: true and run " +
        "pulumi up before the destroy (destroy reads the state, not the program).",
    );
    expect(system.sent).toEqual([]);
    system.next = { outcome: "deleted" };
    await remove({ forceDestroy: true });
    expect(system.sent).toEqual([
      ["DELETE user", "blue/ada"],
      ["DELETE group", "blue"],
    ]);
  });

  test("that the system refuses is an error while the group is there", async () => {
    system.groups = { blue: {} };
    system.next = { outcome: "refused" };
    expect(await messageOf(remove({}))).toBe(
      'Could not delete Cloudian group blue: https://admin.example.test:19443 answered 409, "Not now.". See to what keeps it, then run the same command again.',
    );
  });

  test("of a group of which no users are listed, but whose usage names one who is there, is refused", async () => {
    system.users = { "blue/ada": LIVE };
    system.buckets = { "blue/ada": [] };
    system.hidesUsers = true;
    expect(await messageOf(remove({ forceDestroy: true }))).toBe(
      "Cloudian group blue is not deleted: https://admin.example.test:19443 lists no users of it, but it has the user ada, and what a deletion would do to it is unknown. Run the same command again later.",
    );
    expect(system.sent).toEqual([["GET user", "blue/ada"]]);
  });

  test("of a group whose usage still names a user who is gone is done", async () => {
    system.buckets = { "blue/ada": [] };
    system.next = { outcome: "deleted" };
    await remove({});
    expect(system.sent).toEqual([
      ["GET user", "blue/ada"],
      ["DELETE group", "blue"],
    ]);
  });

  test("of a group whose usage does not come is refused while the group is there", async () => {
    system.knowsBuckets = false;
    await remove({});
    system.groups = { blue: {} };
    expect(await messageOf(remove({}))).toBe(
      "Cloudian group blue is not deleted: https://admin.example.test:19443 lists no users of it, but does not say either that it has none, and what a deletion would do to them is unknown. Run the same command again later.",
    );
    expect(system.sent).toEqual([
      ["GET group", "blue"],
      ["GET group", "blue"],
    ]);
  });

  test("of a group that is gone, or has gone, is done", async () => {
    for (const outcome of ["refused", "deleted"] as const) {
      system.next = { outcome };
      await remove({});
    }
    expect(system.sent).toEqual([
      ["DELETE group", "blue"],
      ["GET group", "blue"],
      ["DELETE group", "blue"],
    ]);
  });

  test("that only deactivates writes nothing where the group is off already", async () => {
    system.groups = { blue: { ...NAMED, active: "false" } };
    await remove({ onDestroy: "deactivate" });
    system.groups = { blue: { ...NAMED, active: "true", ldapGroup: "by others" } };
    await remove({ onDestroy: "deactivate" });
    expect(system.sent).toEqual([
      ["GET group", "blue"],
      ["GET group", "blue"],
      ["POST group", { ...NAMED, active: "false", ldapGroup: "by others" }],
    ]);
  });
});
