import { isDeepStrictEqual } from "node:util";
import { type Properties, ProviderCallError } from "../provider-client.ts";
import type { ProviderProcess } from "./provider-process.ts";

/** One resource as a program declares it, in the order of its dependencies. */
export interface Declaration {
  readonly name: string;
  readonly kind: string;
  /** What the program gives; `__defaultName` where the name is to be derived from it, as the class sends it. */
  readonly inputs: Properties;
}

/** One resource as the state file holds it. */
export interface Entry {
  readonly name: string;
  readonly kind: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** Why it is not finished; the next `up` updates it whatever the comparison says. */
  readonly initErrors: readonly string[];
  /** The old object of a replacement, which is still to be deleted. */
  readonly isOld: boolean;
}

/** How one command ended. */
export interface Ended {
  readonly ok: boolean;
  /** What the provider or the checks said, in the order in which it came. */
  readonly errors: readonly string[];
  /** What the engine did, such as `create blue` and `delete old blue`; `same` is not told. */
  readonly steps: readonly string[];
}

/**
 * The engine's rules for custom resources and nothing else (reference: Pulumi dynamic providers, section 3): which call
 * comes when, with which olds, and what a state file holds after each outcome. It makes a run of hundreds of programs
 * possible; that it does as the real one does is what the same scenes on the real engine are for.
 */
export class LittleEngine {
  #entries: Entry[] = [];

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** A copy, with which another run can begin at the same point. */
  fork(): LittleEngine {
    const copy = new LittleEngine();
    copy.#entries = structuredClone(this.#entries);
    return copy;
  }

  /** The program gives a resource another logical name and an alias of the old one. */
  rename(from: string, to: string): void {
    this.#entries = this.#entries.map((entry) => (entry.name === from ? { ...entry, name: to } : entry));
  }

  /** `pulumi up --skip-preview`: the first failure ends it before anything is deleted. */
  async up(process: ProviderProcess, program: readonly Declaration[], replace: readonly string[] = []): Promise<Ended> {
    const run = new Run();
    for (const declaration of program)
      if (run.ok) await run.attempt(() => this.#declare(process, declaration, run, replace.includes(declaration.name)));
    this.#inOrderOf(program);
    const declared = new Set(program.map(({ name }) => name));
    if (run.ok) await this.#deleteAll(process, run, ({ name, isOld }) => isOld || !declared.has(name));
    return run;
  }

  async destroy(process: ProviderProcess): Promise<Ended> {
    const run = new Run();
    await this.#deleteAll(process, run, () => true);
    return run;
  }

  async refresh(process: ProviderProcess): Promise<Ended> {
    const run = new Run();
    for (const entry of [...this.#entries])
      await run.attempt(async () => {
        const { id, properties, inputs } = await process.read(entry.id, entry.outputs);
        if (id === "") {
          run.steps.push(`gone ${entry.name}`);
          this.#put(entry, undefined);
          return;
        }
        this.#put(entry, { ...entry, id, inputs: inputs ?? entry.inputs, outputs: properties, initErrors: [] });
      });
    return run;
  }

  async #declare(process: ProviderProcess, declaration: Declaration, run: Run, isForced: boolean): Promise<void> {
    const old = this.#entries.find(({ name, isOld }) => name === declaration.name && !isOld);
    const news = { ...declaration.inputs, __provider: providerText(declaration.kind) };
    const inputs = await checked(process, old?.inputs ?? {}, news, run);
    if (inputs === undefined) return;
    if (!old) return await this.#create(process, declaration, inputs, run);
    const { changes, replaces } = await process.diff(old.id, old.outputs, inputs);
    const differs = changes === "SOME" || (changes === "UNKNOWN" && !isDeepStrictEqual(old.inputs, inputs));
    if (isForced || (differs && replaces.length > 0)) {
      const again = await checked(process, {}, news, run);
      if (again === undefined) return;
      await this.#create(process, declaration, again, run, old);
    } else if (differs || old.initErrors.length > 0) await this.#update(process, old, inputs, run);
    else this.#put(old, { ...old, inputs });
  }

  async #create(
    process: ProviderProcess,
    { name, kind }: Declaration,
    inputs: Properties,
    run: Run,
    old?: Entry,
  ): Promise<void> {
    run.steps.push(old ? `replace ${name}` : `create ${name}`);
    const made = await partly(process.create(inputs));
    const { id, properties, reasons } = made;
    if (old) this.#put(old, { ...old, isOld: true });
    this.#entries.push({ name, kind, id, inputs, outputs: properties, initErrors: reasons, isOld: false });
    if (reasons.length > 0) throw made.error;
  }

  async #update(process: ProviderProcess, old: Entry, inputs: Properties, run: Run): Promise<void> {
    run.steps.push(`update ${old.name}`);
    const updated = process.update(old.id, old.outputs, inputs).then((properties) => ({ id: old.id, properties }));
    const { id, properties, reasons, error } = await partly(updated);
    this.#put(old, { ...old, id, inputs, outputs: properties, initErrors: reasons });
    if (reasons.length > 0) throw error;
  }

  async #deleteAll(process: ProviderProcess, run: Run, which: (entry: Entry) => boolean): Promise<void> {
    for (const entry of [...this.#entries].reverse().filter(which)) {
      if (!run.ok) return;
      run.steps.push(entry.isOld ? `delete old ${entry.name}` : `delete ${entry.name}`);
      await run.attempt(async () => {
        await process.delete(entry.id, entry.outputs);
        this.#put(entry, undefined);
      });
    }
  }

  /** A snapshot follows the program; what is still to be deleted comes last, and so goes first. */
  #inOrderOf(program: readonly Declaration[]): void {
    const place = ({ name, isOld }: Entry) => {
      const index = isOld ? -1 : program.findIndex((declaration) => declaration.name === name);
      return index < 0 ? program.length : index;
    };
    this.#entries = this.#entries.toSorted((a, b) => place(a) - place(b));
  }

  #put(old: Entry, entry: Entry | undefined): void {
    this.#entries = this.#entries.flatMap((each) => (each !== old ? [each] : entry ? [entry] : []));
  }
}

class Run implements Ended {
  readonly errors: string[] = [];
  readonly steps: string[] = [];

  get ok(): boolean {
    return this.errors.length === 0;
  }

  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProviderCallError)) throw error;
      this.errors.push([error.message, ...(error.initFailure?.reasons ?? [])].join("\n"));
    }
  }
}

async function checked(
  process: ProviderProcess,
  olds: Properties,
  news: Properties,
  run: Run,
): Promise<Properties | undefined> {
  const { inputs, failures } = await process.check(olds, news);
  run.errors.push(...failures.map(({ reason }) => reason));
  return failures.length === 0 ? inputs : undefined;
}

interface Partly {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];
  readonly error?: unknown;
}

/** What is to be recorded: also of an object that exists, but is not as it should be. */
async function partly(call: Promise<{ id: string; properties: Properties }>): Promise<Partly> {
  try {
    return { ...(await call), reasons: [] };
  } catch (error) {
    if (!(error instanceof ProviderCallError) || !error.initFailure) throw error;
    return { ...error.initFailure, error };
  }
}

/** Frozen: the state of every stack holds these bytes. */
export function providerText(kind: string): string {
  return `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("${kind}",1)}catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`;
}
