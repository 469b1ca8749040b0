import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudianGroup } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { sdkFolder } from "../harness/engine/sdk.ts";
import { killed, type TestStack, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, warningsOf } from "../harness/stack-run.ts";
import { limitsCall } from "./limits-call.ts";
import { isRunning, type Processes, processesOf } from "./processes.ts";

const limits = { objectCount: { hard: 3 } };
const program = async () => {
  new CloudianGroup("derived", { groupName: "mine", limits });
};

/** Starts an `up` whose creation takes three seconds at the server, and goes on once the request is there. */
async function whileCreating(stack: TestStack, act: (processes: Processes) => void) {
  await stack.lab.fault({ system: "cloudian", kind: "delay", method: "PUT", path: "/group", delayMs: 3000 });
  const running = stack.tryUp(program);
  await expect.poll(() => stack.requests(), { timeout: 60_000, interval: 50 }).toHaveLength(1);
  const processes = await processesOf(stack);
  act(processes);
  return { run: await running, processes };
}

test("a provider process whose engine was killed finishes its call and ends by itself", async () => {
  await withStack("killed-cli", async (stack) => {
    const { run, processes } = await whileCreating(stack, ({ cli }) => process.kill(cli, "SIGKILL"));
    expect(run.code).toBe(killed);
    await expect.poll(() => isRunning(processes.provider), { timeout: 30_000, interval: 100 }).toBe(false);
    // The second request of the creation left after the engine was gone.
    const [groupId = ""] = Object.keys((await stack.lab.state()).cloudian.groups).filter((id) => id !== "0");
    const sent = (await stack.requests()).map(({ method, path }) => `${method} ${path}`);
    expect(sent).toEqual(["PUT /group", "POST /qos/limits"]);

    expect(await stack.cli(["cancel", "--yes"])).toMatchObject({ code: 0 });
    const next = await stack.up(program);
    expect(next.calls).toEqual([
      "PUT /group",
      `GET /group?groupId=${groupId}`,
      `GET /qos/limits?groupId=${groupId}&userId=*`,
      "GET /qos/limits?groupId=ALL&userId=*",
    ]);
    expect(Object.keys((await stack.lab.state()).cloudian.groups).toSorted()).toEqual(["0", groupId]);
    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
  });
});

test("what a killed provider process left half made is adopted by the next up", async () => {
  await withStack("killed-provider", async (stack) => {
    const { run } = await whileCreating(stack, ({ provider }) => process.kill(provider, "SIGKILL"));
    expect(run.code).toBe(1);
    expect(run.calls).toEqual(["PUT /group"]);
    const [groupId = ""] = Object.keys((await stack.lab.state()).cloudian.groups).filter((id) => id !== "0");
    const next = await stack.up(program);
    expect(next.calls).toEqual([
      "PUT /group",
      `GET /group?groupId=${groupId}`,
      `GET /qos/limits?groupId=${groupId}&userId=*`,
      limitsCall(groupId, "*", { hlStorageQuotaCount: 3 }),
    ]);
    expect(warningsOf(next).join("\n")).toContain("It will be changed: limits from {}");
    const unchanged = await stack.up(program);
    expect([changesOf(unchanged), unchanged.calls]).toEqual([{ same: 2 }, []]);
  });
});

test("without the package in the program's folder, every command says what to install", async () => {
  await withStack("missing", async (stack) => {
    await stack.up(program);
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-empty-"));
    try {
      mkdirSync(join(folder, "node_modules", "@pulumi"), { recursive: true });
      symlinkSync(sdkFolder, join(folder, "node_modules", "@pulumi", "pulumi"), "junction");
      const settings = (main: string) => JSON.stringify({ name: "engine-test", runtime: "nodejs", main });
      writeFileSync(join(stack.folder, "Pulumi.yaml"), settings(folder));
      const failed = await stack.cli(["destroy", "--yes", "--skip-preview"]);
      expect(failed.code).not.toBe(0);
      const text = failed.stdout + failed.stderr;
      expect(text).toContain(
        "pulumi-cloudstack-storage is not installed in this folder: run npm ci, or npm install pulumi-cloudstack-storage",
      );
      expect(text).not.toContain("node:internal");
      writeFileSync(join(stack.folder, "Pulumi.yaml"), settings(process.cwd()));
      const done = await stack.destroy();
      expect(errorsOf(done)).toEqual([]);
      expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
