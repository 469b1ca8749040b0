import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, GROUP_TEXT, group, Stage } from "./support.ts";

const NO_LIMITS =
  "hlDataKBytesIn=-1&hlDataKBytesOut=-1&hlRequestRate=-1&hlStorageQuotaCount=-1&hlStorageQuotaKBytes=-1";
const NO_WARNINGS =
  "wlDataKBytesIn=-1&wlDataKBytesOut=-1&wlRequestRate=-1&wlStorageQuotaCount=-1&wlStorageQuotaKBytes=-1";
const LIST = "GET /user/list?groupId=blue&limit=100&userStatus=all&userType=all";

/** As many users as asked for in group blue, without buckets: u000, u001, … */
function usersOfBlue(count: number): Record<string, object> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`blue/u${`${n}`.padStart(3, "0")}`, {}]));
}

describe.each(SDKS)("CloudianGroup in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;
  /** A process remembers what it has changed and does not delete that; the engine, too, uses another one for a destroy. */
  let destroying: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.control.reset());

  const recorded = (more: object = {}) => group("blue", { systemEndpoint: stage.endpoint, ...more });
  const seed = (more: object = {}, users = 0) =>
    stage.control.patch("cloudian", { groups: { blue: more }, users: usersOfBlue(users) });
  const blue = async () => (await stage.control.state()).cloudian.groups["blue"];

  test("create of what is declared alone: one request, and nothing undeclared is sent", async () => {
    let made: unknown;
    expect(
      await stage.callsOf(async () => {
        made = await server.create(group("plain"));
      }),
    ).toEqual(["PUT /group"]);
    expect(made).toEqual({ id: "plain", properties: group("plain", { systemEndpoint: stage.endpoint }) });
    expect((await stage.control.requests())[0]?.body).toEqual({ groupId: "plain" });
  });

  test("create with everything: the group, its limits, its users' limits", async () => {
    const declared = group("full", {
      groupName: "/ROOT/full",
      active: false,
      ldap: { enabled: true, serverUrl: "ldap://x" },
      s3Endpoints: { http: ["a.example"], website: [] },
      limits: { storageKiB: { hard: 20, warning: 10 }, requestsPerMinute: { hard: 0 } },
      userLimits: { downloadKiBPerMinute: { warning: 7 } },
    });
    let made: unknown;
    const sent = await stage.callsOf(async () => {
      made = await server.create(declared);
    });
    expect(sent).toEqual([
      "PUT /group",
      "GET /group?groupId=full",
      "POST /qos/limits?groupId=full&hlDataKBytesIn=-1&hlDataKBytesOut=-1&hlRequestRate=0&hlStorageQuotaCount=-1&hlStorageQuotaKBytes=20&userId=*&wlDataKBytesIn=-1&wlDataKBytesOut=-1&wlRequestRate=-1&wlStorageQuotaCount=-1&wlStorageQuotaKBytes=10",
      "POST /qos/limits?groupId=full&hlDataKBytesIn=-1&hlDataKBytesOut=-1&hlRequestRate=-1&hlStorageQuotaCount=-1&hlStorageQuotaKBytes=-1&userId=ALL&wlDataKBytesIn=-1&wlDataKBytesOut=7&wlRequestRate=-1&wlStorageQuotaCount=-1&wlStorageQuotaKBytes=-1",
    ]);
    expect(made).toEqual({ id: "full", properties: { ...declared, systemEndpoint: stage.endpoint } });
    expect((await stage.control.requests())[0]?.body).toEqual({
      groupId: "full",
      groupName: "/ROOT/full",
      active: "false",
      ldapEnabled: true,
      ldapGroup: "",
      ldapServerURL: "ldap://x",
      ldapUserDNTemplate: "",
      ldapSearch: "",
      ldapSearchUserBase: "",
      ldapMatchAttribute: "",
      s3endpointshttp: ["a.example"],
      s3websiteendpoints: [],
    });
  });

  test("create with endpoints on a release that drops them says so, and every endpoint is as good as none", async () => {
    await stage.control.patch("cloudian", { options: { endpointArrays: false } });
    const failure = await failureOf(server.create(group("old", { s3Endpoints: { http: ["a.example"] } })));
    expect(failure.message).toBe(
      "Cloudian group old exists, but is not finished: Cloudian group old has no s3Endpoints.http: this release of HyperStore does not know it and would ignore it. Remove it from the program. The next pulumi up goes on.",
    );
    const all = group("all", { s3Endpoints: { http: ["ALL"] } });
    expect(await stage.callsOf(() => server.create(all))).toEqual(["PUT /group"]);
  });

  test("of a creation whose reply was lost is ours, though it shows limits that are the default of all", async () => {
    const defaults = { "ALL/*": { hlRequestRate: 5 }, "*/ALL": { hlStorageQuotaCount: 7 } };
    await stage.control.patch("cloudian", { limits: defaults });
    await stage.control.fault({ kind: "reset-after-commit", system: "cloudian", method: "PUT", path: "/group" });
    const declared = group("late", { limits: { storageKiB: { hard: 100 } }, userLimits: { objectCount: { hard: 7 } } });
    const { id, properties } = await server.create(declared);
    expect({ id, properties }).toEqual({
      id: "late",
      properties: { ...declared, systemEndpoint: stage.endpoint },
    });
    const { limits } = (await stage.control.state()).cloudian;
    expect(limits["late/*"]).toMatchObject({ hlStorageQuotaKBytes: 100, hlRequestRate: -1 });
    expect(limits["late/ALL"]).toMatchObject({ hlStorageQuotaCount: 7 });
  });

  test("limits that say none need a request, for the system may have a default", async () => {
    expect(await stage.callsOf(() => server.create(group("none", { limits: {}, userLimits: {} })))).toEqual([
      "PUT /group",
      `POST /qos/limits?groupId=none&${NO_LIMITS}&userId=*&${NO_WARNINGS}`,
      `POST /qos/limits?groupId=none&${NO_LIMITS}&userId=ALL&${NO_WARNINGS}`,
    ]);
  });

  test("read asks for what is managed and returns exactly those inputs", async () => {
    await seed({
      groupName: "by hand",
      active: "false",
      ldapEnabled: true,
      ldapGroup: "cn=x",
      s3endpointshttp: ["z", "a"],
    });
    await stage.control.patch("cloudian", { limits: { "blue/*": { hlRequestRate: 5, wlRequestRate: -2 } } });
    let live: unknown;
    const read = (olds: object) =>
      stage.callsOf(async () => {
        live = await server.read("blue", recorded(olds));
      });
    expect(await read({})).toEqual(["GET /group?groupId=blue"]);
    expect(live).toEqual({ id: "blue", properties: recorded(), inputs: group("blue") });
    expect(await read({ limits: {} })).toEqual(["GET /group?groupId=blue", "GET /qos/limits?groupId=blue&userId=*"]);
    const everything = {
      groupName: "",
      active: true,
      ldap: { enabled: false },
      s3Endpoints: { http: [] },
      limits: {},
      userLimits: {},
    };
    expect(await read(everything)).toEqual([
      "GET /group?groupId=blue",
      "GET /qos/limits?groupId=blue&userId=*",
      "GET /qos/limits?groupId=blue&userId=ALL",
    ]);
    const found = {
      groupName: "by hand",
      active: false,
      ldap: { enabled: true, group: "cn=x" },
      s3Endpoints: { http: ["a", "z"] },
      limits: { requestsPerMinute: { hard: 5 } },
      userLimits: {},
    };
    expect(live).toEqual({ id: "blue", properties: recorded(found), inputs: group("blue", found) });
  });

  test(".get, with the text alone in hand, returns everything that can be read", async () => {
    await seed({ groupName: "blue" });
    let live: unknown;
    const sent = await stage.callsOf(async () => {
      live = await server.read("blue", undefined, { __provider: GROUP_TEXT });
    });
    expect(sent).toEqual([
      "GET /group?groupId=blue",
      "GET /qos/limits?groupId=blue&userId=*",
      "GET /qos/limits?groupId=blue&userId=ALL",
    ]);
    const inputs = {
      __provider: GROUP_TEXT,
      groupId: "blue",
      groupName: "blue",
      active: true,
      ldap: { enabled: false },
      s3Endpoints: { http: ["ALL"], https: ["ALL"], website: ["ALL"] },
      limits: {},
      userLimits: {},
    };
    expect(live).toEqual({ id: "blue", properties: { ...inputs, systemEndpoint: stage.endpoint }, inputs });
  });

  test("an import with minimal inputs manages no more than these", async () => {
    await seed({ groupName: "blue" });
    const inputs = { __provider: GROUP_TEXT, groupId: "blue" };
    expect(await server.read("blue", inputs)).toEqual({
      id: "blue",
      properties: { ...inputs, systemEndpoint: stage.endpoint },
      inputs,
    });
  });

  test("a changed field of the document: look, then write all of it back, under replace as under merge", async () => {
    for (const updateMode of ["replace", "merge"]) {
      await stage.control.reset();
      await stage.control.patch("cloudian", { options: { updateMode } });
      await seed({ groupName: "old", ldapGroup: "set by others", s3endpointshttps: ["by others"], active: "false" });
      const olds = recorded({ groupName: "old" });
      expect(await stage.callsOf(() => server.update("blue", olds, group("blue", { groupName: "new" })))).toEqual([
        "GET /group?groupId=blue",
        "POST /group",
      ]);
      expect(await blue()).toMatchObject({
        groupName: "new",
        ldapGroup: "set by others",
        s3endpointshttps: ["by others"],
        active: "false",
      });
    }
  });

  test("changed limits: one request a scope; own switches and what becomes unmanaged: none", async () => {
    await seed();
    const olds = recorded({ groupName: "x", limits: { objectCount: { hard: 1 } }, userLimits: {} });
    const limits = { objectCount: { hard: 2 } };
    expect(
      await stage.callsOf(() => server.update("blue", olds, group("blue", { groupName: "x", limits, userLimits: {} }))),
    ).toEqual([
      `POST /qos/limits?groupId=blue&${NO_LIMITS.replace("hlStorageQuotaCount=-1", "hlStorageQuotaCount=2")}&userId=*&${NO_WARNINGS}`,
    ]);
    let outs: unknown;
    const sent = await stage.callsOf(async () => {
      outs = await server.update(
        "blue",
        olds,
        group("blue", { forceDestroy: true, onDestroy: "deactivate", adopt: true }),
      );
    });
    expect(sent).toEqual([]);
    expect(outs).toEqual(recorded({ forceDestroy: true, onDestroy: "deactivate", adopt: true }));
  });

  test("a change that the live group already has: no write", async () => {
    await seed({ groupName: "new" });
    const news = group("blue", { groupName: "new" });
    expect(await stage.callsOf(() => server.update("blue", recorded({ groupName: "old" }), news))).toEqual([
      "GET /group?groupId=blue",
    ]);
  });

  test("update of a group that is gone says so and makes nothing", async () => {
    const failure = await failureOf(
      server.update("blue", recorded({ groupName: "a" }), group("blue", { groupName: "b" })),
    );
    expect(failure.message).toBe("Cloudian group blue no longer exists. Run pulumi up --refresh to make it anew.");
    expect(await blue()).toBeUndefined();
  });

  test("delete of an empty group: the list of its users, their usage, then the group; once more is fine", async () => {
    await seed();
    expect(await stage.callsOf(() => destroying.delete("blue", recorded()))).toEqual([
      LIST,
      "GET /system/bucketusage?groupId=blue",
      "DELETE /group?groupId=blue",
    ]);
    expect(await blue()).toBeUndefined();
    expect(await stage.callsOf(() => destroying.delete("blue", recorded()))).toEqual([
      LIST,
      "GET /system/bucketusage?groupId=blue",
      "GET /group?groupId=blue",
    ]);
  });

  test.each([
    { users: 1, pages: [""] },
    { users: 100, pages: [""] },
    { users: 101, pages: ["", "u100"] },
    { users: 250, pages: ["", "u100", "u200"] },
  ])("a group with $users users is not deleted, and all of them are counted", async ({ users, pages }) => {
    await seed({}, users);
    let message = "";
    const sent = await stage.callsOf(async () => {
      ({ message } = await failureOf(destroying.delete("blue", recorded())));
    });
    const offset = (page: string) => (page === "" ? "" : `&offset=${page}`);
    expect(sent).toEqual(
      pages.map((page) => `GET /user/list?groupId=blue&limit=100${offset(page)}&userStatus=all&userType=all`),
    );
    expect(message).toContain(`Cloudian group blue is not deleted: it has ${users} user`);
    expect(message).toContain("u000");
    expect(message).toContain("forceDestroy: true and run pulumi up before the destroy");
    expect(Object.keys((await stage.control.state()).cloudian.users)).toHaveLength(users + 1);
  });

  test("forceDestroy deletes every user of every page, then the group", async () => {
    await seed({}, 101);
    const sent = await stage.callsOf(() => destroying.delete("blue", recorded({ forceDestroy: true })));
    expect(sent.slice(0, 4)).toEqual([
      LIST,
      "GET /user/list?groupId=blue&limit=100&offset=u100&userStatus=all&userType=all",
      "GET /system/bucketusage?groupId=blue",
      "DELETE /user?groupId=blue&userId=u000",
    ]);
    expect(sent.slice(-4)).toEqual([
      "DELETE /user?groupId=blue&userId=u100",
      LIST,
      "GET /system/bucketusage?groupId=blue",
      "DELETE /group?groupId=blue",
    ]);
    expect(sent).toHaveLength(2 + 1 + 101 + 3);
    expect((await stage.control.state()).cloudian.users).toMatchObject({ "0/admin": {} });
    expect(await blue()).toBeUndefined();
  });

  test("forceDestroy deletes nobody while one of them owns a bucket", async () => {
    await seed({}, 3);
    await stage.control.patch("cloudian", { buckets: { "blue/u002": [{ bucketName: "precious" }] } });
    const { message } = await failureOf(destroying.delete("blue", recorded({ forceDestroy: true })));
    expect(message).toContain("Cloudian group blue is not deleted, and none of its users: u002 owns precious.");
    expect(Object.keys((await stage.control.state()).cloudian.users)).toHaveLength(4);
  });

  test("onDestroy deactivate switches the group off and leaves it, with what others have set", async () => {
    await seed({ groupName: "kept", ldapGroup: "kept" }, 2);
    const olds = recorded({ onDestroy: "deactivate", forceDestroy: true });
    expect(await stage.callsOf(() => destroying.delete("blue", olds))).toEqual([
      "GET /group?groupId=blue",
      "POST /group",
    ]);
    expect(await blue()).toMatchObject({ groupName: "kept", ldapGroup: "kept", active: "false" });
    expect(await stage.callsOf(() => destroying.delete("blue", olds))).toEqual(["GET /group?groupId=blue"]);
    await stage.control.patch("cloudian", { groups: { blue: null } });
    expect(await stage.callsOf(() => destroying.delete("blue", olds))).toEqual(["GET /group?groupId=blue"]);
  });

  test("limits while the quality-of-service feature is off: the group stays, with the reason", async () => {
    await stage.control.patch("cloudian", { options: { qosEnabled: false } });
    const fast = await stage.serve({ retryBudget: "0" });
    const { message, initFailure } = await failureOf(fast.create(group("qos", { groupName: "n", limits: {} })));
    expect(message).toContain("HyperStore answers 503 here while its quality-of-service feature is off");
    expect(initFailure).toEqual({
      id: "qos",
      properties: group("qos", { groupName: "n", systemEndpoint: stage.endpoint }),
      reasons: [message],
    });
    await stage.control.patch("cloudian", { options: { qosEnabled: true } });
    const kept = initFailure?.properties ?? {};
    const next = await stage.serve();
    expect(await stage.callsOf(() => next.update("qos", kept, group("qos", { groupName: "n", limits: {} })))).toEqual([
      `POST /qos/limits?groupId=qos&${NO_LIMITS}&userId=*&${NO_WARNINGS}`,
    ]);
  });
});
