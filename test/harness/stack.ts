import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment, EngineEvent, OutputMap, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { type Lab, type LabAddresses, startLab } from "../../lab/index.ts";
import { type Engine, findEngine } from "./engine/find.ts";
import type { RunResult } from "./engine/run.ts";
import { calls, LabControl, type LabRequestRecord } from "./lab.ts";
import { secretsIn, watched } from "./secret-scan/watch.ts";
import type { Run } from "./stack-run.ts";
import { configOf, createStack, environmentOf, project } from "./stack-setup.ts";
import { runWatched } from "./watched-run.ts";

export interface StackOptions {
  /** Stack configuration beside the settings of the lab; undefined removes one of those. */
  readonly config?: Readonly<Record<string, string | undefined>>;
  /** Another lab to talk to; by default the stack has its own. */
  readonly lab?: Lab;
}

export interface RunOptions {
  /** Additional environment of this run alone. */
  readonly env?: Readonly<Record<string, string>>;
  readonly refresh?: boolean;
  /** URNs to replace. */
  readonly replace?: string[];
  /** URNs of the only resources to look at. */
  readonly target?: string[];
  /** Goes on with the other resources after an error, so that one run shows several. */
  readonly continueOnError?: boolean;
}

export interface PreviewOptions extends Omit<RunOptions, "continueOnError"> {
  /** `--expect-no-changes`: a change is exit code 7. */
  readonly expectNoChanges?: boolean;
}

export interface DestroyOptions extends Pick<RunOptions, "env" | "refresh" | "continueOnError"> {
  /** `--run-program` with this one; without it the state alone says what is there. */
  readonly runProgram?: PulumiFn;
}

/** A program that declares nothing. */
export const nothing: PulumiFn = async () => {};

/** The exit code of a CLI that was killed, as a shell would tell it. */
export const killed = 137;

type Kind =
  | "CloudianGroup"
  | "CloudianUser"
  | "EcsBucket"
  | "EcsObjectUser"
  | "GlobalSetting"
  | "ObjectStoragePool"
  | "S3Bucket"
  | "S3SecondaryStorage"
  | "SecondaryStagingStore";
type Hooks = { onOutput(text: string): void; onError(text: string): void; onEvent(event: EngineEvent): void };

/** A stack of its own on a real engine: temporary `file://` back end, own PULUMI_HOME, and a lab behind it. */
export class TestStack {
  readonly name: string;
  readonly lab: LabControl;
  readonly addresses: LabAddresses;
  readonly #engine: Engine;
  /** Its temporary folder, the working directory of `cli`. */
  readonly folder: string;
  /** What the run that is going on has shown so far. */
  shown = "";
  readonly #stack: Stack;
  readonly #close: () => Promise<void>;

  private constructor(
    name: string,
    engine: Engine,
    folder: string,
    lab: Lab,
    stack: Stack,
    close: () => Promise<void>,
  ) {
    this.name = name;
    this.addresses = lab.addresses;
    this.lab = new LabControl(lab.addresses.control);
    this.#engine = engine;
    this.folder = folder;
    this.#stack = withoutReports(stack);
    this.#close = close;
  }

