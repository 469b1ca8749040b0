import { isDeepStrictEqual } from "node:util";
import type { LabFault } from "../../lab.ts";
import type { Properties } from "../../provider-client.ts";
import type { Arena } from "../arena.ts";
import { type Declaration, type Ended, LittleEngine } from "../little-engine.ts";
import type { ProviderProcess } from "../provider-process.ts";
import { specimens } from "../specimens/all.ts";
import { look, type Seen } from "./census.ts";
import type { Part, Values } from "./part.ts";
import { afterDestroy, afterRefresh, afterUp, type Declared, generally, type Scene } from "./rules.ts";

/** No fault here makes anybody wait, and a busy machine is none. */
const unhurried = { requestTimeoutSeconds: "30", operationTimeoutSeconds: "120" };

/** The program, the state and the live systems of one random sequence, and what has happened to them. */
export class World {
  readonly parts: readonly Part[];
  readonly program = new Map<string, Declared>();
  /** A generation never goes down, whatever becomes of the resource. */
  readonly generations = new Map<string, number>();
  readonly #arena: Arena;
  readonly #engine = new LittleEngine();
  readonly #logical = new Map<string, string>();
  readonly #log: string[] = [];
  #seen: Seen | undefined;
  #isFaulty = false;

  private constructor(arena: Arena, parts: readonly Part[]) {
    this.#arena = arena;
    this.parts = parts;
  }

  /** Systems that hold nothing but what others have. */
  static async begin(arena: Arena, parts: readonly Part[]): Promise<World> {
    await arena.control.reset();
    for (const kind of ["S3Bucket", "CloudianGroup", "EcsObjectUser", "GlobalSetting"])
      await specimens.find((specimen) => specimen.kind === kind)?.seed(arena);
    // What is measured later is not what this is about.
    await arena.control.patch("cloudstack", { options: { statisticsSeconds: 0 } });
    const world = new World(arena, parts);
    await world.#look();
    return world;
  }

