import { isObject, LabError } from "./errors.ts";

/** Applies one member of a section of the state; null deletes. */
export type Section<Draft> = (draft: Draft, key: string, change: unknown) => void;

/** A change of the state that does not fit; `applyPatch` tells where. */
export class Misfit extends Error {
  override readonly name = "Misfit";
}

/** Applies a JSON merge patch to a draft, in the order of the sections. */
export function applyPatch<Draft>(
  draft: Draft,
  patch: Record<string, unknown>,
  sections: Readonly<Record<string, Section<Draft>>>,
): void {
  const unknown = Object.keys(patch).find((name) => !Object.hasOwn(sections, name));
  if (unknown !== undefined)
    throw new LabError(`The state has no "${unknown}": use ${Object.keys(sections).join(", ")}.`);
  for (const [name, apply] of Object.entries(sections)) {
    const changes = patch[name];
    if (changes === undefined) continue;
    if (!isObject(changes))
      throw new LabError(`"${name}" must be an object; give null to single members to delete them.`);
    for (const [key, change] of Object.entries(changes)) located(`${name}: ${key}`, () => apply(draft, key, change));
  }
}

function located(place: string, apply: () => void): void {
  try {
    apply();
  } catch (error) {
    if (error instanceof Misfit) throw new LabError(`The patch does not fit at ${place}: ${error.message}.`);
    throw error;
  }
}

/** How a member may be written, and how it is kept. */
export interface MemberForm<T> {
  /** Completes "must be …". */
  readonly expected: string;
  /** Undefined for a value that does not fit. */
  parse(value: unknown): T | undefined;
}

type MemberForms = Record<string, MemberForm<unknown>>;

export type MembersOf<F extends MemberForms> = {
  -readonly [K in keyof F]?: F[K] extends MemberForm<infer T> ? T : never;
};

/** The members that a change gives, in the form in which they are kept. */
export function parseMembers<F extends MemberForms>(forms: F, change: unknown): MembersOf<F> {
  if (!isObject(change)) throw new Misfit("it must be an object, or null to delete it");
  const parsed = Object.entries(change).map(([name, value]) => {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (form === undefined) throw new Misfit(`there is no "${name}", only ${Object.keys(forms).join(", ")}`);
    const kept = form.parse(value);
    if (kept === undefined) throw new Misfit(`${name} must be ${form.expected}`);
    return [name, kept];
  });
  return Object.fromEntries(parsed) as MembersOf<F>;
}

export const textMember: MemberForm<string> = {
  expected: "a text",
  parse: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};

export const flagMember: MemberForm<boolean> = {
  expected: "true or false",
  parse: (value) => (typeof value === "boolean" ? value : undefined),
};

export const timeMember: MemberForm<number> = {
  expected: 'a time, such as "2026-01-31T12:00:00Z"',
  parse: (value) => {
    const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  },
};

/** Changes to the texts of a set by name; null deletes one. */
export const textChanges: MemberForm<Record<string, string | null>> = {
  expected: 'an object such as {"team": "blue"}',
  parse: (value) =>
    isObject(value) && Object.values(value).every((text) => text === null || typeof text === "string")
      ? (value as Record<string, string | null>)
      : undefined,
};

export function wholeMember(least: number): MemberForm<number> {
  return {
    expected: `a whole number, at least ${least}`,
    parse: (value) => (typeof value === "number" && Number.isSafeInteger(value) && value >= least ? value : undefined),
  };
}

export function withChanges(
  current: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = Object.entries({ ...current, ...changes });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}

export function oneOf<const T extends string | number>(...allowed: readonly T[]): MemberForm<T> {
  return {
    expected: `one of ${allowed.join(", ")}`,
    parse: (value) => allowed.find((candidate) => candidate === value),
  };
}

export function nullable<T>({ expected, parse }: MemberForm<T>): MemberForm<T | null> {
  return { expected: `${expected}, or null`, parse: (value) => (value === null ? null : parse(value)) };
}
