import { run } from "../harness/engine/run.ts";
import type { TestStack } from "../harness/stack.ts";

export interface Processes {
  readonly cli: number;
  readonly provider: number;
}

/** The running CLI of the stack, and the provider process below it. */
export async function processesOf(stack: TestStack): Promise<Processes> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,args="]);
  const all = stdout.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
  const cli = all.find(({ command }) => command.startsWith(stack.folder) && command.includes(" up "))?.pid;
  const ancestors = (pid: number): number[] => {
    const parent = all.find((candidate) => candidate.pid === pid)?.parent;
    return parent === undefined || parent === 0 ? [] : [parent, ...ancestors(parent)];
  };
  const provider = all.find(
    ({ pid, command }) => /node.*cmd\/dynamic-provider/.test(command) && ancestors(pid).some((pid) => pid === cli),
  )?.pid;
  if (cli === undefined || provider === undefined) throw new Error(`No CLI and provider process in:\n${stdout}`);
  return { cli, provider };
}

/** A process that has ended and that nobody has waited for yet does not run any more. */
export async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await run("ps", ["-o", "stat=", "-p", String(pid)]);
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}
