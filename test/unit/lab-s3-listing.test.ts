import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { openS3, refusal } from "./lab-s3-stage.ts";

const stage = openS3();
const Bucket = "bucket-1";

async function withKeys(...keys: string[]): Promise<S3Client> {
  const alice = stage.client("alice");
  await alice.send(new CreateBucketCommand({ Bucket }));
  for (const Key of keys) await alice.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return alice;
}

describe("listings of objects", () => {
  it("go by bytes, page by page", async () => {
    const alice = await withKeys("b", "a/2", "a/1", "ﬀ", "😀", "c");
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await alice.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2, ContinuationToken }));
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ""));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(keys).toEqual(["a/1", "a/2", "b", "c", "ﬀ", "😀"]);
  });

  it("are no longer than the service's pages", async () => {
    const alice = await withKeys("a", "b", "c");
    stage.options = { ...stage.options, maxPage: 2 };
    const first = await alice.send(new ListObjectVersionsCommand({ Bucket }));
    expect(first.Versions?.map(({ Key }) => Key)).toEqual(["a", "b"]);
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
    const second = await alice.send(new ListObjectVersionsCommand({ Bucket, KeyMarker, VersionIdMarker }));
    expect([second.Versions?.map(({ Key }) => Key), second.IsTruncated]).toEqual([["c"], false]);
  });

  it("roll up folders, and go on behind them", async () => {
    const alice = await withKeys("a/1", "a/2", "a1", "b/1", "c");
    const pages: unknown[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await alice.send(
        new ListObjectsV2Command({ Bucket, Delimiter: "/", MaxKeys: 2, ContinuationToken }),
      );
      const folders = (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);
      pages.push([...folders, ...(page.Contents ?? []).map(({ Key }) => Key), page.KeyCount]);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(pages).toEqual([
      ["a/", "a1", 2],
      ["b/", "c", 2],
    ]);
  });

  it("take a prefix and a start", async () => {
    const alice = await withKeys("a/1", "a/2/x", "a/3", "b");
    const page = await alice.send(
      new ListObjectsV2Command({ Bucket, Prefix: "a/", Delimiter: "/", StartAfter: "a/1" }),
    );
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(["a/3"]);
    expect(page.CommonPrefixes).toEqual([{ Prefix: "a/2/" }]);
    expect(page.StartAfter).toBe("a/1");
    expect(page.Contents?.[0]).toMatchObject({ Size: 3, StorageClass: "STANDARD" });
    expect(page.Contents?.[0]?.Owner).toBeUndefined();
    const owned = await alice.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
    expect(owned.Contents?.[0]?.Owner).toEqual({ ID: "alice", DisplayName: "alice" });
  });

  it("exist in their first version", async () => {
    const alice = await withKeys("a/1", "a/2", "b", "c");
    const first = await alice.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 1 }));
    expect([first.CommonPrefixes, first.NextMarker]).toEqual([[{ Prefix: "a/" }], "a/"]);
    const second = await alice.send(new ListObjectsCommand({ Bucket, Marker: "a/", Delimiter: "/", MaxKeys: 1 }));
    expect([second.Contents?.map(({ Key }) => Key), second.NextMarker]).toEqual([["b"], "b"]);
    const flat = await alice.send(new ListObjectsCommand({ Bucket, MaxKeys: 1 }));
    expect([flat.IsTruncated, flat.NextMarker]).toEqual([true, undefined]);
  });

  it("encode names for XML on demand", async () => {
    const alice = await withKeys("a b/ü&\u0001");
    const page = await alice.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(["a%20b/%C3%BC%26%01"]);
  });

  it("refuse what they do not understand", async () => {
    const alice = await withKeys("a");
    const send = (more: object) => refusal(alice.send(new ListObjectsV2Command({ Bucket, ...more })));
    expect(await send({ ContinuationToken: "no token" })).toBe("400 InvalidArgument");
    expect(await send({ MaxKeys: -1 })).toBe("400 InvalidArgument");
    expect((await alice.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }))).IsTruncated).toBe(false);
  });
});

describe("listings of versions", () => {
  async function withVersions(): Promise<S3Client> {
    const alice = await withKeys("a");
    await alice.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    for (const Key of ["a", "a", "b"]) await alice.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    await alice.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
    return alice;
  }

  it.each([1, 2, 3, 1000])("go through everything once, %i at a time", async (MaxKeys) => {
    const alice = await withVersions();
    const seen: string[] = [];
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (let more = true; more; ) {
      const page = await alice.send(new ListObjectVersionsCommand({ Bucket, MaxKeys, ...next }));
      seen.push(...(page.DeleteMarkers ?? []).map(({ Key, IsLatest }) => `${Key} marker ${IsLatest}`));
      seen.push(...(page.Versions ?? []).map(({ Key, IsLatest }) => `${Key} ${IsLatest}`));
      next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      more = page.IsTruncated === true;
    }
    expect(seen).toEqual(["a marker true", "a false", "a false", "a false", "b true"]);
  });

  it("go on after a version that was deleted meanwhile", async () => {
    const alice = await withVersions();
    const { DeleteMarkers, ...first } = await alice.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }));
    const [marker] = DeleteMarkers ?? [];
    await alice.send(new DeleteObjectCommand({ Bucket, Key: "a", VersionId: marker?.VersionId }));
    const next = { KeyMarker: first.NextKeyMarker, VersionIdMarker: first.NextVersionIdMarker };
    const { Versions = [] } = await alice.send(new ListObjectVersionsCommand({ Bucket, ...next }));
    expect(Versions.map(({ Key, IsLatest }) => `${Key} ${IsLatest}`)).toEqual([
      "a true",
      "a false",
      "a false",
      "b true",
    ]);
    expect(Versions[2]?.VersionId).toBe("null");
  });

  it("roll up folders", async () => {
    const alice = await withKeys("x/1", "x/2", "y");
    const page = await alice.send(new ListObjectVersionsCommand({ Bucket, Delimiter: "/", MaxKeys: 1 }));
    expect([page.CommonPrefixes, page.NextKeyMarker, page.IsTruncated]).toEqual([[{ Prefix: "x/" }], "x/", true]);
    const rest = await alice.send(new ListObjectVersionsCommand({ Bucket, Delimiter: "/", KeyMarker: "x/" }));
    expect([rest.Versions?.map(({ Key }) => Key), rest.CommonPrefixes]).toEqual([["y"], undefined]);
  });
});
