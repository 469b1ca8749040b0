import { once } from "node:events";
import { createServer } from "node:http";
import {
  CloudianGroup,
  CloudianUser,
  EcsBucket,
  type EcsBucketArgs,
  EcsObjectUser,
  GlobalSetting,
  getAccounts,
  getDomains,
  getZones,
  ObjectStoragePool,
  S3SecondaryStorage,
  SecondaryStagingStore,
} from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf } from "../harness/stack-run.ts";
import { zoneOne } from "./cloudstack-live.ts";

/** What the table "Identities for the drift job" of docs/ci.md says: which calls a comparison makes, and as whom it works. */

const bucketArgs: EcsBucketArgs = {
  bucketName: "invoices",
  owner: "owner",
  replicationGroup: "rg1",
  quotaGiB: 10,
  notifyAtGiB: 5,
  policy: "public",
  tags: { team: "blue" },
  retentionSeconds: 60,
  accessDuringOutage: true,
};

describe("Dell ECS", { shuffle: false }, () => {
  let stack: TestStack;
  const bucketOnly = (more: Partial<EcsBucketArgs> = {}) =>
    async function program() {
      new EcsBucket("invoices", { ...bucketArgs, ...more });
    };
  const withUser = async () => {
    const owner = new EcsObjectUser("owner", { userName: "owner", tags: { team: "blue" } });
    new EcsBucket("invoices", { ...bucketArgs, owner: owner.userName });
  };
  const as = (role: string | null, release: string | null = null) =>
    stack.lab.patch("ecs", { options: { role, release } });

  beforeAll(async () => {
    stack = await TestStack.open("identities-ecs");
  });
  afterAll(() => stack?.close());

  test("a System Monitor compares buckets, with GET alone", async () => {
    await stack.lab.patch("ecs", { users: { "ns1/owner": { keys: ["Canary-Owner-Key"] } } });
    await stack.up(bucketOnly());
    await as("SYSTEM_MONITOR");
    const clean = await stack.gate(bucketOnly());
    expect(changesOf(clean)).toMatchObject({ same: 2 });
    expect(clean.calls.filter((call) => !call.startsWith("GET "))).toEqual([]);
    await stack.lab.patch("ecs", { buckets: { "ns1/invoices": { blockSize: 20, tags: {} } } });
    expect(changesOf(await stack.gate(bucketOnly()))).toMatchObject({ update: 1 });
    await stack.lab.patch("ecs", { buckets: { "ns1/invoices": { blockSize: 10, tags: { team: "blue" } } } });
  });

  test("but nothing that goes through S3, because the owner's key is hidden from him", async () => {
    await as(null);
    const cors = { cors: [{ allowedMethods: ["GET" as const], allowedOrigins: ["https://cloud.example.com"] }] };
    await stack.up(bucketOnly(cors));
    await as("SYSTEM_MONITOR");
    const refused = await stack.tryGate(bucketOnly(cors));
    expect(refused.code).not.toBe(0);
    expect(errorsOf(refused).join("\n")).toContain("403");
  });

  test("and no object user, whose keys belong to the comparison", async () => {
    await as(null);
    await stack.lab.patch("ecs", { users: { "ns1/owner": null } });
    await stack.up(withUser);
    await as("SYSTEM_MONITOR");
    const refused = await stack.tryGate(withUser);
    expect(refused.code).not.toBe(0);
    expect(errorsOf(refused).join("\n")).toContain("it needs the role System Admin, or Namespace Admin");
  });

  test.each(["NAMESPACE_ADMIN", "SYSTEM_ADMIN"])("%s compares everything", async (role) => {
    await as(role);
    const clean = await stack.gate(withUser);
    expect(changesOf(clean)).toMatchObject({ same: 3 });
    expect(clean.calls.filter((call) => !call.startsWith("GET "))).toEqual([]);
  });
});

