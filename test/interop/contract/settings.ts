import {
  CopyObjectCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketTaggingCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { ask, askHead } from "./asking.ts";
import { type Check, ofLab } from "./check.ts";

export const settings: readonly Check[] = [
  {
    name: "tags: none, put, get, replaced, delete, delete again, none",
    async run(scene) {
      const { owner } = scene;
      const bucket = { Bucket: await scene.bucket() };
      const get = new GetBucketTaggingCommand(bucket);
      const put = (TagSet: { Key: string; Value: string }[]) =>
        ask(owner, new PutBucketTaggingCommand({ ...bucket, Tagging: { TagSet } }));
      const tags = async () => {
        const { TagSet = [] } = await owner.send(get);
        return TagSet.map(({ Key, Value }) => `${Key}=${Value}`)
          .sort()
          .join(" ");
      };
      return [
        await ask(owner, get),
        await put([
          { Key: "team", Value: "storage" },
          { Key: "cost center", Value: "4/2 + é" },
        ]),
        await tags(),
        await put([{ Key: "team", Value: "" }]),
        await tags(),
        await ask(owner, new DeleteBucketTaggingCommand(bucket)),
        await ask(owner, new DeleteBucketTaggingCommand(bucket)),
        await ask(owner, get),
      ];
    },
    expected: [
      "404 NoSuchTagSet",
      "204",
      "cost center=4/2 + é team=storage",
      "204",
      "team=",
      "204",
      "204",
      "404 NoSuchTagSet",
    ],
    differs: {
      rgw: {
        answer: [
          "404 NoSuchTagSet",
          "200",
          "cost center=4/2 + é team=storage",
          "200",
          "team=",
          "200",
          "200",
          "404 NoSuchTagSet",
        ],
        why: "another success",
      },
    },
  },
  {
    name: "ACL: private, public-read",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      const grants = async () => {
        const { Grants = [] } = await scene.owner.send(new GetBucketAclCommand(bucket));
        return `${Grants.length} of them`;
      };
      const read = await ask(scene.owner, new GetBucketAclCommand(bucket));
      if (read !== "200") return [read];
      const put = new PutBucketAclCommand({ ...bucket, ACL: "public-read" });
      return [await grants(), await ask(scene.owner, put), await grants()];
    },
    expected: ["1 of them", "200", "2 of them"],
    differs: {
      ...ofLab("not simulated", "501 NotImplemented"),
      versitygw: { answer: ["1 of them", "400 AccessControlListNotSupported", "1 of them"], why: "off by default" },
    },
  },
  {
    name: "encryption of a bucket: read, set",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      const ServerSideEncryptionConfiguration = {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }],
      };
      return [
        await ask(scene.owner, new GetBucketEncryptionCommand(bucket)),
        await ask(scene.owner, new PutBucketEncryptionCommand({ ...bucket, ServerSideEncryptionConfiguration })),
      ];
    },
    expected: ["501 NotImplemented", "501 NotImplemented"],
    differs: {
      rgw: { answer: ["200", "400 InvalidArgument"], why: "answers as for the plain bucket" },
    },
  },
  {
    name: "encryption of an empty bucket: delete it, and look whether the bucket is still there",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      const deleted = await ask(scene.owner, new DeleteBucketEncryptionCommand(bucket));
      return [deleted, await askHead(scene.owner, new HeadBucketCommand(bucket))];
    },
    expected: ["501 NotImplemented", "200"],
    differs: { rgw: { answer: ["204", "404"], why: "deletes the bucket itself" } },
  },
  {
    name: "object with server-side encryption: AES256, aws:kms",
    async run(scene) {
      const object = { Bucket: await scene.bucket(), Key: "a", Body: "a" };
      return [
        await ask(scene.owner, new PutObjectCommand({ ...object, ServerSideEncryption: "AES256" })),
        await ask(scene.owner, new PutObjectCommand({ ...object, ServerSideEncryption: "aws:kms" })),
      ];
    },
    expected: ["200", "200"],
    differs: {
      ...ofLab("not simulated", "501 NotImplemented", "501 NotImplemented"),
      rgw: { answer: ["200", "400 InvalidArgument"], why: "has no key management" },
    },
  },
  {
    name: "lifecycle, public access block, copy of an object",
    async run(scene) {
      const { owner } = scene;
      const bucket = { Bucket: await scene.bucket() };
      await scene.put(bucket.Bucket, "a");
      const Rules = [{ ID: "old", Status: "Enabled" as const, Filter: { Prefix: "old/" }, Expiration: { Days: 1 } }];
      const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
      return [
        await ask(owner, new PutBucketLifecycleConfigurationCommand({ ...bucket, LifecycleConfiguration: { Rules } })),
        await ask(owner, new PutPublicAccessBlockCommand({ ...bucket, PublicAccessBlockConfiguration })),
        await ask(owner, new CopyObjectCommand({ ...bucket, Key: "b", CopySource: `${bucket.Bucket}/a` })),
      ];
    },
    expected: ["200", "200", "200"],
    differs: {
      ...ofLab("neither is simulated", "501 NotImplemented", "501 NotImplemented", "200"),
      versitygw: { answer: ["501 NotImplemented", "501 NotImplemented", "200"], why: "keeps neither" },
    },
  },
];
