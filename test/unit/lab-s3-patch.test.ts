import { beforeEach, describe, expect, it } from "vitest";
import { bucketNode } from "../../lab/bucket-tree.ts";
import { LabClock } from "../../lab/clock.ts";
import { Misfit, parseMembers } from "../../lab/patch.ts";
import { bucketForms, patchBucketMembers } from "../../lab/s3-patch.ts";
import { counts, removeContents, type S3Bucket, S3Store } from "../../lab/s3-store.ts";

const clock = new LabClock();
let store = new S3Store();
let bucket: S3Bucket;

beforeEach(() => {
  clock.reset();
  clock.apply({ now: "2030-01-31T12:00:00Z", running: false });
  store = new S3Store();
  const made = store.create({ namespace: "ns1", name: "b", owner: "alice", created: clock.now() });
  if (made === undefined) throw new Error("The store was not empty.");
  bucket = made;
});

function patch(change: unknown): void {
  patchBucketMembers({ store, clock }, bucket, parseMembers(bucketForms, change));
}

describe("a patch", () => {
  it("changes what the S3 side of a bucket shows", () => {
    const statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "b/*" };
    patch({
      owner: "bob",
      versioning: "enabled",
      policy: { Statement: [statement] },
      cors: [{ allowedOrigins: ["*"], allowedMethods: ["GET"] }],
      tags: { team: "blue" },
      objects: { a: "one", gone: { deleted: true } },
      uploads: { "upload-1": "big" },
    });
    const tree = bucketNode(bucket);
    expect(tree).toMatchObject({
      owner: "bob",
      created: "2030-01-31T12:00:00.000Z",
      versioning: "enabled",
      policy: { Statement: [statement] },
      cors: [{ allowedOrigins: ["*"], allowedMethods: ["GET"], allowedHeaders: [], exposeHeaders: [] }],
      tags: { team: "blue" },
      objectLock: false,
      readOnly: false,
      counts: { objects: 1, versions: 1, markers: 1, uploads: 1, bytes: 3 },
      objects: { a: [{ marker: false, size: 3 }], gone: [{ marker: true }] },
      uploads: { "upload-1": { key: "big", parts: [] } },
    });
    patch({
      policy: null,
      cors: null,
      tags: { team: null },
      objects: { a: null, gone: null },
      uploads: { "upload-1": null },
    });
    expect(bucketNode(bucket)).toMatchObject({ policy: null, cors: null, tags: {}, objects: {}, uploads: {} });
    expect(store.delete(bucket)).toBe(true);
  });

  it("puts objects under a lock", () => {
    patch({ versioning: "enabled", objects: { a: "one" } });
    patch({
      objects: { a: { retainUntil: "2030-02-01T00:00:00Z" }, b: { text: "two", retainUntil: "2030-02-02T00:00:00Z" } },
    });
    expect(bucketNode(bucket)).toMatchObject({
      objects: { a: [{ retainUntil: "2030-02-01T00:00:00.000Z" }], b: [{ retainUntil: "2030-02-02T00:00:00.000Z" }] },
    });
    expect(removeContents(bucket, Date.parse("2030-02-01T00:00:00Z"))).toEqual({ deleted: 1, retained: 1 });
    expect(removeContents(bucket, Date.parse("2030-02-02T00:00:00Z"))).toEqual({ deleted: 1, retained: 0 });
  });

  it.each([
    ["an unknown member", { versionning: "enabled" }],
    ["an unknown state of versioning", { versioning: "off" }],
    ["what is no policy", { policy: {} }],
    ["a policy as a text", { policy: "{}" }],
    ["no rules of CORS", { cors: [] }],
    ["a rule without origins", { cors: [{ allowedMethods: ["GET"] }] }],
    ["a rule for an unknown method", { cors: [{ allowedOrigins: ["*"], allowedMethods: ["PATCH"] }] }],
    ["an unknown change of an object", { objects: { a: { content: "x" } } }],
    ["a lock on nothing", { objects: { a: { retainUntil: "2030-02-01T00:00:00Z" } } }],
    ["an upload without a key", { uploads: { u: {} } }],
  ])("is refused: %s", (_, change) => {
    expect(() => patch(change)).toThrow(Misfit);
  });

  it("never takes versioning back", () => {
    patch({ versioning: "suspended" });
    expect(() => patch({ versioning: "never" })).toThrow("versioning never goes back to never, only to suspended");
  });
});

describe("the store", () => {
  it("changes as a whole or not at all", () => {
    patch({ objects: { a: "one" }, uploads: { u: "big" } });
    bucket.attributes["quota"] = { blockSize: 1 };
    const draft = store.clone();
    const copy = draft.bucket("ns1", "b");
    if (copy === undefined) throw new Error("The copy has no bucket.");
    removeContents(copy, clock.now());
    copy.attributes["quota"] = { blockSize: 2 };
    draft.create({ namespace: "ns2", name: "b", owner: "carol", created: 0 });
    expect([counts(bucket), bucket.attributes]).toEqual([
      { objects: 1, versions: 1, markers: 0, uploads: 1, bytes: 3 },
      { quota: { blockSize: 1 } },
    ]);
    store.become(draft);
    expect(store.buckets().map(({ namespace }) => namespace)).toEqual(["ns1", "ns2"]);
    expect(store.bucketsOf("ns2", "carol").map(({ name }) => name)).toEqual(["b"]);
    expect(store.bucket("ns1", "b")?.objects.size).toBe(0);
  });

  it("empties a bucket in steps", () => {
    patch({ objects: { a: "1", b: "2", c: "3" }, uploads: { u: "big" } });
    expect(removeContents(bucket, clock.now(), 2)).toEqual({ deleted: 2, retained: 0 });
    expect(store.delete(bucket)).toBe(false);
    expect(removeContents(bucket, clock.now(), 2)).toEqual({ deleted: 2, retained: 0 });
    expect(store.delete(bucket)).toBe(true);
  });
});
