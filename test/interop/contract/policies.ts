import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { ask } from "./asking.ts";
import type { Check } from "./check.ts";
import type { Scene } from "./scene.ts";

/** Anybody may read the objects, nobody may list them. */
export const publicRead = (bucket: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "read",
        Effect: "Allow",
        Principal: "*",
        Action: ["s3:GetObject"],
        Resource: [`arn:aws:s3:::${bucket}/*`],
      },
    ],
  });

const put = (Bucket: string, Policy: string) => new PutBucketPolicyCommand({ Bucket, Policy });

async function bucketWithObject(scene: Scene): Promise<string> {
  const bucket = await scene.bucket();
  await scene.put(bucket, "a");
  return bucket;
}

const statement = (bucket: string, more: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*`, ...more }],
  });

const lax = "takes any document";

export const policies: readonly Check[] = [
  {
    name: "policy: none, of a missing bucket",
    async run(scene) {
      const bucket = await scene.bucket();
      return [
        await ask(scene.owner, new GetBucketPolicyCommand({ Bucket: bucket })),
        await ask(scene.owner, new GetBucketPolicyCommand({ Bucket: scene.name() })),
      ];
    },
    expected: ["404 NoSuchBucketPolicy", "404 NoSuchBucket"],
  },
  {
    name: "policy: anonymous read before and after a public policy; list stays closed",
    async run(scene) {
      const bucket = await bucketWithObject(scene);
      const before = await scene.anonymous(`/${bucket}/a`);
      await scene.owner.send(put(bucket, publicRead(bucket)));
      const after = await scene.anonymous(`/${bucket}/a`);
      return [before, after, await scene.anonymous(`/${bucket}?list-type=2`), await scene.anonymous(`/${bucket}/b`)];
    },
    expected: ["403 AccessDenied", "200", "403 AccessDenied", "403 AccessDenied"],
    differs: {
      versitygw: {
        answer: ["403 AccessDenied", "200", "403 AccessDenied", "404 NoSuchKey"],
        why: "tells what is missing to those who may not list",
      },
    },
  },
  {
    name: "policy: anonymous read that names no namespace",
    async run(scene) {
      const bucket = await bucketWithObject(scene);
      await scene.owner.send(put(bucket, publicRead(bucket)));
      return [await scene.raw(`/${bucket}/a`)];
    },
    expected: ["200"],
    differs: { "lab-ecs": { answer: ["403 AccessDenied"], why: "names of buckets are those of a namespace on ECS" } },
  },
  {
    name: "policy: reads back with the same meaning",
    async run(scene) {
      const bucket = await scene.bucket();
      await scene.owner.send(put(bucket, publicRead(bucket)));
      const { Policy = "" } = await scene.owner.send(new GetBucketPolicyCommand({ Bucket: bucket }));
      const { Statement } = JSON.parse(Policy) as { Statement: [{ Effect: string; Principal: unknown }] };
      const [{ Effect, Principal }] = Statement;
      return [
        Effect,
        Policy === publicRead(bucket) ? "the text as it was sent" : "another text",
        JSON.stringify(Principal),
      ];
    },
    expected: ["Allow", "the text as it was sent", '"*"'],
    differs: { "lab-ecs": { answer: ["Allow", "another text", '"*"'], why: "ECS adds empty ids" } },
  },
  {
    name: "policy: another account reads what it is allowed, and nothing else",
    async run(scene) {
      const bucket = await bucketWithObject(scene);
      const object = { Bucket: bucket, Key: "a" };
      const before = await ask(scene.other, new GetObjectCommand(object));
      const { principalOfOther } = scene.server;
      await scene.owner.send(put(bucket, statement(bucket, { Principal: { AWS: [principalOfOther] } })));
      const after = await ask(scene.other, new GetObjectCommand(object));
      return [before, after, await scene.anonymous(`/${bucket}/a`)];
    },
    expected: ["403 AccessDenied", "200", "403 AccessDenied"],
  },
  {
    name: "policy: no JSON",
    async run(scene) {
      return [await ask(scene.owner, put(await scene.bucket(), "{"))];
    },
    expected: ["400 MalformedPolicy"],
    differs: { rgw: { answer: ["400 InvalidArgument"], why: "another code" } },
  },
  {
    name: "policy: an empty document, no statement, an unknown principal, another bucket's resource",
    async run(scene) {
      const bucket = await scene.bucket();
      const bad = [
        "{}",
        JSON.stringify({ Version: "2012-10-17", Statement: [] }),
        statement(bucket, { Principal: { AWS: ["nobody-of-this-name"] } }),
        statement(`other-${bucket}`, { Principal: "*" }),
      ];
      return await Promise.all(bad.map((policy) => ask(scene.owner, put(bucket, policy))));
    },
    expected: ["400 MalformedPolicy", "400 MalformedPolicy", "400 MalformedPolicy", "400 MalformedPolicy"],
    differs: { rgw: { answer: ["204", "204", "204", "204"], why: lax } },
  },
  {
    name: "policy: delete it, delete it again, then read it",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      await scene.owner.send(put(bucket.Bucket, publicRead(bucket.Bucket)));
      return [
        await ask(scene.owner, new DeleteBucketPolicyCommand(bucket)),
        await ask(scene.owner, new DeleteBucketPolicyCommand(bucket)),
        await ask(scene.owner, new GetBucketPolicyCommand(bucket)),
      ];
    },
    expected: ["204", "204", "404 NoSuchBucketPolicy"],
    differs: { rgw: { answer: ["200", "200", "404 NoSuchBucketPolicy"], why: "another success" } },
  },
  {
    name: "policy: written, read and deleted by another account",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      await scene.owner.send(put(bucket.Bucket, publicRead(bucket.Bucket)));
      return [
        await ask(scene.other, put(bucket.Bucket, publicRead(bucket.Bucket))),
        await ask(scene.other, new GetBucketPolicyCommand(bucket)),
        await ask(scene.other, new DeleteBucketPolicyCommand(bucket)),
      ];
    },
    expected: ["403 AccessDenied", "403 AccessDenied", "403 AccessDenied"],
  },
];
