import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { openS3, refusal } from "./lab-s3-stage.ts";

const stage = openS3();
const Bucket = "bucket-1";

async function withBucket(
  versioning?: "Enabled" | "Suspended",
  when: "WHEN_REQUIRED" | "WHEN_SUPPORTED" = "WHEN_SUPPORTED",
): Promise<S3Client> {
  const alice = stage.client("alice", { requestChecksumCalculation: when, responseChecksumValidation: when });
  await alice.send(new CreateBucketCommand({ Bucket }));
  if (versioning) await version(alice, versioning);
  return alice;
}

function version(client: S3Client, Status: "Enabled" | "Suspended"): Promise<unknown> {
  return client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
}

async function read(client: S3Client, Key: string, more: { VersionId?: string; Range?: string } = {}): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? "";
}

describe("objects", () => {
  it.each(["WHEN_REQUIRED", "WHEN_SUPPORTED"] as const)("keep content and metadata, checksums %s", async (when) => {
    const alice = await withBucket(undefined, when);
    const { ETag, VersionId } = await alice.send(
      new PutObjectCommand({
        Bucket,
        Key: "a/b.txt",
        Body: "hello",
        ContentType: "text/plain",
        CacheControl: "no-store",
        ContentEncoding: "identity",
        Metadata: { color: "blue" },
      }),
    );
    expect([ETag, VersionId]).toEqual(['"5d41402abc4b2a76b9719d911017c592"', undefined]);
    expect(await read(alice, "a/b.txt")).toBe("hello");
    const head = await alice.send(new HeadObjectCommand({ Bucket, Key: "a/b.txt" }));
    expect(head).toMatchObject({ ContentLength: 5, ContentType: "text/plain", CacheControl: "no-store" });
    expect(head).toMatchObject({ ContentEncoding: "identity", Metadata: { color: "blue" }, AcceptRanges: "bytes" });
    await alice.send(new DeleteObjectCommand({ Bucket, Key: "a/b.txt" }));
    expect(await refusal(read(alice, "a/b.txt"))).toBe("404 NoSuchKey");
    expect(await refusal(alice.send(new HeadObjectCommand({ Bucket, Key: "a/b.txt" })))).toBe("404 NotFound");
  });

  it.each(["a b", "a+b", "a//b", "a/./b", "../x", "%41", "ü/😀", "a?b&c=d#e", "it's (1)!*~", "a\nb", "/", "x/"])(
    "may be called %j",
    async (Key) => {
      const alice = await withBucket();
      await alice.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
      expect([...(stage.store.bucket("ns1", Bucket)?.objects.keys() ?? [])]).toEqual([Key]);
      expect(await read(alice, Key)).toBe("x");
      const Delete = { Objects: [{ Key }] };
      expect((await alice.send(new DeleteObjectsCommand({ Bucket, Delete }))).Deleted).toEqual([{ Key }]);
      expect(stage.store.bucket("ns1", Bucket)?.objects.size).toBe(0);
    },
  );

  it("are read in part", async () => {
    const alice = await withBucket();
    await alice.send(new PutObjectCommand({ Bucket, Key: "k", Body: "0123456789" }));
    expect(await read(alice, "k", { Range: "bytes=2-4" })).toBe("234");
    expect(await read(alice, "k", { Range: "bytes=7-" })).toBe("789");
    expect(await read(alice, "k", { Range: "bytes=-2" })).toBe("89");
    expect(await read(alice, "k", { Range: "bytes=8-99" })).toBe("89");
    const part = await alice.send(new GetObjectCommand({ Bucket, Key: "k", Range: "bytes=0-0" }));
    expect([part.ContentRange, part.$metadata.httpStatusCode]).toEqual(["bytes 0-0/10", 206]);
    expect(await refusal(read(alice, "k", { Range: "bytes=10-" }))).toBe("416 InvalidRange");
  });

  it("answer conditions", async () => {
    const alice = await withBucket();
    const { ETag = "" } = await alice.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const get = (condition: object) => refusal(alice.send(new GetObjectCommand({ Bucket, Key: "k", ...condition })));
    expect(await get({ IfMatch: ETag })).toBe("not refused");
    expect(await get({ IfMatch: '"other"' })).toBe("412 PreconditionFailed");
    expect(await get({ IfNoneMatch: ETag })).toMatch(/^304/);
    const again = new PutObjectCommand({ Bucket, Key: "k", Body: "y", IfNoneMatch: "*" });
    expect(await refusal(alice.send(again))).toBe("412 PreconditionFailed");
  });

  it("leave versions and markers behind", async () => {
    const alice = await withBucket();
    const put = async (Body: string) => (await alice.send(new PutObjectCommand({ Bucket, Key: "k", Body }))).VersionId;
    await put("before");
    await version(alice, "Enabled");
    const [one = "", two = ""] = [await put("one"), await put("two")];
    expect(await read(alice, "k")).toBe("two");
    expect(await read(alice, "k", { VersionId: one })).toBe("one");
    expect(await read(alice, "k", { VersionId: "null" })).toBe("before");
    const { DeleteMarker, VersionId: marker = "" } = await alice.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(DeleteMarker).toBe(true);
    expect(await refusal(read(alice, "k"))).toBe("404 NoSuchKey");
    expect(await refusal(read(alice, "k", { VersionId: marker }))).toBe("405 MethodNotAllowed");
    expect(await refusal(read(alice, "k", { VersionId: "nonsense" }))).toBe("404 NoSuchVersion");

    await version(alice, "Suspended");
    expect(await put("null again")).toBe("null");
    expect(await read(alice, "k", { VersionId: "null" })).toBe("null again");
    for (const VersionId of [two, one, marker])
      await alice.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId }));
    expect(await refusal(alice.send(new DeleteBucketCommand({ Bucket })))).toBe("409 BucketNotEmpty");
    const suspended = await alice.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect([suspended.DeleteMarker, suspended.VersionId]).toEqual([true, "null"]);
    expect(await refusal(alice.send(new DeleteBucketCommand({ Bucket })))).toBe("409 BucketNotEmpty");
    await alice.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: "null" }));
    await alice.send(new DeleteBucketCommand({ Bucket }));
    const destructive = stage.recorder.list().filter((request) => request.destructive);
    expect(destructive.map(({ method, query }) => `${method} ${query["versionId"] === undefined ? "-" : "v"}`)).toEqual(
      ["DELETE v", "DELETE v", "DELETE v", "DELETE -", "DELETE v", "DELETE -"],
    );
  });

  it("under object lock cannot be deleted until their time comes", async () => {
    const alice = await withBucket("Enabled");
    const { VersionId } = await alice.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const bucket = stage.store.bucket("ns1", Bucket);
    const [locked] = bucket?.objects.get("k") ?? [];
    if (locked) bucket?.objects.set("k", [{ ...locked, retainUntil: stage.clock.now() + 3_600_000 }]);
    const remove = () => alice.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId }));
    expect(await refusal(remove())).toBe("403 AccessDenied");
    const many = await alice.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "k", VersionId }] } }));
    expect(many.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([["k", "AccessDenied"]]);
    await alice.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    stage.clock.apply({ advanceSeconds: 3601 });
    const later = stage.client("alice", { systemClockOffset: 3_601_000 });
    await later.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId }));
  });

  it("are copied, by who may read them", async () => {
    const alice = await withBucket("Enabled");
    const put = { Bucket, Key: "a b/ü", Body: "one", ContentType: "text/plain", Metadata: { color: "blue" } };
    const { VersionId } = await alice.send(new PutObjectCommand(put));
    await alice.send(new PutObjectCommand({ ...put, Body: "two" }));
    const CopySource = `bucket-1/${encodeURIComponent("a b/ü")}`;
    const copy = (more: object) => alice.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource, ...more }));
    expect((await copy({})).CopyObjectResult?.ETag).toBe('"b8a9f715dbb64fd5c56e7783c6820a61"');
    const head = await alice.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
    expect(head).toMatchObject({ ContentType: "text/plain", Metadata: { color: "blue" } });
    await copy({
      CopySource: `/${CopySource}?versionId=${VersionId}`,
      MetadataDirective: "REPLACE",
      Metadata: { a: "b" },
    });
    expect(await read(alice, "copy")).toBe("one");
    expect((await alice.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).Metadata).toEqual({ a: "b" });
    expect(await refusal(copy({ Key: "a b/ü" }))).toBe("400 InvalidRequest");
    expect(await refusal(copy({ CopySource: "bucket-1/absent" }))).toBe("404 NoSuchKey");
    expect(await refusal(copy({ CopySource: "bucket-1" }))).toBe("400 InvalidArgument");
    const bob = stage.client("bob");
    await bob.send(new CreateBucketCommand({ Bucket: "bucket-2" }));
    expect(await refusal(bob.send(new CopyObjectCommand({ Bucket: "bucket-2", Key: "k", CopySource })))).toBe(
      "403 AccessDenied",
    );
  });

  it("are refused beyond the quota and while the bucket is emptied", async () => {
    const alice = await withBucket();
    const put = (Body: string) => refusal(alice.send(new PutObjectCommand({ Bucket, Key: "k", Body })));
    stage.hooks = { admits: (_, bytes) => bytes <= 3 };
    expect(await put("1234")).toBe("403 QuotaExceeded");
    expect(await put("123")).toBe("not refused");
    const bucket = stage.store.bucket("ns1", Bucket);
    if (bucket) bucket.readOnly = true;
    expect(await put("1")).toBe("403 EmptyBucketInProgress");
    expect(await refusal(alice.send(new DeleteObjectCommand({ Bucket, Key: "k" })))).toBe("403 EmptyBucketInProgress");
    expect(await refusal(alice.send(new DeleteBucketCommand({ Bucket })))).toBe("403 EmptyBucketInProgress");
  });
});

