import { spawn } from "node:child_process";
import { StorageError } from "../core/errors.ts";

export interface PulumiRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PulumiOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Shows what the engine prints to people as it comes, instead of collecting it. */
  readonly show?: boolean;
}

/** There is no Pulumi CLI on PATH. */
export class NoPulumi extends StorageError {
  override readonly name = "NoPulumi";

  constructor() {
    super(
      "There is no pulumi on PATH. Install the Pulumi CLI (https://www.pulumi.com/docs/iac/download-install/) and run this again.",
    );
  }
}

const ignoreInterrupt = () => {};

/** Runs the Pulumi CLI that is on PATH to its end, never asking for input. */
export function runPulumi(args: readonly string[], { cwd, env, show = false }: PulumiOptions = {}): Promise<PulumiRun> {
  return new Promise((resolve, reject) => {
    const output = show ? "inherit" : "pipe";
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    // A terminal's Ctrl-C reaches the engine as well; whoever ends only this process means both.
    const pass = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGTERM", pass);
    process.on("SIGINT", ignoreInterrupt);
    const done = () => {
      process.off("SIGTERM", pass);
      process.off("SIGINT", ignoreInterrupt);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      done();
      reject(
        error.code === "ENOENT" ? new NoPulumi() : new StorageError(`pulumi could not be started: ${error.message}`),
      );
    });
    child.once("close", (code, signal) => {
      done();
      resolve({ code: code ?? (signal === "SIGINT" ? 130 : 143), ...texts });
    });
  });
}
