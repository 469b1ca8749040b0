import type { Properties } from "../provider-client.ts";
import type { Arena } from "./arena.ts";
import type { LittleEngine } from "./little-engine.ts";

/** One change of what is declared. */
export interface Change {
  /** What changes, in a word. */
  readonly aspect: string;
  /** Inputs that are given another value, or with undefined none. */
  readonly inputs: Properties;
}

/** An object of one kind, as a program declares it, and what its whole life consists of. */
export interface Specimen {
  readonly kind: string;
  /** What tells specimens of one kind apart. */
  readonly variant?: string;
  /** What has to be there, and neighbors of the same kind that nobody manages. */
  seed(arena: Arena): Promise<void>;
  /** Every aspect that can be managed has a value that differs from the creation default. */
  inputs(arena: Arena, name?: string): Properties;
  /** The input that is the name, left out where the name is to be derived; absent where the program has to give it. */
  readonly derivable?: string;
  /** Somebody puts into the object of this name what its deletion has to take along; absent where nothing is. */
  fill?(arena: Arena, name: string): Promise<void>;
  /** Each aspect alone. */
  readonly updates: readonly Change[];
  /** Another object takes its place; absent where none can. */
  readonly replacement?: Change;
  /** What the lab's state shows once `inputs` are there, as a literal for `toMatchObject`. */
  readonly shown: object;
  /** Somebody changes by hand what `inputs` declares, and the input that shows it. */
  readonly byHand: readonly HandChange[];
  /** Somebody deletes the object by hand; absent where that cannot be. */
  removeByHand?(arena: Arena, inputs: Properties): Promise<void>;
}

export interface HandChange {
  readonly input: string;
  change(arena: Arena): Promise<void>;
}

/** Such as `S3Bucket (filled)`. */
export function titleOf({ kind, variant }: Specimen): string {
  return variant === undefined ? kind : `${kind} (${variant})`;
}

/** It makes another pair of keys. */
export const isRotation = ({ inputs }: Change): boolean => "keyGeneration" in inputs;

/** It changes nothing but what a deletion does. */
export const isOnDestroy = ({ inputs }: Change): boolean => "onDestroy" in inputs;

/** Fills the object that the engine has made. */
export async function fillMade(specimen: Specimen, arena: Arena, { entries }: LittleEngine): Promise<void> {
  if (specimen.fill === undefined || specimen.derivable === undefined) return;
  for (const { outputs } of entries) await specimen.fill(arena, String(outputs[specimen.derivable]));
}

/** What the program gives after a change. */
export function changed(inputs: Properties, change: Change): Properties {
  return Object.fromEntries(Object.entries({ ...inputs, ...change.inputs }).filter(([, value]) => value !== undefined));
}

/** The same without a name, so that it is derived from what the class sends along. */
export function derivedInputs(specimen: Specimen, arena: Arena): Properties | undefined {
  if (specimen.derivable === undefined) return undefined;
  const name = `${specimen.kind.toLowerCase()}-0a1b2c3d`;
  const { [specimen.derivable]: _given, ...rest } = specimen.inputs(arena, name);
  return { ...rest, __defaultName: name };
}
