import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
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
  const { cwd, env = process.env, timeoutMs, onOutputLine, onErrorLine } = options;
  const ownGroup = timeoutMs !== undefined && process.platform !== "win32";
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: ownGroup });
    let stdout = "";
    const errors: string[] = [];
    let late = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    if (onOutputLine) createInterface({ input: child.stdout }).on("line", onOutputLine);
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors.push(line);
      onErrorLine?.(line);
    });
    const endAll = () => {
      late = true;
      if (ownGroup && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(endAll, timeoutMs);
    const finish = (code: number | null, problem?: string) => {
      clearTimeout(timer);
      const reason = problem ?? (late ? `took longer than ${(timeoutMs ?? 0) / 1000} s` : undefined);
      const result = {
        code: reason === undefined ? (code ?? undefined) : undefined,
        stdout,
        stderr: errors.join("\n"),
      };
      resolve(reason === undefined ? result : { ...result, problem: reason });
    };
    child.on("error", (error) => finish(null, error.message));
    child.on("close", (code, signal) => finish(code, signal === null || late ? undefined : `was ended by ${signal}`));
  });
}