describe("multi-object delete", () => {
  it("names what it deleted, or nothing when quiet", async () => {
    const alice = await withBucket("Enabled");
    await alice.send(new PutObjectCommand({ Bucket, Key: "a&<b>", Body: "x" }));
    const Objects = [{ Key: "a&<b>" }, { Key: "absent" }];
    const { Deleted } = await alice.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted?.map(({ Key, DeleteMarker }) => [Key, DeleteMarker])).toEqual([
      ["a&<b>", true],
      ["absent", true],
    ]);
    const quiet = await alice.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    expect(quiet.Deleted).toBeUndefined();
  });

  it("takes a thousand keys and no more", async () => {
    const alice = await withBucket();
    const keys = (count: number) => Array.from({ length: count }, (_, index) => ({ Key: `k${index}` }));
    const send = (count: number) =>
      refusal(alice.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(count) } })));
    expect(await send(1000)).toBe("not refused");
    expect(await send(1001)).toBe("400 MalformedXML");
  });

  it("can be unknown to a service", async () => {
    stage.options = { ...stage.options, multiDelete: false };
    const alice = await withBucket();
    const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "k" }] } });
    expect(await refusal(alice.send(command))).toBe("501 NotImplemented");
  });
});

describe("multipart uploads", () => {
  const Key = "big";

  it("become one object", async () => {
    const alice = await withBucket();
    const create = new CreateMultipartUploadCommand({ Bucket, Key, Metadata: { color: "red" } });
    const { UploadId } = await alice.send(create);
    const bodies = [Buffer.alloc(5 * 1024 * 1024, "a"), Buffer.from("end")];
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await alice.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    const listed = await alice.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 1 }));
    expect([listed.IsTruncated, listed.Parts?.map(({ Size }) => Size)]).toEqual([true, [5 * 1024 * 1024]]);
    const complete = (parts: CompletedPart[]) =>
      alice.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }));
    expect(await refusal(complete([...Parts].reverse()))).toBe("400 InvalidPartOrder");
    expect(await refusal(complete([{ PartNumber: 1, ETag: "0" }]))).toBe("400 InvalidPart");
    expect((await complete(Parts)).ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const head = await alice.send(new HeadObjectCommand({ Bucket, Key }));
    expect([head.ContentLength, head.Metadata]).toEqual([5 * 1024 * 1024 + 3, { color: "red" }]);
    expect(await refusal(complete(Parts))).toBe("404 NoSuchUpload");
  });

  it("keep a bucket from being deleted until they are aborted", async () => {
    const alice = await withBucket();
    const { UploadId } = await alice.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    await alice.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "small" }));
    const list = async () => (await alice.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];
    expect((await list()).map((upload) => [upload.Key, upload.UploadId])).toEqual([[Key, UploadId]]);
    expect(await refusal(alice.send(new DeleteBucketCommand({ Bucket })))).toBe("409 BucketNotEmpty");
    await alice.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await list()).toEqual([]);
    await alice.send(new DeleteBucketCommand({ Bucket }));
  });

  it("are listed by pages", async () => {
    const alice = await withBucket();
    for (const name of ["b", "a", "a"]) await alice.send(new CreateMultipartUploadCommand({ Bucket, Key: name }));
    const seen: string[] = [];
    let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (let more = true; more; ) {
      const page = await alice.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1, ...next }));
      seen.push(...(page.Uploads ?? []).map((upload) => upload.Key ?? ""));
      next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      more = page.IsTruncated === true;
    }
    expect(seen).toEqual(["a", "a", "b"]);
  });

  it("have parts of five megabytes at least", async () => {
    const alice = await withBucket();
    const { UploadId } = await alice.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts: CompletedPart[] = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await alice.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: "x" }));
      Parts.push({ PartNumber, ETag });
    }
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    expect(await refusal(alice.send(complete))).toBe("400 EntityTooSmall");
  });
});
