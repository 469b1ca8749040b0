import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { ask, askHead } from "./asking.ts";
import type { Check } from "./check.ts";

/** What a URL, XML or a signature might stumble over. */
const awkward = ["with space.txt", "a+b=c&d?e#f.txt", "ü/ñ/日本.txt", "%41.txt", "a/./b", "<&>'\""];

export const objects: readonly Check[] = [
  {
    name: "object: put, get with its type and metadata, head, delete, delete again, get",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: await scene.bucket(), Key: "a.txt" };
      const content = { Body: "hello", ContentType: "text/plain", Metadata: { color: "blue" } };
      await owner.send(new PutObjectCommand({ ...object, ...content }));
      const got = await owner.send(new GetObjectCommand(object));
      const head = await owner.send(new HeadObjectCommand(object));
      return [
        `${await got.Body?.transformToString()} ${got.ContentType} ${got.Metadata?.["color"]} ${got.ETag}`,
        `${head.ContentLength} ${head.ContentType} ${head.Metadata?.["color"]} ${head.ETag}`,
        await ask(owner, new DeleteObjectCommand(object)),
        await ask(owner, new DeleteObjectCommand(object)),
        await ask(owner, new GetObjectCommand(object)),
      ];
    },
    expected: [
      // The MD5 of the text.
      'hello text/plain blue "5d41402abc4b2a76b9719d911017c592"',
      '5 text/plain blue "5d41402abc4b2a76b9719d911017c592"',
      "204",
      "204",
      "404 NoSuchKey",
    ],
  },
  {
    name: "object: in a missing bucket, of another account",
    async run(scene) {
      const [bucket, missing] = [await scene.bucket(), scene.name()];
      await scene.put(bucket, "a");
      return [
        await ask(scene.owner, new PutObjectCommand({ Bucket: missing, Key: "a", Body: "a" })),
        await ask(scene.owner, new GetObjectCommand({ Bucket: missing, Key: "a" })),
        await ask(scene.other, new GetObjectCommand({ Bucket: bucket, Key: "a" })),
        await ask(scene.other, new PutObjectCommand({ Bucket: bucket, Key: "a", Body: "a" })),
        await askHead(scene.other, new HeadObjectCommand({ Bucket: bucket, Key: "a" })),
        await ask(scene.other, new DeleteObjectCommand({ Bucket: bucket, Key: "a" })),
      ];
    },
    expected: [
      "404 NoSuchBucket",
      "404 NoSuchBucket",
      "403 AccessDenied",
      "403 AccessDenied",
      "403",
      "403 AccessDenied",
    ],
  },
  {
    name: "object: parts of it by range",
    async run(scene) {
      const object = { Bucket: await scene.bucket(), Key: "a" };
      await scene.owner.send(new PutObjectCommand({ ...object, Body: "0123456789" }));
      const part = async (Range: string) => {
        const { Body, ContentRange } = await scene.owner.send(new GetObjectCommand({ ...object, Range }));
        return `${await Body?.transformToString()} ${ContentRange}`;
      };
      const beyond = await ask(scene.owner, new GetObjectCommand({ ...object, Range: "bytes=20-" }));
      return [await part("bytes=2-4"), await part("bytes=-2"), await part("bytes=7-"), beyond];
    },
    expected: ["234 bytes 2-4/10", "89 bytes 8-9/10", "789 bytes 7-9/10", "416 InvalidRange"],
  },
  {
    name: "object: names that need care in URLs, signatures and XML",
    async run(scene) {
      const { owner } = scene;
      const bucket = await scene.bucket();
      await scene.put(bucket, ...awkward);
      const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket: bucket }));
      const listed = awkward.filter((name) => Contents.some(({ Key }) => Key === name));
      const read = await Promise.all(awkward.map((Key) => textOf(owner, { Bucket: bucket, Key })));
      const right = awkward.filter((name, index) => read[index] === `of ${name}`);
      return [`${listed.length} listed`, `${right.length} read`];
    },
    expected: ["6 listed", "6 read"],
    differs: { versitygw: { answer: ["5 listed", "6 read"], why: "a/./b is a/b: they are names of files" } },
  },
  {
    name: "object: the SDK's default checksums",
    async run(scene) {
      const object = { Bucket: await scene.bucket(), Key: "a" };
      const owner = scene.client({ checksums: true });
      const put = await ask(owner, new PutObjectCommand({ ...object, Body: "hello" }));
      return [put, await textOf(owner, object)];
    },
    expected: ["200", "hello"],
  },
];

async function textOf(owner: S3Client, object: { Bucket: string; Key: string }): Promise<string> {
  const { Body } = await owner.send(new GetObjectCommand(object));
  return (await Body?.transformToString()) ?? "";
}