describe("CloudStack and HyperStore", () => {
  let stack: TestStack;
  const kinds = async () => {
    const blue = new CloudianGroup("blue", {
      groupId: "blue",
      groupName: "Blue",
      userLimits: { storageKiB: { hard: 9 } },
    });
    new CloudianUser("ada", { groupId: blue.groupId, userId: "ada", limits: { storageKiB: { hard: 5 } } });
    new GlobalSetting("links", { settingName: "extract.url.expiration.interval", value: 3600 });
    const staging = new SecondaryStagingStore("staging", {
      zoneId: zoneOne,
      server: "nfs.example.test",
      path: "/staging",
    });
    const bucket = { endpoint: "https://s3.example.test", bucket: "secondary", verifyBucket: false };
    const keys = { accessKeyId: "access-1", secretAccessKey: "secret-of-access-1" };
    new S3SecondaryStorage("store", { ...bucket, ...keys }, { dependsOn: [staging] });
    new ObjectStoragePool("pool", {
      providerName: "MinIO",
      url: "https://minio.example.test:9000",
      s3: { accessKeyId: "pool-key", secretAccessKey: "secret-of-pool" },
    });
  };
  const withLookUps = async () => {
    await kinds();
    await Promise.all([getZones(), getDomains(), getAccounts()]);
  };
  const commands = async () => {
    const records = await stack.lab.requests("cloudstack");
    return [...new Set(records.map(({ method, query }) => `${method} ${query["command"]}`))].sort();
  };

  beforeAll(async () => {
    stack = await TestStack.open("identities-cloudstack");
    await stack.up(kinds);
  });
  afterAll(() => stack?.close());

  test("a comparison of all kinds sends these commands to CloudStack, and only these", async () => {
    await stack.gate(kinds);
    expect(await commands()).toEqual([
      "GET listCapabilities",
      "GET listConfigurations",
      "GET listImageStores",
      "GET listObjectStoragePools",
      "GET listSecondaryStagingStores",
    ]);
  });

  test("the look-ups need these as well", async () => {
    await stack.gate(withLookUps);
    expect(await commands()).toEqual([
      "GET getUser",
      "GET listAccounts",
      "GET listCapabilities",
      "GET listConfigurations",
      "GET listDomains",
      "GET listImageStores",
      "GET listObjectStoragePools",
      "GET listSecondaryStagingStores",
      "GET listZones",
    ]);
  });

  test("the Admin API is asked with GET alone, so that a proxy in front of it may refuse everything else", async () => {
    const { calls } = await stack.gate(kinds);
    const ofHyperstore = calls.filter((call) => !call.includes("/client/api"));
    expect([...new Set(ofHyperstore.map((call) => call.split("?")[0]))].sort()).toEqual([
      "GET /group",
      "GET /qos/limits",
      "GET /user",
      "GET /user/credentials/list",
    ]);
  });
});

test("HyperStore behind a proxy that lets GET pass is compared, and cannot be written", async () => {
  const config = { cloudianEndpoint: undefined, cloudianUsername: undefined, cloudianPassword: undefined };
  const stack = await TestStack.open("identities-proxy", { config });
  const { endpoint, username, password } = stack.addresses.cloudian;
  const proxy = await readingProxy(endpoint);
  const direct = { CLOUDIAN_ENDPOINT: endpoint, CLOUDIAN_USERNAME: username, CLOUDIAN_PASSWORD: password };
  const behind = { ...direct, CLOUDIAN_ENDPOINT: proxy.endpoint, CLOUDIAN_ENDPOINT_ALIASES: endpoint };
  const program = (groupName: string) => async () => {
    new CloudianGroup("blue", { groupId: "blue", groupName });
  };
  try {
    await stack.up(program("Blue"), { env: direct });
    const compare = () => stack.tryPreview(program("Blue"), { refresh: true, env: behind });
    const clean = await compare();
    expect({ code: clean.code, changes: changesOf(clean) }).toMatchObject({ code: 0, changes: { same: 2 } });
    await stack.lab.patch("cloudian", { groups: { blue: { groupName: "by hand" } } });
    expect(changesOf(await compare())).toMatchObject({ update: 1 });
    const refused = await stack.tryUp(program("Red"), { env: behind });
    expect(errorsOf(refused).join("\n")).toContain("405");
    expect((await stack.lab.state()).cloudian.groups["blue"]).toMatchObject({ groupName: "by hand" });
  } finally {
    proxy.close();
    await stack.close();
  }
});

/** A reverse proxy that hands reading requests on and refuses all others with 405. */
async function readingProxy(target: string): Promise<{ endpoint: string; close(): void }> {
  const server = createServer(({ method, url = "", headers }, response) => {
    if (method !== "GET") {
      response.writeHead(405).end();
      return;
    }
    const { authorization = "" } = headers;
    void fetch(`${target}${url}`, { headers: { authorization } }).then(async (answer) => {
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
      response.end(await answer.text());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { endpoint: `http://127.0.0.1:${address.port}`, close };
}