  get seen(): Seen {
    if (!this.#seen) throw new Error("Nobody has looked yet.");
    return this.#seen;
  }

  live(part: Part): readonly Values[] {
    return this.seen.parts.get(part.name)?.live ?? [];
  }

  isInState(part: Part): boolean {
    return this.seen.parts.get(part.name)?.entry !== undefined;
  }

  /** Made, but in no state: only where a fault hit its creation and what would have cleared it up. */
  orphans(): Part[] {
    return this.parts.filter((part) => !part.alwaysThere && !this.isInState(part) && this.live(part).length > 0);
  }

  note(what: string): void {
    this.#log.push(what);
  }

  async up(adopted: readonly Part[] = []): Promise<Ended> {
    const program = this.#declarations(adopted);
    return await this.#command("up", afterUp, (process) => this.#engine.up(process, program));
  }

  async refresh(): Promise<Ended> {
    return await this.#command("refresh", afterRefresh, (process) => this.#engine.refresh(process));
  }

  async destroy(): Promise<Ended> {
    return await this.#command("destroy", afterDestroy, (process) => this.#engine.destroy(process));
  }

  /** For the next command only. */
  async fault(fault: LabFault): Promise<void> {
    this.note(`fault ${JSON.stringify(fault)}`);
    this.#isFaulty = true;
    await this.#arena.control.fault(fault);
  }

  async endFaults(): Promise<void> {
    this.#isFaulty = false;
    await this.#arena.control.clearFaults();
  }

  async byHand(part: Part, aspect: string, value: unknown): Promise<void> {
    this.note(`by hand ${part.name}.${aspect} = ${JSON.stringify(value)}`);
    const { system, patch } = part.changeByHand(this.seen.state, this.#address(part), aspect, value);
    await this.#arena.control.patch(system, patch);
    await this.#look();
  }

  /** With what is inside. */
  async removeByHand(part: Part): Promise<void> {
    for (const each of [...this.parts.filter(({ inside }) => inside === part.name), part]) {
      if (!each.removeByHand || this.live(each).length === 0) continue;
      this.note(`delete by hand ${each.name}`);
      const { system, patch } = each.removeByHand(this.seen.state, this.#address(each));
      await this.#arena.control.patch(system, patch);
      await this.#look();
    }
  }

  async removeKeyByHand(part: Part, key: string): Promise<void> {
    if (!part.keys) return;
    this.note(`delete by hand a key of ${part.name}`);
    const { system, patch } = part.keys.removeByHand(this.seen.state, this.#address(part), key);
    await this.#arena.control.patch(system, patch);
    await this.#look();
  }

  /** As far as the system has room for another pair. */
  mayRotate(part: Part): boolean {
    const { keys, entry } = this.seen.parts.get(part.name) ?? { keys: {}, entry: undefined };
    const pending = (this.program.get(part.name)?.keyGeneration ?? 1) - Number(entry?.outputs["__keyGeneration"] ?? 1);
    return part.keys !== undefined && entry !== undefined && Object.keys(keys).length + pending + 1 <= part.keys.most;
  }

  rotate(part: Part): void {
    const declared = this.program.get(part.name);
    if (!declared) return;
    const keyGeneration = declared.keyGeneration + 1;
    this.note(`${part.name}.keyGeneration = ${keyGeneration}`);
    this.generations.set(part.name, keyGeneration);
    this.program.set(part.name, { ...declared, keyGeneration });
  }

  /** A new logical name under an alias: the engine finds the old entry and goes on with it. */
  async rename(part: Part): Promise<void> {
    const old = this.#logicalName(part);
    this.note(`rename ${old} to ${old}-x`);
    this.#engine.rename(old, `${old}-x`);
    this.#logical.set(part.name, `${old}-x`);
    await this.#look();
  }

  /** What a command sends, however it ends. */
  async requestsOf(work: () => Promise<unknown>): Promise<number> {
    return (await this.#arena.requestsOf(work)).length;
  }

  /** Everything that the program says is so. */
  requireDeclared(): void {
    for (const part of this.parts) {
      const [live] = this.live(part);
      for (const [aspect, value] of Object.entries(this.program.get(part.name)?.values ?? {}))
        if (!isDeepStrictEqual(live?.[aspect], value)) this.complain(`${part.name}.${aspect} is not as declared`);
    }
  }

  complain(what: string): never {
    throw new Error(`${what}\n${this.#log.map((line) => `  ${line}`).join("\n")}`);
  }

  async #command(
    name: string,
    rule: (scene: Scene, complain: Complain) => void,
    run: (process: ProviderProcess) => Promise<Ended>,
  ): Promise<Ended> {
    const before = this.seen;
    const mayFail = this.#isFaulty || this.#isBroken();
    const ended = await this.#arena.withProcess(unhurried, run);
    await this.endFaults();
    this.note(`${name}: ${ended.ok ? "ok" : ended.errors.join(" | ")} (${ended.steps.join(", ")})`);
    const after = await this.#look();
    const scene = {
      parts: this.parts,
      before,
      after,
      ended,
      mayFail,
      declared: (part: Part) => this.program.get(part.name),
    };
    const complain = (part: Part | undefined, what: string) =>
      this.complain(`After ${name}: ${part?.name ?? "all"}: ${what}`);
    generally(scene, complain);
    rule(scene, complain);
    return ended;
  }

  /** Somebody deleted what the state holds, or an object of ours is in no state. */
  #isBroken(): boolean {
    const isMissing = (part: Part) => this.isInState(part) && this.live(part).length === 0;
    return this.orphans().length > 0 || this.parts.some(isMissing);
  }

  #declarations(adopted: readonly Part[]): Declaration[] {
    return this.parts.flatMap((part) => {
      const declared = this.program.get(part.name);
      if (!declared) return [];
      const inputs: Properties = { ...part.given(this.#arena, (name) => this.#nameOf(name)), ...declared.values };
      if (part.derives !== undefined) inputs["__defaultName"] = this.#derived(part);
      if (part.keys) inputs["keyGeneration"] = declared.keyGeneration;
      if (adopted.includes(part)) inputs["adopt"] = true;
      return [{ name: this.#logicalName(part), kind: part.kind, inputs }];
    });
  }

  async #look(): Promise<Seen> {
    const names = { logical: (part: Part) => this.#logicalName(part), address: (part: Part) => this.#address(part) };
    this.#seen = look(await this.#arena.control.state(), this.#engine, this.parts, names);
    return this.#seen;
  }

  #logicalName(part: Part): string {
    return this.#logical.get(part.name) ?? part.name;
  }

  #derived(part: Part): string {
    return `${this.#logicalName(part)}-0a1b2c3d`;
  }

  /** Of the part's own object: as the state has it, else as it would be made. */
  #nameOf(partName: string): string {
    const part = this.parts.find(({ name }) => name === partName);
    if (!part) throw new Error(`There is no part ${partName}.`);
    return this.#address(part).split("/").at(-1) ?? "";
  }

  #address(part: Part): string {
    const entry = this.#engine.entries.find(({ name, isOld }) => name === this.#logicalName(part) && !isOld);
    if (part.kind === "CloudianUser") return entry?.id ?? `${this.#nameOf("team")}/${this.#derived(part)}`;
    const name = part.derives === undefined ? undefined : entry?.inputs[part.derives];
    return name === undefined ? this.#derived(part) : String(name);
  }
}

type Complain = (part: Part | undefined, what: string) => never;
