import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import { ask } from "./asking.ts";
import { type Check, ofLab } from "./check.ts";

const dayOfGovernance = {
  ObjectLockEnabled: "Enabled" as const,
  Rule: { DefaultRetention: { Mode: "GOVERNANCE" as const, Days: 1 } },
};

export const locks: readonly Check[] = [
  {
    name: "object lock of a bucket made with it: configuration, versioning, suspending that",
    async run(scene) {
      const { owner } = scene;
      const bucket = { Bucket: scene.name() };
      const VersioningConfiguration = { Status: "Suspended" as const };
      const suspend = new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration });
      const made = await ask(owner, new CreateBucketCommand({ ...bucket, ObjectLockEnabledForBucket: true }));
      if (made !== "200") return [made];
      const { ObjectLockConfiguration: lock } = await owner.send(new GetObjectLockConfigurationCommand(bucket));
      const { Status } = await owner.send(new GetBucketVersioningCommand(bucket));
      return [`${lock?.ObjectLockEnabled}`, `${Status}`, await ask(owner, suspend)];
    },
    expected: ["Enabled", "Enabled", "409 InvalidBucketState"],
    differs: { versitygw: { answer: ["Enabled", "Enabled", "400 InvalidBucketState"], why: "another status" } },
  },
  {
    name: "object lock of a plain bucket: read, switched on",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled" as const };
      return [
        await ask(scene.owner, new GetObjectLockConfigurationCommand(bucket)),
        await ask(scene.owner, new PutObjectLockConfigurationCommand({ ...bucket, ObjectLockConfiguration })),
      ];
    },
    expected: ["404 ObjectLockConfigurationNotFoundError", "409 InvalidBucketState"],
    differs: {
      ...ofLab("not simulated", "404 ObjectLockConfigurationNotFoundError", "501 NotImplemented"),
    },
  },
  {
    name: "object lock: a version that is retained for a day deleted, deleted with leave",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: scene.name(), Key: "a" };
      await owner.send(new CreateBucketCommand({ Bucket: object.Bucket, ObjectLockEnabledForBucket: true }));
      const lock = { Bucket: object.Bucket, ObjectLockConfiguration: dayOfGovernance };
      const set = await ask(owner, new PutObjectLockConfigurationCommand(lock));
      if (set !== "200") return [set];
      const { VersionId } = await owner.send(new PutObjectCommand({ ...object, Body: "kept" }));
      const version = { ...object, VersionId };
      return [
        set,
        await ask(owner, new DeleteObjectCommand(version)),
        await ask(owner, new DeleteObjectCommand({ ...version, BypassGovernanceRetention: true })),
      ];
    },
    expected: ["200", "403 AccessDenied", "204"],
    differs: {
      ...ofLab("not simulated: a patch of its state retains versions", "501 NotImplemented"),
    },
  },
];
