import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, startLab } from "../../lab/index.ts";
import { type Engine, findEngine } from "../harness/engine/find.ts";
import { sdkFolder } from "../harness/engine/sdk.ts";
import { makeProjectWithPackage } from "../harness/installed-package.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

/** For whoever needs an engine: where there is none yet, making one takes minutes. */
export const openingTime = 1_200_000;

export interface Ended {
  /** Undefined where a signal has ended it. */
  readonly code: number | undefined;
  /** Standard output and standard error. */
  readonly output: string;
  readonly stdout: string;
}

/** Somebody who follows a page: a project with the package installed, a CLI, a back end, and a lab to talk to. */
export class Reader {
  readonly project: string;
  readonly lab: Lab;
  readonly control: LabControl;
  readonly #engine: Engine;
  readonly #home: string;

  private constructor(engine: Engine, lab: Lab, files: Readonly<Record<string, string>>) {
    this.#engine = engine;
    this.lab = lab;
    this.control = new LabControl(lab.addresses.control);
    this.project = makeProjectWithPackage(sdkFolder);
    this.#home = mkdtempSync(join(tmpdir(), "cloudstack-storage-reader-"));
    mkdirSync(join(this.#home, "state"));
    for (const [file, content] of Object.entries(files)) writeFileSync(join(this.project, file), content);
  }

  static async open(files: Readonly<Record<string, string>>): Promise<Reader> {
    const engine = await findEngine({ log: (line) => console.log(line) });
    return new Reader(engine, await startLab({ portBase: 0 }), files);
  }

  async close(): Promise<void> {
    await this.lab.close();
    for (const folder of [this.project, this.#home]) rmSync(folder, { recursive: true, force: true });
  }

  /** Runs the CLI in the project. Not a synchronous call: the lab lives in this process. */
  pulumi(words: readonly string[], input = ""): Promise<Ended> {
    return this.#run(this.#engine.pulumi, words, input, {});
  }

  /** Runs a block of a page in a shell, in the project. */
  shell(script: string, input = "", variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.#run("sh", ["-ec", script], input, variables);
  }

  async #run(command: string, words: readonly string[], input: string, variables: NodeJS.ProcessEnv): Promise<Ended> {
    const env = { ...this.#environment(), ...variables };
    const options = { cwd: this.project, env, input, lab: this.control };
    const { code, stdout, stderr } = await runWatched(command, words, options);
    return { code, output: stdout + stderr, stdout };
  }

  /** Settings that the tester's own shell may hold must not reach a run. */
  #environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(CLOUDIAN|ECS|S3|CLOUDSTACK|PULUMI)_/.test(name));
    return {
      ...Object.fromEntries(own),
      ...this.#engine.env(),
      PULUMI_HOME: this.#home,
      PULUMI_BACKEND_URL: `file://${join(this.#home, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
    };
  }
}
