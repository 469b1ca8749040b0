import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EcsStage, ecsBucket, s3Bucket } from "../contract/ecs-support.ts";
import type { DynamicServer } from "../harness/dynamic-server.ts";

const secretKey = "owner000000000000000000000000000000owner";
const objects = { "invoices/2026.pdf": "what must not be lost", "deleted by hand": { text: "old", deleted: true } };
/** All that somebody may have set on a bucket, so that it is as unlike a new one as it can be. */
const unusual = {
  versioning: "enabled",
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Principal: "*", Action: ["s3:DeleteBucket"], Resource: ["arn:aws:s3:::BUCKET"] }],
  },
  cors: [{ allowedMethods: ["GET"], allowedOrigins: ["https://a.example.com"], maxAgeSeconds: 9 }],
  tags: { team: "blue", cost: "42" },
  objects,
};

describe("a bucket whose policy, quota, versioning, CORS and tags the program does not mention", () => {
  let stage: EcsStage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    server = await stage.serve();
  });
  afterAll(() => stage.close());

  const onEcs = { ...unusual, owner: "own", blockSize: 7, notificationSize: 5, retention: 60 };
  const writes = (lines: readonly string[]) => lines.filter((line) => !/^(S3 )?(GET|HEAD) /.test(line));
  const live = async () => {
    const { ecs, cloudian } = await stage.control.state();
    return { ecs: ecs.buckets, cloudian: cloudian.s3Buckets, limits: cloudian.limits };
  };

  test("keeps all of it, and its data, when an EcsBucket and an S3Bucket of an ECS adopt it, and afterwards", async () => {
    await stage.patch({
      users: { "ns1/own": { keys: [secretKey] } },
      buckets: { "ns1/managed": onEcs, "ns1/over-s3": onEcs },
    });
    const before = await live();
    expect(before.ecs["ns1/managed"]).toMatchObject({ blockSize: 7, versioning: "enabled", tags: unusual.tags });
    for (const [wanted, tried] of [
      [ecsBucket("managed", "own", { adopt: true, forceDestroy: true }), ["POST /object/bucket"]],
      [s3Bucket(stage.s3Endpoint, "over-s3", { adopt: true, forceDestroy: true }), []],
    ] as const) {
      const { result, sent } = await stage.resultOf(() => server.create(wanted));
      expect(writes(sent)).toEqual(tried);
      for (const aspect of ["policy", "quotaGiB", "versioning", "cors", "tags"])
        expect(result.properties).not.toHaveProperty(aspect);
      // Unmanaged at the next refresh as well, so that the next up writes nothing either.
      const { inputs } = await server.read(result.id, { ...result.properties, secretAccessKey: secretKey });
      for (const aspect of ["policy", "quotaGiB", "versioning", "cors", "tags"])
        expect(inputs).not.toHaveProperty(aspect);
      expect(await live()).toEqual(before);
    }
  });

  test("keeps all of it, and its data, when an S3Bucket of a HyperStore adopts it", async () => {
    await stage.control.patch("cloudian", {
      groups: { home: {} },
      users: { "home/own": {} },
      credentials: { own: { groupId: "home", userId: "own", secretKey } },
      limits: { "home/own": { hlStorageQuotaKBytes: 1000 } },
    });
    const { users } = (await stage.control.state()).cloudian;
    await stage.control.patch("cloudian", {
      s3Buckets: { kept: { ...unusual, owner: users["home/own"]?.["canonicalUserId"] } },
    });
    const before = await live();
    const { cloudian } = stage.addresses;
    const { sent } = await stage.resultOf(() =>
      server.create(s3Bucket(cloudian.s3Endpoint, "kept", { adopt: true, forceDestroy: true })),
    );
    expect(writes(sent)).toEqual([]);
    expect(await live()).toEqual(before);
  });
});
