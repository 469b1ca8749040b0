import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type CorsRule, EcsBucket, EcsObjectUser, S3Bucket } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { surroundings } from "../harness/interop/surroundings.ts";
import { TestStack } from "../harness/stack.ts";
import { awsCliSuite } from "./clients/aws-cli.ts";
import { browserSuite } from "./clients/browser.ts";
import { minioSuite } from "./clients/minio.ts";
import { rcloneSuite } from "./clients/rclone.ts";
import type { Tenant } from "./clients/tenant.ts";

const origin = "https://cloud.example";

/** What a page of that origin needs that works as CloudStack's bucket browser does. */
const forBrowser: CorsRule = {
  allowedMethods: ["GET", "PUT", "POST", "DELETE", "HEAD"],
  allowedOrigins: [origin],
  allowedHeaders: ["*"],
  exposeHeaders: ["ETag"],
};

/** A tenant with a bucket that the array's administrator has made, and one that it has made itself. */
const program: PulumiFn = async () => {
  const user = new EcsObjectUser("tenant", {});
  const { accessKeyId, secretAccessKey } = user;
  const common = { versioning: true, cors: [forBrowser], policy: "private" as const, forceDestroy: true };
  const given = new EcsBucket("given", { owner: user.userName, ...common });
  const endpoint = user.s3Endpoint.apply((found) => found ?? "");
  const own = new S3Bucket("own", { endpoint, accessKeyId, secretAccessKey, ...common });
  return { endpoint, accessKeyId, secretAccessKey, given: given.bucketName, own: own.bucketName };
};

const { awsCli, rclone, minio } = surroundings();
let stack: TestStack;
let outputs: Record<string, string>;

beforeAll(async () => {
  stack = await TestStack.open("clients");
  // Nobody here waits a minute for the array to empty a bucket.
  await stack.lab.patch("ecs", { options: { emptyBucketSeconds: 0 } });
  await deploy();
});
afterAll(() => stack.close());

async function deploy(): Promise<void> {
  await stack.up(program);
  outputs = Object.fromEntries(Object.entries(await stack.outputs()).map(([name, { value }]) => [name, String(value)]));
}

const tenantOf = (bucket: "given" | "own") => (): Tenant => {
  const { endpoint = "", accessKeyId = "", secretAccessKey = "", [bucket]: name = "" } = outputs;
  return { endpoint, accessKeyId, secretAccessKey, bucket: name, origin };
};

if (awsCli) awsCliSuite(awsCli, tenantOf("given"));
if (minio) minioSuite(minio, tenantOf("given"));
if (rclone) rcloneSuite(rclone, tenantOf("own"));
browserSuite(tenantOf("given"));

describe("Pulumi program", () => {
  // For clients whose turn comes later.
  afterAll(deploy);

  test("has both buckets emptied of what the clients have left, and destroyed", async () => {
    await stack.destroy();
    const { ecs } = await stack.lab.state();
    expect({ buckets: Object.keys(ecs.buckets), users: Object.keys(ecs.users) }).toEqual({ buckets: [], users: [] });
  });
});
