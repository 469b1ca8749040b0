import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Engine, findEngine } from "../harness/engine/find.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { sdkVersion } from "../harness/engine/sdk.ts";
import { runWatched } from "../harness/watched-run.ts";

const root = resolve(import.meta.dirname, "../..");
const hook = join(import.meta.dirname, "loaded-modules-hook.mjs");

/** The version that `pulumi new typescript` asks for; TypeScript 6 warns of the template's `moduleResolution`. */
const templateTypeScript = "typescript@^5.0.0";

/** The packed package in a `node_modules` of its own, as a user installs it, and programs that use it. */
export class Installation {
  readonly #folder: string;
  readonly #engine: Engine;

  private constructor(folder: string, engine: Engine) {
    this.#folder = folder;
    this.#engine = engine;
  }

  static async make(): Promise<Installation> {
    const engine = await findEngine({ log: console.error });
    if (!engine.hasLanguageHost) throw new Error(`${engine.pulumi} has no language host for programs in a folder.`);
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-programs-"));
    const packed = await runWatched("npm", [
      "pack",
      root,
      "--ignore-scripts",
      "--silent",
      "--pack-destination",
      folder,
    ]);
    if (packed.code !== 0) throw new Error(`npm pack: ${packed.stderr}`);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "programs", private: true }));
    const wanted = [
      join(folder, packed.stdout.trim()),
      `@pulumi/pulumi@${sdkVersion()}`,
      templateTypeScript,
      "@types/node@^22",
    ];
    const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
    const installed = await runWatched("npm", ["install", ...flags, ...wanted], { cwd: folder });
    if (installed.code !== 0) throw new Error(`npm install: ${installed.stderr}`);
    return new Installation(folder, engine);
  }

  /** A Pulumi program in a folder of its own; `files` by name. */
  program(name: string, files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>): Program {
    const folder = join(this.#folder, name);
    mkdirSync(join(folder, "state"), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    symlinkSync(join(this.#folder, "node_modules"), join(folder, "node_modules"), "junction");
    return new Program(folder, this.#engine, env);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Program {
  readonly #folder: string;
  readonly #engine: Engine;
  readonly #env: Record<string, string>;

  constructor(folder: string, engine: Engine, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#engine = engine;
    this.#env = {
      ...engine.env(),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
      ...env,
    };
  }

  async pulumi(...args: string[]): Promise<RunResult> {
    const env = { ...process.env, ...this.#env };
    return await runWatched(this.#engine.pulumi, args, { cwd: this.#folder, env });
  }

  /** The same, with the modules that each Node.js process of the run has loaded. */
  async pulumiWithModules(...args: string[]): Promise<RunResult & { processes: string[][] }> {
    const folder = mkdtempSync(join(dirname(this.#folder), "modules-"));
    const env = { ...process.env, ...this.#env, LOADED_MODULES_FOLDER: folder, NODE_OPTIONS: `--import=${hook}` };
    const result = await runWatched(this.#engine.pulumi, args, { cwd: this.#folder, env });
    const processes = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8").trim().split("\n"));
    return { ...result, processes };
  }
}
