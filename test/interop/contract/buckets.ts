import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { ask, askHead, withHeaders } from "./asking.ts";
import type { Check } from "./check.ts";

export const buckets: readonly Check[] = [
  {
    name: "create a bucket, again by its owner, by another",
    async run(scene) {
      const create = new CreateBucketCommand({ Bucket: scene.name() });
      const { owner, other } = scene;
      return [await ask(owner, create), await ask(owner, create), await ask(other, create)];
    },
    expected: ["200", "409 BucketAlreadyOwnedByYou", "409 BucketAlreadyExists"],
    differs: { rgw: { answer: ["200", "200", "409 BucketAlreadyExists"], why: "no conflict with oneself" } },
  },
  {
    name: "create a bucket again, now with object lock",
    async run(scene) {
      const create = new CreateBucketCommand({ Bucket: await scene.bucket(), ObjectLockEnabledForBucket: true });
      return [await ask(scene.owner, create)];
    },
    expected: ["409 BucketAlreadyOwnedByYou"],
    differs: { rgw: { answer: ["200"], why: "and does not switch the lock on" } },
  },
  {
    name: "create a bucket of a bad name: upper case and underscore, two characters",
    async run({ owner }) {
      const bad = ["Bad_Name", "ab"].map((Bucket) => new CreateBucketCommand({ Bucket }));
      return Promise.all(bad.map((create) => ask(owner, create)));
    },
    expected: ["400 InvalidBucketName", "400 InvalidBucketName"],
  },
  {
    name: "create a bucket in a region that there is not",
    async run(scene) {
      const region = { LocationConstraint: "eu-west-3" as const };
      const create = { Bucket: scene.name(), CreateBucketConfiguration: region };
      return [await ask(scene.owner, new CreateBucketCommand(create))];
    },
    expected: ["400 InvalidLocationConstraint"],
    differs: {
      "lab-ecs": { answer: ["200"], why: "ECS has no regions" },
      "lab-hyperstore": { answer: ["200"], why: "regions are not simulated" },
    },
  },
  {
    name: "create a bucket with a header of ECS",
    async run(scene) {
      const owner = withHeaders(scene.client({}), { "x-emc-is-stale-allowed": "true" });
      return [await ask(owner, new CreateBucketCommand({ Bucket: scene.name() }))];
    },
    expected: ["200"],
  },
  {
    name: "head of an own, a missing and another's bucket",
    async run(scene) {
      const [own, missing] = [await scene.bucket(), scene.name()].map((Bucket) => new HeadBucketCommand({ Bucket }));
      if (own === undefined || missing === undefined) return [];
      const { owner, other } = scene;
      return [await askHead(owner, own), await askHead(owner, missing), await askHead(other, own)];
    },
    expected: ["200", "404", "403"],
  },
  {
    name: "list of the own buckets with their dates",
    async run(scene) {
      const name = await scene.bucket();
      const { Buckets = [] } = await scene.owner.send(new ListBucketsCommand());
      const { Buckets: others = [] } = await scene.other.send(new ListBucketsCommand());
      const age = Date.now() - (Buckets.find(({ Name }) => Name === name)?.CreationDate?.getTime() ?? 0);
      const hidden = others.every(({ Name }) => Name !== name);
      return [Math.abs(age) < 60_000 ? "with its date" : `${age} ms old`, hidden ? "not to others" : "to others, too"];
    },
    expected: ["with its date", "not to others"],
  },
  {
    name: "delete a bucket: a missing one, another's, an own one, then head",
    async run(scene) {
      const { owner, other } = scene;
      const own = { Bucket: await scene.bucket() };
      return [
        await ask(owner, new DeleteBucketCommand({ Bucket: scene.name() })),
        await ask(other, new DeleteBucketCommand(own)),
        await ask(owner, new DeleteBucketCommand(own)),
        await askHead(owner, new HeadBucketCommand(own)),
      ];
    },
    expected: ["404 NoSuchBucket", "403 AccessDenied", "204", "404"],
  },
  {
    name: "delete a bucket that holds an object",
    async run(scene) {
      const bucket = await scene.bucket();
      await scene.put(bucket, "a");
      return [await ask(scene.owner, new DeleteBucketCommand({ Bucket: bucket }))];
    },
    expected: ["409 BucketNotEmpty"],
  },
  {
    name: "delete a bucket that holds an old version and a delete marker, only the marker, only the version",
    async run(scene) {
      const { owner } = scene;
      const bucket = { Bucket: await scene.bucket() };
      const enabled = { ...bucket, VersioningConfiguration: { Status: "Enabled" as const } };
      await owner.send(new PutBucketVersioningCommand(enabled));
      const answers: string[] = [];
      const remove = async () => answers.push(await ask(owner, new DeleteBucketCommand(bucket)));
      const { VersionId: version } = await owner.send(new PutObjectCommand({ ...bucket, Key: "a", Body: "a" }));
      const { VersionId: marker } = await owner.send(new DeleteObjectCommand({ ...bucket, Key: "a" }));
      await remove();
      await owner.send(new DeleteObjectCommand({ ...bucket, Key: "a", VersionId: version }));
      await remove();
      await scene.put(bucket.Bucket, "b");
      await owner.send(new DeleteObjectCommand({ ...bucket, Key: "a", VersionId: marker }));
      await remove();
      return answers;
    },
    expected: ["409 BucketNotEmpty", "409 BucketNotEmpty", "409 BucketNotEmpty"],
  },
  {
    name: "delete a bucket that holds only an unfinished upload, and once that is aborted",
    async run(scene) {
      const { owner } = scene;
      const upload = { Bucket: await scene.bucket(), Key: "a" };
      const { UploadId } = await owner.send(new CreateMultipartUploadCommand(upload));
      const withUpload = await ask(owner, new DeleteBucketCommand(upload));
      if (withUpload === "204") return [withUpload];
      await owner.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
      return [withUpload, await ask(owner, new DeleteBucketCommand(upload))];
    },
    expected: ["409 BucketNotEmpty", "204"],
    differs: {
      rgw: { answer: ["204"], why: "unfinished uploads do not count" },
      versitygw: { answer: ["204"], why: "unfinished uploads do not count" },
    },
  },
  {
    name: "delete a full bucket with ECS' header for emptying it",
    async run(scene) {
      const bucket = await scene.bucket();
      await scene.put(bucket, "a");
      const owner = withHeaders(scene.client({}), { "x-emc-empty-bucket": "true" });
      return [await ask(owner, new DeleteBucketCommand({ Bucket: bucket }))];
    },
    expected: ["409 BucketNotEmpty"],
    differs: { "lab-ecs": { answer: ["202"], why: "empties it in the background, as ECS since 3.8" } },
  },
];
