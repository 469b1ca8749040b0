import { beforeEach, describe, expect, test } from "vitest";
import { openEcs } from "./lab-ecs-stage.ts";

const { lab, control, call } = await openEcs();

beforeEach(() => control.patch("ecs", { users: { "ns1/u": {}, "ns1/v": {}, "ns2/w": {} } }));

const minimal = { name: "b", namespace: "ns1", owner: "u" };
const create = (more: object = {}) => call("POST", "/object/bucket", { ...minimal, ...more });
const info = async (name = "b", namespace = "ns1") =>
  (await call("GET", `/object/bucket/${name}/info?namespace=${namespace}`)).json() as Record<string, unknown>;
const unused = { global: null, remote: null, vdc: null };

describe("creation", () => {
  test("answers little; the info holds the rest, under other names", async () => {
    const reply = await create({ blockSize: 50, notificationSize: "40", vpool: "", head_type: "s3", unknown: 1 });
    expect([reply.status, reply.json()]).toEqual([
      200,
      {
        id: "ns1.b",
        name: "b",
        inactive: false,
        ...unused,
        TagSet: [],
        metaData: { isEnabled: false, maxKeys: 0, metadata: [] },
      },
    ]);
    expect(await info()).toEqual({
      id: "ns1.b",
      name: "b",
      link: { rel: "self", href: "/object/bucket/ns1.b" },
      namespace: "ns1",
      owner: "u",
      vpool: lab.addresses.ecs.replicationGroup,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      api_type: "S3",
      block_size: 50,
      notification_size: 40,
      softquota: "40",
      is_encryption_enabled: "false",
      fs_access_enabled: false,
      is_stale_allowed: false,
      is_tso_read_only: false,
      is_object_lock_enabled: false,
      is_object_lock_with_ado_allowed: false,
      locked: false,
      retention: 0,
      default_retention: 0,
      auto_commit_period: 0,
      audit_delete_expiration: -2,
      TagSet: [],
      search_metadata: { isEnabled: false, maxKeys: 0, metadata: [] },
      is_empty_bucket_in_progress: false,
      ...unused,
    });
  });

  test("takes defaults from the namespace", async () => {
    await control.patch("ecs", { namespaces: { ns1: { encryption: true, staleAllowed: true, bucketBlockSize: 7 } } });
    await create();
    expect(await info()).toMatchObject({ is_encryption_enabled: "true", is_stale_allowed: true, block_size: 7 });
    await create({ name: "c", is_encryption_enabled: false, is_stale_allowed: "false", blockSize: -1 });
    expect(await info("c")).toMatchObject({ is_encryption_enabled: "false", is_stale_allowed: false, block_size: -1 });
  });

  test.each([
    [{ name: "" }, 400, 1005],
    [{ namespace: "" }, 400, 1005],
    [{ namespace: "none" }, 400, 1004],
    [{ name: "192.168.0.1" }, 400, 40009],
    [{ name: "b..c" }, 400, 40009],
    [{ name: "b." }, 400, 40009],
    [{ name: "b/c" }, 400, 40009],
    [{ owner: "w" }, 400, 40010],
    [{ vpool: "urn:none" }, 400, 1004],
    [{ blockSize: 0 }, 400, 1008],
    [{ blockSize: 1.5 }, 400, 1008],
    [{ TagSet: Array.from({ length: 11 }, (_, key) => ({ Key: `k${key}`, Value: "" })) }, 400, 1031],
  ])("%j is refused", async (more, status, code) => {
    const reply = await create(more);
    expect([reply.status, reply.json()]).toEqual([status, expect.objectContaining({ code })]);
    expect((await control.state()).ecs.buckets).toEqual({});
  });

  test("without an owner it belongs to the management user, an object user or not", async () => {
    expect((await create({ owner: undefined })).status).toBe(200);
    expect(await info()).toMatchObject({ owner: "pulumi" });
  });

  test("a bucket that exists, a namespace without a group, and encryption without a licence are refused", async () => {
    await create();
    expect((await create({ owner: "v" })).json()).toMatchObject({ code: 40008 });
    expect((await create({ namespace: "ns2", owner: "w" })).status).toBe(200);
    await control.patch("ecs", { namespaces: { ns1: { vpool: "" } }, options: { encryptionLicence: false } });
    expect((await create({ name: "c" })).json()).toMatchObject({ code: 1011 });
    const encrypted = await create({
      name: "c",
      vpool: lab.addresses.ecs.replicationGroup,
      is_encryption_enabled: true,
    });
    expect([encrypted.status, encrypted.json()]).toEqual([403, expect.objectContaining({ code: 3001 })]);
    expect((await call("GET", "/feature/ServerSideEncryption")).json()).toMatchObject({ is_encryption_enabled: false });
  });

  test("the releases differ in what the info has", async () => {
    await control.patch("ecs", { options: { release: "3.6", searchMetadataForm: "absent" } });
    await create({ versioning_status: "Enabled" });
    const old = await info();
    expect(old).toMatchObject({ default_retention: -2 });
    for (const name of ["search_metadata", "is_empty_bucket_in_progress", "versioning_status"]) {
      expect(old).not.toHaveProperty(name);
    }
    await control.patch("ecs", { options: { release: "4.x", searchMetadataForm: "search_enabled" } });
    expect(await info()).toMatchObject({
      versioning_status: "",
      search_metadata: { search_enabled: false, max_keys: 0, metadata: [] },
    });
    await create({ name: "c", versioning_status: "Enabled" });
    expect(await info("c")).toMatchObject({ versioning_status: "Enabled" });
  });
});

