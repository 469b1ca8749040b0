import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  ListBucketsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeEach, expect, test } from "vitest";
import { openEcs } from "./lab-ecs-stage.ts";

const { lab, control, call } = await openEcs();
const clients: S3Client[] = [];
afterAll(() => clients.map((client) => client.destroy()));

function s3(accessKeyId: string, secretAccessKey: string): S3Client {
  const client = new S3Client({
    endpoint: lab.addresses.ecs.s3Endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

const key = "GENERATED/key+1";
const user = s3("u", key);
const Bucket = "bucket";
const create = new CreateBucketCommand({ Bucket });
const path = `/object/bucket/${Bucket}`;

beforeEach(() => control.patch("ecs", { users: { "ns1/u": { keys: [key] }, "ns1/v": { keys: ["v-key"] } } }));

/** The code of an error, or undefined for success. */
async function refusal(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    () => undefined,
    (error: Error) => error.name,
  );
}

test("a bucket made over S3 belongs to the user and is seen by the management", async () => {
  await control.patch("ecs", { namespaces: { ns1: { encryption: true, bucketBlockSize: 5 } } });
  await user.send(create);
  expect((await call("GET", `${path}/info?namespace=ns1`)).json()).toMatchObject({
    owner: "u",
    vpool: lab.addresses.ecs.replicationGroup,
    is_encryption_enabled: "true",
    block_size: 5,
  });
  await call("POST", `${path}/owner`, { new_owner: "v", namespace: "ns1" });
  expect((await user.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  expect(await refusal(user.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" })))).toBe("AccessDenied");
});

test("policy, versioning and tags are the same from both sides", async () => {
  await control.patch("ecs", { buckets: { "ns1/bucket": { owner: "u" } }, options: { release: "4.x" } });
  const statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "bucket/*" };
  await call("PUT", `${path}/policy?namespace=ns1`, { Statement: [statement] });
  const { Policy = "" } = await user.send(new GetBucketPolicyCommand({ Bucket }));
  expect(JSON.parse(Policy)).toEqual({ Id: "", Statement: [{ Sid: "", ...statement }] });
  await call("PUT", `${path}/versioning?namespace=ns1`, { Status: "Enabled" });
  expect(await user.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({ Status: "Enabled" });
  const suspended = { Bucket, VersioningConfiguration: { Status: "Suspended" as const } };
  await user.send(new PutBucketVersioningCommand(suspended));
  await user.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "1" }] } }));
  expect((await call("GET", `${path}/info?namespace=ns1`)).json()).toMatchObject({
    versioning_status: "Suspended",
    TagSet: [{ Key: "a", Value: "1" }],
  });
});

test("keys are honored with a lag, new and removed ones", async () => {
  await control.patch("ecs", { options: { keyDelaySeconds: 120 } });
  await call("POST", "/object/user-secret-keys/u", { secretkey: "second", namespace: "ns1" });
  const second = s3("u", "second");
  const list = new ListBucketsCommand({});
  expect(await refusal(second.send(list))).toBe("InvalidAccessKeyId");
  await control.advance(121);
  expect(await refusal(second.send(list))).toBeUndefined();
  await call("POST", "/object/user-secret-keys/u/deactivate", { secret_key: key, namespace: "ns1" });
  expect(await refusal(user.send(list))).toBeUndefined();
  await control.advance(121);
  expect(await refusal(user.send(list))).toBe("SignatureDoesNotMatch");
});

test("a locked user, and one who is gone, are refused", async () => {
  const list = new ListBucketsCommand({});
  await control.patch("ecs", { users: { "ns1/u": { locked: true } } });
  expect(await refusal(user.send(list))).toBe("InvalidAccessKeyId");
  await control.patch("ecs", { users: { "ns1/u": null } });
  expect(await refusal(user.send(list))).toBe("InvalidAccessKeyId");
});

test("writes stop at the hard quota, in a locked bucket, and while it is emptied", async () => {
  const write = () => refusal(user.send(new PutObjectCommand({ Bucket, Key: "k", Body: "0123456789" })));
  await control.patch("ecs", {
    buckets: { "ns1/bucket": { owner: "u", blockSize: 1, objects: { first: "0123456789" } } },
    options: { quotaUnitBytes: 15 },
  });
  expect(await write()).toBe("QuotaExceeded");
  await control.patch("ecs", { buckets: { "ns1/bucket": { blockSize: 2 } } });
  expect(await write()).toBeUndefined();
  await control.patch("ecs", { buckets: { "ns1/bucket": { locked: true, blockSize: -1 } } });
  expect(await write()).toBe("AccessDenied");
  await control.patch("ecs", { buckets: { "ns1/bucket": { locked: false } } });
  await call("POST", `${path}/deactivate?namespace=ns1&emptyBucket=true`);
  expect(await write()).toBe("EmptyBucketInProgress");
  await control.advance(60);
  expect(await write()).toBe("NoSuchBucket");
});

test("the background emptying can be asked for over S3, where the release has it", async () => {
  const remove = new DeleteBucketCommand({ Bucket });
  remove.middlewareStack.add(
    (next) => (step) => {
      (step.request as { headers: Record<string, string> }).headers["x-emc-empty-bucket"] = "true";
      return next(step);
    },
    { step: "build" },
  );
  await control.patch("ecs", {
    buckets: { "ns1/bucket": { owner: "u", objects: { k: "x" } } },
    options: { release: "3.6" },
  });
  expect(await refusal(user.send(remove))).toBe("BucketNotEmpty");
  await control.patch("ecs", { options: { release: "3.8" } });
  expect(await refusal(user.send(remove))).toBeUndefined();
  expect((await control.state()).ecs.buckets["ns1/bucket"]).toMatchObject({ readOnly: true, emptying: "RUNNING" });
});
