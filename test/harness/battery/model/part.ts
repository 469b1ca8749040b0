import type { LabState } from "../../lab.ts";
import type { Properties } from "../../provider-client.ts";
import type { Arena } from "../arena.ts";

/** Values by property, as a program declares them. */
export type Values = Readonly<Record<string, unknown>>;

/** What can be declared of an object, changed and left alone. */
export interface Aspect {
  /** What a program declares. */
  readonly values: readonly unknown[];
  /** What somebody makes of it by hand; nothing where no call shows it. */
  readonly byHand: readonly unknown[];
  /** What a new object has where nothing is declared. */
  readonly initial?: unknown;
  /** A program cannot leave it out. */
  readonly isRequired?: true;
  /** A list that others write, too: only what is declared of it is read. */
  readonly shared?: true;
  /** Another value needs another object. */
  readonly replaces?: true;
}

/** A change behind the program's back. */
export interface HandPatch {
  readonly system: "cloudian" | "ecs" | "cloudstack";
  readonly patch: object;
}

/** One resource of the program that a random sequence declares, changes and removes. */
export interface Part {
  readonly name: string;
  readonly kind: string;
  /** The part without whose object this one cannot be. */
  readonly inside?: string;
  /** The input that names the object, which the program leaves out; absent where the program gives it. */
  readonly derives?: string;
  /** What else the program gives. */
  given(arena: Arena, nameOf: (part: string) => string): Properties;
  readonly aspects: Readonly<Record<string, Aspect>>;
  /** Read from the lab and not from the provider: each object that could be this one, with all aspects. */
  live(state: LabState, name: string): readonly Values[];
  changeByHand(state: LabState, name: string, aspect: string, value: unknown): HandPatch;
  removeByHand?(state: LabState, name: string): HandPatch;
  /** Key pairs of the object by access key id or secret, and what a rotation does to them. */
  readonly keys?: Keys;
  /** It is always there; what it shows once the resource is gone is one of these, or what it showed. */
  readonly alwaysThere?: readonly Values[];
}

export interface Keys {
  readonly most: number;
  readonly keepsPrevious: boolean;
  /** Secrets by access key id, or by themselves where a user has one id only. */
  live(state: LabState, name: string): Readonly<Record<string, string>>;
  removeByHand(state: LabState, name: string, key: string): HandPatch;
}

/** The changes to a set of texts that make another one of it. */
export function mergeTo(current: Values, wanted: Values): Values {
  return { ...Object.fromEntries(Object.keys(current).map((key) => [key, null])), ...wanted };
}
