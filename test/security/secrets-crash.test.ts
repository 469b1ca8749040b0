import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ecsBucket } from "../contract/ecs-support.ts";
import { Stage, secret, user } from "../contract/support.ts";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import { sdkFolder } from "../harness/engine/sdk.ts";
import { makeProjectWithPackage } from "../harness/installed-package.ts";
import { scanTree } from "../harness/secret-scan/files.ts";
import { Scanner } from "../harness/secret-scan/scanner.ts";
import { given } from "./secrets-canaries.ts";

const scanner = new Scanner(Object.entries(given).map(([name, value]) => ({ name, value })));

/** Loaded into the provider process first: on SIGUSR2 it fails as a defect of ours would, where nobody catches it. */
const failing = `process.on("SIGUSR2", () => setImmediate(() => { throw new Error("a defect"); }));`;
const rejecting = `process.on("SIGUSR2", () => void Promise.reject(new Error("a defect")));`;

describe("a provider process that ends in the middle of a call", () => {
  let stage: Stage;
  let folder: string;
  let project: string;

  beforeAll(async () => {
    stage = await Stage.open("newest");
    folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-crash-"));
    project = makeProjectWithPackage(sdkFolder);
    await stage.control.patch("cloudian", { options: { password: given.cloudianPassword }, groups: { blue: {} } });
  });
  afterAll(async () => {
    await stage.close();
    for (const each of [folder, project]) rmSync(each, { recursive: true, force: true });
  });

  /** A process with the secrets of three systems in its memory, and a call that waits for an answer. */
  const inACall = async (env: Record<string, string>): Promise<DynamicServer> => {
    const ecs = { ecsEndpoint: "http://127.0.0.1:9", ecsUsername: "pulumi", ecsPassword: secret(given.ecsPassword) };
    const config = stage.config({ cloudianPassword: secret(given.cloudianPassword), ...ecs, retryBudget: "0" });
    const server = await startDynamicServer({
      ...{ sdk: "newest", cwd: project, config },
      env: { TMPDIR: folder, CLOUDSTACK_STORAGE_DEBUG: "1", ...env },
    });
    await server.create(ecsBucket("bucket", "owner")).catch(() => {});
    await stage.control.clearRequests();
    await stage.fault({ kind: "hang", method: "PUT", path: "/user" });
    void server.create(user("blue", "ada", { password: given.cmcPassword })).catch(() => {});
    await expect.poll(() => stage.control.requests("cloudian"), { timeout: 30_000, interval: 20 }).toHaveLength(1);
    return server;
  };

  const hook = (name: string, text: string): Record<string, string> => {
    const file = join(folder, `${name}.cjs`);
    writeFileSync(file, text);
    return { NODE_OPTIONS: `--require=${file}` };
  };

  test.each([
    { how: "an abort", signal: "SIGABRT", env: () => ({}) },
    { how: "an error that nobody catches", signal: "SIGUSR2", env: () => hook("failing", failing) },
    { how: "a rejection that nobody handles", signal: "SIGUSR2", env: () => hook("rejecting", rejecting) },
    { how: "the engine's request to end", signal: "SIGINT", env: () => ({}) },
  ] as const)("$how shows no secret and leaves no file with one", async ({ signal, env }) => {
    const server = await inACall(env());
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