describe("absence", () => {
  test("a missing bucket is 400, or 404 by option; so is any without its namespace", async () => {
    await create();
    const missing = { code: 1004, description: "Something that the request names was not found", retryable: false };
    const reply = await call("GET", "/object/bucket/none/info?namespace=ns1");
    expect([reply.status, reply.json()]).toEqual([400, { ...missing, details: "Unable to find bucket none" }]);
    expect((await call("GET", "/object/bucket/b/info")).json()).toEqual({
      ...missing,
      details: "Unable to find bucket b",
    });
    await control.patch("ecs", { options: { missingBucketStatus: 404 } });
    expect((await call("POST", "/object/bucket/none/deactivate?namespace=ns1")).status).toBe(404);
    expect((await call("GET", "/object/bucket/b/info?namespace=none")).json()).toMatchObject({
      code: 1004,
      details: "Unable to find namespace none",
    });
  });
});

test("the keys that every object can be searched by are listed", async () => {
  expect((await call("GET", "/object/bucket/searchmetadata")).json()).toMatchObject({
    metadata: expect.arrayContaining([{ name: "Size", datatype: "integer", type: "System" }]),
    max_keys: 30,
  });
});

test("lists have pages and a prefix, and tell no next page on the last one", async () => {
  const buckets = Object.fromEntries(["a1", "a2", "a3", "b1"].map((name) => [`ns1/${name}`, { owner: "u" }]));
  await control.patch("ecs", { buckets: { ...buckets, "ns2/z": { owner: "w" } }, options: { maxPage: 2 } });
  const list = async (query: string) => {
    const reply = (await call("GET", `/object/bucket?namespace=ns1&${query}`)).json() as Record<string, unknown>;
    const names = (reply["object_bucket"] as { name: string }[]).map(({ name }) => name);
    return { ...reply, object_bucket: names };
  };
  expect(await list("marker=&limit=1000")).toEqual({
    object_bucket: ["a1", "a2"],
    MaxBuckets: 2,
    NextMarker: "a2",
    Filter: "namespace=ns1&name=*",
    NextPageLink: "/object/bucket?namespace=ns1&marker=a2&limit=1000",
  });
  await control.patch("ecs", { buckets: { "ns1/a2": null } });
  expect(await list("marker=a2")).toMatchObject({ object_bucket: ["a3", "b1"] });
  expect(await list("marker=a3")).toEqual({ object_bucket: ["b1"], MaxBuckets: 2, Filter: "namespace=ns1&name=*" });
  expect(await list("name=b*")).toMatchObject({ object_bucket: ["b1"], Filter: "namespace=ns1&name=b*" });
  expect((await call("GET", "/object/bucket?namespace=none")).json()).toMatchObject({ code: 1004 });
});

