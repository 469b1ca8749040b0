import type { Arena } from "../arena.ts";
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

/** Lives all of them, as many at once as there are arenas. */
export async function liveAll(
  arenas: readonly Arena[],
  tasks: readonly Task[],
  tally: Tally,
  redirectTo: string,
): Promise<void> {
  const queue = [...tasks];
  await Promise.all(
    arenas.map(async (arena) => {
      for (let task = queue.shift(); task; task = queue.shift()) {
        const left = await live(arena, task, tally, redirectTo);
        if (left) queue.push({ ...task, shots: left });
      }
    }),
  );
}

/** After a cell that ended badly nothing is as it should be: its later stages are left for another life. */
async function live(arena: Arena, task: Task, tally: Tally, redirectTo: string): Promise<Shots | undefined> {
  const { plan, reference, shots } = task;
  const life = await Life.begin(arena, plan);
  for (const [at, stage] of stages.entries()) {
    const shot = shots[stage];
    if (!shot) {
      const { errors } = await life.run(stage);
      if (errors.length === 0) continue;
      const cell = `${nameOf(plan)}, ${stage}, no fault`;
      const sins = ["failed without any fault"];
      tally.add({ kind: kindOf(plan), fault: "", cell, request: "", outcome: "reported", sins, errors, seconds: 0 });
      return undefined;
    }
    const verdict = await shoot(life, stage, shot, reference[stage], redirectTo);
    const cell = `${nameOf(plan)}, ${stage}, ${verdict.request} (request ${shot.index}), ${shot.kind.name}`;
    tally.add({ ...verdict, kind: kindOf(plan), fault: shot.kind.name, cell });
    if (verdict.sins.length === 0) continue;
    const later = stages.slice(at + 1).flatMap((each) => (shots[each] ? [[each, shots[each]]] : []));
    return later.length > 0 ? Object.fromEntries(later) : undefined;
  }
  return undefined;
}

export function kindOf({ specimen: { kind, variant } }: Plan): string {
  return variant === undefined ? kind : `${kind} (${variant})`;
}

function nameOf(plan: Plan): string {
  return `${kindOf(plan)}, ${plan.naming} name, ${plan.change.aspect}`;
}
