import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket } from "./ecs-support.ts";
import { failureOf } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
const INFO = "GET /object/bucket/inv/info?namespace=ns1";
const DELETE = "POST /object/bucket/inv/deactivate?namespace=ns1";
const NAMESPACE = "GET /object/namespaces/namespace/ns1";
const EMPTY = "POST /object/bucket/inv/deactivate?emptyBucket=true&namespace=ns1";
const KEYS = "GET /object/user-secret-keys/own/ns1";
const ANSWER = 'answered 400, code 60019, "The bucket is not empty: Bucket inv not empty: keypool not empty"';

/** Versions, delete markers and unfinished uploads, as clients of S3 leave them behind. */
const CONTENTS = {
  owner: "own",
  versioning: "enabled",
  objects: { a: "1", b: "1", "with space/and+plus&é": "1" },
  uploads: { "upload-1": "big" },
};

// The destruction of data is the array's and S3's affair; one SDK serves.
describe("destruction of an EcsBucket", () => {
  let stage: EcsStage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    server = await stage.serve();
    await stage.patch({ users: { "ns1/own": { keys: [KEY] } }, buckets: { "ns1/inv": { owner: "own" } } });
    await server.read("ns1/inv", ecsBucket("inv", "own", { cors: [] }));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.patch({ users: { "ns1/own": { keys: [KEY] } } });
  });

  const recorded = (more: Properties = {}) => ecsBucket("inv", "own", { systemEndpoint: stage.endpoint, ...more });
  const fill = async (bucket: object = CONTENTS) => {
    await stage.patch({ buckets: { "ns1/inv": bucket } });
  };
  /** Three objects, of which one is overwritten and one deleted. */
  const fillAll = async () => {
    await fill();
    await stage.patch({ buckets: { "ns1/inv": { objects: { a: "2", b: { deleted: true } } } } });
  };
  const destroy = () => server.delete("ns1/inv", recorded({ forceDestroy: true }));

  test("an empty bucket is one request; one that is gone is a success, in both forms of the array", async () => {
    await fill({ owner: "own" });
    expect(await stage.callsOf(() => server.delete("ns1/inv", recorded()))).toEqual([DELETE]);
    expect((await stage.ecs()).buckets).toEqual({});
    // 400 may also mean that the namespace is not there, so that is looked at.
    expect(await stage.callsOf(() => server.delete("ns1/inv", recorded()))).toEqual([DELETE, NAMESPACE]);
    await stage.patch({ options: { missingBucketStatus: 404 } });
    expect(await stage.callsOf(() => server.delete("ns1/inv", recorded()))).toEqual([DELETE]);
  });

  test("one that is refused is done, too, where the bucket is gone by then", async () => {
    await fill({ owner: "own" });
    const path = "/object/bucket/inv/deactivate";
    await stage.control.fault({ system: "ecs", kind: "status-after-commit", status: 409, path });
    expect(await stage.callsOf(() => server.delete("ns1/inv", recorded()))).toEqual([DELETE, INFO, NAMESPACE]);
  });

  test.each([
    { nonEmptyStatus: 400, answer: ANSWER },
    { nonEmptyStatus: 409, answer: ANSWER.replace("400", "409") },
  ])(
    "what is in it refuses the deletion, in the array's words ($nonEmptyStatus), with counts and the way on",
    async ({ nonEmptyStatus, answer }) => {
      await stage.patch({ options: { nonEmptyStatus } });
      await fillAll();
      const before = await stage.bucketNamed("inv");
      let message = "";
      const sent = await stage.callsOf(async () => {
        message = (await failureOf(server.delete("ns1/inv", recorded()))).message;
      });
      expect(sent.slice(0, 2)).toEqual([DELETE, INFO]);
      expect(sent.slice(2).sort()).toEqual(["S3 GET /inv?encoding-type=url&versions", "S3 GET /inv?uploads"]);
      expect(message).toBe(
        `ECS bucket ns1/inv is not deleted, because it is not empty: ${stage.endpoint} ${answer}. It holds 2 objects, 2 old versions, 1 delete marker and 1 unfinished upload. forceDestroy: true would delete all of it; switch it on with a pulumi up first (destroy reads the state, not the program).`,
      );
      expect(await stage.bucketNamed("inv")).toEqual(before);
    },
  );

  test("beyond the first page the counts say so", async () => {
    const objects = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`k${n}`, ""]));
    await fill({ owner: "own", objects });
    const { message } = await failureOf(server.delete("ns1/inv", recorded()));
    expect(message).toContain(" It holds at least 1,000 objects. forceDestroy: true would delete all of it;");
    expect(await stage.bucketNamed("inv")).toMatchObject({ counts: { objects: 1001 } });
  });

  test("where nobody can count, the refusal stands and says why", async () => {
    await stage.patch({ users: { "ns1/mute": {} } });
    await fill({ ...CONTENTS, owner: "mute" });
    const { message } = await failureOf(server.delete("ns1/inv", recorded()));
    expect(message).toContain(`${stage.endpoint} ${ANSWER}. What it holds could not be counted (`);
    expect(message).toContain("has no key that can be read");
  });

  test("forceDestroy on release 3.6 empties by pages, versions, markers and uploads, and then deletes", async () => {
    await stage.patch({ options: { release: "3.6" } });
    await fillAll();
    const sent = await stage.callsOf(destroy);
    expect(sent).toEqual([
      DELETE,
      INFO,
      EMPTY,
      "S3 GET /inv?object-lock",
      "S3 GET /inv?encoding-type=url&versions",
      "S3 POST /inv?delete",
      "S3 GET /inv?encoding-type=url&versions",
      "S3 GET /inv?uploads",
      "S3 DELETE /inv/big?uploadId=upload-1",
      "S3 GET /inv?uploads",
      DELETE,
    ]);
    expect((await stage.ecs()).buckets).toEqual({});
  });

  test("many pages are emptied, too", async () => {
    await stage.patch({ options: { release: "3.6" } });
    const objects = Object.fromEntries(Array.from({ length: 2100 }, (_, n) => [`k${n}`, ""]));
    await fill({ owner: "own", objects });
    const sent = await stage.callsOf(destroy);
    expect(sent.filter((line) => line === "S3 POST /inv?delete")).toHaveLength(3);
    expect((await stage.ecs()).buckets).toEqual({});
  });

  test.each(["3.8", "4.x"])(
    "forceDestroy on release %s uses the array's own task, and waits for its end",
    async (release) => {
      await stage.patch({ options: { release, emptyBucketSeconds: 60 } });
      await fillAll();
      await stage.control.clearRequests();
      const done = destroy();
      await expect
        .poll(async () => (await stage.control.requests("ecs")).length, { timeout: 10_000 })
        .toBeGreaterThanOrEqual(4);
      expect(await stage.bucketNamed("inv")).toMatchObject({ readOnly: true, emptying: "RUNNING" });
      await stage.control.advance(61);
      await done;
      const sent = (await stage.control.requests()).map(({ path, query }) => [
        path.split("/").at(-1),
        query["emptyBucket"],
      ]);
      const status = ["empty-bucket-status", undefined];
      expect(sent.slice(0, 4)).toEqual([
        ["deactivate", undefined],
        ["info", undefined],
        ["deactivate", "true"],
        status,
      ]);
      expect(sent.slice(4).filter(([call]) => call !== "empty-bucket-status")).toEqual([
        ["info", undefined],
        ["ns1", undefined],
      ]);
      expect((await stage.ecs()).buckets).toEqual({});
    },
  );

  test("a bucket that is being emptied already is waited for", async () => {
    await stage.patch({ options: { emptyBucketSeconds: 60, emptiedBucketStatus: "DONE" } });
    await fillAll();
    const first = destroy();
    await expect.poll(async () => (await stage.bucketNamed("inv"))?.emptying, { timeout: 10_000 }).toBe("RUNNING");
    await stage.control.clearRequests();
    const second = destroy();
    await expect
      .poll(async () =>
        (await stage.control.requests("ecs")).map(({ path, status }) => `${path.split("/").at(-1)} ${status}`),
      )
      .toEqual(expect.arrayContaining(["deactivate 409", "empty-bucket-status 200"]));
    await stage.control.advance(61);
    await Promise.all([first, second]);
    expect((await stage.ecs()).buckets).toEqual({});
  });

  test("a task whose begin was answered with nothing is waited for", async () => {
    await stage.patch({ options: { emptyBucketSeconds: 0, emptyBucketPolls: 1 } });
    await fillAll();
    const path = "/object/bucket/inv/deactivate";
    await stage.control.fault({ system: "ecs", kind: "reset-after-commit", path, after: 1 });
    const sent = await stage.callsOf(destroy);
    const STATUS = "GET /object/bucket/inv/empty-bucket-status?namespace=ns1";
    expect(sent.slice(0, 6)).toEqual([DELETE, INFO, EMPTY, EMPTY, INFO, STATUS]);
    expect((await stage.ecs()).buckets).toEqual({});
  });

  test("a task that fails is an error with the array's numbers, and the bucket stays", async () => {
    await stage.patch({ options: { emptyBucketSeconds: 0, emptyBucketFails: true } });
    await fillAll();
    expect((await failureOf(destroy())).message).toBe(
      "ECS could not empty ECS bucket ns1/inv (FAILED): 0 entries were deleted, 0 are under retention, 0 dangling, 6 failed otherwise. It says: Some entries could not be deleted",
    );
    expect(await stage.bucketNamed("inv")).toMatchObject({ counts: { objects: 2 } });
  });

  test("a task that outlasts the operation is left running, and said to be", async () => {
    await stage.patch({ options: { emptyBucketSeconds: 3600 } });
    await fillAll();
    const hurried = await stage.serve({ operationTimeoutSeconds: "2" });
    const { message } = await failureOf(hurried.delete("ns1/inv", recorded({ forceDestroy: true })));
    expect(message).toBe(
      "ECS goes on emptying ECS bucket ns1/inv in the background (PENDING); operationTimeoutSeconds is used up. Run the same command again later.",
    );
  });

  test("objects under retention are named, and what could go is gone", async () => {
    await stage.patch({ options: { release: "3.6" } });
    await fill({ owner: "own", objects: { free: "1", kept: { text: "1", retainUntil: "2099-01-01T00:00:00Z" } } });
    const { message } = await failureOf(destroy());
    expect(message).toContain(
      "ECS bucket ns1/inv cannot be emptied: 1 versions and uploads were deleted, these were not, in 3 passes:\n",
    );
    expect(message).toMatch(/\n {2}"kept": .+\nSee to what keeps them/);
    expect(message).not.toContain('"free"');
    expect(Object.keys((await stage.bucketNamed("inv"))?.objects ?? {})).toEqual(["kept"]);
  });

  test.each(["3.6", "3.8"])("a bucket with object lock is not emptied on release %s", async (release) => {
    await stage.patch({ options: { release } });
    await fill({ owner: "own", versioning: "enabled", objectLock: true, objects: { a: "1" } });
    const before = await stage.bucketNamed("inv");
    let message = "";
    const sent = await stage.callsOf(async () => {
      message = (await failureOf(destroy())).message;
    });
    expect(message).toBe(
      "ECS bucket ns1/inv is not emptied: it has object lock, and what it holds may be kept on purpose. Nothing was deleted. Empty it with the vendor's own tools once its retention allows that.",
    );
    expect(sent).toEqual([DELETE, INFO]);
    expect(await stage.bucketNamed("inv")).toEqual(before);
  });

  test("an object that somebody has deleted since stops neither preview nor destroy", async () => {
    await stage.patch({ options: { release: "3.6" } });
    await fillAll();
    await stage.patch({ buckets: { "ns1/inv": { objects: { a: null } } } });
    expect((await server.read("ns1/inv", recorded())).id).toBe("ns1/inv");
    await destroy();
    expect((await stage.ecs()).buckets).toEqual({});
  });

  test("the owner's key is looked up as long as nobody has asked for it, as the live owner", async () => {
    await stage.patch({ users: { "ns1/heir": { keys: [KEY] } }, options: { release: "3.6" } });
    await fill({ ...CONTENTS, owner: "heir" });
    const sent = await stage.callsOf(destroy);
    expect(sent).toContain(KEYS.replace("own", "heir"));
    expect((await stage.ecs()).buckets).toEqual({});
  });
});
