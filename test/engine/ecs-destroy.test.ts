import { CloudianUser, EcsBucket, EcsObjectUser, S3Bucket } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import type { LabAddresses } from "../../lab/index.ts";
import { type TestStack, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf } from "../harness/stack-run.ts";

/** Two objects with one older version each, a delete marker on one of them, and an unfinished upload. */
const contents = {
  versioning: "enabled",
  objects: { "a/1": "one", b: "two" },
  uploads: { "upload-1": "c" },
};
const changes = { objects: { "a/1": "one again", b: { deleted: true } } };

const estateOf =
  ({ cloudian, ecs }: LabAddresses, forceDestroy?: boolean) =>
  async () => {
    const forced = forceDestroy === undefined ? {} : { forceDestroy };
    const user = new EcsObjectUser("user", { userName: "user" });
    const tenant = new CloudianUser("tenant", { groupId: "home", userId: "tenant" });
    new EcsObjectUser("landlord", { userName: "landlord" });
    new EcsBucket("empty", { bucketName: "empty", owner: user.userName });
    new EcsBucket("full", { bucketName: "full", owner: user.userName, ...forced });
    new EcsBucket("locked", { bucketName: "locked", owner: user.userName, forceDestroy: true });
    const keysOf = ({ accessKeyId, secretAccessKey }: CloudianUser | EcsObjectUser) => ({
      accessKeyId,
      secretAccessKey,
    });
    const onEcs = { endpoint: ecs.s3Endpoint, ...keysOf(user) };
    new S3Bucket("e-full", { ...onEcs, bucketName: "e-full", ...forced });
    const onCloudian = { endpoint: cloudian.s3Endpoint, ...keysOf(tenant) };
    new S3Bucket("c-full", { ...onCloudian, bucketName: "c-full", ...forced });
  };

async function fill(stack: TestStack): Promise<void> {
  for (const change of [contents, changes]) {
    await stack.lab.patch("ecs", { buckets: { "ns1/full": change, "ns1/e-full": change } });
    await stack.lab.patch("cloudian", { s3Buckets: { "c-full": change } });
  }
}

test("a bucket that holds anything is not deleted, and what it holds is counted; forceDestroy empties it after an up", async () => {
  await withStack("ecs-destroy", async (stack) => {
    const { cloudian, ecs } = stack.addresses;
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    // The array's own emptying goes by the clock of the lab.
    await stack.lab.patch("ecs", { options: { emptyBucketSeconds: 0 } });
    await stack.up(estateOf(stack.addresses));
    await fill(stack);
    await stack.lab.patch("ecs", {
      buckets: { "ns1/foreign-1": { owner: "landlord" }, "ns1/foreign-2": { owner: "landlord" } },
    });

    await stack.lab.patch("ecs", { buckets: { "ns1/locked": { objectLock: true, objects: { kept: "data" } } } });

    const first = await stack.tryDestroy({ continueOnError: true });
    expect(first.code).toBe(1);
    const errors = errorsOf(first).join("\n");
    const holds = "It holds 1 object, 2 old versions, 1 delete marker and 1 unfinished upload.";
    const advice =
      "forceDestroy: true would delete all of it; switch it on with a pulumi up first (destroy reads the state, not the program).";
    expect(errors).toContain(
      `ECS bucket ns1/full is not deleted, because it is not empty: ${ecs.endpoint} answered 400, code 60019, ` +
        `"The bucket is not empty: Bucket full not empty: keypool not empty". ${holds} ${advice}`,
    );
    for (const [name, endpoint] of [
      ["e-full", ecs.s3Endpoint],
      ["c-full", cloudian.s3Endpoint],
    ] as const)
      expect(errors).toContain(
        `S3 bucket ${name}@${new URL(endpoint).host} is not deleted, because it is not empty: ${endpoint} answered ` +
          `409 BucketNotEmpty, "The bucket you tried to delete is not empty.". ${holds} ${advice}`,
      );
    expect(errors).toContain(
      "ECS object user ns1/landlord is not deleted: it owns 2 buckets: foreign-1, foreign-2, and what a deletion would do to " +
        'their data is unknown. Delete the buckets first or give them another owner, or keep the user with onDestroy: "lock" ' +
        "(run pulumi up before the destroy).",
    );
    expect(errors).toContain(
      "ECS bucket ns1/locked is not emptied: it has object lock, and what it holds may be kept on purpose. Nothing was deleted. " +
        "Empty it with the vendor's own tools once its retention allows that.",
    );
    const kept = (await stack.lab.state()).ecs;
    expect(kept.buckets["ns1/locked"]?.counts).toMatchObject({ objects: 1 });
    expect(Object.keys(kept.buckets)).not.toContain("ns1/empty");
    expect(kept.buckets["ns1/full"]?.counts).toMatchObject({ objects: 1, markers: 1, uploads: 1 });

    // What a program says is not enough: destroy reads the state.
    const switched = await stack.up(estateOf(stack.addresses, true));
    expect(changesOf(switched)).toEqual({ create: 1, same: 5, update: 3 });
    expect(switched.calls.filter((call) => !call.startsWith("GET ")).toSorted()).toEqual(["POST /object/bucket"]);
    await stack.lab.patch("ecs", { buckets: { "ns1/foreign-1": null, "ns1/foreign-2": null, "ns1/locked": null } });
    const second = await stack.destroy();
    expect(second.calls).toContain("POST /object/bucket/full/deactivate?emptyBucket=true&namespace=ns1");
    expect(second.calls).toContain("POST /c-full/?delete=");
    const left = await stack.lab.state();
    expect([left.ecs.buckets, left.ecs.users, left.cloudian.s3Buckets]).toEqual([{}, {}, {}]);
  });
});

test("an object that was deleted outside stops neither preview nor destroy", async () => {
  await withStack("gone", async (stack) => {
    const program = async () => {
      const owner = new EcsObjectUser("owner", { userName: "owner" }).userName;
      new EcsBucket("bucket", { bucketName: "bucket", owner, versioning: true, cors: [], policy: "public" });
      const { accessKeyId, secretAccessKey } = new EcsObjectUser("other", { userName: "other" });
      const endpoint = stack.addresses.ecs.s3Endpoint;
      new S3Bucket("s3-bucket", { endpoint, accessKeyId, secretAccessKey, bucketName: "s3-bucket", tags: {} });
    };
    await stack.up(program);
    await stack.lab.patch("ecs", {
      buckets: { "ns1/bucket": null, "ns1/s3-bucket": null },
      users: { "ns1/owner": null },
    });
    const preview = await stack.preview(program);
    expect([changesOf(preview), preview.calls]).toEqual([{ same: 5 }, []]);
    const gate = await stack.strictGate(program);
    expect([gate.code, changesOf(gate)]).toEqual([7, { create: 3, same: 2 }]);
    const destroyed = await stack.destroy();
    expect(errorsOf(destroyed)).toEqual([]);
    const { users, buckets } = (await stack.lab.state()).ecs;
    expect([users, buckets]).toEqual([{}, {}]);
  });
});
