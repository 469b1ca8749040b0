import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, objectUser, RG1, RG2, textOf } from "./ecs-support.ts";
import { failureOf, UNKNOWN } from "./support.ts";

const INFO = "GET /object/bucket/inv/info?namespace=ns1";

const fixedText = (what: string) =>
  `ECS fixes the ${what} of a bucket when it is made, and a bucket that replaced it under the same name would delete the live one with its objects. Declare a new bucket beside it and move the objects, or change bucketName in the same update: then the bucket is replaced, the new one first`;
const LOCK =
  "object lock is not managed by this provider. On ECS it takes an IAM user (not an object user) as the owner, a mode (GOVERNANCE or COMPLIANCE), a retention period, and access during outage off, and it can never be removed from a bucket. Remove the property; a bucket that needs object lock is made with the vendor's own tools";
const LOCKS = [
  "objectLock",
  "objectLocking",
  "objectLockEnabled",
  "objectLockConfiguration",
  "objectLockEnabledForBucket",
  "isObjectLockEnabled",
  "object_lock",
  "object_lock_enabled",
];

const MISSING_ALL = `The ECS settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - ecsEndpoint is missing (such as https://ecs.example.com:4443). Give it with \`pulumi config set cloudstack-storage:ecsEndpoint\`, in the environment as ECS_ENDPOINT, or as the argument ecsEndpoint of an explicit Provider.
  - ecsUsername is missing (such as pulumi). Give it with \`pulumi config set cloudstack-storage:ecsUsername\`, in the environment as ECS_USERNAME, or as the argument ecsUsername of an explicit Provider.
  - ecsPassword is missing (such as …). Give it with \`pulumi config set --secret cloudstack-storage:ecsPassword\`, in the environment as ECS_PASSWORD, or as the argument ecsPassword, or by name as ecsPasswordEnv, of an explicit Provider.`;

