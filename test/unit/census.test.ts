import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { leftBehind, runVariable } from "../harness/layers/census.ts";
import { runWatched } from "../harness/watched-run.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-census-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  rmSync(folder, { recursive: true, force: true });
});

test("nothing is left where nothing is", async () => {
  expect(await leftBehind("no-run", folder, 0)).toEqual([]);
});

test("every file and folder is left, whoever made it, but the pipes of a language host", async () => {
  mkdirSync(join(folder, "cloudstack-storage-stack-x"));
  mkdirSync(join(folder, "pulumi-node-pipes"));
  writeFileSync(join(folder, ".hidden"), "");
  expect((await leftBehind("no-run", folder, 0)).toSorted()).toEqual([
    "a temporary file or folder is left: .hidden",
    "a temporary file or folder is left: cloudstack-storage-stack-x",
  ]);
});

test("a process of this run that still runs is left, one of another run is not", async () => {
  const runId = folder;
  let end = () => {};
  const started = Promise.withResolvers<number>();
  const running = runWatched(process.execPath, ["-e", "console.log(process.pid); process.stdin.resume()"], {
    env: { [runVariable]: runId },
    onStart: (child) => {
      end = () => child.stdin.end();
    },
    onOutputLine: (line) => started.resolve(Number(line)),
  });
  const pid = await started.promise;
  expect(await leftBehind(runId, folder, 0)).toEqual([`a process still runs: ${pid} ${process.execPath}`]);
  expect(await leftBehind("another-run", folder, 0)).toEqual([]);
  end();
  await running;
  expect(await leftBehind(runId, folder, 0)).toEqual([]);
});

test("what a layer gives reaches engines and commands that inherit nothing else", async () => {
  const given = { [runVariable]: "a-run", TMPDIR: folder, NODE_COMPILE_CACHE: `${folder}/compiled` };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
  vi.resetModules();
  const { ofThisRun } = await import("../harness/layers/census.ts");
  expect(ofThisRun).toMatchObject(given);
  const { runWatched: runAnew } = await import("../harness/watched-run.ts");
  const { stdout } = await runAnew(process.execPath, ["-p", "JSON.stringify(process.env)"], { env: {} });
  expect(JSON.parse(stdout)).toMatchObject(given);
  const { environmentOf } = await import("../harness/stack-setup.ts");
  const engine = { env: () => ({}) } as Parameters<typeof environmentOf>[0];
  expect(environmentOf(engine, folder)).toMatchObject(given);
});
