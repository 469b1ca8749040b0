import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  GetBucketCorsCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { openS3, refusal } from "./lab-s3-stage.ts";

const stage = openS3();
const Bucket = "bucket-1";

async function withBucket(): Promise<S3Client> {
  const alice = stage.client("alice");
  await alice.send(new CreateBucketCommand({ Bucket }));
  return alice;
}

describe("buckets", () => {
  it("are created, found, listed with their dates, and deleted", async () => {
    stage.clock.apply({ now: "2030-01-31T12:00:00Z", running: false });
    const alice = stage.client("alice", { systemClockOffset: Date.parse("2030-01-31T12:00:00Z") - Date.now() });
    expect((await alice.send(new CreateBucketCommand({ Bucket }))).Location).toBe("/bucket-1");
    await alice.send(new HeadBucketCommand({ Bucket }));
    const { Buckets, Owner } = await alice.send(new ListBucketsCommand({}));
    expect(Buckets).toEqual([{ Name: "bucket-1", CreationDate: new Date("2030-01-31T12:00:00Z") }]);
    expect(Owner).toEqual({ ID: "alice", DisplayName: "alice" });
    await alice.send(new DeleteBucketCommand({ Bucket }));
    expect(await refusal(alice.send(new HeadBucketCommand({ Bucket })))).toBe("404 NotFound");
    expect(await refusal(alice.send(new DeleteBucketCommand({ Bucket })))).toBe("404 NoSuchBucket");
  });

  it("have one owner", async () => {
    const alice = await withBucket();
    const bob = stage.client("bob");
    expect(await refusal(bob.send(new CreateBucketCommand({ Bucket })))).toBe("409 BucketAlreadyExists");
    expect(await refusal(alice.send(new CreateBucketCommand({ Bucket })))).toBe("409 BucketAlreadyOwnedByYou");
    expect((await refusal(bob.send(new HeadBucketCommand({ Bucket })))).slice(0, 3)).toBe("403");
    expect((await bob.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    stage.options = { ...stage.options, existingOwnBucketStatus: 200 };
    await alice.send(new CreateBucketCommand({ Bucket }));
  });

  it("share no names within a namespace only", async () => {
    await withBucket();
    const carol = stage.client("carol");
    await carol.send(new CreateBucketCommand({ Bucket }));
    expect(stage.store.buckets().map(({ namespace, owner }) => `${namespace} ${owner}`)).toEqual([
      "ns1 alice",
      "ns2 carol",
    ]);
  });

  it.each(["Bad_Name", "ab", "1.2.3.4", "a..b", "-abc"])("are not called %s", async (name) => {
    const client = stage.client("alice");
    expect(await refusal(client.send(new CreateBucketCommand({ Bucket: name })))).toBe("400 InvalidBucketName");
  });

  it("have a location", async () => {
    const alice = await withBucket();
    expect((await alice.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    stage.options = { ...stage.options, region: "us-east-1" };
    expect((await alice.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe("us-east-1");
    const elsewhere = new CreateBucketCommand({
      Bucket: "b-2",
      CreateBucketConfiguration: { LocationConstraint: "EU" },
    });
    expect(await refusal(alice.send(elsewhere))).toBe("400 InvalidLocationConstraint");
  });

  it("are versioned, then suspended, and never unversioned again", async () => {
    const alice = await withBucket();
    const status = async () => (await alice.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect(await status()).toBeUndefined();
    for (const Status of ["Enabled", "Suspended"] as const) {
      await alice.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
      expect(await status()).toBe(Status);
    }
    const off = { Status: "Off" as "Enabled" };
    expect(await refusal(alice.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: off })))).toBe(
      "400 MalformedXML",
    );
  });

  it("carry tags", async () => {
    const alice = await withBucket();
    const read = () => alice.send(new GetBucketTaggingCommand({ Bucket }));
    expect(await refusal(read())).toBe("404 NoSuchTagSet");
    const TagSet = [
      { Key: "team", Value: "a <b> & \"c\" 'd'" },
      { Key: "01", Value: "" },
    ];
    await alice.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await read()).TagSet).toEqual(expect.arrayContaining(TagSet));
    const twice = { TagSet: [TagSet[0], TagSet[0]].filter((tag) => tag !== undefined) };
    expect(await refusal(alice.send(new PutBucketTaggingCommand({ Bucket, Tagging: twice })))).toBe("400 InvalidTag");
    await alice.send(new DeleteBucketTaggingCommand({ Bucket }));
    expect(await refusal(read())).toBe("404 NoSuchTagSet");
  });

  it("keep a policy, which ECS gives back in its own words", async () => {
    const alice = await withBucket();
    const read = async () => (await alice.send(new GetBucketPolicyCommand({ Bucket }))).Policy;
    expect(await refusal(read())).toBe("404 NoSuchBucketPolicy");
    const Policy =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":["bob"],"Action":["s3:GetObject"],"Resource":["bucket-1/*"]}]}';
    await alice.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect(await read()).toBe(
      '{"Version":"2012-10-17","Id":"","Statement":[{"Sid":"","Principal":"bob","Effect":"Allow","Action":["s3:GetObject"],"Resource":["bucket-1/*"]}]}',
    );
    stage.options = { ...stage.options, rewritePolicies: false };
    expect(await read()).toBe(Policy);
    expect(await refusal(stage.client("bob").send(new PutBucketPolicyCommand({ Bucket, Policy })))).toBe(
      "403 AccessDenied",
    );
    await alice.send(new DeleteBucketPolicyCommand({ Bucket }));
    await alice.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await refusal(read())).toBe("404 NoSuchBucketPolicy");
  });

  it("keep CORS rules, which a browser's preflight and requests meet", async () => {
    const alice = await withBucket();
    const read = () => alice.send(new GetBucketCorsCommand({ Bucket }));
    expect(await refusal(read())).toBe("404 NoSuchCORSConfiguration");
    const rule = {
      AllowedOrigins: ["https://*.example.com"],
      AllowedMethods: ["GET", "PUT"],
      AllowedHeaders: ["x-amz-*"],
    };
    const CORSRules = [{ ...rule, ExposeHeaders: ["ETag"], MaxAgeSeconds: 60, ID: "ui" }];
    await alice.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect((await read()).CORSRules).toEqual(CORSRules);

    const ask = (headers: Record<string, string>) =>
      fetch(`${stage.endpoint}/bucket-1/a/b`, { method: "OPTIONS", headers });
    const origin = "https://ui.example.com";
    const good = await ask({
      origin,
      "access-control-request-method": "PUT",
      "access-control-request-headers": "x-amz-date",
    });
    expect(good.status).toBe(200);
    expect(good.headers.get("access-control-allow-origin")).toBe(origin);
    expect(good.headers.get("access-control-allow-methods")).toBe("GET, PUT");
    expect(good.headers.get("access-control-allow-headers")).toBe("x-amz-date");
    expect(good.headers.get("access-control-max-age")).toBe("60");
    expect((await ask({ origin, "access-control-request-method": "DELETE" })).status).toBe(403);
    expect((await ask({ origin: "https://evil.org", "access-control-request-method": "PUT" })).status).toBe(403);
    const other = { origin, "access-control-request-method": "PUT", "access-control-request-headers": "authorization" };
    expect((await ask(other)).status).toBe(403);

    const refused = await stage.anonymous("/bucket-1/a", { headers: { origin } });
    expect(refused.status).toBe(403);
    expect(refused.headers.get("access-control-allow-origin")).toBe(origin);
    expect(refused.headers.get("access-control-expose-headers")).toBe("ETag");

    await alice.send(new DeleteBucketCorsCommand({ Bucket }));
    expect(await refusal(read())).toBe("404 NoSuchCORSConfiguration");
  });

  it("tell whether they have an object lock", async () => {
    const alice = await withBucket();
    const read = (name: string) => alice.send(new GetObjectLockConfigurationCommand({ Bucket: name }));
    expect(await refusal(read(Bucket))).toBe("404 ObjectLockConfigurationNotFoundError");
    await alice.send(new CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true }));
    expect((await read("locked")).ObjectLockConfiguration?.ObjectLockEnabled).toBe("Enabled");
    const suspend = { Bucket: "locked", VersioningConfiguration: { Status: "Suspended" as const } };
    expect(await refusal(alice.send(new PutBucketVersioningCommand(suspend)))).toBe("409 InvalidBucketState");
  });
});
