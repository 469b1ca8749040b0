import { EcsBucket, EcsObjectUser } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
import { shownOf } from "../harness/stack-run.ts";

test("secrets are encrypted in the state, outputs know them, and .get reads everything and manages nothing", async () => {
  await withStack("ecs-secrets", async (stack) => {
    const program = async () => {
      const user = new EcsObjectUser("user", { userName: "user", tags: { a: "1" } });
      const bucket = new EcsBucket("bucket", {
        bucketName: "bucket",
        owner: user.userName,
        quotaGiB: 2,
        versioning: true,
      });
      return outputsOf(user, bucket);
    };
    const looked = async () => {
      await program();
      const user = EcsObjectUser.get("looked-up-user", "ns1/user");
      const bucket = EcsBucket.get("looked-up-bucket", "ns1/bucket");
      return outputsOf(user, bucket);
    };
    const made = await stack.up(program);
    const [pair] = (await stack.lab.state()).ecs.users["ns1/user"]?.keys ?? [];
    const secret = pair?.secret ?? "";
    const key = { secret: true, value: secret };
    const { endpoint, s3Endpoint, password } = stack.addresses.ecs;
    const common = { namespace: "ns1", s3Endpoint, systemEndpoint: endpoint };
    const user = { ...common, userName: "user", accessKeyId: "user", keyGeneration: 1 };
    const bucket = {
      ...{ ...common, bucketName: "bucket", owner: "user", publicUrl: `${s3Endpoint}/bucket` },
      ...{ created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/), encrypted: false, objectLock: false },
      ...{ quotaGiB: 2, versioning: true },
    };
    expect(await stack.outputs()).toMatchObject({ user: { value: user }, bucket: { value: bucket }, secret: key });

    const run = await stack.up(looked);
    expect(run.calls.filter((call) => !call.startsWith("GET "))).toEqual([]);
    expect(await stack.outputs()).toMatchObject({
      user: { value: { ...user, locked: false, tags: { a: "1" } } },
      secret: key,
      bucket: {
        value: {
          ...{ ...bucket, replicationGroup: stack.addresses.ecs.replicationGroup, encryption: false },
          ...{
            notifyAtGiB: "none",
            policy: "private",
            tags: {},
            retentionSeconds: 0,
            accessDuringOutage: false,
            cors: [],
          },
        },
      },
    });
    const dropped = await stack.up(program);
    expect(dropped.calls).toEqual([]);
    for (const each of [made, run, dropped]) expect(shownOf(each, [secret, password])).toEqual([]);
    for (const text of [secret, password]) expect(stack.storedText()).not.toContain(text);
  });
});

function outputsOf(user: EcsObjectUser, bucket: EcsBucket) {
  return { user: pick(user, userProperties), bucket: pick(bucket, bucketProperties), secret: user.secretAccessKey };
}

const userProperties = [
  "namespace",
  "userName",
  "locked",
  "tags",
  "keyGeneration",
  "accessKeyId",
  "s3Endpoint",
  "systemEndpoint",
] as const;
const bucketProperties = [
  "namespace",
  "bucketName",
  "owner",
  "replicationGroup",
  "encryption",
  "versioning",
  "quotaGiB",
  "notifyAtGiB",
  "policy",
  "tags",
  "retentionSeconds",
  "accessDuringOutage",
  "cors",
  "publicUrl",
  "s3Endpoint",
  "created",
  "encrypted",
  "objectLock",
  "systemEndpoint",
] as const;

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
