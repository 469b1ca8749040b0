import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OutputMap, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { findEngine } from "../harness/engine/find.ts";
import { createStack } from "../harness/stack-setup.ts";

export type Changes = Readonly<Record<string, number>>;

interface Recorded {
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What is in a name that only this run has made: the rest of an id is the system's. */
const nameKeys = ["groupId", "userName", "bucketName", "storeName", "poolName", "path"];

/** A stack on a real engine and real systems, whose settings are in the environment. */
export class LiveStack {
  readonly #stack: Stack;
  readonly #folder: string;
  readonly #prefix: string;
  readonly #setting: string | undefined;

  private constructor(stack: Stack, folder: string, prefix: string, setting: string | undefined) {
    this.#stack = stack;
    this.#folder = folder;
    this.#prefix = prefix;
    this.#setting = setting;
  }

  static async open(
    name: string,
    settings: Readonly<Record<string, string>>,
    own: { readonly prefix: string; readonly setting: string | undefined },
  ): Promise<LiveStack> {
    const engine = await findEngine({ log: console.error });
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-live-"));
    const stack = await createStack(name, engine, folder);
    stack.workspace.envVars = { ...stack.workspace.envVars, ...settings };
    return new LiveStack(stack, folder, own.prefix, own.setting);
  }

  async up(program: PulumiFn, options: { readonly refresh?: boolean } = {}): Promise<Changes> {
    await this.#requireOwn();
    const { summary } = await this.#stack.up({ program, ...options });
    return withoutStack(summary.resourceChanges);
  }

  /** What `pulumi preview --refresh` would change. */
  async gate(program: PulumiFn): Promise<Changes> {
    const { changeSummary } = await this.#stack.preview({ program, refresh: true });
    return withoutStack(changeSummary);
  }

  async destroy(): Promise<void> {
    await this.#requireOwn();
    await this.#stack.destroy();
  }

  async outputs(): Promise<OutputMap> {
    return await this.#stack.outputs();
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Before each command that may delete: the state holds nothing that does not carry the prefix of this run. */
  async #requireOwn(): Promise<void> {
    const { deployment } = await this.#stack.exportStack();
    for (const { type, outputs = {} } of (deployment.resources ?? []) as Recorded[]) {
      if (!type.includes("cloudstack-storage:")) continue;
      const names = nameKeys.flatMap((key) => (typeof outputs[key] === "string" ? [outputs[key]] : []));
      const isSetting = outputs["settingName"] !== undefined && outputs["settingName"] === this.#setting;
      if (isSetting || (names.length > 0 && names.every((name) => name.replace(/^\//, "").startsWith(this.#prefix))))
        continue;
      throw new Error(`Stopped: ${type} ${names.join(", ")} does not carry the prefix ${this.#prefix} of this run.`);
    }
  }
}

function withoutStack(changes: object | undefined): Changes {
  const { same = 0, ...others } = { ...changes } as Record<string, number>;
  // The stack itself is a resource, too; when it is made it counts as created.
  return others["create"] === undefined ? { ...others, same: same - 1 } : { ...others, same };
}
