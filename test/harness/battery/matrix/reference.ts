import type { LabRequestRecord } from "../../lab.ts";
import type { Arena } from "../arena.ts";
import type { LiveEstate } from "../live-estate.ts";
import { Life, type Plan, type Stage, stages } from "./life.ts";

/** What one stage sends without any fault, and what is there afterwards. */
export interface Expected {
  readonly requests: readonly LabRequestRecord[];
  readonly live: LiveEstate;
}

export type Reference = Readonly<Record<Stage, Expected>>;

/** Lives the life without any fault. */
export async function referenceOf(arena: Arena, plan: Plan): Promise<Reference> {
  const life = await Life.begin(arena, plan);
  const expected: [Stage, Expected][] = [];
  for (const stage of stages) {
    await life.prepare(stage);
    const requests = await life.requestsOf(() => life.run(stage));
    expected.push([stage, { requests, live: await life.picture() }]);
  }
  return Object.fromEntries(expected) as Record<Stage, Expected>;
}
