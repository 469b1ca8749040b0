import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  /** What it can read from standard input, which is no terminal; nothing by default. */
  input?: string;
  /** Gets the process once it has started, for whoever types or sends signals; its standard input stays open then. */
  onStart?: (child: ChildProcessWithoutNullStreams) => void;
  /** Called with each line of standard output as it comes. */
  onOutputLine?: (line: string) => void;
  /** Called with each line of standard error as it comes. */
  onErrorLine?: (line: string) => void;
}

export interface RunResult {
  /** Undefined when the program could not be started at all or was ended by the time limit. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  /** Why there is no exit code. */
  problem?: string;
}

/** Runs a program to its end; never rejects. At the time limit it ends the program and whatever that has started. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { cwd, env = process.env, timeoutMs, input, onStart, onOutputLine, onErrorLine } = options;
  const ownGroup = timeoutMs !== undefined && process.platform !== "win32";
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: "pipe", detached: ownGroup });
    const texts = { stdout: "", stderr: "" };
    let late = false;
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    if (onOutputLine) createInterface({ input: child.stdout }).on("line", onOutputLine);
    if (onErrorLine) createInterface({ input: child.stderr }).on("line", onErrorLine);
    // Who reads nothing may be gone before it is written to.
    child.stdin.on("error", () => {});
    if (onStart) onStart(child);
    else child.stdin.end(input);
    const endAll = () => {
      late = true;
      if (ownGroup && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(endAll, timeoutMs);
    const finish = (code: number | null, problem?: string) => {
      clearTimeout(timer);
      const reason = problem ?? (late ? `took longer than ${(timeoutMs ?? 0) / 1000} s` : undefined);
      const result = { code: reason === undefined ? (code ?? undefined) : undefined, ...texts };
      resolve(reason === undefined ? result : { ...result, problem: reason });
    };
    child.on("error", (error) => finish(null, error.message));
    child.on("close", (code, signal) => finish(code, signal === null || late ? undefined : `was ended by ${signal}`));
  });
}