describe("deletion", () => {
  const remove = (query = "") => call("POST", `/object/bucket/b/deactivate?namespace=ns1${query}`);
  const status = async () => (await call("GET", "/object/bucket/b/empty-bucket-status?namespace=ns1")).json();

  test("an empty bucket goes, and then is missing", async () => {
    await create();
    expect((await remove()).status).toBe(200);
    expect((await remove()).json()).toMatchObject({ code: 1004 });
  });

  test.each([
    ["an object", { objects: { k: "text" } }],
    ["a delete marker", { versioning: "enabled", objects: { k: { deleted: true } } }],
    ["an unfinished upload", { uploads: { "1": "k" } }],
  ])("a bucket with %s is refused, with either status", async (_, content) => {
    await control.patch("ecs", { buckets: { "ns1/b": { owner: "u", ...content } } });
    expect((await remove()).json()).toEqual({
      code: 60019,
      description: "The bucket is not empty",
      details: "Bucket b not empty: keypool not empty",
      retryable: false,
    });
    await control.patch("ecs", { options: { nonEmptyStatus: 409, release: "3.6" } });
    expect((await remove("&emptyBucket=true")).status).toBe(409);
    expect(await status()).toMatchObject({ code: 1019 });
  });

  test("emptied in the background, the bucket is read-only, then gone", async () => {
    await create();
    expect(await status()).toMatchObject({ status: "NOT_FOUND", created: null });
    await control.patch("ecs", { buckets: { "ns1/b": { objects: { k: "text" } } } });
    expect((await remove("&emptyBucket=true")).status).toBe(202);
    expect(await status()).toMatchObject({ status: "PENDING", approx_object_count: 1, entries_deleted: 0 });
    expect((await remove()).json()).toMatchObject({ code: 1010 });
    expect(await info()).toMatchObject({ is_empty_bucket_in_progress: true });
    await control.advance(30);
    expect(await status()).toMatchObject({ status: "IN_PROGRESS" });
    await control.advance(20);
    expect(await status()).toMatchObject({ status: "POST_PROCESSING" });
    await control.advance(10);
    expect(await status()).toMatchObject({ code: 1004 });
    await control.patch("ecs", { options: { emptiedBucketStatus: "DONE" } });
    expect(await status()).toMatchObject({ status: "DONE", entries_deleted: 1 });
    expect((await create()).status).toBe(200);
    expect(await status()).toMatchObject({ status: "NOT_FOUND" });
  });

  test("the background emptying waits by option until it was looked at", async () => {
    const content = { owner: "u", objects: { k: "x" } };
    await control.patch("ecs", {
      buckets: { "ns1/b": content },
      options: { emptyBucketSeconds: 0, emptyBucketPolls: 2 },
    });
    await remove("&emptyBucket=true");
    expect((await remove()).json()).toMatchObject({ code: 1010 });
    expect(await status()).toMatchObject({ status: "POST_PROCESSING" });
    expect(await status()).toMatchObject({ status: "POST_PROCESSING" });
    expect(await status()).toMatchObject({ code: 1004 });
  });

  test("the background emptying fails by option, and for what is retained", async () => {
    const content = { owner: "u", objects: { k: { text: "x", retainUntil: "9999-01-01T00:00:00Z" }, l: "y" } };
    await control.patch("ecs", { buckets: { "ns1/b": content }, options: { emptyBucketFails: true } });
    await remove("&emptyBucket=true");
    await control.advance(60);
    expect(await status()).toMatchObject({ status: "FAILED", entries_deleted: 0, failed_to_delete_due_to_other: 2 });
    await control.patch("ecs", { options: { emptyBucketFails: false } });
    await remove("&emptyBucket=true");
    await control.advance(60);
    expect(await status()).toMatchObject({
      status: "FAILED",
      entries_deleted: 1,
      failed_to_delete_due_to_retention: 1,
      message: "Some entries could not be deleted",
    });
    expect((await control.state()).ecs.buckets["ns1/b"]).toMatchObject({ readOnly: false, emptying: "FAILED" });
  });
});
