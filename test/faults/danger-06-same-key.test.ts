import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { EcsStage, objectUser, plain } from "../contract/ecs-support.ts";
import { PAIR, Stage, user } from "../contract/support.ts";

const text = "what must not be lost";
const objects = { "invoices/2026.pdf": text };

/** What somebody reads who holds a key pair, and has it from nowhere but the state. */
async function readWith(endpoint: string, accessKeyId: string, secretAccessKey: string): Promise<string> {
  const credentials = { accessKeyId, secretAccessKey };
  const s3 = new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true, maxAttempts: 1 });
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "invoices", Key: "invoices/2026.pdf" }));
    return (await Body?.transformToString()) ?? "";
  } catch (error) {
    return (error as Error).name;
  } finally {
    s3.destroy();
  }
}

test("after the repair of a deleted Cloudian key whoever holds the pair reads the data as before", async () => {
  const stage = await Stage.open("newest");
  try {
    const { accessKeyId, secretAccessKey } = PAIR;
    const credential = { groupId: "blue", userId: "ada", secretKey: secretAccessKey };
    await stage.control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": {} },
      credentials: { [accessKeyId]: credential },
      buckets: { "blue/ada": [{ bucketName: "invoices" }] },
    });
    await stage.control.patch("cloudian", { s3Buckets: { invoices: { objects } } });
    const { s3Endpoint } = stage.addresses.cloudian;
    expect(await readWith(s3Endpoint, accessKeyId, secretAccessKey)).toBe(text);

    const server = await stage.serve();
    const olds = user("blue", "ada", { ...PAIR, __keyGeneration: 1, systemEndpoint: stage.endpoint });
    await stage.control.patch("cloudian", { credentials: { [accessKeyId]: null } });
    expect(await readWith(s3Endpoint, accessKeyId, secretAccessKey)).toBe("InvalidAccessKeyId");
    const { properties } = await server.read("blue/ada", olds);
    await server.update("blue/ada", { ...properties, secretAccessKey }, user("blue", "ada"));
    expect(await readWith(s3Endpoint, accessKeyId, secretAccessKey)).toBe(text);
    expect(Object.keys((await stage.control.state()).cloudian.credentials)).toEqual([accessKeyId]);
  } finally {
    await stage.close();
  }
});

test("after the repair of a deleted ECS key, and after a rotation, whoever holds the earlier pair reads the data", async () => {
  const stage = await EcsStage.open("newest");
  try {
    const secretKey = "owner000000000000000000000000000000owner";
    await stage.patch({
      users: { "ns1/ada": { keys: [secretKey] } },
      buckets: { "ns1/invoices": { owner: "ada", objects } },
    });
    const { s3Endpoint } = stage.addresses.ecs;
    const server = await stage.serve();
    const state = {
      accessKeyId: "ada",
      secretAccessKey: secretKey,
      __keyGeneration: 1,
      systemEndpoint: stage.endpoint,
    };
    await stage.patch({ users: { "ns1/ada": { keys: [null, null] } } });
    expect(await readWith(s3Endpoint, "ada", secretKey)).not.toBe(text);
    const { properties } = await server.read("ns1/ada", objectUser("ada", state));
    const repaired = await server.update("ns1/ada", plain(properties), objectUser("ada"));
    expect(await readWith(s3Endpoint, "ada", secretKey)).toBe(text);

    const rotated = plain(await server.update("ns1/ada", plain(repaired), objectUser("ada", { keyGeneration: 2 })));
    expect(rotated["secretAccessKey"]).not.toBe(secretKey);
    expect(await readWith(s3Endpoint, "ada", secretKey)).toBe(text);
    expect(await readWith(s3Endpoint, "ada", String(rotated["secretAccessKey"]))).toBe(text);
  } finally {
    await stage.close();
  }
});
