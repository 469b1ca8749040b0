import {
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import { afterAll, describe, expect, test } from "vitest";
import { type S3Server, surroundings } from "../harness/interop/surroundings.ts";
import type { Properties } from "../harness/provider-client.ts";
import { ask, askHead } from "./contract/asking.ts";
import { publicRead } from "./contract/policies.ts";
import { Scene } from "./contract/scene.ts";
import { ProviderProcesses, Resource } from "./resource.ts";

const origin = "https://cloud.example";

const rule = {
  allowedMethods: ["GET", "PUT"],
  allowedOrigins: [origin],
  allowedHeaders: ["*"],
  exposeHeaders: ["ETag"],
  maxAgeSeconds: 600,
};

const processes = new ProviderProcesses();
afterAll(() => processes.close());

for (const server of surroundings().servers) {
  describe(server.name, () => {
    describe("S3Bucket", { shuffle: false }, () => lifecycle(server));
  });
}

/** What an S3 bucket goes through, seen by another client on the server; each test goes on where the one before ended. */
function lifecycle(server: S3Server): void {
  const scene = new Scene(server);
  const { owner } = scene;
  const bucket = { Bucket: scene.name() };
  const newResource = () => new Resource("S3Bucket", processes);
  const resource = newResource();
  const declared = (more: Properties = {}): Properties => ({
    endpoint: server.endpoint,
    ...server.owner,
    bucketName: bucket.Bucket,
    ...more,
  });
  let everything = declared({
    versioning: true,
    policy: "public",
    cors: [rule],
    tags: { team: "storage", cost: "4/2 é" },
  });

  afterAll(() => scene.close());

  const tags = async () => (await owner.send(new GetBucketTaggingCommand(bucket))).TagSet;
  const versioning = async () => (await owner.send(new GetBucketVersioningCommand(bucket))).Status;

  test("is made with everything that is declared", async () => {
    expect(await resource.up(everything)).toBe("create");
    expect(resource.id).toBe(`${bucket.Bucket}@${new URL(server.endpoint).host}`);
    expect(await versioning()).toBe("Enabled");
    expect(await tags()).toEqual(
      expect.arrayContaining([
        { Key: "team", Value: "storage" },
        { Key: "cost", Value: "4/2 é" },
      ]),
    );
    const { CORSRules } = await owner.send(new GetBucketCorsCommand(bucket));
    expect(CORSRules).toMatchObject([{ AllowedOrigins: [origin], AllowedMethods: ["GET", "PUT"], MaxAgeSeconds: 600 }]);
    await scene.put(bucket.Bucket, "a");
    expect(await scene.anonymous(`/${bucket.Bucket}/a`)).toBe("200");
    expect(await scene.anonymous(`/${bucket.Bucket}`)).toBe("403 AccessDenied");
    await owner.send(new DeleteObjectCommand({ ...bucket, Key: "a" }));
  });

  test("stays the same while nothing changes, neither here nor there", async () => {
    expect(await resource.refresh()).toEqual([]);
    expect(await resource.up(everything)).toBe("same");
    const spelled = { ...everything, endpoint: `${server.endpoint}/` };
    expect(await resource.up(spelled)).toBe("same");
  });

  test("is changed property by property", async () => {
    everything = { ...everything, versioning: false };
    expect(await resource.up(everything)).toBe("update");
    expect(await versioning()).toBe("Suspended");
    everything = { ...everything, tags: { team: "archive" } };
    expect(await resource.up(everything)).toBe("update");
    expect(await tags()).toEqual([{ Key: "team", Value: "archive" }]);
    const other = { Effect: "Allow", Principal: { AWS: [server.principalOfOther] }, Action: ["s3:GetObject"] };
    const policy = { Version: "2012-10-17", Statement: [{ ...other, Resource: [`arn:aws:s3:::${bucket.Bucket}/*`] }] };
    everything = { ...everything, policy };
    expect(await resource.up(everything)).toBe("update");
    expect(await scene.anonymous(`/${bucket.Bucket}/a`)).toBe("403 AccessDenied");
    everything = { ...everything, cors: [{ ...rule, allowedMethods: ["HEAD"] }] };
    expect(await resource.up(everything)).toBe("update");
    const { CORSRules } = await owner.send(new GetBucketCorsCommand(bucket));
    expect(CORSRules?.map(({ AllowedMethods }) => AllowedMethods)).toEqual([["HEAD"]]);
    expect(await resource.refresh()).toEqual([]);
  });

  test("is put right where somebody has changed it by hand", async () => {
    await owner.send(new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration: { Status: "Enabled" } }));
    await owner.send(new PutBucketTaggingCommand({ ...bucket, Tagging: { TagSet: [{ Key: "by", Value: "hand" }] } }));
    await owner.send(new PutBucketPolicyCommand({ ...bucket, Policy: publicRead(bucket.Bucket) }));
    const byHand = { AllowedMethods: ["GET"], AllowedOrigins: ["*"] };
    await owner.send(new PutBucketCorsCommand({ ...bucket, CORSConfiguration: { CORSRules: [byHand] } }));
    expect(await resource.refresh()).toEqual(["cors", "policy", "tags", "versioning"]);
    expect(await resource.up(everything)).toBe("update");
    expect(await resource.refresh()).toEqual([]);
    expect(await versioning()).toBe("Suspended");
  });

  test("has everything switched off by value", async () => {
    everything = { ...everything, policy: "private", cors: [], tags: {} };
    expect(await resource.up(everything)).toBe("update");
    expect(await ask(owner, new GetBucketPolicyCommand(bucket))).toBe("404 NoSuchBucketPolicy");
    expect(await ask(owner, new GetBucketCorsCommand(bucket))).toBe("404 NoSuchCORSConfiguration");
    expect(await ask(owner, new GetBucketTaggingCommand(bucket))).toBe("404 NoSuchTagSet");
    expect(await resource.refresh()).toEqual([]);
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
    expect(refusal).toContain("It holds 1 object, 3 old versions, 2 delete markers and 1 unfinished upload.");
    expect(refusal).toContain("BucketNotEmpty");
    expect(refusal).toContain("forceDestroy");
    expect(await askHead(owner, new HeadBucketCommand(bucket))).toBe("200");
  });

  test("is emptied and destroyed once the program says so", async () => {
    everything = { ...everything, forceDestroy: true };
    expect(await resource.up(everything)).toBe("update");
    await resource.destroy();
    expect(await askHead(owner, new HeadBucketCommand(bucket))).toBe("404");
    await resource.destroy();
  });

  test("is found gone, and made anew", async () => {
    const gone = newResource();
    const name = scene.name();
    expect(await gone.up(declared({ bucketName: name }))).toBe("create");
    await owner.send(new DeleteBucketCommand({ Bucket: name }));
    expect(await gone.refresh()).toEqual(["gone"]);
    expect(await gone.up(declared({ bucketName: name }))).toBe("create");
    await gone.destroy();
    expect(await askHead(owner, new HeadBucketCommand({ Bucket: name }))).toBe("404");
  });

  test("is taken over only when that is asked for, and never from another", async () => {
    const name = await scene.bucket();
    const own = declared({ bucketName: name, versioning: true });
    await expect(newResource().up(own)).rejects.toThrow(name);
    expect(await newResource().up({ ...own, adopt: true })).toBe("create");
    expect((await owner.send(new GetBucketVersioningCommand({ Bucket: name }))).Status).toBe("Enabled");
    const taking = newResource().up({ ...own, ...server.other, adopt: true });
    await expect(taking).rejects.toThrow("somebody else's");
  });

  test("is emptied of more than a page of versions", async () => {
    const name = scene.name();
    const full = newResource();
    const versioned = declared({ bucketName: name, versioning: true });
    await full.up(versioned);
    const keys = Array.from({ length: 1100 }, (_, index) => `key-${index}`);
    for (let at = 0; at < keys.length; at += 20) {
      await Promise.all(keys.slice(at, at + 20).map((key) => scene.put(name, key)));
    }
    // A page of RGW may hold some less than a thousand.
    await expect(full.destroy()).rejects.toThrow(/It holds at least (1,000|99\d) objects\./);
    await full.up({ ...versioned, forceDestroy: true });
    await full.destroy();
    expect(await askHead(owner, new HeadBucketCommand({ Bucket: name }))).toBe("404");
  });
}
