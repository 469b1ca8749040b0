import { CloudianGroup, EcsObjectUser, S3Bucket, SecondaryStagingStore } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { isRunning, type Processes, processesOf } from "../engine/processes.ts";
import { liveEstate } from "../harness/battery/live-estate.ts";
import { owner, pair } from "../harness/battery/specimens/s3.ts";
import type { LabFault } from "../harness/lab.ts";
import { soak } from "../harness/soak.ts";
import { killed, type TestStack, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, type Run, stepsOf } from "../harness/stack-run.ts";

const adopt = { CLOUDSTACK_STORAGE_ADOPT: "identical" };
const soon = { timeout: 60_000, interval: 50 };

/** The creating request of one resource in each system. */
const creations: readonly Pick<LabFault, "system" | "method" | "path" | "command">[] = [
  { system: "cloudian", method: "PUT", path: "/group" },
  { system: "cloudian-s3", method: "PUT", path: "/invoices/" },
  { system: "ecs", method: "POST", path: "/object/users" },
  { system: "cloudstack", command: "createSecondaryStagingStore" },
];

/** Four that are created at the same time, and one that waits for the first of them. */
function programOf({ addresses }: TestStack): () => Promise<void> {
  const { cloudian, cloudstack } = addresses;
  return async () => {
    const group = new CloudianGroup("blue", { groupName: "Blue" });
    new S3Bucket("invoices", {
      endpoint: cloudian.s3Endpoint,
      ...pair,
      bucketName: "invoices",
      tags: { team: "blue" },
    });
    new EcsObjectUser("ada", { userName: "ada", tags: { team: "blue" } });
    new SecondaryStagingStore("one", { zoneId: cloudstack.zoneId, server: "nfs.example.test", path: "/one" });
    new CloudianGroup("later", { groupId: "later" }, { dependsOn: group });
  };
}

/** What becomes of an `up` while all four creating requests have been carried out and none is answered. */
async function whileCreating(stack: TestStack, act: (processes: Processes) => Promise<void>) {
  await stack.lab.patch("cloudian", owner);
  const before = await live(stack);
  for (const creation of creations) await stack.lab.fault({ ...creation, kind: "delay", delayMs: 3_600_000 });
  const running = stack.tryUp(programOf(stack));
  await expect.poll(async () => (await stack.lab.faults()).map(({ fired }) => fired), soon).toEqual([1, 1, 1, 1]);
  const processes = await processesOf(stack);
  await act(processes);
  const run = await running;
  await stack.lab.clearFaults();
  await expect.poll(() => isRunning(processes.provider), soon).toBe(false);
  return { run, before };
}

/** The next `up` has brought the estate to what is declared, nothing is left to do, and a destroy leaves nothing. */
async function expectWhole(stack: TestStack, recovered: Run, before: object): Promise<void> {
  expect(errorsOf(recovered)).toEqual([]);
  const again = await stack.up(programOf(stack));
  expect([changesOf(again), again.calls]).toEqual([{ same: 6 }, []]);
  const whole = await live(stack);
  expect(Object.keys(whole["cloudian"]?.["groups"] as object)).toHaveLength(4);
  expect(Object.keys(whole["cloudian"]?.["s3Buckets"] as object)).toEqual(["theirs", "invoices"]);
  expect(whole["ecs"]?.["users"]).toMatchObject({ "ns1/ada": { tags: { team: "blue" } } });
  await stack.destroy();
  expect(await live(stack)).toEqual(before);
}

async function pendingOf(stack: TestStack): Promise<string[]> {
  const { deployment } = await stack.exportState();
  const pending: { type: string; resource: { urn: string } }[] = deployment.pending_operations ?? [];
  return pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`).toSorted();
}

async function live(stack: TestStack) {
  return liveEstate(await stack.lab.state());
}

test("Ctrl-C once: what runs is finished and recorded, the rest is not begun, and the next up goes on", async () => {
  await withStack("interrupted-once", async (stack) => {
    const { run, before } = await whileCreating(stack, async ({ cli }) => {
      process.kill(cli, "SIGINT");
      await expect.poll(() => stack.shown, soon).toContain("^C received");
      await stack.lab.clearFaults();
    });
    expect(run.code).toBe(1);
    expect(errorsOf(run).join("\n")).toContain("update canceled");
    expect(await pendingOf(stack)).toEqual([]);
    const next = await stack.up(programOf(stack));
    expect(stepsOf(next).map(({ name, op }) => `${op} ${name}`)).toEqual(["create later"]);
    await expectWhole(stack, next, before);
  });
});

test("Ctrl-C twice: four pending operations, and one run with leave to adopt finds all four objects", async () => {
  await withStack("interrupted-twice", async (stack) => {
    const { run, before } = await whileCreating(stack, async ({ cli }) => {
      process.kill(cli, "SIGINT");
      await expect.poll(() => stack.shown, soon).toContain("^C received");
      process.kill(cli, "SIGINT");
    });
    expect(run.code).toBe(8);
    await recoverPending(stack, before);
  });
});

// With one resource, the engine tests do this every time.
if (soak) {
  test("a killed CLI: the provider finishes and ends, and after cancel one run with leave to adopt finds all", async () => {
    await withStack("killed-cli-everywhere", async (stack) => {
      const { run, before } = await whileCreating(stack, async ({ cli }) => void process.kill(cli, "SIGKILL"));
      expect(run.code).toBe(killed);
      const locked = await stack.tryUp(programOf(stack));
      expect(locked.output).toContain("the stack is currently locked by 1 lock(s)");
      expect(await stack.cli(["cancel", "--yes"])).toMatchObject({ code: 0 });
      await recoverPending(stack, before);
    });
  });

  test("a killed provider process: nothing is pending, and one run with leave to adopt finds all four objects", async () => {
    await withStack("killed-provider-everywhere", async (stack) => {
      const { run, before } = await whileCreating(
        stack,
        async ({ provider }) => void process.kill(provider, "SIGKILL"),
      );
      expect(run.code).toBe(1);
      expect(await pendingOf(stack)).toEqual([]);
      await expectWhole(stack, await stack.up(programOf(stack), { env: adopt }), before);
    });
  });
}

async function recoverPending(stack: TestStack, before: object): Promise<void> {
  const pending = ["creating ada", "creating blue", "creating invoices", "creating one"];
  expect(await pendingOf(stack)).toEqual(pending);
  const next = await stack.up(programOf(stack), { env: adopt });
  expect(next.output).toContain("4 pending operations");
  expect(await pendingOf(stack)).toEqual(pending);
  const cleared = await stack.cli(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]);
  expect(cleared).toMatchObject({ code: 0 });
  expect(await pendingOf(stack)).toEqual([]);
  await expectWhole(stack, next, before);
}
