import { expect } from "vitest";
import type { LabFault, LabRequestRecord } from "../../lab.ts";
import type { Properties } from "../../provider-client.ts";
import type { Arena } from "../arena.ts";
import { type Ended, LittleEngine } from "../little-engine.ts";
import type { LiveEstate } from "../live-estate.ts";
import { programOf } from "./operation.ts";
import { command, forever, soon } from "./patience.ts";

/** What one of two programs declares of the object, before its change and after it. */
interface Program {
  readonly before: Properties;
  readonly after: Properties;
}

/** Two programs that each have their own state and manage the same object. */
export interface Rivals {
  readonly kind: string;
  seed(arena: Arena): Promise<void>;
  /** Makes the object. */
  first(arena: Arena): Program;
  /** Adopts it. */
  second(arena: Arena): Program;
  /** Somebody sets what neither program manages. */
  foreign?(arena: Arena): Promise<void>;
}

/** Whose change is live in the end; any other estate than these is something that nobody has declared. */
export type Survivor = "first, then second" | "second, then first" | "first" | "second";

/** Both programs, each with what its state holds. */
export class Rivalry {
  readonly #arena: Arena;
  readonly #rivals: Rivals;
  #first = new LittleEngine();
  #second = new LittleEngine();

  constructor(arena: Arena, rivals: Rivals) {
    this.#arena = arena;
    this.#rivals = rivals;
  }

  async begin(): Promise<void> {
    const { control } = this.#arena;
    await control.reset();
    await this.#rivals.seed(this.#arena);
    [this.#first, this.#second] = [new LittleEngine(), new LittleEngine()];
    expect(await this.up("first", "before")).toMatchObject({ errors: [], steps: ["create it"] });
    await this.#rivals.foreign?.(this.#arena);
    expect(await this.up("second", "before")).toMatchObject({ errors: [], steps: ["create it"] });
  }

  async up(who: "first" | "second", when: "before" | "after"): Promise<Ended> {
    const { [when]: inputs } = this.#rivals[who](this.#arena);
    const program = programOf(this.#rivals.kind, inputs);
    return await command(this.#arena, (process) => this.#engine(who).up(process, program));
  }

  /** Both refresh and run once more, one after the other: who has found something to do. */
  async repairs(): Promise<("first" | "second")[]> {
    const found: ("first" | "second")[] = [];
    for (const who of ["first", "second"] as const) {
      const refreshed = await command(this.#arena, (process) => this.#engine(who).refresh(process));
      expect(refreshed).toMatchObject({ errors: [], steps: [] });
      const ended = await this.up(who, "after");
      expect(ended.errors).toEqual([]);
      if (ended.steps.length > 0) found.push(who);
    }
    return found;
  }

  /** What the first one's change sends, and the estates that the changes leave where each runs alone. */
  async undisturbed(): Promise<{ requests: LabRequestRecord[]; estates: Record<Survivor, LiveEstate> }> {
    await this.begin();
    const sent = await this.#arena.requestsOf(() => this.#changes("first"));
    const requests = sent.filter(({ path }) => path !== "/logout");
    const first = await this.#arena.live();
    await this.#changes("second");
    const firstThenSecond = await this.#arena.live();
    await this.begin();
    await this.#changes("second");
    const second = await this.#arena.live();
    await this.#changes("first");
    const secondThenFirst = await this.#arena.live();
    const estates = { first, second, "first, then second": firstThenSecond, "second, then first": secondThenFirst };
    return { requests, estates };
  }

  /** The first one's change, in which the second one's whole run takes place after request `k` was carried out. */
  async interleaved(requests: readonly LabRequestRecord[], k: number): Promise<LiveEstate> {
    const { control } = this.#arena;
    await this.begin();
    const system = requests[k]?.system as LabFault["system"];
    const after = requests.slice(0, k).filter((request) => request.system === system).length;
    await control.fault({ system, after, kind: "delay", delayMs: forever });
    const change = this.#changes("first");
    await expect.poll(async () => (await control.faults())[0]?.fired, soon).toBe(1);
    await this.#changes("second");
    await control.clearFaults();
    await change;
    return await this.#arena.live();
  }

  async #changes(who: "first" | "second"): Promise<void> {
    expect(await this.up(who, "after")).toMatchObject({ errors: [], steps: ["update it"] });
  }

  #engine(who: "first" | "second"): LittleEngine {
    return who === "first" ? this.#first : this.#second;
  }
}
