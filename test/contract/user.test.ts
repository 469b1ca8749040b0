import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, PAIR, partialFailureOf, Stage, secret, USER_TEXT, user } from "./support.ts";

const LIST_KEYS = "GET /user/credentials/list?groupId=blue&isRootAccountOnly=true&userId=ada";
const READ = "GET /user?groupId=blue&userId=ada";
const NO_LIMITS =
  "groupId=blue&hlDataKBytesIn=-1&hlDataKBytesOut=-1&hlRequestRate=-1&hlStorageQuotaCount=-1&hlStorageQuotaKBytes=-1&userId=ada&wlDataKBytesIn=-1&wlDataKBytesOut=-1&wlRequestRate=-1&wlStorageQuotaCount=-1&wlStorageQuotaKBytes=-1";
const CANONICAL = "0f3a9c5e7b1d48260a6c4e2f8d9b7135";
const OLDER = { accessKey: "00000000000000000001", secretKey: "older+secret/0000000000000000000000000000" };

describe.each(SDKS)("CloudianUser in the $sdk SDK's server", ({ sdk }) => {
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

  /** The state of blue/ada, the user of the lab with the managed pair. */
  const recorded = (more: Properties = {}): Properties =>
    user("blue", "ada", {
      ...PAIR,
      canonicalUserId: CANONICAL,
      __keyGeneration: 1,
      systemEndpoint: stage.endpoint,
      ...more,
    });
  const wrapped = (more: Properties = {}): Properties =>
    recorded({ secretAccessKey: secret(PAIR.secretAccessKey), ...more });
  const seed = async (more: object = {}, key: object | null = { active: true }) => {
    await stage.control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": { userType: "User", canonicalUserId: CANONICAL, ...more } },
      credentials: key === null ? {} : { [PAIR.accessKeyId]: pair(PAIR.secretAccessKey, 2000, key) },
    });
  };
  const pair = (secretKey: string, createDate: number, more: object = {}) => ({
    groupId: "blue",
    userId: "ada",
    secretKey,
    createDate,
    ...more,
  });
  const state = async () => (await stage.control.state()).cloudian;
  const resultOf = async (work: () => Promise<unknown>) => {
    let result: unknown;
    const sent = await stage.callsOf(async () => {
      result = await work();
    });
    return { result, sent };
  };

  test("create of what is declared alone: the user, and the key that the server makes with it", async () => {
    await stage.control.patch("cloudian", { groups: { blue: {} } });
    const { result, sent } = await resultOf(() => server.create(user("blue", "plain")));
    expect(sent).toEqual(["PUT /user", "GET /user/credentials/list?groupId=blue&isRootAccountOnly=true&userId=plain"]);
    expect((await stage.control.requests())[0]?.body).toEqual({ groupId: "blue", userId: "plain", userType: "User" });
    const { users, credentials } = await state();
    const [key, ...others] = Object.values(credentials);
    expect(others).toEqual([]);
    expect(result).toEqual({
      id: "blue/plain",
      properties: user("blue", "plain", {
        accessKeyId: key?.["accessKey"],
        secretAccessKey: secret(key?.["secretKey"]),
        canonicalUserId: users["blue/plain"]?.["canonicalUserId"],
        __keyGeneration: 1,
        systemEndpoint: stage.endpoint,
      }),
    });
  });

  test("create with everything: limits and password follow, and the password is wrapped", async () => {
    await stage.control.patch("cloudian", { groups: { blue: {} } });
    const declared = {
      userType: "GroupAdmin",
      fullName: "Ada",
      email: "ada@example.test",
      address: { line1: "1 Road", country: "" },
      phone: "1",
      website: "w",
      active: false,
      limits: {},
      password: "First+Passw0rd/%",
    };
    const { result, sent } = await resultOf(() => server.create(user("blue", "full", declared)));
    expect(sent).toEqual([
      "PUT /user",
      "GET /user/credentials/list?groupId=blue&isRootAccountOnly=true&userId=full",
      `POST /qos/limits?${NO_LIMITS.replace("userId=ada", "userId=full")}`,
      "POST /user/password?groupId=blue&password=[secret]&userId=full",
    ]);
    expect((await stage.control.requests())[0]?.body).toEqual({
      groupId: "blue",
      userId: "full",
      userType: "GroupAdmin",
      fullName: "Ada",
      emailAddr: "ada@example.test",
      address1: "1 Road",
      country: "",
      phone: "1",
      website: "w",
      active: "false",
    });
    expect((await state()).passwords).toEqual({ "blue/full": "First+Passw0rd/%" });
    expect(result).toMatchObject({ properties: { ...declared, password: secret("First+Passw0rd/%") } });
  });

  test("create in a group that does not exist says so and makes nothing", async () => {
    const { message, initFailure } = await failureOf(server.create(user("nowhere", "ada")));
    expect(message).toBe(
      "Could not create Cloudian user nowhere/ada: there is no group nowhere. Declare it as a CloudianGroup and use its groupId.",
    );
    expect(initFailure).toBeUndefined();
  });

  test("a key list that lags behind the creation is asked again, and no second pair is made", async () => {
    await stage.control.patch("cloudian", { groups: { blue: {} }, options: { staleLists: 1 } });
    const sent = await stage.callsOf(() => server.create(user("blue", "lagging")));
    const list = "GET /user/credentials/list?groupId=blue&isRootAccountOnly=true&userId=lagging";
    expect(sent).toEqual(["PUT /user", list, list]);
    expect(Object.keys((await state()).credentials)).toHaveLength(1);
  });

  test("read: the user and its keys, limits if managed; what others set stays unmanaged", async () => {
    await seed({ fullName: "By Hand", active: "false", emailAddr: "x@y" });
    await stage.control.patch("cloudian", { limits: { "blue/ada": { hlStorageQuotaKBytes: 9 } } });
    const plain = await resultOf(() => server.read("blue/ada", recorded()));
    expect(plain.sent).toEqual([READ, LIST_KEYS]);
    expect(plain.result).toEqual({ id: "blue/ada", properties: wrapped(), inputs: user("blue", "ada") });
    const managed = { fullName: "", active: true, limits: {}, address: { city: "" }, password: "Kept-Passw0rd" };
    const more = await resultOf(() => server.read("blue/ada", recorded(managed)));
    expect(more.sent).toEqual([READ, LIST_KEYS, "GET /qos/limits?groupId=blue&userId=ada"]);
    const found = {
      fullName: "By Hand",
      active: false,
      limits: { storageKiB: { hard: 9 } },
      address: { city: "" },
      password: secret("Kept-Passw0rd"),
    };
    expect(more.result).toEqual({ id: "blue/ada", properties: wrapped(found), inputs: user("blue", "ada", found) });
  });

  test(".get, with the text alone in hand, returns everything that can be read, the secret key wrapped", async () => {
    await seed({ fullName: "Ada", phone: "1" });
    const { result, sent } = await resultOf(() => server.read("blue/ada", undefined, { __provider: USER_TEXT }));
    expect(sent).toEqual([READ, LIST_KEYS, "GET /qos/limits?groupId=blue&userId=ada"]);
    const inputs = {
      __provider: USER_TEXT,
      groupId: "blue",
      userId: "ada",
      userType: "User",
      fullName: "Ada",
      email: "",
      address: { line1: "", line2: "", city: "", state: "", zip: "", country: "" },
      phone: "1",
      website: "",
      active: true,
      limits: {},
      keyGeneration: 1,
    };
    const computed = {
      ...PAIR,
      secretAccessKey: secret(PAIR.secretAccessKey),
      canonicalUserId: CANONICAL,
      __keyGeneration: 1,
    };
    expect(result).toEqual({
      id: "blue/ada",
      properties: { ...inputs, ...computed, systemEndpoint: stage.endpoint },
      inputs,
    });
  });

  test.each([
    { what: "deleted", key: null },
    { what: "switched off", key: { active: false } },
  ])("a managed key that was $what reads as generation 0 and keeps its pair in the state", async ({ key }) => {
    await seed({}, key);
    expect(await server.read("blue/ada", recorded())).toEqual({
      id: "blue/ada",
      properties: wrapped({ keyGeneration: 0 }),
      inputs: user("blue", "ada", { keyGeneration: 0 }),
    });
  });

  test("a lost key is imported again, a switched-off one is switched on: the same pair", async () => {
    await seed({}, null);
    const lost = recorded({ keyGeneration: 0 });
    const imported = await resultOf(() => server.update("blue/ada", lost, user("blue", "ada")));
    expect(imported.sent).toEqual([
      LIST_KEYS,
      "POST /user/credentials?accessKey=00a1b2c3d4e5f6071829&groupId=blue&secretKey=[secret]&userId=ada",
    ]);
    expect(imported.result).toEqual(wrapped());
    expect((await state()).credentials[PAIR.accessKeyId]).toMatchObject({
      secretKey: PAIR.secretAccessKey,
      active: true,
    });
    await seed({}, { active: false });
    const switched = await resultOf(() => server.update("blue/ada", lost, user("blue", "ada")));
    expect(switched.sent).toEqual([
      LIST_KEYS,
      "POST /user/credentials/status?accessKey=00a1b2c3d4e5f6071829&isActive=true",
    ]);
    expect((await state()).credentials[PAIR.accessKeyId]).toMatchObject({ active: true });
  });

  test("a changed field of the document: look, then write all of it back, under replace as under merge", async () => {
    for (const updateMode of ["replace", "merge"]) {
      await stage.control.reset();
      await seed({ fullName: "Old", city: "by others", website: "by others", active: "false", userType: "GroupAdmin" });
      await stage.control.patch("cloudian", { options: { updateMode } });
      const olds = recorded({ userType: "GroupAdmin", fullName: "Old" });
      const news = user("blue", "ada", { userType: "GroupAdmin", fullName: "New" });
      expect(await stage.callsOf(() => server.update("blue/ada", olds, news))).toEqual([READ, "POST /user"]);
      expect((await state()).users["blue/ada"]).toMatchObject({
        fullName: "New",
        city: "by others",
        website: "by others",
        active: "false",
        userType: "GroupAdmin",
        canonicalUserId: CANONICAL,
      });
    }
  });

  test("limits or password alone: one request; switches and what becomes unmanaged: none", async () => {
    await seed();
    const olds = recorded({ fullName: "x", password: "First-Passw0rd", limits: { objectCount: { hard: 1 } } });
    const same = { fullName: "x", password: "First-Passw0rd", limits: { objectCount: { hard: 1 } } };
    const updated = (more: Properties) => resultOf(() => server.update("blue/ada", olds, user("blue", "ada", more)));
    expect((await updated({ ...same, limits: {} })).sent).toEqual([`POST /qos/limits?${NO_LIMITS}`]);
    const password = await updated({ ...same, password: "Second-Passw0rd" });
    expect(password.sent).toEqual(["POST /user/password?groupId=blue&password=[secret]&userId=ada"]);
    expect(password.result).toEqual(wrapped({ ...same, password: secret("Second-Passw0rd") }));
    expect((await updated({ ...same, previousKeys: "delete", onDestroy: "deactivate", adopt: true })).sent).toEqual([]);
    const unmanaged = await updated({});
    expect(unmanaged.sent).toEqual([]);
    expect(unmanaged.result).toEqual(wrapped());
  });

  test("a raised keyGeneration makes one pair and keeps the earlier one, or deletes it", async () => {
    await seed();
    const kept = await resultOf(() => server.update("blue/ada", recorded(), user("blue", "ada", { keyGeneration: 2 })));
    expect(kept.sent).toEqual([LIST_KEYS, "PUT /user/credentials?groupId=blue&userId=ada"]);
    const afterwards = (await state()).credentials;
    expect(Object.keys(afterwards)).toHaveLength(2);
    const made = Object.values(afterwards).find((key) => key["accessKey"] !== PAIR.accessKeyId);
    const outs = wrapped({
      accessKeyId: made?.["accessKey"],
      secretAccessKey: secret(made?.["secretKey"]),
      keyGeneration: 2,
      __keyGeneration: 2,
    });
    expect(kept.result).toEqual(outs);
    const olds = { ...outs, secretAccessKey: made?.["secretKey"] };
    const deleted = await resultOf(() =>
      server.update("blue/ada", olds, user("blue", "ada", { keyGeneration: 3, previousKeys: "delete" })),
    );
    expect(deleted.sent).toEqual([
      LIST_KEYS,
      "PUT /user/credentials?groupId=blue&userId=ada",
      `DELETE /user/credentials?accessKey=${made?.["accessKey"]}`,
    ]);
    expect(deleted.result).not.toHaveProperty("retiringAccessKeyId");
    expect(Object.keys((await state()).credentials)).toHaveLength(2);
  });

  test("a rotation whose second half fails keeps the new pair and names the one to delete; the next up does", async () => {
    await seed();
    const fast = await stage.serve({ retryBudget: "0" });
    await stage.fault({ kind: "status", status: 500, method: "DELETE", path: "/user/credentials" });
    const news = user("blue", "ada", { keyGeneration: 2, previousKeys: "delete" });
    const { id, properties, reasons } = await partialFailureOf(fast.update("blue/ada", recorded(), news));
    const made = Object.values((await state()).credentials).find((key) => key["accessKey"] !== PAIR.accessKeyId);
    expect(id).toBe("blue/ada");
    expect(properties).toEqual(
      wrapped({
        accessKeyId: made?.["accessKey"],
        secretAccessKey: secret(made?.["secretKey"]),
        keyGeneration: 2,
        __keyGeneration: 2,
        retiringAccessKeyId: PAIR.accessKeyId,
      }),
    );
    expect(reasons).toEqual([expect.stringContaining(`Could not delete key pair ${PAIR.accessKeyId}`)]);
    const olds = { ...properties, secretAccessKey: made?.["secretKey"] };
    const next = await resultOf(() => fast.update("blue/ada", olds, news));
    expect(next.sent).toEqual([`DELETE /user/credentials?accessKey=${PAIR.accessKeyId}`]);
    expect(next.result).not.toHaveProperty("retiringAccessKeyId");
    expect(Object.keys((await state()).credentials)).toEqual([made?.["accessKey"]]);
  });

  test("a user at the maximum of pairs cannot rotate, and the error shows the pairs without a secret", async () => {
    await seed();
    await stage.control.patch("cloudian", { options: { maxKeysPerUser: 1 } });
    const { message } = await failureOf(
      server.update("blue/ada", recorded(), user("blue", "ada", { keyGeneration: 2 })),
    );
    expect(message).toContain("it has the maximum number of pairs");
    expect(message).toContain(PAIR.accessKeyId);
    expect(message).not.toContain(PAIR.secretAccessKey);
  });

  test("delete: the buckets, then the user; once more is fine", async () => {
    await seed();
    const buckets = "GET /system/bucketusage?groupId=blue&userId=ada";
    expect(await stage.callsOf(() => destroying.delete("blue/ada", recorded()))).toEqual([
      buckets,
      "DELETE /user?groupId=blue&userId=ada",
    ]);
    expect((await state()).users).not.toHaveProperty("blue/ada");
    expect(await stage.callsOf(() => destroying.delete("blue/ada", recorded()))).toEqual([buckets, READ]);
    await stage.control.patch("cloudian", { groups: { blue: null } });
    expect(await stage.callsOf(() => destroying.delete("blue/ada", recorded()))).toEqual([buckets, READ]);
  });

  test("delete of a user who owns buckets is refused with their names and a way to empty them", async () => {
    await seed();
    await stage.control.patch("cloudian", { buckets: { "blue/ada": [{ bucketName: "b1" }, { bucketName: "b2" }] } });
    const { message } = await failureOf(destroying.delete("blue/ada", recorded()));
    expect(message).toContain("Cloudian user blue/ada is not deleted: it owns 2 buckets (b1, b2)");
    expect(message).toContain(
      "Empty and delete them first, with an S3 client and the keys of their owner: every object version",
    );
    expect((await state()).users).toHaveProperty("blue/ada");
  });

  test("delete of a user with many buckets names them all", async () => {
    await seed();
    const names = Array.from({ length: 12 }, (_, index) => `bucket-${index}`);
    await stage.control.patch("cloudian", { buckets: { "blue/ada": names.map((bucketName) => ({ bucketName })) } });
    const { message } = await failureOf(destroying.delete("blue/ada", recorded()));
    expect(message).toContain("it owns 12 buckets (bucket-0, bucket-1,");
    expect(message).toContain("bucket-10, bucket-11)");
  });

  test("onDestroy deactivate switches the user off and leaves everything else", async () => {
    await seed({ fullName: "Kept", userType: "GroupAdmin" });
    const olds = recorded({ onDestroy: "deactivate" });
    expect(await stage.callsOf(() => destroying.delete("blue/ada", olds))).toEqual([READ, "POST /user"]);
    expect((await state()).users["blue/ada"]).toMatchObject({
      fullName: "Kept",
      userType: "GroupAdmin",
      active: "false",
    });
    expect((await state()).credentials).toHaveProperty(PAIR.accessKeyId);
    expect(await stage.callsOf(() => destroying.delete("blue/ada", olds))).toEqual([READ]);
  });

  test("the managed pair of an adopted user is its oldest active root pair", async () => {
    await seed();
    await stage.control.patch("cloudian", {
      credentials: {
        [OLDER.accessKey]: pair(OLDER.secretKey, 1000),
        "00000000000000000000": pair("inactive+secret/00000000000000000000000000", 500, { active: false }),
        fffffffffffffffffff0: pair("iam+secret/0000000000000000000000000000000", 100, { iam: true }),
      },
    });
    const fresh = await stage.serve();
    const { result } = await resultOf(() => fresh.create(user("blue", "ada", { adopt: true })));
    expect(result).toMatchObject({
      id: "blue/ada",
      properties: { accessKeyId: OLDER.accessKey, secretAccessKey: secret(OLDER.secretKey) },
    });
    expect(Object.keys((await state()).credentials)).toHaveLength(4);
  });

  test("update meets a user of another type and refuses before any write", async () => {
    await seed({ userType: "GroupAdmin", fullName: "Old" });
    const { message } = await failureOf(
      server.update("blue/ada", recorded({ fullName: "Old" }), user("blue", "ada", { fullName: "New" })),
    );
    expect(message).toContain("Cloudian user blue/ada is a GroupAdmin and cannot become a User under the same ids.");
    expect((await state()).users["blue/ada"]).toMatchObject({ fullName: "Old", userType: "GroupAdmin" });
  });
});
