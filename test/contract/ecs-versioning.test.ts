import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, plain, s3Bucket } from "./ecs-support.ts";
import { failureOf, partialFailureOf } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
const INFO = "GET /object/bucket/inv/info?namespace=ns1";
const ASK = "GET /object/bucket/inv/versioning?namespace=ns1";
const SET = "PUT /object/bucket/inv/versioning?namespace=ns1";
const KEYS = "GET /object/user-secret-keys/own/ns1";
const S3_ASK = "S3 GET /inv?versioning";
const S3_SET = "S3 PUT /inv?versioning";

/** What a process sends the first time, and from then on: which way a release has, the array itself shows. */
const RELEASES = [
  // A 404 without a word of the array could be anybody's, so that the bucket is looked at.
  { release: "3.6", first: [ASK, INFO, KEYS, S3_SET], write: [S3_SET], read: [INFO, S3_ASK] },
  { release: "3.8", first: [ASK, KEYS, S3_SET], write: [S3_SET], read: [INFO, S3_ASK] },
  { release: "4.x", first: [ASK, SET], write: [SET], read: [INFO] },
] as const;

// Whichever SDK serves: versioning is the array's affair, and no setting names a release.
describe.each(RELEASES)("versioning of an EcsBucket on release $release", ({ release, ...expected }) => {
  let stage: EcsStage;
  /** Has found out which way the release has. */
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    server = await stage.serve();
    await prepare();
    await seed("never");
    await server.read("ns1/inv", recorded({ versioning: false }));
  });
  afterAll(() => stage.close());
  beforeEach(() => prepare());

  const prepare = async () => {
    await stage.clean();
    await stage.patch({ options: { release }, users: { "ns1/own": { keys: [KEY] } } });
  };

  const seed = (versioning: string) => stage.patch({ buckets: { "ns1/inv": { owner: "own", versioning } } });
  const recorded = (more: Properties = {}) =>
    ecsBucket("inv", "own", { systemEndpoint: stage.endpoint, encrypted: false, objectLock: false, ...more });

  test("write: on at creation, off is suspended with a warning, on again; the values of a new bucket take no request", async () => {
    const fresh = await stage.serve();
    await fresh.read("ns1/none", ecsBucket("none", "own"));
    const created = await stage.resultOf(() =>
      fresh.create(ecsBucket("inv", "own", { versioning: true, encryption: false })),
    );
    expect(created.sent).toEqual(["POST /object/bucket", ...expected.first]);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "enabled" });
    expect(fresh.warnings).toEqual([]);
    const olds = recorded({ versioning: true });
    const news = ecsBucket("inv", "own", { versioning: false });
    expect(await stage.callsOf(() => fresh.check(olds, news))).toEqual([]);
    expect(await stage.callsOf(() => fresh.update("ns1/inv", olds, news))).toEqual(expected.write);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "suspended" });
    // At preview already, and once.
    expect(fresh.warnings).toEqual([
      "Versioning of ECS bucket ns1/inv is suspended, not removed: versions that exist stay and count against the quota.",
    ]);
    const on = () =>
      fresh.update("ns1/inv", recorded({ versioning: false }), ecsBucket("inv", "own", { versioning: true }));
    expect(await stage.callsOf(on)).toEqual(expected.write);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "enabled" });
    const plain = ecsBucket("plain", "own", { versioning: false, encryption: false });
    expect(await stage.callsOf(() => fresh.create(plain))).toEqual(["POST /object/bucket"]);
    expect(await stage.bucketNamed("plain")).toMatchObject({ versioning: "never" });
  });

  test("read: never and suspended are false, and only a managed one is asked for", async () => {
    await seed("enabled");
    expect(await stage.callsOf(() => server.read("ns1/inv", recorded()))).toEqual([INFO]);
    const first = await stage.resultOf(() => server.read("ns1/inv", recorded({ versioning: false })));
    expect(first.sent).toEqual(expected.read);
    expect(first.result.inputs).toEqual(ecsBucket("inv", "own", { versioning: true }));
    await stage.patch({ buckets: { "ns1/inv": { versioning: "suspended" } } });
    const second = await stage.resultOf(() => server.read("ns1/inv", recorded({ versioning: true })));
    expect(second.sent).toEqual(expected.read);
    expect(second.result.inputs).toEqual(ecsBucket("inv", "own", { versioning: false }));
    await stage.patch({ buckets: { "ns1/inv": null } });
    await seed("never");
    expect((await server.read("ns1/inv", recorded({ versioning: true }))).inputs).toMatchObject({ versioning: false });
  });

  test("off, declared later: a bucket that never had versions is not suspended, because that could not be taken back", async () => {
    const off = () => server.update("ns1/inv", recorded(), ecsBucket("inv", "own", { versioning: false }));
    const look = release === "4.x" ? ASK : S3_ASK;
    await seed("suspended");
    // From here on the process knows which way the release has.
    await off();
    await stage.patch({ buckets: { "ns1/inv": null } });
    await seed("never");
    expect(await stage.callsOf(off)).toEqual([look]);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "never" });
    await seed("enabled");
    expect(await stage.callsOf(off)).toEqual([look, ...expected.write]);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "suspended" });
  });

  test("while its owner is locked, a refresh keeps what is recorded, with a warning, and a change is an error", async () => {
    await seed("enabled");
    await stage.patch({ users: { "ns1/own": { locked: true } } });
    const olds = recorded({ versioning: false, cors: [] });
    const live = await server.read("ns1/inv", olds);
    expect(live.inputs).toMatchObject({ versioning: release === "4.x", cors: [] });
    expect(server.warnings.filter((line) => line.includes("locked"))).toEqual([
      "The S3 side of ECS bucket ns1/inv is not compared: its owner is locked, so that it cannot be read.",
    ]);
    const news = ecsBucket("inv", "own", {
      versioning: false,
      cors: [{ allowedMethods: ["GET"], allowedOrigins: ["*"] }],
    });
    expect((await failureOf(server.update("ns1/inv", olds, news))).message).toBe(
      "Could not set the CORS rules of ECS bucket ns1/inv: this goes through S3 with the key of ECS object user ns1/own, and that user is locked.",
    );
  });

  test("an answer without a document does not show which way there is; the bucket does", async () => {
    const fresh = await stage.serve();
    await stage.fault({ kind: "status", status: 200, path: "/object/bucket/inv/versioning" });
    await seed("never");
    const olds = recorded({ versioning: false });
    const news = ecsBucket("inv", "own", { versioning: true });
    expect(await stage.callsOf(() => fresh.update("ns1/inv", olds, news))).toEqual(
      release === "4.x" ? ["GET /login", ASK, INFO, SET] : ["GET /login", ASK, INFO, KEYS, S3_SET],
    );
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "enabled" });
  });

  test("many at once find out together, and a page from on the way does not change what was found", async () => {
    const fresh = await stage.serve();
    const names = ["b-1", "b-2", "b-3", "b-4", "b-5"];
    const sent = await stage.callsOf(() =>
      Promise.all(names.map((name) => fresh.create(ecsBucket(name, "own", { versioning: true, encryption: false })))),
    );
    const managed = release === "4.x";
    expect(sent.filter((line) => /^GET .*\/versioning\?/.test(line))).toHaveLength(1);
    expect(sent.filter((line) => line.startsWith("PUT "))).toHaveLength(managed ? 5 : 0);
    expect(sent.filter((line) => line === KEYS)).toHaveLength(managed ? 0 : 1);
    expect(sent.filter((line) => line.startsWith("S3 PUT "))).toHaveLength(managed ? 0 : 5);
    for (const name of names) expect(await stage.bucketNamed(name)).toMatchObject({ versioning: "enabled" });
    if (!managed) return;
    await stage.fault({ kind: "html", status: 404, path: "/object/bucket/b-1/versioning" });
    const off = (name: string) =>
      fresh.update(
        `ns1/${name}`,
        ecsBucket(name, "own", { versioning: true, encrypted: false, objectLock: false }),
        ecsBucket(name, "own", { versioning: false }),
      );
    expect((await failureOf(off("b-1"))).message).toContain("Could not set the versioning of ECS bucket ns1/b-1: ");
    expect(await stage.callsOf(() => off("b-2"))).toEqual(["PUT /object/bucket/b-2/versioning?namespace=ns1"]);
  });
});

