import { chmod, copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { addEntry, executable } from "./cache.ts";
import { run } from "./run.ts";
import { dynamicProviderScript, sdkFolder } from "./sdk.ts";

type Log = (line: string) => void;

interface GoProgram {
  label: string;
  module: string;
  target: string;
  output: string;
  ldflags: string;
  /** What a build with empty caches compiles: `go list -deps`, rounded. */
  packages: number;
}

export const BUILT_CLI = "3.276.0";

const PROGRAMS: readonly GoProgram[] = [
  {
    label: `the Pulumi CLI ${BUILT_CLI}`,
    module: "cli",
    target: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    output: executable("pulumi"),
    ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${BUILT_CLI}`,
    packages: 1740,
  },
  {
    label: "the Node.js language host",
    module: "host",
    target: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    output: executable("pulumi-language-nodejs"),
    ldflags: "-s -w",
    packages: 530,
  },
];

const PROGRESS_MS = 5_000;

/** Builds the CLI and the language host with Go from the two committed modules: minutes once, then cached. */
export async function buildWithGo(root: string, log: Log, env: NodeJS.ProcessEnv): Promise<string> {
  const go = await run("go", ["version"], { env });
  if (go.code !== 0) throw new Error(`no usable Go toolchain on PATH (${go.problem ?? go.stderr})`);
  log(
    `engine: building Pulumi ${BUILT_CLI} with ${go.stdout.trim().replace(/^go version /, "")}: about five minutes, once`,
  );
  return addEntry(root, { version: BUILT_CLI, origin: "built" }, async (folder) => {
    const bin = join(folder, "bin");
    await mkdir(bin);
    for (const [index, program] of PROGRAMS.entries()) {
      await buildProgram(program, `engine: [${index + 1}/${PROGRAMS.length}] ${program.label}`, bin, log, env);
    }
    await copyFile(join(sdkFolder, dynamicProviderScript), join(bin, dynamicProviderScript));
    await chmod(join(bin, dynamicProviderScript), 0o755);
  });
}

async function buildProgram(
  program: GoProgram,
  title: string,
  bin: string,
  log: Log,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const started = performance.now();
  const progress = new Progress();
  const elapsed = () => formatDuration(performance.now() - started);
  log(title);
  const timer = setInterval(() => log(`${title}: ${progress.describe(program.packages)}, ${elapsed()}`), PROGRESS_MS);
  const args = ["build", "-mod=readonly", "-v", "-trimpath", "-ldflags", program.ldflags];
  const result = await run("go", [...args, "-o", join(bin, program.output), program.target], {
    cwd: join(import.meta.dirname, program.module),
    env: { ...env, GOWORK: "off" },
    onErrorLine: (line) => progress.see(line),
  }).finally(() => clearInterval(timer));
  if (result.code !== 0)
    throw new Error(`go build of ${program.label} failed: ${result.problem ?? progress.complaints()}`);
  log(`${title}: done in ${elapsed()}`);
}

/** Reads what `go build -v` prints: a line per module it fetches and per package it compiles, all else is a complaint. */
class Progress {
  #modules = 0;
  #packages = 0;
  readonly #complaints: string[] = [];

  see(line: string): void {
    if (line.startsWith("go: downloading ")) this.#modules++;
    else if (/^[\w./~+-]+$/.test(line)) this.#packages++;
    else this.#complaints.push(line);
  }

  describe(total: number): string {
    const fetched = this.#modules === 0 ? "" : `${this.#modules} modules fetched, `;
    return `${fetched}${this.#packages} of at most ${total} packages compiled`;
  }

  complaints(): string {
    return this.#complaints.slice(-12).join("\n");
  }
}

export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
