import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand } from "../harness/command.ts";
import { findEngine } from "../harness/engine/find.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const checkout = resolve(import.meta.dirname, "../..");

/** A program in a folder of its own with a lab behind it, and the command line as somebody in a shell runs it. */
export class DriftProject {
  readonly lab: Lab;
  readonly control: LabControl;
  readonly folder: string;
  readonly #pulumi: string;
  readonly #env: Record<string, string>;

  private constructor(folder: string, lab: Lab, pulumi: string, env: Record<string, string>) {
    this.folder = folder;
    this.lab = lab;
    this.control = new LabControl(lab.addresses.control);
    this.#pulumi = pulumi;
    this.#env = env;
  }

  /** With a stack `dev` that nothing was deployed to. */
  static async open(program: string): Promise<DriftProject> {
    const engine = await findEngine({ log: console.error });
    if (!engine.hasLanguageHost) throw new Error(`${engine.pulumi} has no language host for programs in a folder.`);
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-drift-"));
    mkdirSync(join(folder, "state"));
    symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "Pulumi.yaml"), "name: drift-test\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
    const lab = await startLab({ portBase: 0 });
    const env = {
      ...engine.env(),
      ...environmentOf(lab.addresses),
      HOME: folder,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
    };
    const project = new DriftProject(folder, lab, engine.pulumi, env);
    project.write(program);
    await project.pulumi("stack", "init", "dev");
    return project;
  }

  /** Replaces the program. */
  write(program: string): void {
    writeFileSync(join(this.folder, "index.js"), program);
  }

  /** Throws where the command fails. */
  async pulumi(...args: readonly string[]): Promise<RunResult> {
    const options = { cwd: this.folder, env: this.#env, lab: this.control };
    const result = await runWatched(this.#pulumi, [...args, "--non-interactive"], options);
    if (result.code === 0) return result;
    throw new Error(`pulumi ${args.join(" ")} ended with ${result.code}:\n${result.stdout}${result.stderr}`);
  }

  async up(): Promise<void> {
    await this.pulumi("up", "--yes", "--skip-preview");
  }

  /** `cloudstack-storage drift` from another folder. */
  async drift(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    const options = { env: { ...this.#env, ...env }, lab: this.control };
    return await runCommand(["drift", "--cwd", this.folder, ...args], options);
  }

  /** Everything that the back end holds, to see that it stays as it is. */
  storedFiles(): Record<string, string> {
    const files = readdirSync(join(this.folder, "state"), { recursive: true, withFileTypes: true });
    const texts = files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, "utf8")]);
    return Object.fromEntries(texts);
  }

  async close(): Promise<void> {
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
