import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, objectUser, plain } from "./ecs-support.ts";
import { failureOf, partialFailureOf, secret } from "./support.ts";

const SECRET = "kept0000000000000000000000000000000kept1";
const HAND = "hand0000000000000000000000000000000hand1";
const OTHER = "othr0000000000000000000000000000000othr1";
const KEYS = "GET /object/user-secret-keys/ada/ns1";
const PUSH = "POST /object/user-secret-keys/ada";
const MINE = { secret: SECRET, created: "2026-02-03T04:05:06Z" };
const THEIRS = { secret: HAND, created: "2026-01-01T00:00:00Z" };

/** The faults that leave a client without knowing whether the request was carried out. */
const LOST: { kind: LabFault["kind"]; status?: number }[] = [
  { kind: "reset-before-read" },
  { kind: "reset-after-commit" },
  { kind: "truncate" },
  { kind: "status-after-commit" },
  { kind: "status" },
  { kind: "status", status: 200 },
  { kind: "status-after-commit", status: 200 },
];

// The SDKs' servers treat every kind alike, and the user's tests run both: one serves here.
describe("keys of an EcsObjectUser", () => {
  let stage: EcsStage;
  let server: DynamicServer;
  let impatient: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    [server, impatient] = await Promise.all([stage.serve(), stage.serve({ retryBudget: "0" })]);
    await Promise.all([server, impatient].map((each) => each.read("ns1/nobody", objectUser("nobody"))));
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.clean());

  const seed = (keys: unknown[] = [MINE]) => stage.patch({ users: { "ns1/ada": { keys } } });
  const recorded = (more: Properties = {}) =>
    objectUser("ada", {
      accessKeyId: "ada",
      secretAccessKey: SECRET,
      __keyGeneration: 1,
      s3Endpoint: stage.s3Endpoint,
      systemEndpoint: stage.endpoint,
      ...more,
    });
  const keysOf = async (userName = "ada") => (await stage.userNamed(userName))?.keys ?? [];
  const secretsOf = async (userName = "ada") => (await keysOf(userName)).map((key) => key?.secret ?? null);
  test("rotation: the earlier key gets an end, the new one is ours, and both work until then", async () => {
    await seed();
    const news = objectUser("ada", { keyGeneration: 2, previousKeyExpiryMinutes: 30 });
    const { result, sent } = await stage.resultOf(() => server.update("ns1/ada", recorded(), news));
    expect(sent).toEqual([KEYS, PUSH]);
    expect(await stage.bodies()).toEqual([
      { namespace: "ns1", secretkey: "[secret]", existing_key_expiry_time_mins: "30" },
    ]);
    const [old, young] = await keysOf();
    expect(old?.secret).toBe(SECRET);
    const minutes = (Date.parse(old?.expires ?? "") - Date.parse(young?.created ?? "")) / 60_000;
    expect(Math.round(minutes)).toBe(30);
    expect(young).toMatchObject({ expires: null });
    expect(young?.secret).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(result).toMatchObject({
      keyGeneration: 2,
      __keyGeneration: 2,
      accessKeyId: "ada",
      secretAccessKey: secret(young?.secret),
    });
    for (const name of ["__nextSecret", "__keysBefore"]) expect(Object.keys(result)).not.toContain(name);
    expect((await server.read("ns1/ada", plain(result))).inputs).toMatchObject({ keyGeneration: 2 });
    await stage.control.advance(1801);
    expect(await secretsOf()).toEqual([null, young?.secret]);
    expect((await server.read("ns1/ada", plain(result))).inputs).toMatchObject({ keyGeneration: 2 });
    const again = await server.update("ns1/ada", plain(result), objectUser("ada", { keyGeneration: 3 }));
    expect(await secretsOf()).toEqual([plain(again)["secretAccessKey"], young?.secret]);
  });

  test("rotation without an expiry leaves the earlier key without an end, and the next one is refused", async () => {
    await seed();
    const second = await server.update("ns1/ada", recorded(), objectUser("ada", { keyGeneration: 2 }));
    expect(await stage.bodies()).toEqual([{ namespace: "ns1", secretkey: "[secret]" }]);
    expect(await keysOf()).toMatchObject([{ secret: SECRET, expires: null }, { expires: null }]);
    const before = await keysOf();
    let message = "";
    const sent = await stage.callsOf(async () => {
      const third = server.update("ns1/ada", plain(second), objectUser("ada", { keyGeneration: 3 }));
      message = (await failureOf(third)).message;
    });
    expect(sent).toEqual([KEYS]);
    expect(message).toContain("ECS object user ns1/ada has two keys already, and ECS allows two: ");
    expect(await keysOf()).toEqual(before);
  });

  test("a full pair is an error that names both dates, and no key is deleted", async () => {
    await seed([THEIRS, { ...MINE, expires: "2099-01-02T03:04:05Z" }]);
    const { message, initFailure } = await failureOf(
      server.update("ns1/ada", recorded(), objectUser("ada", { keyGeneration: 2, previousKeyExpiryMinutes: 5 })),
    );
    expect(message).toBe(
      "ECS object user ns1/ada has two keys already, and ECS allows two: one made 2026-01-01 00:00:00.000; one made 2026-02-03 04:05:06.000, which ends 2099-01-02 03:04:05.000. None is deleted here, because it may be in use. Delete the one that nobody uses on the array, or wait for its end; previousKeyExpiryMinutes gives the earlier key an end at the next rotation.",
    );
    expect(initFailure).toBeUndefined();
    expect(await secretsOf()).toEqual([HAND, SECRET]);
  });

  test.each([
    { what: "alone", left: [], after: [SECRET, null] },
    { what: "beside a foreign one", left: [THEIRS], after: [HAND, SECRET] },
  ])(
    "a key that was deleted by hand $what reads as generation 0 and comes back as the same key",
    async ({ left, after }) => {
      await seed(left);
      const { inputs, properties } = await server.read("ns1/ada", recorded());
      expect(inputs).toEqual(objectUser("ada", { keyGeneration: 0 }));
      expect(properties).toMatchObject({ secretAccessKey: secret(SECRET), accessKeyId: "ada", __keyGeneration: 1 });
      expect(await server.diff("ns1/ada", plain(properties), objectUser("ada"))).toMatchObject({ changes: "UNKNOWN" });
      const { result, sent } = await stage.resultOf(() =>
        server.update("ns1/ada", plain(properties), objectUser("ada", { previousKeyExpiryMinutes: 5 })),
      );
      expect(sent).toEqual([KEYS, PUSH]);
      // The pair that was lost comes back; it is no rotation that could end another key.
      expect(await stage.bodies()).toEqual([{ namespace: "ns1", secretkey: "[secret]" }]);
      expect(await secretsOf()).toEqual(after);
      expect(result).toMatchObject({ keyGeneration: 1, __keyGeneration: 1, secretAccessKey: secret(SECRET) });
    },
  );

  test("a lost key whose places others have taken is an error that names them", async () => {
    await seed([THEIRS, { secret: OTHER, created: "2026-05-06T07:08:09Z" }]);
    const lost = recorded({ keyGeneration: 0 });
    const { message } = await failureOf(server.update("ns1/ada", lost, objectUser("ada")));
    expect(message).toContain("one made 2026-01-01 00:00:00.000; one made 2026-05-06 07:08:09.000.");
    expect(await secretsOf()).toEqual([HAND, OTHER]);
  });

  test("a lost key and a rotation at once make one new key", async () => {
    await seed([]);
    const result = await server.update(
      "ns1/ada",
      recorded({ keyGeneration: 0 }),
      objectUser("ada", { keyGeneration: 2, previousKeyExpiryMinutes: 5 }),
    );
    const [made, none] = await secretsOf();
    expect(none).toBeNull();
    expect(made).not.toBe(SECRET);
    expect(result).toMatchObject({ keyGeneration: 2, secretAccessKey: secret(made) });
  });

  test("a rotation of a key that was deleted by hand gives a foreign one no end", async () => {
    await seed([THEIRS]);
    const rotated = objectUser("ada", { keyGeneration: 2, previousKeyExpiryMinutes: 5 });
    const result = await server.update("ns1/ada", recorded(), rotated);
    expect(await stage.bodies()).toEqual([{ namespace: "ns1", secretkey: "[secret]" }]);
    expect(await secretsOf()).toEqual([HAND, plain(result)["secretAccessKey"]]);
  });

  test("keyGeneration can only be raised, and is at least 1", async () => {
    const reasons = async (before: number, after: number) =>
      (
        await server.check(objectUser("ada", { keyGeneration: before }), objectUser("ada", { keyGeneration: after }))
      ).failures.map(({ property, reason }) => `${property}|${reason}`);
    expect(await reasons(3, 2)).toEqual(["|keyGeneration: can only be raised; it is 3 and was to become 2"]);
    expect(await reasons(1, 0)).toEqual(["|keyGeneration: must be a whole number from 1"]);
    expect(await reasons(0, 1)).toEqual([]);
  });

  test("the array hides keys: a pair that is there is no drift, and one that is gone is", async () => {
    await seed([THEIRS, MINE]);
    await stage.patch({ options: { hideSecretKeys: true } });
    const olds = recorded({ __keyCreated: "2026-02-03 04:05:06.000" });
    expect((await server.read("ns1/ada", olds)).inputs).toMatchObject({ keyGeneration: 1 });
    await seed([THEIRS]);
    const { inputs, properties } = await server.read("ns1/ada", olds);
    expect(inputs).toMatchObject({ keyGeneration: 0 });
    await server.update("ns1/ada", plain(properties), objectUser("ada"));
    expect(await secretsOf()).toEqual([HAND, SECRET]);
  });

  describe.each([{ hideSecretKeys: false }, { hideSecretKeys: true }])(
    "with $hideSecretKeys as hideSecretKeys",
    (hidden) => {
      beforeEach(() => stage.patch({ options: hidden }));

      test.each(LOST)("a user whose creation's reply is lost (%j) is made once, with one key", async (lost) => {
        const name = `lost-user-${lost.kind}${lost.status ?? ""}-${hidden.hideSecretKeys}`;
        const before = server.warnings.length;
        await stage.fault({ ...lost, method: "POST", path: "/object/users" });
        const { properties } = await server.create(objectUser(name, { tags: { a: "1" }, locked: true }));
        expect(await stage.userNamed(name)).toMatchObject({ tags: { a: "1" }, locked: true });
        expect(await secretsOf(name)).toEqual([plain(properties)["secretAccessKey"], null]);
        // The array tells when the user was made: that is proof enough, and no warning.
        expect(server.warnings.slice(before)).toEqual([]);
      });

      test.each(LOST)("a first key whose reply is lost (%j) is one key", async (lost) => {
        const name = `lost-key-${lost.kind}${lost.status ?? ""}-${hidden.hideSecretKeys}`;
        await stage.fault({ ...lost, method: "POST", path: `/object/user-secret-keys/${name}` });
        const { properties } = await server.create(objectUser(name));
        expect(await secretsOf(name)).toEqual([plain(properties)["secretAccessKey"], null]);
      });

      test.each(LOST)("a rotation whose reply is lost (%j) makes one key", async (lost) => {
        await seed();
        await stage.fault({ ...lost, method: "POST", path: "/object/user-secret-keys/ada" });
        const outs = await server.update("ns1/ada", recorded(), objectUser("ada", { keyGeneration: 2 }));
        expect(await secretsOf()).toEqual([SECRET, plain(outs)["secretAccessKey"]]);
        expect(plain(outs)["secretAccessKey"]).not.toBe(SECRET);
      });

      test.each(LOST)("a key that comes back, whose reply is lost (%j), comes back once", async (lost) => {
        await seed([THEIRS]);
        await stage.fault({ ...lost, method: "POST", path: "/object/user-secret-keys/ada" });
        await server.update("ns1/ada", recorded({ keyGeneration: 0 }), objectUser("ada"));
        expect(await secretsOf()).toEqual([HAND, SECRET]);
      });

      test("a key that comes back is not pushed twice where the run breaks off", async () => {
        await seed([THEIRS]);
        await stage.fault({ kind: "reset-after-commit", method: "POST", path: "/object/user-secret-keys/ada" });
        await stage.fault({
          kind: "status",
          status: 500,
          path: "/object/user-secret-keys/ada/ns1",
          after: 1,
          times: 5,
        });
        const lost = recorded({ keyGeneration: 0 });
        const half = await partialFailureOf(impatient.update("ns1/ada", lost, objectUser("ada")));
        await stage.control.clearFaults();
        const again = () => impatient.update("ns1/ada", plain(half.properties), objectUser("ada"));
        const { result, sent } = await stage.resultOf(again);
        expect(sent).toEqual([KEYS]);
        expect(result).toMatchObject({ keyGeneration: 1, secretAccessKey: secret(SECRET) });
        expect(Object.keys(result)).not.toContain("__keysBefore");
        expect(await secretsOf()).toEqual([HAND, SECRET]);
      });

      test.each([
        { what: "was made", kind: "reset-after-commit", seen: hidden.hideSecretKeys ? 0 : 1 },
        { what: "was not made", kind: "reset-before-read", seen: 0 },
      ] as const)(
        "a run that breaks off without knowing its key ($what) is gone on with by the next",
        async ({ kind, seen: keyGeneration }) => {
          const name = `half-${kind}-${hidden.hideSecretKeys}`;
          await stage.fault({ kind, method: "POST", path: `/object/user-secret-keys/${name}`, times: 5 });
          await stage.fault({ kind: "status", status: 500, path: `/object/user-secret-keys/${name}/ns1`, times: 5 });
          const declared = objectUser(name, { locked: true });
          const first = await partialFailureOf(impatient.create(declared));
          expect(first.id).toBe(`ns1/${name}`);
          expect(first.properties).toMatchObject({ __provider: declared["__provider"], keyGeneration: 0 });
          expect(first.reasons[0]).toMatch(
            /^ECS object user ns1\/half-.* exists, but is not finished: .* The next pulumi up goes on\.$/s,
          );
          const pending = plain(first.properties)["__nextSecret"];
          expect(first.properties["__nextSecret"]).toEqual(secret(pending));
          expect(first.reasons.join()).not.toContain(pending);
          await stage.control.clearFaults();
          // A refresh in between changes nothing about that.
          const seen = await impatient.read(first.id, plain(first.properties));
          expect(seen.inputs).toMatchObject({ keyGeneration });
          const outs = await impatient.update(first.id, plain(seen.properties), declared);
          expect(outs).toMatchObject({ keyGeneration: 1, secretAccessKey: secret(pending), locked: true });
          expect(Object.keys(outs)).not.toContain("__nextSecret");
          expect(await secretsOf(name)).toEqual([pending, null]);
        },
      );

      test("a pair that a refresh has found is pushed no more: the next rotation makes another", async () => {
        const name = `found-${hidden.hideSecretKeys}`;
        await stage.fault({ kind: "reset-after-commit", method: "POST", path: `/object/user-secret-keys/${name}` });
        await stage.fault({ kind: "status", status: 500, path: `/object/user-secret-keys/${name}/ns1`, times: 5 });
        const { id, properties } = await partialFailureOf(impatient.create(objectUser(name)));
        await stage.control.clearFaults();
        const [made] = await secretsOf(name);
        const refreshed = plain((await impatient.read(id, plain(properties))).properties);
        const finished = hidden.hideSecretKeys
          ? plain(await impatient.update(id, refreshed, objectUser(name)))
          : refreshed;
        expect(finished).toMatchObject({ keyGeneration: 1, secretAccessKey: made });
        const rotated = plain(await impatient.update(id, finished, objectUser(name, { keyGeneration: 2 })));
        expect(rotated["secretAccessKey"]).not.toBe(made);
        expect(await secretsOf(name)).toEqual([made, rotated["secretAccessKey"]]);
      });

      test("a rotation that breaks off keeps the earlier pair in hand until the new one is there", async () => {
        await seed();
        await stage.fault({
          kind: "status",
          status: 500,
          method: "POST",
          path: "/object/user-secret-keys/*",
          times: 5,
        });
        const news = objectUser("ada", { keyGeneration: 2 });
        const half = await partialFailureOf(impatient.update("ns1/ada", recorded(), news));
        expect(half.properties).toMatchObject({ keyGeneration: 1, secretAccessKey: secret(SECRET) });
        const pending = plain(half.properties)["__nextSecret"];
        await stage.control.clearFaults();
        const outs = await impatient.update("ns1/ada", plain(half.properties), news);
        expect(outs).toMatchObject({ keyGeneration: 2, secretAccessKey: secret(pending) });
        expect(await secretsOf()).toEqual([SECRET, pending]);
      });
    },
  );

  test.each([
    { name: "adopted-1", what: "a key that can be read", keys: [MINE], hide: false, pushes: 0, after: [SECRET, null] },
    { name: "adopted-2", what: "no key", keys: [], hide: false, pushes: 1, after: ["new", null] },
    { name: "adopted-3", what: "a hidden key", keys: [THEIRS], hide: true, pushes: 1, after: [HAND, "new"] },
  ])("a user with $what is taken over", async ({ name, keys, hide, pushes, after }) => {
    await stage.patch({ options: { hideSecretKeys: hide }, users: { [`ns1/${name}`]: { keys } } });
    const { result, sent } = await stage.resultOf(() => server.create(objectUser(name, { adopt: true })));
    const info = `GET /object/users/${name}/info?namespace=ns1`;
    const push = `POST /object/user-secret-keys/${name}`;
    expect(sent).toEqual([
      "POST /object/users",
      info,
      info,
      `GET /object/user-secret-keys/${name}/ns1`,
      ...(pushes === 0 ? [] : [push]),
    ]);
    const mine = plain(result.properties)["secretAccessKey"];
    expect(await secretsOf(name)).toEqual(after.map((each) => (each === "new" ? mine : each)));
    expect(result.properties).toMatchObject({ accessKeyId: name, keyGeneration: 1 });
    expect([SECRET, HAND].includes(String(mine))).toBe(pushes === 0);
  });

  test("a user with two hidden keys is taken over without a third key, in an error that says why", async () => {
    await seed([THEIRS, MINE]);
    await stage.patch({ options: { hideSecretKeys: true } });
    const { reasons } = await partialFailureOf(impatient.create(objectUser("ada", { adopt: true })));
    expect(reasons[0]).toContain("has two keys already, and ECS allows two: ");
    expect(await secretsOf()).toEqual([HAND, SECRET]);
  });

  test("user scope GLOBAL: the conflict names the namespace, and nothing is taken over", async () => {
    await stage.patch({ users: { "ns2/eve": { keys: [HAND] } } });
    for (const more of [{}, { adopt: true }, { __derived: true }]) {
      let message = "";
      const sent = await stage.callsOf(async () => {
        message = (await failureOf(server.create(objectUser("eve", more)))).message;
      });
      expect(sent).toEqual([
        "POST /object/users",
        "GET /object/users/eve/info?namespace=ns1",
        "GET /object/users?userid=eve",
      ]);
      expect(message).toBe(
        'Could not create ECS object user ns1/eve: the namespace ns2 has an object user of this name, and on this array a name can exist once over all namespaces (user scope GLOBAL). Choose another userName; that user is not taken over. The array answered 400, code 1015, "Already exists: User eve already exists".',
      );
    }
    expect((await stage.ecs()).users).toMatchObject({ "ns2/eve": { keys: [{ secret: HAND }, null] } });
  });

  test("user scope NAMESPACE: one name in two namespaces is two users", async () => {
    await stage.patch({ options: { userScope: "NAMESPACE" } });
    const twins = ["ns1", "ns2"];
    const made = await Promise.all(twins.map((namespace) => server.create(objectUser("twin", { namespace }))));
    const { users } = await stage.ecs();
    const pairs = made.map(({ id, properties }) => [id, plain(properties)["secretAccessKey"]]);
    expect(pairs).toEqual(twins.map((namespace) => [`${namespace}/twin`, users[`${namespace}/twin`]?.keys[0]?.secret]));
    const [one, two] = made.map(({ properties }) => plain(properties));
    expect((await server.read("ns2/twin", two)).id).toBe("ns2/twin");
    await server.update("ns2/twin", two ?? {}, objectUser("twin", { namespace: "ns2", keyGeneration: 2 }));
    await impatient.delete("ns1/twin", one ?? {});
    expect((await stage.ecs()).users).toMatchObject({ "ns2/twin": { keys: [{}, {}] } });
    expect((await server.read("ns1/twin", one)).id).toBe("");
  });

  test("a user who owns buckets is not deleted: the error names them, from a list that is read to its end", async () => {
    const user = objectUser("ann", { namespace: "ns2" });
    const names = Array.from({ length: 12 }, (_, n) => `b${10 + n}`);
    const owned = (count: number) =>
      Object.fromEntries(names.map((name, n) => [`ns2/${name}`, { owner: n < count ? "ann" : "eve" }]));
    await stage.patch({
      options: { maxPage: 5 },
      users: { "ns2/ann": { keys: [SECRET] }, "ns2/eve": {} },
      buckets: owned(1),
    });
    let message = "";
    const sent = await stage.callsOf(async () => {
      message = (await failureOf(impatient.delete("ns2/ann", user))).message;
    });
    expect(message).toBe(
      'ECS object user ns2/ann is not deleted: it owns the bucket b10, and what a deletion would do to its data is unknown. Delete the buckets first or give them another owner, or keep the user with onDestroy: "lock" (run pulumi up before the destroy).',
    );
    const pages = Array.from({ length: 3 }, () => "GET /object/bucket?limit=1000&namespace=ns2");
    expect(sent.map((line) => line.replace(/&marker=[^&]*/, ""))).toEqual(pages);
    await stage.patch({ buckets: owned(12) });
    expect((await failureOf(impatient.delete("ns2/ann", user))).message).toBe(
      'ECS object user ns2/ann is not deleted: it owns 12 buckets: b10, b11, b12, b13, b14, b15, b16, b17, b18, b19 and 2 more, and what a deletion would do to their data is unknown. Delete the buckets first or give them another owner, or keep the user with onDestroy: "lock" (run pulumi up before the destroy).',
    );
    expect(await stage.userNamed("ann", "ns2")).toMatchObject({ keys: [{ secret: SECRET }, null] });
    // Nobody is refused because of an earlier list: another program may have deleted the buckets since.
    await stage.patch({ buckets: owned(0) });
    await impatient.delete("ns2/ann", user);
    expect(await stage.userNamed("ann", "ns2")).toBeUndefined();
  });

  test("twenty deletions at once read the list of buckets once", async () => {
    const names = Array.from({ length: 20 }, (_, n) => `gone-${n}`);
    await stage.patch({
      namespaces: { crowd: {} },
      users: Object.fromEntries(names.map((name) => [`crowd/${name}`, { keys: [SECRET] }])),
    });
    const sent = await stage.callsOf(() =>
      Promise.all(names.map((name) => server.delete(`crowd/${name}`, objectUser(name, { namespace: "crowd" })))),
    );
    expect(sent.filter((line) => line !== "POST /object/users/deactivate")).toEqual([
      "GET /object/bucket?limit=1000&namespace=crowd",
    ]);
    expect(sent).toHaveLength(21);
    expect((await stage.ecs()).users).toEqual({});
  });
});
