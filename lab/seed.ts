import { isObject, LabError } from "./errors.ts";
import type { StatefulSystem } from "./system.ts";

/** What the systems hold at the start. */
export interface LabSeed {
  /** Where it comes from, for messages: the name of a file. */
  readonly name: string;
  /** By the name of a system the body of its `PATCH /state/…`, in the order of the systems. */
  readonly systems: unknown;
}

/** Brings new systems to the state that a seed describes. */
export function plant({ name, systems: patches }: LabSeed, systems: readonly StatefulSystem[]): void {
  const names = systems.map((system) => system.name);
  if (!isObject(patches)) throw new LabError(`${name} must hold a JSON object with ${names.join(", ")}.`);
  const unknown = Object.keys(patches).find((key) => !names.includes(key));
  if (unknown !== undefined) throw new LabError(`${name}: there is no system "${unknown}"; use ${names.join(", ")}.`);
  for (const system of systems) {
    const patch = patches[system.name];
    if (patch === undefined) continue;
    if (!isObject(patch)) throw new LabError(`${name}: "${system.name}" must be an object, as for PATCH /state.`);
    planted(`${name}: ${system.name}`, () => system.patch(patch));
  }
}

function planted(place: string, apply: () => void): void {
  try {
    apply();
  } catch (error) {
    if (error instanceof LabError) throw new LabError(`${place}: ${error.message}`);
    throw error;
  }
}
