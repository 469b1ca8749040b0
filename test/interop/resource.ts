import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import { makeProjectWithPackage } from "../harness/installed-package.ts";
import type { Properties } from "../harness/provider-client.ts";

/** The text in every state file that loads the provider of a kind. */
const providerText = (kind: string) =>
  `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("${kind}",1)}catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`;

export type Step = "create" | "update" | "replace" | "same";

/** Provider processes in one project that has the package installed. */
export class ProviderProcesses {
  readonly #project = makeProjectWithPackage(
    dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json")),
  );

  async start(config: Properties): Promise<DynamicServer> {
    return await startDynamicServer({ sdk: "newest", cwd: this.#project, config });
  }

  close(): void {
    rmSync(this.#project, { recursive: true, force: true });
  }
}

/** One resource as an engine keeps it: what it has recorded, and the calls that it makes of a provider. */
export class Resource {
  readonly #kind: string;
  readonly #processes: ProviderProcesses;
  readonly #config: () => Properties;
  id = "";
  #inputs: Properties = {};
  #outputs: Properties = {};

  /** Each phase has a process of its own, as with an engine: a process remembers what it has made. */
  constructor(kind: string, processes: ProviderProcesses, config: () => Properties = () => ({})) {
    this.#kind = kind;
    this.#processes = processes;
    this.#config = config;
  }

  get outputs(): Properties {
    return this.#outputs;
  }

  /** `pulumi up`; a replacement is told and not carried out. */
  async up(declared: Properties): Promise<Step> {
    return await this.#phase((provider) => this.#up(provider, declared));
  }

  /** `pulumi refresh`: the names of the inputs that differ, or `gone`. */
  async refresh(): Promise<string[]> {
    return await this.#phase((provider) => this.#refresh(provider));
  }

  async destroy(): Promise<void> {
    await this.#phase((provider) => provider.delete(this.id, this.#outputs));
  }

  async #up(provider: DynamicServer, declared: Properties): Promise<Step> {
    const news = { __provider: providerText(this.#kind), ...declared };
    const { inputs, failures } = await provider.check(this.#inputs, news);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    const wanted = unwrapped(inputs);
    if (this.id === "") {
      const made = await provider.create(wanted);
      this.#record(made.id, made.properties, wanted);
      return "create";
    }
    const diff = await provider.diff(this.id, this.#outputs, wanted);
    if (diff.replaces.length > 0) return "replace";
    if (diff.changes === "NONE") return "same";
    this.#record(this.id, await provider.update(this.id, this.#outputs, wanted), wanted);
    return "update";
  }

  async #refresh(provider: DynamicServer): Promise<string[]> {
    const live = await provider.read(this.id, this.#outputs);
    if (live.id === "") {
      this.#record("", {}, {});
      return ["gone"];
    }
    const inputs = unwrapped(live.inputs ?? {});
    const names = [...new Set([...Object.keys(inputs), ...Object.keys(this.#inputs)])];
    const different = names.filter((name) => JSON.stringify(inputs[name]) !== JSON.stringify(this.#inputs[name]));
    this.#record(live.id, live.properties, inputs);
    return different.sort();
  }

  async #phase<T>(work: (provider: DynamicServer) => Promise<T>): Promise<T> {
    const provider = await this.#processes.start(this.#config());
    try {
      return await work(provider);
    } finally {
      await provider.close();
    }
  }

  #record(id: string, outputs: Properties, inputs: Properties): void {
    this.id = id;
    this.#outputs = unwrapped(outputs);
    this.#inputs = inputs;
  }
}

/** The key by which the engine tells a wrapped value. A provider that does not ask for secrets gets them plain. */
const signature = "4dabf18193072939515e22adb298388d";

function unwrapped(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      const wrapped = typeof value === "object" && value !== null && signature in value && "value" in value;
      return [name, wrapped ? value.value : value];
    }),
  );
}
