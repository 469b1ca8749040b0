import type { Properties } from "../../provider-client.ts";
import type { Arena } from "../arena.ts";
import type { Declaration, Ended, LittleEngine } from "../little-engine.ts";
import type { ProviderProcess } from "../provider-process.ts";
import { type Change, changed, derivedInputs, isOnDestroy, isRotation, type Specimen } from "../specimen.ts";

/** One command that changes one resource. */
export interface Operation {
  /** Such as `update tags`. */
  readonly name: string;
  /** What there is before it; absent where there is nothing yet. */
  readonly before?: Properties;
  /** What the program gives; absent where the object is destroyed. */
  readonly after?: Properties;
  /** What it makes, an object under a name that the program gives or a pair of keys, only leave to adopt finds again. */
  readonly needsLeave: boolean;
}

export type Naming = "given" | "derived";

/** Whether the program gives the name or leaves it out. */
export function namingsOf(specimen: Specimen): Naming[] {
  return specimen.derivable === undefined ? ["given"] : ["given", "derived"];
}

/** Everything that is done to an object in its life. */
export function operationsOf(specimen: Specimen, arena: Arena, naming: Naming): Operation[] {
  const isGiven = naming === "given";
  const inputs = isGiven ? specimen.inputs(arena) : derivedInputs(specimen, arena);
  if (inputs === undefined) return [];
  const updates = specimen.updates.map((change) => ({
    name: `update ${change.aspect}`,
    before: inputs,
    after: changed(inputs, isGiven ? change : nameless(specimen, change)),
    needsLeave: isRotation(change),
  }));
  const deletions = specimen.updates.filter(isOnDestroy).map((change) => ({
    name: `delete, onDestroy ${change.inputs["onDestroy"]}`,
    before: changed(inputs, change),
    needsLeave: false,
  }));
  return [
    { name: "create", after: inputs, needsLeave: isGiven },
    ...updates,
    ...replacements(specimen, inputs, isGiven),
    { name: "delete", before: inputs, needsLeave: false },
    ...deletions,
  ];
}

function replacements(specimen: Specimen, inputs: Properties, isGiven: boolean): Operation[] {
  const { replacement, kind } = specimen;
  // Of all others the name alone is fixed, or what goes with it; nothing replaces an object under a derived name.
  if (!replacement || (!isGiven && kind !== "S3SecondaryStorage")) return [];
  const change = isGiven ? replacement : nameless(specimen, replacement);
  return [{ name: "replace", before: inputs, after: changed(inputs, change), needsLeave: isGiven }];
}

function nameless({ derivable = "" }: Specimen, { aspect, inputs }: Change): Change {
  const { [derivable]: _given, ...rest } = inputs;
  return { aspect, inputs: rest };
}

/** The operation as a command of the engine, with the calls that belong to it. */
export async function carryOut(
  { after }: Operation,
  engine: LittleEngine,
  process: ProviderProcess,
  kind: string,
): Promise<Ended> {
  return after ? await engine.up(process, programOf(kind, after)) : await engine.destroy(process);
}

export function programOf(kind: string, inputs: Properties): Declaration[] {
  return [{ name: "it", kind, inputs }];
}