// `check` sees plain values in both SDKs' servers, as the tests of the Cloudian kinds show: one serves here.
describe("refusals of the ECS kinds", () => {
  let stage: EcsStage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    server = await stage.serve();
    // What a process asks once: the log-in, and which replication groups there are.
    await stage.patch({ users: { "ns1/own": {} } });
    await server.create(ecsBucket("warm", "own", { replicationGroup: "rg1", encryption: false }));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.patch({
      users: { "ns1/own": { keys: ["owner000000000000000000000000000000owner"] } },
      buckets: { "ns1/inv": { owner: "own", blockSize: 7 } },
    });
  });

  const recorded = (more: Properties = {}) =>
    ecsBucket("inv", "own", { systemEndpoint: stage.endpoint, encrypted: false, objectLock: false, ...more });
  /** What the engine shows at preview; nothing may have been sent for it. */
  const reasons = async (olds: Properties, news: Properties) => {
    const { result, sent } = await stage.resultOf(() => server.check(olds, news));
    expect(sent).toEqual([]);
    return result.failures.map(({ property, reason }) => `${property}|${reason}`);
  };

  test.each([
    { from: false, to: true },
    { from: true, to: false },
  ])("encryption from $from to $to, also while everything else is unknown", async ({ from, to }) => {
    const text = `|encryption: cannot be changed from ${from} to ${to}: ${fixedText("encryption")}`;
    const olds = recorded({ encryption: from, encrypted: from });
    expect(await reasons(olds, ecsBucket("inv", "own", { encryption: to }))).toEqual([text]);
    const open = { encryption: to, quotaGiB: UNKNOWN, policy: { Statement: [UNKNOWN] }, tags: { a: UNKNOWN } };
    expect(await reasons(olds, ecsBucket("inv", UNKNOWN, open))).toEqual([text]);
    expect((await stage.bucketNamed("inv"))?.blockSize).toBe(7);
  });

  test.each([
    { from: "rg1", to: "rg2" },
    { from: RG1, to: RG2 },
  ])("replicationGroup from $from to $to", async ({ from, to }) => {
    const text = `|replicationGroup: cannot be changed from "${from}" to "${to}": ${fixedText("replication group")}`;
    const olds = recorded({ replicationGroup: from });
    expect(await reasons(olds, ecsBucket("inv", UNKNOWN, { replicationGroup: to }))).toEqual([text]);
  });

  test("both pass where the bucket's name or namespace changes as well, or may change", async () => {
    const olds = recorded({ encryption: false, replicationGroup: "rg1" });
    const news = { encryption: true, replicationGroup: "rg2" };
    expect(await reasons(olds, ecsBucket("next", "own", news))).toEqual([]);
    expect(await reasons(olds, ecsBucket("inv", "own", { ...news, namespace: "ns2" }))).toEqual([]);
    expect(await reasons(olds, ecsBucket(UNKNOWN, "own", news))).toEqual([]);
    expect(await server.diff("ns1/inv", olds, ecsBucket("next", "own", news))).toEqual({
      changes: "UNKNOWN",
      replaces: ["bucketName"],
      deleteBeforeReplace: false,
    });
  });

  test("what becomes unmanaged, and what is unknown, is no change of a fixed property", async () => {
    const olds = recorded({ encryption: true, replicationGroup: "rg1" });
    expect(await reasons(olds, ecsBucket("inv", "own"))).toEqual([]);
    expect(await reasons(olds, ecsBucket("inv", "own", { encryption: UNKNOWN, replicationGroup: UNKNOWN }))).toEqual(
      [],
    );
  });

  test("the same replication group in its other form is no change at all", async () => {
    const olds = recorded({ replicationGroup: "rg1", __replicationGroupForms: [RG1, "rg1"] });
    const news = ecsBucket("inv", "own", { replicationGroup: RG1 });
    expect(await reasons(olds, news)).toEqual([]);
    expect(await server.diff("ns1/inv", olds, news)).toMatchObject({ changes: "NONE" });
    const back = recorded({ replicationGroup: RG1, __replicationGroupForms: [RG1, "rg1"] });
    expect(await server.diff("ns1/inv", back, ecsBucket("inv", "own", { replicationGroup: "rg1" }))).toMatchObject({
      changes: "NONE",
    });
    expect(await stage.callsOf(() => server.update("ns1/inv", olds, news))).toEqual([]);
  });

  test("a group that only the array can tell from the recorded one is refused by update, before any write", async () => {
    const olds = recorded({ replicationGroup: "rg1", __replicationGroupForms: [RG1, "rg1"], quotaGiB: 7 });
    const news = ecsBucket("inv", "own", { replicationGroup: RG2, quotaGiB: 9 });
    expect(await reasons(olds, news)).toEqual([]);
    let message = "";
    const sent = await stage.callsOf(async () => {
      const failure = await failureOf(server.update("ns1/inv", olds, news));
      expect(failure.initFailure).toBeUndefined();
      message = failure.message;
    });
    expect(sent).toEqual([INFO]);
    expect(message).toBe(
      `ECS bucket ns1/inv: replicationGroup is "${RG1}" and cannot become "${RG2}": ${fixedText("replication group")}. Nothing was changed.`,
    );
    expect((await stage.bucketNamed("inv"))?.blockSize).toBe(7);
  });

  test.each([true, false])(
    "encryption: %s declared later on a bucket that is not so: one read, no write",
    async (encryption) => {
      await stage.patch({ buckets: { "ns1/inv": { encrypted: !encryption } } });
      const olds = recorded({ quotaGiB: 7, notifyAtGiB: "none", encrypted: !encryption });
      const news = ecsBucket("inv", "own", { quotaGiB: 9, notifyAtGiB: "none", encryption });
      let message = "";
      const sent = await stage.callsOf(async () => {
        message = (await failureOf(server.update("ns1/inv", olds, news))).message;
      });
      expect(sent).toEqual([INFO]);
      expect(message).toBe(
        `ECS bucket ns1/inv: encryption is ${!encryption} and cannot become ${encryption}: ${fixedText("encryption")}. Nothing was changed.`,
      );
      expect((await stage.bucketNamed("inv"))?.blockSize).toBe(7);
      await stage.patch({ buckets: { "ns1/inv": { encrypted: encryption } } });
      const { result, sent: passed } = await stage.resultOf(() => server.update("ns1/inv", olds, news));
      expect(passed).toEqual([INFO, "PUT /object/bucket/inv/quota"]);
      expect(result).toMatchObject({ encryption, encrypted: encryption, quotaGiB: 9 });
    },
  );

  test("a bucket whose encryption was found to be another one is refused by the next up", async () => {
    await stage.patch({ buckets: { "ns1/inv": { encrypted: true } } });
    const { properties } = await server.read("ns1/inv", recorded({ encryption: false, encrypted: false }));
    expect(await reasons(properties, ecsBucket("inv", "own", { encryption: false }))).toEqual([
      `|encryption: cannot be changed from true to false: ${fixedText("encryption")}`,
    ]);
  });

  test.each(LOCKS)("object lock as %s, with any value but false, known or not", async (property) => {
    for (const value of [true, "true", UNKNOWN, {}, { mode: "COMPLIANCE" }, "", 0])
      expect(await reasons({}, ecsBucket("new", "own", { [property]: value }))).toEqual([`|${property}: ${LOCK}`]);
    expect(await reasons(recorded(), ecsBucket("inv", UNKNOWN, { [property]: true }))).toEqual([
      `|${property}: ${LOCK}`,
    ]);
    for (const value of [false, null]) {
      const { inputs, failures } = await server.check({}, ecsBucket("new", "own", { [property]: value }));
      expect({ inputs, failures }).toEqual({ inputs: ecsBucket("new", "own"), failures: [] });
    }
  });

  test.each([
    ["quotaGb", "quotaGiB"],
    ["quota_gib", "quotaGiB"],
    ["notifyAt", "notifyAtGiB"],
    ["versionning", "versioning"],
    ["Owner", "owner"],
    ["encrypted", "encryption"],
    ["bucketname", "bucketName"],
    ["replication_group", "replicationGroup"],
    ["retention", undefined],
    ["storagePolicy", undefined],
  ])("the unknown property %s of a bucket: the nearest is %s", async (property, nearest) => {
    const all =
      "; there are bucketName, namespace, owner, replicationGroup, encryption, versioning, quotaGiB, notifyAtGiB, policy, tags, retentionSeconds, accessDuringOutage, cors, allowNonDnsName, forceDestroy, adopt";
    const suggestion = nearest === undefined ? all : `; did you mean ${nearest}?`;
    for (const value of ["x", UNKNOWN])
      expect(await reasons({}, ecsBucket("new", "own", { [property]: value }))).toEqual([
        `|${property}: there is no such property${suggestion}`,
      ]);
  });

  test("unknown properties of a user", async () => {
    const found = await reasons({}, objectUser("ada", { username: "x", tag: {}, password: UNKNOWN }));
    expect(found.sort()).toEqual([
      "|password: there is no such property; there are userName, namespace, locked, tags, keyGeneration, previousKeyExpiryMinutes, onDestroy, adopt",
      "|tag: there is no such property; did you mean tags?",
      "|username: there is no such property; did you mean userName?",
    ]);
  });

  test.each([
    ["quotaGiB", 0, 'must be a whole number of GiB from 1, or "none"'],
    ["quotaGiB", 1.5, 'must be a whole number of GiB from 1, or "none"'],
    ["quotaGiB", "unlimited", 'must be a whole number of GiB from 1, or "none"'],
    ["notifyAtGiB", -1, 'must be a whole number of GiB from 1, or "none"'],
    ["retentionSeconds", -1, "must be a whole number of seconds from 0"],
    ["retentionSeconds", 0.5, "must be a whole number of seconds from 0"],
    ["tags", Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`t${n}`, ""])), "must have at most 10 entries"],
    ["owner", "", "must not be empty"],
    ["namespace", "a.b", "may hold letters, digits, - and _ only"],
  ])("%s: %j", async (property, value, reason) => {
    expect(await reasons({}, ecsBucket("new", "own", { [property]: value }))).toEqual([`|${property}: ${reason}`]);
  });

  test.each(["ab", "Upper", "under_score", "-lead", "trail-", "a..b", "a".repeat(64)])(
    "the bucket name %j is no DNS name, and allowNonDnsName takes it where ECS does",
    async (bucketName) => {
      const [reason, ...others] = await reasons({}, ecsBucket(bucketName, "own"));
      expect(others).toEqual([]);
      expect(reason).toMatch(/^\|bucketName: /);
      const allowed = await reasons({}, ecsBucket(bucketName, "own", { allowNonDnsName: true }));
      expect(allowed.length).toBe(bucketName === "a..b" ? 1 : 0);
      // A bucket that has such a name already is none to be refused.
      if (bucketName !== "a..b")
        expect(await reasons(ecsBucket(bucketName, "own"), ecsBucket(bucketName, "own"))).toEqual([]);
    },
  );

  test.each(["", "a b", "é", 'a"b', "a%b", ".", "..", "x.json", "X.JSON", "a\nb"])(
    "the user name %j is refused",
    async (userName) => {
      const [reason, ...others] = await reasons({}, objectUser(userName));
      expect(others).toEqual([]);
      expect(reason).toMatch(/^\|userName: /);
    },
  );

  test("the namespace is the given one, else the one it was, else the setting's; without any it is required", async () => {
    const { namespace: _given, ...bare } = ecsBucket("new", "own");
    expect((await server.check({}, bare)).inputs).toEqual(ecsBucket("new", "own"));
    const other = ecsBucket("new", "own", { namespace: "ns2" });
    expect((await server.check(other, bare)).inputs).toEqual(other);
    expect((await server.check({}, other)).inputs).toEqual(other);
    const unset = await stage.serveWith({});
    const text = "namespace: is required: give it, or set ecsNamespace";
    expect((await unset.check({}, bare)).failures).toEqual([{ property: "", reason: text }]);
    // The rest of the settings is missed by the first real call; a preview only warns.
    expect((await unset.check({}, other)).failures).toEqual([]);
    expect(unset.warnings).toEqual([MISSING_ALL]);
    expect((await failureOf(unset.create(other))).message).toBe(MISSING_ALL);
    expect((await failureOf(unset.create(objectUser("ada")))).message).toBe(MISSING_ALL);
  });

  test("derived names are kept, and what is not given is absent or the default", async () => {
    const written = { __provider: textOf("EcsBucket"), __defaultName: "b-01234567", owner: "own", quotaGiB: null };
    const derived = ecsBucket("b-01234567", "own", { __derived: true });
    expect((await server.check({}, written)).inputs).toEqual(derived);
    expect((await server.check(derived, { ...written, __defaultName: "b-89abcdef" })).inputs).toEqual(derived);
  });
});
