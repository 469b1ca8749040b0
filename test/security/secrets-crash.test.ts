import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { pool, setting } from "../contract/cloudstack-support.ts";
import { ecsBucket, objectUser, s3Bucket } from "../contract/ecs-support.ts";
import { Stage, secret, user } from "../contract/support.ts";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import { sdkFolder } from "../harness/engine/sdk.ts";
import { makeProjectWithPackage } from "../harness/installed-package.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { scanTree } from "../harness/secret-scan/files.ts";
import { Scanner } from "../harness/secret-scan/scanner.ts";
import { secretsIn } from "../harness/secret-scan/watch.ts";
import { given } from "./secrets-canaries.ts";
import { environmentWith } from "./secrets-crash-ways.ts";
import { Relay } from "./secrets-relay.ts";

const own = Object.entries(given).map(([name, value]) => ({ name, value }));
/** A policy that the program has marked. */
const policyOf = (bucketName: string) => ({
  policy: {
    Statement: [
      {
        ...{ Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${bucketName}/*`] },
        Condition: { StringEquals: { "aws:Referer": given.policySecret } },
      },
    ],
  },
  __secrets: ["policy"],
});

/** Creations that a system carries out and then answers with an error. */
const refused: readonly { faults: Omit<LabFault, "kind">[]; inputs(stage: Stage): Properties }[] = [
  {
    faults: [{ system: "ecs", method: "PUT", path: "/object/bucket/backups/policy" }],
    inputs: () => ecsBucket("backups", "owner", policyOf("backups")),
  },
  {
    // The first such request makes the bucket, the second one its policy.
    faults: [{ system: "cloudian-s3", method: "PUT", path: "/invoices*", after: 1 }],
    inputs: ({ addresses }) =>
      s3Bucket(addresses.cloudian.s3Endpoint, "invoices", {
        ...{ accessKeyId: "OWN", secretAccessKey: given.handmadeKey, ...policyOf("invoices") },
      }),
  },
  {
    // Looked for before and after; where it were found, it would be made.
    faults: [
      { system: "cloudstack", command: "addObjectStoragePool" },
      { system: "cloudstack", command: "listObjectStoragePools", after: 1 },
    ],
    inputs: () => pool("minio", { s3: { accessKeyId: "pool", secretAccessKey: given.poolSecret } }),
  },
  {
    faults: [{ system: "cloudstack", command: "updateConfiguration" }],
    inputs: () => setting("ldap.bind.password", { value: given.settingSecret, onDestroy: "keep" }),
  },
  {
    faults: [{ system: "cloudstack", command: "updateConfiguration" }],
    inputs: () => setting("cloudian.sso.key", { value: given.ssoKey, onDestroy: "keep" }),
  },
];

describe("a provider process that ends in the middle of a call", () => {
  let stage: Stage;
  let relay: Relay;
  let folder: string;
  let project: string;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open("newest");
    relay = await Relay.to(stage.addresses.ecs.endpoint, stage.addresses.ecs.caPem);
    folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-crash-"));
    project = makeProjectWithPackage(sdkFolder);
  });
  afterAll(async () => {
    await Promise.all([relay.close(), stage.close()]);
    for (const each of [folder, project]) rmSync(each, { recursive: true, force: true });
  });
  beforeEach(async () => {
    relay.proofs.clear();
    await stage.control.patch("cloudian", {
      options: { password: given.cloudianPassword },
      groups: { blue: {} },
      users: { "blue/owner": {} },
      credentials: { OWN: { groupId: "blue", userId: "owner", secretKey: given.handmadeKey } },
    });
    await stage.control.patch("ecs", { options: { password: given.ecsPassword }, users: { "ns1/owner": {} } });
    const [admin = ""] = Object.keys((await stage.control.state()).cloudstack["users"] ?? {});
    await stage.control.patch("cloudstack", { users: { [admin]: { secretKey: given.cloudstackSecretKey } } });
  });
  afterEach(async () => {
    server.kill("SIGKILL");
    await server.exited;
    await stage.control.reset();
  });

  const start = async (env: Record<string, string>): Promise<void> => {
    const { ecs, cloudstack } = stage.addresses;
    const ofEcs = { ecsEndpoint: relay.endpoint, ecsUsername: ecs.username, ecsPassword: secret(given.ecsPassword) };
    const { endpoint: cloudstackEndpoint, apiKey: cloudstackApiKey } = cloudstack;
    const logIn = { cloudstackEndpoint, cloudstackApiKey, cloudstackSecretKey: secret(given.cloudstackSecretKey) };
    const config = stage.config({
      ...{ cloudianPassword: secret(given.cloudianPassword), cloudianSsoKey: secret(given.ssoKey) },
      ...{ ...ofEcs, ecsNamespace: ecs.namespace, ...logIn, retryBudget: "0" },
    });
    const debug = { TMPDIR: folder, CLOUDSTACK_STORAGE_DEBUG: "1", ...env };
    server = await startDynamicServer({ sdk: "newest", cwd: project, config, env: debug });
  };

  /** A process that has logged in everywhere, has met every secret, and waits for an answer. */
  const inACall = async (env: Record<string, string>): Promise<void> => {
    await start(env);
    await server.create(user("blue", "eve"));
    await server.create(objectUser("ann"));
    for (const { faults, inputs } of refused) {
      for (const fault of faults) await stage.control.fault({ ...fault, kind: "status-after-commit", status: 400 });
      await expect(server.create(inputs(stage))).rejects.toThrow("400");
    }
    await stage.control.clearRequests();
    await stage.fault({ kind: "hang", method: "PUT", path: "/user" });
    void server.create(user("blue", "ada", { password: given.cmcPassword })).catch(() => {});
    await expect.poll(() => stage.control.requests("cloudian"), { timeout: 30_000, interval: 20 }).toHaveLength(1);
  };

  /** What the systems hold is what the process has sent: all but the password of the user that waits. */
  const met = async () => {
    const state = await stage.control.state();
    const sent = new Scanner(own).scan(JSON.stringify(state), "the lab").map(({ canary }) => canary);
    const made = secretsIn({ ...state.cloudian.credentials, ...state.ecs.users });
    const proofs = [...relay.proofs].map((value) => ({ name: "token or header of ECS", value }));
    expect([...new Set(sent)].sort()).toEqual([
      ...["cloudianPassword", "cloudstackSecretKey", "ecsPassword", "handmadeKey"],
      ...["policySecret", "poolSecret", "settingSecret", "ssoKey"],
    ]);
    expect([made.length, proofs.length]).toEqual([3, 2]);
    return [...own, ...made, ...proofs];
  };

  test.each([
    { how: "an abort", signal: "SIGABRT", env: () => ({}) },
    { how: "an error that nobody catches", signal: "SIGUSR2", env: () => environmentWith("failing", folder) },
    { how: "a rejection that nobody handles", signal: "SIGUSR2", env: () => environmentWith("rejecting", folder) },
    { how: "the engine's request to end", signal: "SIGINT", env: () => ({}) },
  ] as const)("$how shows no secret and leaves no file with one", async ({ signal, env }) => {
    await inACall(env());
    const scanner = new Scanner(await met());
    server.kill(signal);
    if (signal === "SIGUSR2") await expect.poll(() => server.stderr, { timeout: 30_000 }).toContain("a defect");
    server.kill("SIGABRT");
    await server.exited;
    const said = [server.stdout, server.stderr, ...server.logs.map(({ message }) => message)].join("\n");
    expect(said).toContain("cloudstack-storage: ");
    expect(scanner.scan(said, "what it said")).toEqual([]);
    // Where Node.js would leave a report or a snapshot of the heap, which hold everything and are nobody's default.
    expect(scanTree(scanner, project, (path) => !path.startsWith("node_modules"))).toEqual([]);
    expect(scanTree(scanner, folder)).toEqual([]);
  });
});
