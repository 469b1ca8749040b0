import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { ask, askHead } from "./asking.ts";
import type { Check } from "./check.ts";

type Status = "Enabled" | "Suspended";

const plainlyAbsent = {
  answer: ["404 NoSuchKey", "404 NoSuchKey", "404", "404"],
  why: "a version that is not there and a marker are like a missing object",
};

const versioning = (Bucket: string, Status: Status) =>
  new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } });

export const versions: readonly Check[] = [
  {
    name: "versioning: never, enabled, suspended, a word that is none",
    async run(scene) {
      const { owner } = scene;
      const bucket = await scene.bucket();
      const state = async () => (await owner.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status ?? "none";
      const answers = [await state()];
      for (const status of ["Enabled", "Suspended"] as const) {
        await owner.send(versioning(bucket, status));
        answers.push(await state());
      }
      return [...answers, await ask(owner, versioning(bucket, "Off" as Status)), await state()];
    },
    expected: ["none", "Enabled", "Suspended", "400 MalformedXML", "Suspended"],
    differs: {
      rgw: { answer: ["none", "Enabled", "Suspended", "400 InvalidArgument", "Suspended"], why: "another code" },
    },
  },
  {
    name: "versioning: by another, of a missing bucket",
    async run(scene) {
      const bucket = await scene.bucket();
      return [
        await ask(scene.other, versioning(bucket, "Enabled")),
        await ask(scene.owner, versioning(scene.name(), "Enabled")),
        await ask(scene.owner, new GetBucketVersioningCommand({ Bucket: scene.name() })),
      ];
    },
    expected: ["403 AccessDenied", "404 NoSuchBucket", "404 NoSuchBucket"],
  },
  {
    name: "a deleted object is hidden by a marker, and back without the marker",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: await scene.bucket(), Key: "a" };
      await owner.send(versioning(object.Bucket, "Enabled"));
      const { VersionId: first } = await owner.send(new PutObjectCommand({ ...object, Body: "one" }));
      const { VersionId: second } = await owner.send(new PutObjectCommand({ ...object, Body: "two" }));
      const { VersionId: marker, DeleteMarker } = await owner.send(new DeleteObjectCommand(object));
      const hidden = await ask(owner, new GetObjectCommand(object));
      const old = await textOf(owner, { ...object, VersionId: first });
      await owner.send(new DeleteObjectCommand({ ...object, VersionId: marker }));
      const back = await textOf(owner, object);
      await owner.send(new DeleteObjectCommand({ ...object, VersionId: second }));
      return [String(DeleteMarker), hidden, old, back, await textOf(owner, object)];
    },
    expected: ["true", "404 NoSuchKey", "one", "two", "one"],
  },
  {
    name: "get and head of a version that there is not, and of a delete marker",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: await scene.bucket(), Key: "a" };
      await owner.send(versioning(object.Bucket, "Enabled"));
      const { VersionId: gone } = await owner.send(new PutObjectCommand({ ...object, Body: "one" }));
      await owner.send(new DeleteObjectCommand({ ...object, VersionId: gone }));
      const { VersionId: marker } = await owner.send(new DeleteObjectCommand(object));
      return [
        await ask(owner, new GetObjectCommand({ ...object, VersionId: gone })),
        await ask(owner, new GetObjectCommand({ ...object, VersionId: marker })),
        await askHead(owner, new HeadObjectCommand({ ...object, VersionId: marker })),
        await askHead(owner, new HeadObjectCommand(object)),
      ];
    },
    expected: ["404 NoSuchVersion", "405 MethodNotAllowed", "405", "404"],
    differs: { rgw: plainlyAbsent, versitygw: plainlyAbsent },
  },
  {
    name: "a suspended bucket keeps its versions and writes the one called null",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: await scene.bucket(), Key: "a" };
      await owner.send(versioning(object.Bucket, "Enabled"));
      await owner.send(new PutObjectCommand({ ...object, Body: "kept" }));
      await owner.send(versioning(object.Bucket, "Suspended"));
      await owner.send(new PutObjectCommand({ ...object, Body: "overwritten" }));
      await owner.send(new PutObjectCommand({ ...object, Body: "latest" }));
      const { Versions = [] } = await owner.send(new ListObjectVersionsCommand({ Bucket: object.Bucket }));
      const nulls = Versions.filter(({ VersionId }) => VersionId === "null");
      return [`${Versions.length} versions`, `${nulls.length} null`, await textOf(owner, object)];
    },
    expected: ["2 versions", "1 null", "latest"],
  },
  {
    name: "list of versions and markers in one page, newest first",
    async run(scene) {
      const bucket = await bucketWithVersions(scene);
      const page = await scene.owner.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const versionsOf = (page.Versions ?? []).map(({ Key, IsLatest }) => `${Key}${IsLatest ? "*" : ""}`);
      const markers = (page.DeleteMarkers ?? []).map(({ Key, IsLatest }) => `${Key}${IsLatest ? "*" : ""}`);
      return [versionsOf.join(" "), markers.join(" "), String(page.IsTruncated)];
    },
    expected: ["a a b* c* c", "a*", "false"],
  },
  ...[1, 2].map(
    (size): Check => ({
      name: `list of versions and markers by pages of ${size}`,
      async run(scene) {
        const bucket = await bucketWithVersions(scene);
        return [await listByPages(scene.owner, bucket, size)];
      },
      expected: ["a a a b c c"],
      differs: {
        versitygw: {
          answer: [size === 1 ? "a a a a a a a a a a" : "a a a b b c c c"],
          why: size === 1 ? "the same page for ever" : "the last entry again on the next page",
        },
      },
    }),
  ),
];

async function bucketWithVersions(scene: Parameters<Check["run"]>[0]): Promise<string> {
  const bucket = await scene.bucket();
  await scene.owner.send(versioning(bucket, "Enabled"));
  await scene.put(bucket, "a", "a", "b", "c", "c");
  await scene.owner.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
  return bucket;
}

/** Keys in the order of the pages; ten pages are enough for six entries. */
async function listByPages(owner: S3Client, Bucket: string, MaxKeys: number): Promise<string> {
  const keys: string[] = [];
  let next: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (let pages = 0; pages < 10; pages++) {
    const page = await owner.send(new ListObjectVersionsCommand({ Bucket, MaxKeys, ...next }));
    keys.push(...[...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])].map(({ Key = "" }) => Key));
    if (!page.IsTruncated) break;
    const { NextKeyMarker, NextVersionIdMarker } = page;
    next = {
      ...(NextKeyMarker === undefined ? {} : { KeyMarker: NextKeyMarker }),
      ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
    };
  }
  return keys.join(" ");
}

async function textOf(owner: S3Client, object: { Bucket: string; Key: string; VersionId?: string | undefined }) {
  const { Body } = await owner.send(new GetObjectCommand(object));
  return (await Body?.transformToString()) ?? "";
}
