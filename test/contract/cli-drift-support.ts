import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { runCommand } from "../harness/command.ts";
import type { RunResult } from "../harness/engine/run.ts";

/** What the pretended engine prints and how it ends. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}

export interface Answers {
  readonly refresh?: Answer;
  readonly preview?: Answer;
}

const script = `#!/bin/sh
here=$(dirname "$0")
echo "$* [$PULUMI_ENABLE_STREAMING_JSON_PREVIEW]" >> "$here/calls"
cat "$here/$1.out"
cat "$here/$1.err" >&2
exit $(cat "$here/$1.code")
`;

/** A Pulumi project and a \`pulumi\` on PATH that answers as it was told. */
export class PretendedEngine {
  readonly project: string;
  readonly #bin: string;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-drift-"));
    this.project = join(folder, "project");
    this.#bin = join(folder, "bin");
    for (const each of [this.project, this.#bin]) mkdirSync(each);
    writeFileSync(join(this.project, "Pulumi.yaml"), "name: acme\nruntime: nodejs\n");
    writeFileSync(join(this.#bin, "pulumi"), script);
    chmodSync(join(this.#bin, "pulumi"), 0o755);
  }

  async drift(answers: Answers, ...args: readonly string[]): Promise<RunResult> {
    for (const name of ["refresh", "preview"] as const) {
      const { stdout = document([]), stderr = "", code = 0 } = answers[name] ?? {};
      for (const [ending, text] of Object.entries({ out: stdout, err: stderr, code: `${code}` }))
        writeFileSync(join(this.#bin, `${name}.${ending}`), text);
    }
    writeFileSync(join(this.#bin, "calls"), "");
    const path = [this.#bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
    return await runCommand(["drift", ...args], {
      cwd: this.project,
      env: { PATH: path, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
    });
  }

  /** What the engine was called with in the last run. */
  calls(): string[] {
    return readFileSync(join(this.#bin, "calls"), "utf8").trimEnd().split("\n");
  }

  read(file: string): string {
    return readFileSync(join(this.project, file), "utf8");
  }

  remove(): void {
    rmSync(dirname(this.project), { recursive: true, force: true });
  }
}

/** A report with the engine's run times, which no test can know, as 1 second. */
export function timeless(text: string): string {
  return text.replace(/(time="|"seconds": |after )[\d.]+/g, "$11");
}

export function document(steps: readonly object[], diagnostics: readonly object[] = []): string {
  return JSON.stringify({ steps, diagnostics, duration: 1, changeSummary: {} }, undefined, 4);
}

type Values = Readonly<Record<string, unknown>>;

export interface StepOptions {
  readonly kind?: string;
  /** Instead of a kind of this package. */
  readonly type?: string;
  readonly old?: Values;
  readonly new?: Values;
  readonly diff?: Readonly<Record<string, object>> | null;
  /** Members of both states. */
  readonly more?: object;
}

/** A step as the engine prints it (CLI 3.259). */
export function step(op: string, name: string, options: StepOptions = {}): object {
  const { kind = "CloudianUser", type = `pulumi-nodejs:dynamic/cloudstack-storage:${kind}`, more = {} } = options;
  const urn = `urn:pulumi:dev::acme::${type}::${name}`;
  const state = (values: Values | undefined) =>
    values && { urn, custom: true, id: `blue/${name}`, type, inputs: values, outputs: values, ...more };
  return {
    op,
    urn,
    oldState: state(options.old),
    newState: state(options.new),
    detailedDiff: options.diff === undefined ? null : options.diff,
  };
}

export const changed = { kind: "update", inputDiff: true };
