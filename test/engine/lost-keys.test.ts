import { CloudianUser, EcsBucket, EcsObjectUser, S3Bucket } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
import { errorsOf, warningsOf } from "../harness/stack-run.ts";

test("a key that was deleted by hand comes back as the same one, though its buckets cannot be read without it", async () => {
  await withStack("lost-keys", async (stack) => {
    const { cloudian } = stack.addresses;
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    const program = async () => {
      const cors = [{ allowedMethods: ["GET" as const], allowedOrigins: ["https://cloud.example.com"] }];
      const blue = new EcsObjectUser("blue", { userName: "blue" });
      new EcsBucket("website", { bucketName: "website", owner: blue.userName, cors });
      const ada = new CloudianUser("ada", { groupId: "home", userId: "ada" });
      const { accessKeyId, secretAccessKey } = ada;
      new S3Bucket("archive", { endpoint: cloudian.s3Endpoint, accessKeyId, secretAccessKey, bucketName: "archive" });
      return { accessKeyId, blue: blue.secretAccessKey };
    };
    await stack.up(program);
    const outputs = await stack.outputs();

    // ECS: the refresh keeps what it cannot see, so that the same command repairs the owner.
    await stack.lab.patch("ecs", { users: { "ns1/blue": { keys: [] } } });
    const repaired = await stack.up(program, { refresh: true });
    expect(warningsOf(repaired)).toContain(
      "The S3 side of ECS bucket ns1/website is not compared: its owner has no key that can be read, so that it cannot be read.",
    );
    expect((await stack.lab.state()).ecs.users["ns1/blue"]?.keys[0]?.secret).toBe(outputs["blue"]?.value);

    // HyperStore: whether the bucket is still there only its key can tell, so that the user goes first.
    const key = String(outputs["accessKeyId"]?.value);
    await stack.lab.patch("cloudian", { credentials: { [key]: null } });
    const failed = await stack.tryUp(program, { refresh: true });
    expect(failed.code).not.toBe(0);
    expect(errorsOf(failed).join("\n")).toContain(`It does not know access key id ${key}`);
    await stack.up(program, { refresh: true, target: [stack.urn("CloudianUser", "ada")] });
    const after = await stack.up(program, { refresh: true });
    expect(after.calls.filter((call) => !/^(GET|HEAD) /.test(call))).toEqual([]);
    expect(Object.keys((await stack.lab.state()).cloudian.s3Buckets)).toEqual(["archive"]);
    await stack.destroy();
  });
});
