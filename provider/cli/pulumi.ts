import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { StorageError } from "../core/errors.ts";

export interface PulumiRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What has asked it, or this process, to end. */
  readonly signal: NodeJS.Signals | undefined;
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

/** Somebody has asked the command to end while it waited for pulumi. */
export class Interrupted extends StorageError {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals, what: string) {
    super(`Interrupted (${signal}) while ${what} ran.`);
    this.exitCode = exitCodeOf(signal);
  }
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Runs it for an answer without which the command does not go on; throws `Interrupted`, whatever pulumi made of the signal. */
export async function askPulumi(args: readonly string[], options?: PulumiOptions): Promise<PulumiRun> {
  const run = await runPulumi(args, options);
  if (run.signal === undefined) return run;
  throw new Interrupted(run.signal, `pulumi ${args[0]}`);
}

/** Runs the Pulumi CLI that is on PATH to its end, never asking for input. */
export function runPulumi(args: readonly string[], { cwd, env, show = false }: PulumiOptions = {}): Promise<PulumiRun> {
  return new Promise((resolve, reject) => {
    const output = show ? "inherit" : "pipe";
    // Before there is a child: a signal that comes right after its start would end this process without it.
    const signals = new PassedSignals();
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
    });
    signals.child = child;
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    child.once("error", (error: NodeJS.ErrnoException) => {
      signals.end();
      reject(
        error.code === "ENOENT" ? new NoPulumi() : new StorageError(`pulumi could not be started: ${error.message}`),
      );
    });
    child.once("close", (own, killedBy) => {
      signals.end();
      const signal = signals.received ?? killedBy ?? undefined;
      // That of a run that somebody has ended says so, whatever the engine calls it.
      const code = own === 0 || signal === undefined ? (own ?? 1) : exitCodeOf(signal);
      resolve({ code, ...texts, signal });
    });
  });
}

/** What becomes of signals while the engine runs: it ends in its own way, and we after it. */
class PassedSignals {
  child: ChildProcess | undefined;
  received: NodeJS.Signals | undefined;

  constructor() {
    process.on("SIGTERM", this.#terminate);
    process.on("SIGINT", this.#interrupt);
  }

  end(): void {
    process.off("SIGTERM", this.#terminate);
    process.off("SIGINT", this.#interrupt);
  }

  readonly #terminate = () => {
    this.received = "SIGTERM";
    this.child?.kill("SIGTERM");
  };

  /** A terminal's Ctrl-C reaches the engine as well, and a second one would cut it off. */
  readonly #interrupt = () => {
    this.received = "SIGINT";
  };
}

/** Throws where the Pulumi CLI is older than a release, such as `3.254`. */
export async function requirePulumi(oldest: string, purpose: string): Promise<void> {
  const { stdout } = await askPulumi(["version"]);
  const [major = 0, minor = 0] = stdout.match(/\d+/g)?.map(Number) ?? [];
  const [needed = 0, neededMinor = 0] = oldest.split(".").map(Number);
  if (major > needed || (major === needed && minor >= neededMinor)) return;
  throw new StorageError(`${purpose} needs Pulumi ${oldest} or newer, and this is ${stdout.trim()}.`);
}