  static async open(name: string, options: StackOptions = {}): Promise<TestStack> {
    const engine = await findEngine({ log: console.error });
    const lab = options.lab ?? (await startLab({ portBase: 0 }));
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-stack-"));
    const close = async () => {
      if (!options.lab) await lab.close();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      const stack = await createStack(name, engine, folder);
      await stack.setAllConfig(configOf(lab.addresses, options.config));
      return new TestStack(name, engine, folder, lab, stack, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** Stops the lab and removes every trace. */
  async close(): Promise<void> {
    await this.#close();
  }

  /** `pulumi up --skip-preview`; throws where it fails. */
  async up(program: PulumiFn, options: RunOptions = {}): Promise<Run> {
    return succeeded(await this.tryUp(program, options));
  }

  async tryUp(program: PulumiFn, { env, ...options }: RunOptions = {}): Promise<Run> {
    return await this.#run((hooks) => this.#stack.up({ ...options, ...hooks, program }), env);
  }

  async preview(program: PulumiFn, options: Pick<RunOptions, "env" | "refresh"> = {}): Promise<Run> {
    return succeeded(await this.tryPreview(program, options));
  }

  async tryPreview(program: PulumiFn, { env, ...options }: PreviewOptions = {}): Promise<Run> {
    return await this.#run((hooks) => this.#stack.preview({ ...options, ...hooks, program, diff: true }), env);
  }

  /** The drift gate: `pulumi preview --refresh --diff`. What it would change is what differs from the program. */
  async gate(program: PulumiFn): Promise<Run> {
    return succeeded(await this.tryGate(program));
  }

  async tryGate(program: PulumiFn): Promise<Run> {
    return await this.tryPreview(program, { refresh: true });
  }

  /** The gate as CI runs it, with `--expect-no-changes`: it ends with 7 where something differs. */
  async strictGate(program: PulumiFn): Promise<Run> {
    return await this.tryPreview(program, { refresh: true, expectNoChanges: true });
  }

  async refresh(options: Pick<RunOptions, "env"> = {}): Promise<Run> {
    return succeeded(await this.tryRefresh(options));
  }

  async tryRefresh(options: Pick<RunOptions, "env"> = {}): Promise<Run> {
    return await this.#run((hooks) => this.#stack.refresh(hooks), options.env);
  }

  async destroy(options: DestroyOptions = {}): Promise<Run> {
    return succeeded(await this.tryDestroy(options));
  }

  async tryDestroy({ env, runProgram, ...options }: DestroyOptions = {}): Promise<Run> {
    const { workspace } = this.#stack;
    const before = workspace.program;
    if (runProgram) workspace.program = runProgram;
    const run = { runProgram: runProgram !== undefined };
    const finished = await this.#run((hooks) => this.#stack.destroy({ ...options, ...run, ...hooks }), env);
    if (before) workspace.program = before;
    return finished;
  }

  async exportState(): Promise<Deployment> {
    return await this.#stack.exportStack();
  }

  async importState(deployment: Deployment): Promise<void> {
    await this.#stack.importStack(deployment);
  }

  /** Values in the clear, and whether each is a secret. */
  async outputs(): Promise<OutputMap> {
    return await this.#stack.workspace.stackOutputs(this.name);
  }

  /** Everything that the back end holds: checkpoints, backups, history. */
  storedText(): string {
    const folder = join(this.folder, "state");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8")).join("\n");
  }

  async setConfig(config: Readonly<Record<string, string>>): Promise<void> {
    await this.#stack.setAllConfig(configOf(undefined, config));
  }

  /** `pulumi stack rename`; the harness goes on with the renamed stack. */
  async renamed(name: string): Promise<TestStack> {
    await this.#stack.rename({ stackName: name });
    return this.#sibling(name, await createStack(name, this.#engine, this.folder, "select"));
  }

  /** `pulumi state move` of these resources into a new stack in the same back end, with the same lab behind it. */
  async moved(urns: readonly string[], name: string): Promise<TestStack> {
    const target = this.#sibling(name, await createStack(name, this.#engine, this.folder));
    await target.#stack.setAllConfig(configOf(this.addresses));
    const finished = await this.#pulumi(["state", "move", "--source", this.name, "--dest", name, "--yes", ...urns]);
    if (finished.code === 0) return target;
    throw new Error(`pulumi state move ended with ${finished.code}:\n${finished.stdout}${finished.stderr}`);
  }

  #sibling(name: string, stack: Stack): TestStack {
    const lab = { addresses: this.addresses, close: this.#close };
    return new TestStack(name, this.#engine, this.folder, lab, stack, this.#close);
  }

  /** Any other command of the CLI against this stack; there is no program beside it. */
  async cli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    return await this.#pulumi([...args, "--stack", this.name], env);
  }

  async #pulumi(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    return await runWatched(this.#engine.pulumi, [...args, "--non-interactive"], {
      cwd: this.folder,
      env: { ...process.env, ...environmentOf(this.#engine, this.folder), ...env },
      lab: this.lab,
    });
  }

  /** The URN of a resource without parents. */
  urn(kind: Kind, name: string): string {
    return `urn:pulumi:${this.name}::${project}::pulumi-nodejs:dynamic/cloudstack-storage:${kind}::${name}`;
  }

  /** What all simulated systems were asked. */
  async requests(): Promise<LabRequestRecord[]> {
    return await this.lab.requests();
  }

  async #run(start: (hooks: Hooks) => Promise<unknown>, env: Readonly<Record<string, string>> = {}): Promise<Run> {
    const { workspace } = this.#stack;
    const usual = workspace.envVars;
    await this.lab.clearRequests();
    const before = await this.lab.state();
    const events: EngineEvent[] = [];
    this.shown = "";
    const add = (text: string) => {
      this.shown += text;
    };
    const started = performance.now();
    workspace.envVars = { ...usual, ...env };
    const failure = await start({ onOutput: add, onError: add, onEvent: (event) => events.push(event) }).then(
      () => undefined,
      (error: unknown) => error,
    );
    workspace.envVars = usual;
    const seconds = (performance.now() - started) / 1000;
    const after = await this.lab.state();
    watched(this.shown, `The run of ${this.name}`, [...secretsIn(before), ...secretsIn(after)]);
    return { code: codeOf(failure), output: this.shown, events, seconds, calls: calls(await this.requests()) };
  }
}

/** Opens a stack, does the work, and leaves nothing behind. */
export async function withStack(
  name: string,
  work: (stack: TestStack) => Promise<void>,
  options?: StackOptions,
): Promise<void> {
  const stack = await TestStack.open(name, options);
  try {
    await work(stack);
  } finally {
    await stack.close();
  }
}

/** After each run the Automation API starts the CLI three times for what nobody here reads: a good third of a run's time. */
function withoutReports(stack: Stack): Stack {
  return Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
}

function codeOf(failure: unknown): number {
  if (failure === undefined) return 0;
  if (failure instanceof Error && failure.message.includes("was killed with SIGKILL")) return killed;
  const code = failure instanceof Error ? /failed with exit code (\d+)/.exec(failure.message)?.[1] : undefined;
  if (code === undefined) throw failure;
  return Number(code);
}

function succeeded(finished: Run): Run {
  if (finished.code === 0) return finished;
  throw new Error(`The engine ended with ${finished.code}:\n${finished.output}`);
}