describe("S3 work as the owner of an EcsBucket", () => {
  let stage: EcsStage;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.control.reset());

  const seed = (keys: unknown[]) =>
    stage.patch({ users: { "ns1/own": { keys } }, buckets: { "ns1/inv": { owner: "own" } } });
  const CORS = [{ allowedMethods: ["GET"], allowedOrigins: ["*"] }];
  const managed = { cors: [] };

  test("the first read finds out which way there is; two buckets of one owner ask for his key once", async () => {
    await stage.patch({
      options: { keyDelaySeconds: 120 },
      // The first is one of this second, which the nodes do not know yet: the one that works is used.
      users: { "ns1/own": { keys: [{ secret: "young" }, { secret: SECRET, created: "2026-01-01T00:00:00Z" }] } },
      buckets: { "ns1/inv": { owner: "own" }, "ns1/inv-2": { owner: "own" } },
    });
    const server = await stage.serve({ ecsPublicS3Endpoint: "https://objects.example.test/" });
    const sent = await stage.callsOf(async () => {
      const { properties } = await server.read("ns1/inv", ecsBucket("inv", "own", { versioning: false }));
      expect(properties).toMatchObject({
        s3Endpoint: "https://objects.example.test",
        publicUrl: "https://objects.example.test/inv",
      });
      await server.read("ns1/inv-2", ecsBucket("inv-2", "own", managed));
    });
    expect(sent).toEqual([
      "GET /login",
      INFO,
      ASK,
      KEYS,
      S3_ASK,
      S3_ASK,
      "GET /object/bucket/inv-2/info?namespace=ns1",
      "S3 GET /inv-2?cors",
      "S3 GET /inv-2?cors",
    ]);
    await stage.control.reset();
    // Now no key is known.
    await stage.patch({ options: { keyDelaySeconds: 120 } });
    await seed([SECRET]);
    const read = server.read("ns1/inv", ecsBucket("inv", "own", managed));
    const told = "ECS nodes do not accept the key of ECS object user ns1/own yet; a new key can take two minutes.";
    await expect.poll(() => server.logs.some(({ message }) => message === told), { timeout: 10_000 }).toBe(true);
    await stage.control.advance(121);
    expect((await read).id).toBe("ns1/inv");
  });

  test("the creation of an S3Bucket waits for the key of its user, too", async () => {
    await stage.patch({ options: { keyDelaySeconds: 120 }, users: { "ns1/own": { keys: [SECRET] } } });
    const server = await stage.serve();
    const made = server.create(s3Bucket(stage.s3Endpoint, "lagging", { tags: { a: "1" } }));
    const told = "The service does not accept access key id own yet; a new key can take two minutes.";
    await expect.poll(() => server.logs.some(({ message }) => message === told), { timeout: 10_000 }).toBe(true);
    await stage.control.advance(121);
    expect((await made).id).toBe(`lagging@${stage.s3Endpoint.replace("http://", "")}`);
    expect(await stage.bucketNamed("lagging")).toMatchObject({ owner: "own", tags: { a: "1" } });
  });

  test("an owner without a readable key, hidden keys and a missing endpoint are errors that say so", async () => {
    await seed([]);
    const server = await stage.serve();
    const silent = await stage.serve({ ecsS3Endpoint: undefined });
    const update = (each: DynamicServer) =>
      failureOf(each.update("ns1/inv", ecsBucket("inv", "own"), ecsBucket("inv", "own", { cors: CORS })));
    const unreadable =
      "Could not set the CORS rules of ECS bucket ns1/inv: this goes through S3 with the key of the bucket's owner, and ECS object user ns1/own has no key that can be read: either it has none (declare the user as an EcsObjectUser), or the array hides keys. With hidden keys, versioning before release 4, cors and emptying cannot be managed here.";
    expect((await update(server)).message).toBe(unreadable);
    await seed([SECRET]);
    await stage.patch({ options: { hideSecretKeys: true } });
    expect((await update(server)).message).toBe(unreadable);
    expect((await update(silent)).message).toBe(
      "Could not set the CORS rules of ECS bucket ns1/inv: this goes through S3, and ecsS3Endpoint is missing (such as https://ecs.example.com:9021). Give it with pulumi config set cloudstack-storage:ecsS3Endpoint, in the environment as ECS_S3_ENDPOINT, or as an argument of the Provider.",
    );
    // Release 4 needs neither for versioning.
    await stage.patch({ options: { release: "4.x" } });
    const versioned = ecsBucket("inv", "own", { versioning: true });
    const outs = await silent.update("ns1/inv", ecsBucket("inv", "own"), versioned);
    expect(Object.keys(outs).filter((key) => key === "s3Endpoint" || key === "publicUrl")).toEqual([]);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "enabled" });
  });

  test.each([
    { what: "has no key", user: { keys: [] }, reason: "its owner has no key that can be read" },
    { what: "is gone", user: null, reason: "its owner is no object user of the array" },
  ])(
    "while its owner $what, a refresh keeps what is recorded, with a warning: what repairs the owner must be able to run",
    async ({ user, reason }) => {
      await seed([SECRET]);
      await stage.patch({ users: { "ns1/own": user } });
      const server = await stage.serve();
      const olds = ecsBucket("inv", "own", { versioning: true, cors: CORS, quotaGiB: 7 });
      const { inputs } = await server.read("ns1/inv", olds);
      expect(inputs).toEqual(ecsBucket("inv", "own", { versioning: true, cors: CORS, quotaGiB: "none" }));
      expect(server.warnings).toEqual([
        `The S3 side of ECS bucket ns1/inv is not compared: ${reason}, so that it cannot be read.`,
      ]);
      // A look-up by id alone shows the rest.
      const { properties } = await server.read("ns1/inv", { __provider: olds["__provider"] });
      expect(properties).toMatchObject({ owner: "own", quotaGiB: "none" });
      expect(Object.keys(properties)).not.toContain("cors");
    },
  );

  test("a change for an owner who is gone is an error that says so", async () => {
    await seed([SECRET]);
    await stage.patch({ users: { "ns1/own": null } });
    const server = await stage.serve();
    const news = ecsBucket("inv", "own", { cors: CORS });
    expect((await failureOf(server.update("ns1/inv", ecsBucket("inv", "own"), news))).message).toBe(
      "Could not set the CORS rules of ECS bucket ns1/inv: this goes through S3 with the key of the bucket's owner, and the array has no object user ns1/own (declare it as an EcsObjectUser, or give the bucket another owner).",
    );
  });

  test("of a bucket that is taken over while its owner is locked nothing is recorded that has not been seen or written", async () => {
    await seed([{ secret: SECRET, created: "2026-01-01T00:00:00Z" }]);
    await stage.patch({ users: { "ns1/own": { locked: true } } });
    const server = await stage.serve();
    const declared = ecsBucket("inv", "own", { versioning: true, cors: CORS, adopt: true });
    const half = await partialFailureOf(server.create(declared));
    expect(half.reasons[0]).toContain("and that user is locked");
    expect(Object.keys(half.properties)).not.toContain("cors");
    expect(Object.keys(half.properties)).not.toContain("versioning");
    expect(server.warnings).toContain(
      "ECS bucket ns1/inv exists and is taken over. Nobody can compare versioning, cors; the declared value is written.",
    );
    await stage.patch({ users: { "ns1/own": { locked: false } } });
    await server.update(half.id, plain(half.properties), declared);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "enabled", cors: CORS });
  });
});
