import type { AnyHandler, Refusal } from "./handler.ts";
import { same, type Values } from "./values.ts";
import { defaultNameKey, derivedKey, inputsOf } from "./wire.ts";

/** The inputs with their name decided, and whether it was derived. */
export interface Named {
  readonly inputs: Values;
  readonly derived: boolean;
}

/** The name as given, else as it was, else derived: so a derived name stays whatever happens to stack or alias. */
export function withName(handler: AnyHandler, olds: Values, news: Values): Named {
  const inputs = inputsOf(news);
  const key = handler.nameKey;
  const given = inputs[key] ?? undefined;
  if (given !== undefined) return { inputs, derived: news[derivedKey] === true };
  const name = olds[key] ?? news[defaultNameKey] ?? undefined;
  if (name === undefined) return { inputs, derived: false };
  // A name that was once given stays, but nobody derived it, and only derivation is leave to adopt.
  return { inputs: { ...inputs, [key]: name }, derived: name === news[defaultNameKey] || olds[derivedKey] === true };
}

/** Changes that the system cannot make under the same id, also while other properties are still unknown. */
export function refusals(handler: AnyHandler, before: Values | undefined, known: Values, unknown: Values): Refusal[] {
  const ids = handler.replaces;
  // The new object comes first and the old one goes after it, so nothing is changed in place.
  const isNew = before === undefined || ids.some((key) => key in unknown || !same(before[key], known[key]));
  if (isNew) return handler.refuses?.(undefined, known) ?? [];
  const changed = handler.fixed.filter(
    (key) => known[key] !== undefined && before[key] !== undefined && !same(before[key], known[key]),
  );
  const fixed = changed.map((key) => ({ property: key, reason: fixedReason(handler, before[key], known[key]) }));
  return [...fixed, ...(handler.refuses?.(before, known) ?? [])];
}

function fixedReason(handler: AnyHandler, before: unknown, after: unknown): string {
  return (
    `cannot be changed from ${JSON.stringify(before)} to ${JSON.stringify(after)} under the same ` +
    `${handler.replaces.join(" and ")}: a replacement of the same name would delete the live object. ` +
    `Declare ${JSON.stringify(before)}, or give the new object another ${handler.nameKey}`
  );
}

/** A refusal as the engine shows it: with its path inside the reason, never as the property that failed. */
export function sentenceOf(refusal: Refusal): string {
  return refusal.property === "" ? refusal.reason : `${refusal.property}: ${refusal.reason}`;
}
