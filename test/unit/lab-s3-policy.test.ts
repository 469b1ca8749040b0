import { CreateBucketCommand, GetObjectCommand, PutBucketPolicyCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import type { S3Stage, User } from "./lab-s3-stage.ts";
import { openS3, refusal } from "./lab-s3-stage.ts";

const stage = openS3();
const Bucket = "bucket-1";

const allow = {
  Effect: "Allow",
  Principal: "*" as unknown,
  Action: "s3:GetObject" as unknown,
  Resource: "arn:aws:s3:::bucket-1/*" as unknown,
};

async function withPolicy(on: S3Stage, policy: unknown): Promise<string> {
  const alice = on.client("alice");
  await alice.send(new CreateBucketCommand({ Bucket }));
  await alice.send(new PutObjectCommand({ Bucket, Key: "a/b", Body: "x" }));
  const Policy = typeof policy === "string" ? policy : JSON.stringify(policy);
  return refusal(alice.send(new PutBucketPolicyCommand({ Bucket, Policy })));
}

function reads(user: User): Promise<string> {
  return refusal(stage.client(user).send(new GetObjectCommand({ Bucket, Key: "a/b" })));
}

describe("a policy is refused", () => {
  it.each([
    ["that is not JSON", "{"],
    ["that is a list", []],
    ["that is empty", {}],
    ["without statements", { Version: "2012-10-17", Statement: [] }],
    ["of an unknown version", { Version: "2020-01-01", Statement: [allow] }],
    ["with an unknown effect", { Statement: [{ ...allow, Effect: "Maybe" }] }],
    ["without a principal", { Statement: [{ ...allow, Principal: undefined }] }],
    ["for somebody unknown", { Statement: [{ ...allow, Principal: { AWS: ["alice", "nobody"] } }] }],
    ["for a service", { Statement: [{ ...allow, Principal: { Service: "x" } }] }],
    ["for another bucket", { Statement: [{ ...allow, Resource: "arn:aws:s3:::bucket-2/*" }] }],
    ["for a bucket of like name", { Statement: [{ ...allow, Resource: "bucket-11" }] }],
    ["for any bucket", { Statement: [{ ...allow, Resource: "*" }] }],
    ["with an action of another service", { Statement: [{ ...allow, Action: "ec2:Run" }] }],
    ["without an action", { Statement: [{ ...allow, Action: [] }] }],
  ])("%s", async (_, policy) => {
    expect(await withPolicy(stage, policy)).toBe("400 MalformedPolicy");
    expect(stage.store.bucket("ns1", Bucket)?.policy).toBeUndefined();
  });

  it("with a negated element, which the lab lacks", async () => {
    const statement = { ...allow, Principal: undefined, NotPrincipal: "bob" };
    expect(await withPolicy(stage, { Statement: [statement] })).toBe("501 NotImplemented");
  });
});

describe("an anonymous GET of an object", () => {
  it.each([
    ["passes by a public policy", 200, [allow]],
    ["passes by a principal of any account", 200, [{ ...allow, Principal: { AWS: "*" } }]],
    ["passes by plain names", 200, [{ ...allow, Resource: "bucket-1/*" }]],
    ["passes by wildcards", 200, [{ ...allow, Action: "s3:Get*", Resource: "bucket-1/a/?" }]],
    ["passes by any action, in any case", 200, [{ ...allow, Action: ["S3:getobject"] }]],
    ["fails by the bucket alone", 403, [{ ...allow, Resource: "bucket-1" }]],
    ["fails by another key", 403, [{ ...allow, Resource: "bucket-1/b*" }]],
    ["fails by another action", 403, [{ ...allow, Action: "s3:PutObject" }]],
    ["fails by somebody's policy", 403, [{ ...allow, Principal: "bob" }]],
    ["fails by a condition that the lab does not know", 403, [{ ...allow, Condition: { Bool: { x: "true" } } }]],
    ["fails by a refusal", 403, [allow, { ...allow, Effect: "Deny" }]],
    ["fails by a conditional refusal", 403, [allow, { ...allow, Effect: "Deny", Condition: { Bool: { x: "true" } } }]],
  ])("%s", async (_, status, Statement) => {
    expect(await withPolicy(stage, { Statement })).toBe("not refused");
    expect((await stage.anonymous("/bucket-1/a/b")).status).toBe(status);
  });

  it("does not list, write, or learn of what is not there", async () => {
    await withPolicy(stage, { Statement: [allow] });
    expect((await stage.anonymous("/bucket-1")).status).toBe(403);
    expect((await stage.anonymous("/bucket-1/new", { method: "PUT", body: "x" })).status).toBe(403);
    expect((await stage.anonymous("/bucket-1/absent")).status).toBe(403);
    expect((await stage.anonymous("/bucket-2/absent")).status).toBe(404);
    expect((await stage.anonymous("/")).status).toBe(403);
  });

  it("needs a namespace on ECS", async () => {
    await withPolicy(stage, { Statement: [allow] });
    expect((await fetch(`${stage.endpoint}/bucket-1/a/b`)).status).toBe(403);
    stage.options = { ...stage.options, anonymousNamespace: "ns1" };
    expect((await fetch(`${stage.endpoint}/bucket-1/a/b`)).status).toBe(200);
  });
});

describe("another user", () => {
  it("reads what a policy gives, and no more", async () => {
    await withPolicy(stage, { Statement: [{ ...allow, Principal: ["bob"] }] });
    expect(await reads("bob")).toBe("not refused");
    expect(await refusal(stage.client("bob").send(new PutObjectCommand({ Bucket, Key: "a/b", Body: "y" })))).toBe(
      "403 AccessDenied",
    );
    expect(await reads("carol")).toBe("404 NoSuchBucket");
  });

  it("is held off by a refusal that spares the owner", async () => {
    await withPolicy(stage, { Statement: [allow, { ...allow, Effect: "Deny" }] });
    expect(await reads("bob")).toBe("403 AccessDenied");
    expect(await reads("alice")).toBe("not refused");
  });
});

describe("on HyperStore", () => {
  const hyperStore = openS3("cloudian-s3");

  it("everybody reads a public object without a namespace", async () => {
    hyperStore.hooks = {
      identity: (accessKeyId) => ({ accessKeyId, owner: "canonical", displayName: "a", namespace: "", secrets: ["s"] }),
    };
    const client = hyperStore.client("alice", { credentials: { accessKeyId: "AK/1", secretAccessKey: "s" } });
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const policy = { Bucket, Policy: JSON.stringify({ Statement: [allow] }) };
    await client.send(new PutBucketPolicyCommand(policy));
    expect((await fetch(`${hyperStore.endpoint}/bucket-1/k`)).status).toBe(200);
  });

  it("a storage policy must exist", async () => {
    hyperStore.hooks = {
      identity: (accessKeyId) => ({ accessKeyId, owner: "canonical", displayName: "a", namespace: "", secrets: ["s"] }),
      storagePolicyExists: (id) => id === "known",
    };
    const create = (id: string) => {
      const client = hyperStore.client("alice", { credentials: { accessKeyId: "AK", secretAccessKey: "s" } });
      client.middlewareStack.add(
        (next) => (args) => {
          (args.request as { headers: Record<string, string> }).headers["x-gmt-policyid"] = id;
          return next(args);
        },
        // Behind the signature, as the vendor's own driver does.
        { step: "deserialize" },
      );
      return refusal(client.send(new CreateBucketCommand({ Bucket })));
    };
    expect(await create("unknown")).toBe("400 InvalidArgument");
    expect(await create("known")).toBe("not refused");
  });
});
