import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Lab, type LabAddresses, startLab } from "../../lab/index.ts";
import { environmentOf } from "../harness/command.ts";
import { findEngine } from "../harness/engine/find.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const checkout = resolve(import.meta.dirname, "../..");

/** An example as a user has it: a copy, so that state and stack file do not land in the checkout, beside a lab of its own. */
export class ExampleProject {
  readonly addresses: LabAddresses;
  readonly control: LabControl;
  readonly #folder: string;
  readonly #lab: Lab;
  readonly #pulumi: string;
  readonly #env: Record<string, string | undefined>;

  private constructor(folder: string, lab: Lab, pulumi: string, env: Record<string, string | undefined>) {
    this.addresses = lab.addresses;
    this.control = new LabControl(lab.addresses.control);
    this.#folder = folder;
    this.#lab = lab;
    this.#pulumi = pulumi;
    this.#env = env;
  }

  /** With a stack `dev`, and in the environment what `lab --env` prints. */
  static async open(name: string): Promise<ExampleProject> {
    const folder = mkdtempSync(join(tmpdir(), `cloudstack-storage-${name}-`));
    cpSync(join(checkout, "examples", name), folder, {
      recursive: true,
      filter: (source) => !/(?:node_modules|\.pulumi|Pulumi\..+\.yaml)$/.test(source),
    });
    symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
    const lab = await startLab({ portBase: 0 });
    const engine = await findEngine({ log: console.error });
    const foreign = /^(PULUMI|CLOUDIAN|CLOUDSTACK|ECS|S3)_/;
    const own = Object.entries(process.env).filter(([variable]) => !foreign.test(variable));
    const env = {
      ...Object.fromEntries(own),
      ...engine.env(),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
      ...environmentOf(lab.addresses),
    };
    const project = new ExampleProject(folder, lab, engine.pulumi, env);
    await project.pulumi("stack", "init", "dev");
    return project;
  }

  /** Throws where the command ends with anything but 0. */
  async pulumi(...args: readonly string[]): Promise<RunResult> {
    const result = await this.tryPulumi(...args);
    if (result.code === 0) return result;
    throw new Error(`pulumi ${args.join(" ")} ended with ${result.code}:\n${result.stdout}${result.stderr}`);
  }

  async tryPulumi(...args: readonly string[]): Promise<RunResult> {
    await this.control.clearRequests();
    const flags = [...args, "--non-interactive", "--color", "never"];
    return await runWatched(this.#pulumi, flags, { cwd: this.#folder, env: this.#env, lab: this.control });
  }

  async up(): Promise<string> {
    return (await this.pulumi("up", "--yes", "--skip-preview")).stdout;
  }

  /** The parsed outputs, secrets hidden unless a flag shows them. */
  async outputs(...flags: readonly string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await this.pulumi("stack", "output", "--json", ...flags)).stdout) as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.#lab.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
