import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeEach, expect, test } from "vitest";
import { openLab } from "./lab-stage.ts";

const { lab, control, call } = await openLab();

const client = new S3Client({
  endpoint: lab.addresses.cloudian.s3Endpoint,
  region: "auto",
  forcePathStyle: true,
  credentials: { accessKeyId: "key", secretAccessKey: "secret" },
  maxAttempts: 1,
});
afterAll(() => client.destroy());

const list = () =>
  client.send(new ListBucketsCommand({})).then(
    ({ Buckets = [], Owner }) => ({ names: Buckets.map(({ Name }) => Name), owner: Owner?.ID }),
    (error: Error) => error.name,
  );
const usage = async () => (await call("GET", "/system/bucketusage?groupId=g&userId=u")).json();

beforeEach(() =>
  control.patch("cloudian", {
    groups: { g: {} },
    users: { "g/u": { canonicalUserId: "c0ffee" }, "g/v": {} },
    credentials: { key: { groupId: "g", userId: "u", secretKey: "secret" } },
    options: { bucketStatistics: true },
  }),
);

test("a bucket made with a user's key is the user's, in lists, usage and state", async () => {
  await client.send(new CreateBucketCommand({ Bucket: "made" }));
  await client.send(new PutObjectCommand({ Bucket: "made", Key: "k", Body: "12345" }));
  const report = { bucketName: "made", byteCount: 5, objectCount: 1, policyName: "default" };
  expect(await list()).toEqual({ names: ["made"], owner: "c0ffee" });
  expect((await call("GET", "/system/bucketlist?groupId=g")).json()).toEqual([
    { userId: "u", buckets: [{ bucketName: "made" }] },
  ]);
  expect(await usage()).toEqual([{ userId: "u", buckets: [report] }]);
  const { buckets, s3Buckets } = (await control.state()).cloudian;
  expect(buckets).toEqual({ "g/u": [report] });
  expect(s3Buckets["made"]).toMatchObject({ owner: "c0ffee", counts: { objects: 1, bytes: 5 } });
});

test("a bucket made by hand is there over S3, with the statistics that somebody gave it", async () => {
  await control.patch("cloudian", { buckets: { "g/u": [{ bucketName: "hand", byteCount: 9, objectCount: 2 }] } });
  expect(await list()).toMatchObject({ names: ["hand"] });
  expect(await usage()).toMatchObject([{ buckets: [{ bucketName: "hand", byteCount: 9, objectCount: 2 }] }]);
  await control.patch("cloudian", { buckets: { "g/u": [{ bucketName: "other" }] } });
  expect(await list()).toMatchObject({ names: ["other"] });
  await control.patch("cloudian", { users: { "g/u": null } });
  expect((await control.state()).cloudian.s3Buckets).toEqual({});
});

test("the S3 side is changed by hand", async () => {
  const patch = async (s3Buckets: object) => {
    const response = await fetch(`${lab.addresses.control}/state/cloudian`, {
      method: "PATCH",
      body: JSON.stringify({ s3Buckets }),
    });
    return [response.status, ((await response.json()) as { error?: string }).error];
  };
  await patch({ b: { owner: "c0ffee", tags: { a: "1" }, versioning: "enabled", objects: { k: "x" } } });
  expect((await control.state()).cloudian.s3Buckets["b"]).toMatchObject({
    tags: { a: "1" },
    versioning: "enabled",
    counts: { objects: 1 },
  });
  expect(await patch({ c: {} })).toEqual([400, "The patch does not fit at s3Buckets: c: a new bucket needs an owner."]);
  expect(await patch({ c: { owner: "nobody" } })).toEqual([400, expect.stringContaining("canonicalUserId of a user")]);
  await control.patch("cloudian", { users: { "g/u": { canonicalUserId: "cafe" } } });
  expect((await control.state()).cloudian.s3Buckets["b"]).toMatchObject({ owner: "cafe" });
  await patch({ b: null });
  expect(await list()).toMatchObject({ names: [] });
  await control.patch("cloudian", { buckets: { "g/u": [{ bucketName: "mine" }] } });
  const taken = control.patch("cloudian", { buckets: { "g/v": [{ bucketName: "mine" }] } });
  await expect(taken).rejects.toThrow("bucket mine is somebody else's");
});

test("a storage policy is chosen by its id when the bucket is made", async () => {
  await control.patch("cloudian", { storagePolicies: { "policy-1": "rf3" } });
  const create = (Bucket: string, policyId: string) => {
    const command = new CreateBucketCommand({ Bucket });
    command.middlewareStack.add(
      (next) => (step) => {
        (step.request as { headers: Record<string, string> }).headers["x-gmt-policyid"] = policyId;
        return next(step);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    return client.send(command);
  };
  await create("bucket-1", "policy-1");
  expect(await usage()).toMatchObject([{ buckets: [{ bucketName: "bucket-1", policyName: "rf3" }] }]);
  await expect(create("bucket-2", "policy-2")).rejects.toThrow("There is no such storage policy.");
  expect((await call("GET", "/bppolicy?policyId=policy-1")).json()).toMatchObject({ policyName: "rf3" });
});

test.each([
  ["an inactive key", { credentials: { key: { active: false } } }],
  ["a deleted key", { credentials: { key: null } }],
  ["an expired key", { credentials: { key: { expireDate: 1 } } }],
  ["an inactive user", { users: { "g/u": { active: "false" } } }],
  ["an inactive group", { groups: { g: { active: "false" } } }],
])("%s is refused", async (_, change) => {
  expect(await list()).toMatchObject({ names: [] });
  await control.patch("cloudian", change);
  expect(await list()).toBe("InvalidAccessKeyId");
});
