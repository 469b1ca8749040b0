import {
  CreateMultipartUploadCommand,
  DeleteBucketCorsCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type S3Server, surroundings } from "../harness/interop/surroundings.ts";
import type { Properties } from "../harness/provider-client.ts";
import { ask, askHead } from "./contract/asking.ts";
import { Scene } from "./contract/scene.ts";
import { JoinedArray } from "./joined-array.ts";
import { ProviderProcesses, Resource } from "./resource.ts";

const rule = { allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://cloud.example"], allowedHeaders: ["*"] };

const processes = new ProviderProcesses();
afterAll(() => processes.close());

for (const server of surroundings().servers) {
  // The lab's own S3 sides are what the other tests of this kind run against.
  if (server.id === "lab-ecs" || server.id === "lab-hyperstore") continue;
  describe(server.name, () => {
    describe("EcsBucket, S3 half", { shuffle: false }, () => lifecycle(server));
  });
}

/** What of an ECS bucket goes through S3; each test goes on where the one before ended. */
function lifecycle(server: S3Server): void {
  const scene = new Scene(server);
  const { owner } = scene;
  const bucket = { Bucket: scene.name() };
  const resource = new Resource("EcsBucket", processes, () => array.config());
  let declared: Properties = { bucketName: bucket.Bucket, owner: server.owner.accessKeyId };
  let array: JoinedArray;

  beforeAll(async () => {
    array = await JoinedArray.open(server, owner);
  });
  afterAll(async () => {
    await array.close();
    scene.close();
  });

  const versioning = async () => (await owner.send(new GetBucketVersioningCommand(bucket))).Status;

  test("is made with versioning and rules for a browser", async () => {
    declared = { ...declared, versioning: true, cors: [rule], policy: "private", quotaGiB: 5 };
    expect(await resource.up(declared)).toBe("create");
    expect(resource.id).toBe(`${array.namespace}/${bucket.Bucket}`);
    expect(await versioning()).toBe("Enabled");
    const { CORSRules } = await owner.send(new GetBucketCorsCommand(bucket));
    expect(CORSRules).toMatchObject([{ AllowedOrigins: ["https://cloud.example"], AllowedMethods: ["GET", "PUT"] }]);
    expect(await resource.refresh()).toEqual([]);
    expect(await resource.up(declared)).toBe("same");
  });

  test("has versioning suspended and the rules changed", async () => {
    declared = { ...declared, versioning: false, cors: [{ ...rule, allowedMethods: ["HEAD"] }] };
    expect(await resource.up(declared)).toBe("update");
    expect(await versioning()).toBe("Suspended");
    const { CORSRules } = await owner.send(new GetBucketCorsCommand(bucket));
    expect(CORSRules?.map(({ AllowedMethods }) => AllowedMethods)).toEqual([["HEAD"]]);
  });

  test("is put right where somebody has changed it by hand", async () => {
    await owner.send(new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration: { Status: "Enabled" } }));
    await owner.send(new DeleteBucketCorsCommand(bucket));
    expect(await resource.refresh()).toEqual(["cors", "versioning"]);
    expect(await resource.up(declared)).toBe("update");
    expect(await versioning()).toBe("Suspended");
    expect(await resource.refresh()).toEqual([]);
  });

  test("has its rules removed, and is still there", async () => {
    declared = { ...declared, cors: [] };
    expect(await resource.up(declared)).toBe("update");
    expect(await ask(owner, new GetBucketCorsCommand(bucket))).toBe("404 NoSuchCORSConfiguration");
    expect(await askHead(owner, new HeadBucketCommand(bucket))).toBe("200");
  });

  test("is not destroyed while it holds anything, and tells what", async () => {
    await owner.send(new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration: { Status: "Enabled" } }));
    await scene.put(bucket.Bucket, "b", "c", "c");
    await owner.send(new DeleteObjectCommand({ ...bucket, Key: "b" }));
    await owner.send(new CreateMultipartUploadCommand({ ...bucket, Key: "half" }));
    const refusal = await resource.destroy().then(
      () => "destroyed",
      (error: Error) => error.message,
    );
    expect(refusal).toContain("It holds 1 object, 2 old versions, 1 delete marker and 1 unfinished upload.");
    expect(refusal).toContain("forceDestroy");
    expect(await askHead(owner, new HeadBucketCommand(bucket))).toBe("200");
  });

  test("is emptied over S3 and destroyed once the program says so", async () => {
    declared = { ...declared, forceDestroy: true };
    expect(await resource.up(declared)).toBe("update");
    await resource.destroy();
    expect(await askHead(owner, new HeadBucketCommand(bucket))).toBe("404");
  });
}
