import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { keptIn } from "../compiled-code.ts";

/** By this variable a process of a test run can be told from all others. */
export const runVariable = "CLOUDSTACK_STORAGE_TEST_RUN";

/**
 * What a layer gives all its processes, for such as inherit nothing else: by it each is found with all that it leaves, and
 * what may outlast them lies elsewhere.
 */
export const ofThisRun: Readonly<Record<string, string>> = Object.fromEntries(
  [runVariable, "TMPDIR", ...Object.keys(keptIn(""))].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

/** A language host that is ended before its program leaves its pipes there, and no engine looks after them. */
const pipesOfHosts = "pulumi-node-pipes";

/** What a test run has left behind: its temporary files, be they ours or an engine's, and processes that still run. */
export async function leftBehind(runId: string, temporaryFolder: string, patienceMs = 10_000): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  let processes = await processesOf(runId);
  while (processes.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    processes = await processesOf(runId);
  }
  const files = (await readdir(temporaryFolder)).filter((name) => !name.startsWith(pipesOfHosts));
  return [
    ...processes.map((process) => `a process still runs: ${process}`),
    ...files.map((name) => `a temporary file or folder is left: ${name}`),
  ];
}

/** Only Linux tells the environment of other processes; elsewhere the files alone are looked at. */
async function processesOf(runId: string): Promise<string[]> {
  if (process.platform !== "linux") return [];
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    ids.map(async (id) => {
      const environment = await readFile(join("/proc", id, "environ"), "utf8").catch(() => "");
      if (!environment.split("\0").includes(`${runVariable}=${runId}`)) return [];
      const program = await readlink(join("/proc", id, "exe")).catch(() => "ended");
      return program === "ended" ? [] : [`${id} ${program}`];
    }),
  );
  return found.flat();
}
