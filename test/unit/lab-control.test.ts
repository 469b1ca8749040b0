import { describe, expect, test } from "vitest";
import { calls } from "../harness/lab.ts";
import { openLab } from "./lab-stage.ts";

const { lab, control, call } = await openLab();

async function send(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const init =
    body === undefined ? { method } : { method, body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await fetch(`${lab.addresses.control}${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

test("the addresses are those of the first line", async () => {
  expect(await send("GET", "/addresses")).toEqual({ status: 200, body: lab.addresses });
  expect(lab.addresses).toEqual({
    control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    cloudian: {
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      username: "sysadmin",
      password: "public",
      s3Endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      cmcEndpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ssoKey: "lab-sso-key",
    },
    ecs: expect.objectContaining({ endpoint: expect.stringMatching(/^https:/), username: "pulumi", namespace: "ns1" }),
    cloudstack: {
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/client\/api$/),
      apiKey: expect.stringMatching(/^lab-api-key-/),
      secretKey: expect.stringMatching(/^lab-secret-key-/),
      zoneId: "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35",
    },
  });
});

test("what the control API does not know is answered with what it knows", async () => {
  const every = "/addresses, /requests, /state, /faults, /clock, /reset";
  expect(await send("GET", "/")).toEqual({ status: 404, body: { error: `The control API has no /: use ${every}.` } });
  expect(await send("PUT", "/faults")).toEqual({ status: 405, body: { error: "/faults takes GET, POST, DELETE." } });
  expect(await send("GET", "/faults/1")).toEqual({ status: 404, body: { error: 'Use /faults without "/1".' } });
  expect(await send("POST", "/faults", "{")).toEqual({
    status: 400,
    body: { error: "The body is not JSON. Send a JSON object." },
  });
  expect(await send("GET", "/requests?system=s3")).toEqual({
    status: 400,
    body: { error: 'There is no system "s3": use cloudian, cloudian-s3, cloudian-cmc, ecs, ecs-s3, cloudstack.' },
  });
});

test("requests are listed in their order and cleared; calls renders them", async () => {
  await call("PUT", "/group", { groupId: "g" });
  await call("GET", "/user?userId=u&groupId=g");
  await call("POST", "/user/password?userId=u&groupId=g&password=x");
  expect(calls(await control.requests())).toEqual([
    "PUT /group",
    "GET /user?groupId=g&userId=u",
    "POST /user/password?groupId=g&password=[secret]&userId=u",
  ]);
  expect((await send("DELETE", "/requests")).status).toBe(204);
  expect(await control.requests()).toEqual([]);
});

describe("state", () => {
  test("a new lab holds its administrator and nothing else", async () => {
    const { options: _, ...rest } = (await control.state()).cloudian;
    expect(rest).toEqual({
      groups: { "0": expect.objectContaining({ groupId: "0", active: "true" }) },
      users: { "0/admin": expect.objectContaining({ groupId: "0", userId: "admin", userType: "SystemAdmin" }) },
      credentials: {},
      limits: {},
      buckets: {},
      passwords: {},
      storagePolicies: {},
      cmcSessions: {},
      s3Buckets: {},
    });
  });

  test("the options and their initial values", async () => {
    expect((await control.state()).cloudian.options).toEqual({
      authentication: true,
      username: "sysadmin",
      password: "public",
      certificate: "ca",
      version: "8.1 Compiled: 2023-11-11 16:30",
      updateMode: "replace",
      existingGroupStatus: 409,
      groupWithUsersStatus: 409,
      maxGroupNameLength: 64,
      errorBody: "html",
      jsonContentType: "text/html",
      endpointArrays: true,
      storageQuotaPairs: true,
      qosEnabled: true,
      inheritLimits: true,
      limitsOfAbsentOwner: "refuse",
      maxKeysPerUser: 5,
      rootKeysOnlyByDefault: false,
      unknownKeyDeletionStatus: 400,
      listPageLimit: 100,
      bucketStatistics: false,
      s3MaxPage: 1000,
      staleLists: 0,
      ssoEnabled: true,
      ssoKey: "lab-sso-key",
      ssoWindowSeconds: 300,
      ssoReplay: "refuse",
      ssoRefusal: "status",
    });
  });

  test("secrets are masked unless they are asked for", async () => {
    await control.patch("cloudian", {
      groups: { g: {} },
      users: { "g/u": {} },
      credentials: { k: { groupId: "g", userId: "u", secretKey: "s3cr3t" } },
      passwords: { "g/u": "Sup3rSecret" },
    });
    const { body } = await send("GET", "/state");
    expect(body).toMatchObject({
      cloudian: {
        options: { password: "[secret]" },
        credentials: { k: { accessKey: "k", secretKey: "[secret]" } },
        passwords: { "g/u": "[secret]" },
      },
    });
    expect(JSON.stringify(body)).not.toMatch(/s3cr3t|Sup3rSecret|:"public"/);
    expect(await control.state()).toMatchObject({
      cloudian: {
        options: { password: "public" },
        credentials: { k: { secretKey: "s3cr3t" } },
        passwords: { "g/u": "Sup3rSecret" },
      },
    });
  });

  test("a patch makes objects with defaults, and the API shows them", async () => {
    const patched = await send("PATCH", "/state/cloudian", {
      groups: { g: { groupName: "x" } },
      users: { "g/u/v": { fullName: "n" } },
      credentials: { KEY: { groupId: "g", userId: "u/v" } },
      limits: { "g/u/v": { hlRequestRate: 9 }, "*/ALL": {} },
      buckets: { "g/u/v": [{ bucketName: "b" }] },
    });
    expect(patched.status).toBe(200);
    expect((await send("GET", "/state")).body).toMatchObject({ cloudian: patched.body });
    expect((await call("GET", "/group?groupId=g")).json()).toMatchObject({ groupName: "x", active: "true" });
    expect((await call("GET", "/user?groupId=g&userId=u/v")).json()).toMatchObject({
      userId: "u/v",
      userType: "User",
      fullName: "n",
      active: "true",
      canonicalUserId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await call("GET", "/user/credentials/list?groupId=g&userId=u/v")).json()).toEqual([
      {
        accessKey: "KEY",
        secretKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
        createDate: expect.any(Number),
        expireDate: null,
        active: true,
      },
    ]);
    const { limits, buckets } = (await control.state()).cloudian;
    expect(limits["g/u/v"]).toMatchObject({ hlRequestRate: 9, wlRequestRate: -1 });
    expect(buckets).toEqual({
      "g/u/v": [{ bucketName: "b", byteCount: 0, objectCount: 0, policyName: "default" }],
    });
  });

  test("a patch changes only what it names, and null is the default again", async () => {
    await call("PUT", "/group", { groupId: "g", groupName: "n", ldapGroup: "l" });
    await call("PUT", "/user", { groupId: "g", userId: "u", userType: "GroupAdmin", city: "c" });
    const before = (await control.state()).cloudian;
    await control.patch("cloudian", {
      groups: { g: { active: false, ldapGroup: null } },
      users: { "g/u": { active: "false" } },
    });
    const after = (await control.state()).cloudian;
    expect(after.groups["g"]).toEqual({ ...before.groups["g"], active: "false", ldapGroup: null });
    expect(after.users["g/u"]).toEqual({ ...before.users["g/u"], active: "false" });
    expect(after.credentials).toEqual(before.credentials);
  });

  test("null deletes, with all that belongs to it", async () => {
    await control.patch("cloudian", {
      groups: { g: {}, h: {} },
      users: { "g/u": {}, "h/u": {}, "h/v": {} },
      credentials: {
        a: { groupId: "g", userId: "u" },
        b: { groupId: "h", userId: "u" },
        c: { groupId: "h", userId: "v" },
      },
      limits: { "g/u": {}, "g/*": {}, "h/u": {} },
      buckets: { "g/u": [{ bucketName: "b" }] },
    });
    await control.patch("cloudian", { groups: { g: null }, users: { "h/u": null }, credentials: { unknown: null } });
    const { groups, users, credentials, limits, buckets } = (await control.state()).cloudian;
    expect(Object.keys(groups)).toEqual(["0", "h"]);
    expect(Object.keys(users)).toEqual(["0/admin", "h/v"]);
    expect(Object.keys(credentials)).toEqual(["c"]);
    expect([limits, buckets]).toEqual([{}, {}]);
  });

  test("a patch that moves a key takes it to another user", async () => {
    await control.patch("cloudian", {
      groups: { g: {} },
      users: { "g/u": {}, "g/v": {} },
      credentials: { k: { groupId: "g", userId: "u" } },
    });
    await control.patch("cloudian", { credentials: { k: { userId: "v", active: false } } });
    expect(await call("GET", "/user/credentials/list?groupId=g&userId=u")).toMatchObject({ status: 204 });
    expect((await call("GET", "/user/credentials/list?groupId=g&userId=v")).json()).toMatchObject([{ active: false }]);
  });

  test.each([
    [{ bucket: {} }, /^The state has no "bucket": use options, groups, users, /],
    [{ users: null }, /^"users" must be an object/],
    [{ options: { updatemode: "merge" } }, /^There is no option "updatemode": use authentication, /],
    [{ options: { updateMode: "both" } }, /^Option "updateMode" must be one of replace, merge\.$/],
    [{ options: { maxKeysPerUser: 0 } }, /^Option "maxKeysPerUser" must be a whole number, at least 1\.$/],
    [{ groups: { "a/b": {} } }, /^The patch does not fit at groups: a\/b: groupId is empty, reserved or has a slash/],
    [{ groups: { g: { name: "x" } } }, /there is no "name", only groupId, groupName, /],
    [{ groups: { g: { groupId: "h" } } }, /groupId cannot change/],
    [{ groups: { g: { active: "maybe" } } }, /active does not have an acceptable value/],
    [{ groups: { g: "x" } }, /must be an object, or null to delete it/],
    [{ users: { u: {} } }, /"u" is not of the form groupId\/userId/],
    [{ users: { "absent/u": {} } }, /there is no such group/],
    [{ credentials: { k: {} } }, /groupId does not have an acceptable value/],
    [{ credentials: { k: { groupId: "0", userId: "x" } } }, /there is no such user/],
    [{ credentials: { k: { groupId: "0", userId: "admin", active: "true" } } }, /active does not have/],
    [{ limits: { "0/x": {} } }, /there is no such group or user/],
    [{ limits: { "0/admin": { hlRequestRate: -3 } } }, /hlRequestRate must be a whole number/],
    [{ limits: { "0/admin": { requests: 1 } } }, /there is no "requests"/],
    [{ buckets: { "0/admin": ["b"] } }, /must be an object/],
    [{ buckets: { "0/admin": [{}] } }, /a bucket needs a bucketName/],
    [{ passwords: { "0/x": "p" } }, /there is no such user/],
  ])("patch %j is refused with a reason", async (patch, reason) => {
    const before = await control.state();
    expect(await send("PATCH", "/state/cloudian", patch)).toEqual({
      status: 400,
      body: { error: expect.stringMatching(reason) },
    });
    expect(await control.state()).toEqual(before);
  });

  test("a patch fits wholly or does nothing", async () => {
    const before = await control.state();
    expect((await send("PATCH", "/state/cloudian", { groups: { g: {}, h: { active: 1 } } })).status).toBe(400);
    expect(await control.state()).toEqual(before);
  });

  test("a patch needs a system that has a state", async () => {
    expect(await send("PATCH", "/state", {})).toEqual({
      status: 404,
      body: { error: "PATCH needs the system in its path: /state/cloudian, /state/ecs, /state/cloudstack." },
    });
    expect((await send("PATCH", "/state/cloudian-s3", {})).status).toBe(404);
  });

  test("null gives an option its initial value", async () => {
    await control.patch("cloudian", { options: { listPageLimit: 3 } });
    await control.patch("cloudian", { options: { listPageLimit: null } });
    expect((await control.state()).cloudian.options["listPageLimit"]).toBe(100);
  });
});

describe("clock", () => {
  const noon = "2026-01-31T12:00:00.000Z";
  const clock = async () => (await send("GET", "/clock")).body as { now: string; running: boolean };

  test("it can be set and stopped: keys, the Date header and the record follow it", async () => {
    expect(await send("POST", "/clock", { now: noon, running: false })).toEqual({
      status: 200,
      body: { now: noon, running: false },
    });
    await control.patch("cloudian", { groups: { g: {} } });
    await call("PUT", "/user", { groupId: "g", userId: "u", userType: "User" });
    await call("PUT", "/user/credentials?groupId=g&userId=u");
    const pairs = (await call("GET", "/user/credentials/list?groupId=g&userId=u")).json();
    expect(pairs).toMatchObject([{ createDate: 1769860800000 }, { createDate: 1769860800000 }]);
    const response = await fetch(lab.addresses.cloudian.endpoint);
    expect(response.headers.get("date")).toBe("Sat, 31 Jan 2026 12:00:00 GMT");
    expect((await control.requests())[0]?.at).toBe(noon);
    await control.advance(90);
    expect(await clock()).toEqual({ now: "2026-01-31T12:01:30.000Z", running: false });
  });

  test("while it runs, no two keys share a millisecond", async () => {
    await control.patch("cloudian", { groups: { g: {} }, users: { "g/u": {} }, options: { maxKeysPerUser: 50 } });
    await Promise.all(Array.from({ length: 50 }, () => call("PUT", "/user/credentials?groupId=g&userId=u")));
    const pairs = (await call("GET", "/user/credentials/list?groupId=g&userId=u")).json() as { createDate: number }[];
    expect(new Set(pairs.map(({ createDate }) => createDate)).size).toBe(50);
  });

  test("it runs on from where it was set", async () => {
    await send("POST", "/clock", { now: noon });
    const first = Date.parse((await clock()).now);
    expect(first).toBeGreaterThanOrEqual(1769860800000);
    await expect.poll(async () => Date.parse((await clock()).now), { interval: 5 }).toBeGreaterThan(first);
    await send("POST", "/clock", { now: noon, running: false });
    await send("POST", "/clock", { running: true });
    await expect.poll(async () => Date.parse((await clock()).now), { interval: 5 }).toBeGreaterThan(1769860800000);
    expect((await clock()).running).toBe(true);
  });

  test.each([
    {},
    { advanceSeconds: 1, now: noon },
    { advanceSeconds: "1" },
    { now: "soon" },
    { running: "no" },
    { seconds: 1 },
    { advanceSeconds: 1e300 },
  ])("%j is refused with the ways to use it", async (body) => {
    expect(await send("POST", "/clock", body)).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/Send \{"advanceSeconds": 60\}/) },
    });
  });
});

test("a reset brings everything back to the start", async () => {
  await control.patch("cloudian", { groups: { g: {} }, options: { errorBody: "empty" } });
  await control.fault({ system: "cloudian", kind: "refuse" });
  await control.fault({ system: "cloudian-s3", kind: "hang" });
  await send("POST", "/clock", { now: "2001-01-01T00:00:00Z", running: false });
  expect((await send("POST", "/reset")).status).toBe(204);
  expect(await control.requests()).toEqual([]);
  expect(await control.faults()).toEqual([]);
  const { groups, options } = (await control.state()).cloudian;
  expect(Object.keys(groups)).toEqual(["0"]);
  expect(options["errorBody"]).toBe("html");
  expect(await call("GET", "/system/version")).toMatchObject({ status: 200 });
  const { now, running } = (await send("GET", "/clock")).body as { now: string; running: boolean };
  expect(Date.parse(now)).toBeGreaterThan(Date.parse("2026-01-01"));
  expect(running).toBe(true);
});
