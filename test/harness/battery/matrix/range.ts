import { Arena } from "../arena.ts";
import { titleOf } from "../specimen.ts";
import type { Shots } from "./campaign.ts";
import { shoot } from "./cell.ts";
import { Life, type Plan, stages } from "./life.ts";
import type { Reference } from "./reference.ts";
import type { Tally } from "./tally.ts";

/** A life with faults, and how the same one goes without. */
export interface Task {
  readonly plan: Plan;
  readonly reference: Reference;
  readonly shots: Shots;
}

/** Arenas for all kinds together: while one waits for a deadline, the others work. */
export class Range {
  readonly #arenas: readonly Arena[];
  readonly #free: Arena[];
  readonly #waiting: ((arena: Arena) => void)[] = [];
  readonly #tally: Tally;
  readonly #redirectTo: string;

  private constructor(arenas: readonly Arena[], tally: Tally, redirectTo: string) {
    this.#arenas = arenas;
    this.#free = [...arenas];
    this.#tally = tally;
    this.#redirectTo = redirectTo;
  }

  static async open(abreast: number, tally: Tally, redirectTo: string): Promise<Range> {
    return new Range(await Promise.all(Array.from({ length: abreast }, () => Arena.open())), tally, redirectTo);
  }

  async close(): Promise<void> {
    await Promise.all(this.#arenas.map((arena) => arena.close()));
  }

  /** Lives all of them, each in the next arena that is free. */
  async liveAll(tasks: readonly Task[]): Promise<void> {
    await Promise.all(
      tasks.map(async (task) => {
        const left = await this.inArena((arena) => live(arena, task, this.#tally, this.#redirectTo));
        if (left) await this.liveAll([{ ...task, shots: left }]);
      }),
    );
  }

  async inArena<T>(work: (arena: Arena) => Promise<T>): Promise<T> {
    const arena = this.#free.pop() ?? (await new Promise<Arena>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(arena);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(arena);
      else this.#free.push(arena);
    }
  }
}

/** After a cell that ended badly nothing is as it should be: its later stages are left for another life. */
async function live(arena: Arena, task: Task, tally: Tally, redirectTo: string): Promise<Shots | undefined> {
  const { plan, reference, shots } = task;
  const life = await Life.begin(arena, plan);
  for (const [at, stage] of stages.entries()) {
    await life.prepare(stage);
    const shot = shots[stage];
    if (!shot) {
      const { errors } = await life.run(stage);
      if (errors.length === 0) continue;
      const cell = `${nameOf(plan)}, ${stage}, no fault`;
      const sins = ["failed without any fault"];
      tally.add({
        kind: titleOf(plan.specimen),
        fault: "",
        cell,
        request: "",
        outcome: "reported",
        sins,
        errors,
        seconds: 0,
      });
      return undefined;
    }
    const verdict = await shoot(life, stage, shot, reference[stage], redirectTo);
    const cell = `${nameOf(plan)}, ${stage}, ${verdict.request} (request ${shot.index}), ${shot.kind.name}`;
    tally.add({ ...verdict, kind: titleOf(plan.specimen), fault: shot.kind.name, cell });
    if (verdict.sins.length === 0) continue;
    const later = stages.slice(at + 1).flatMap((each) => (shots[each] ? [[each, shots[each]]] : []));
    return later.length > 0 ? Object.fromEntries(later) : undefined;
  }
  return undefined;
}

function nameOf(plan: Plan): string {
  return `${titleOf(plan.specimen)}, ${plan.naming} name, ${plan.change.aspect}`;
}
