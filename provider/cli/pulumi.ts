import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
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
    const signals = new PassedSignals(child);
    child.once("error", (error: NodeJS.ErrnoException) => {
      signals.end();
      reject(
        error.code === "ENOENT" ? new NoPulumi() : new StorageError(`pulumi could not be started: ${error.message}`),
      );
    });
    child.once("close", (code, signal) => {
      signals.end();
      resolve({ code: signals.codeFor(code, signal), ...texts });
    });
  });
}

/** What becomes of signals while the engine runs: it ends in its own way, and we after it. */
class PassedSignals {
  readonly #child: ChildProcess;
  #received: NodeJS.Signals | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    process.on("SIGTERM", this.#terminate);
    process.on("SIGINT", this.#interrupt);
  }

  end(): void {
    process.off("SIGTERM", this.#terminate);
    process.off("SIGINT", this.#interrupt);
  }

  /** That of a run that somebody has ended says so, whatever the engine calls it. */
  codeFor(code: number | null, signal: NodeJS.Signals | null): number {
    if (code === 0) return 0;
    const ended = this.#received ?? signal;
    return ended === null ? (code ?? 1) : 128 + constants.signals[ended];
  }

  readonly #terminate = () => {
    this.#received = "SIGTERM";
    this.#child.kill("SIGTERM");
  };

  /** A terminal's Ctrl-C reaches the engine as well, and a second one would cut it off. */
  readonly #interrupt = () => {
    this.#received = "SIGINT";
  };
}

/** Throws where the Pulumi CLI is older than a release, such as `3.254`. */
export async function requirePulumi(oldest: string, purpose: string): Promise<void> {
  const { stdout } = await runPulumi(["version"]);
  const [major = 0, minor = 0] = stdout.match(/\d+/g)?.map(Number) ?? [];
  const [needed = 0, neededMinor = 0] = oldest.split(".").map(Number);
  if (major > needed || (major === needed && minor >= neededMinor)) return;
  throw new StorageError(`${purpose} needs Pulumi ${oldest} or newer, and this is ${stdout.trim()}.`);
}
