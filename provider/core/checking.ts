import type { AnyHandler, Refusal } from "./handler.ts";
import { same, type Values } from "./values.ts";
import { defaultNameKey, derivedKey, derivedNameKey, inputsOf } from "./wire.ts";

/** The inputs with their name decided, and whether it was derived. */
export interface Named {
  readonly inputs: Values;
  readonly derived: boolean;
}

/**
 * The inputs with what a name or a setting adds: as given, else as it was, else derived or as the settings say. So a
 * derived name stays whatever happens to stack or alias, and an object stays where a setting once put it.
 */
export function withName(handler: AnyHandler, olds: Values, news: Values, defaults: Values): Named {
  const inputs = inputsOf(news);
  for (const [key, value] of Object.entries(defaults)) inputs[key] ??= olds[key] ?? value;
  const key = handler.nameKey;
  const given = inputs[key] ?? undefined;
  if (given !== undefined || handler.nameIsGiven) return { inputs, derived: news[derivedKey] === true };
  const name = olds[derivedNameKey] ?? olds[key] ?? news[defaultNameKey] ?? undefined;
  if (name === undefined) return { inputs, derived: false };
  // A name that was once given stays, but nobody derived it, and only derivation is leave to adopt.
  return { inputs: { ...inputs, [key]: name }, derived: name === news[defaultNameKey] || olds[derivedKey] === true };
}

/** Takes out what the kind refuses by name, or takes as nothing, before anything is parsed. */
export function withoutForeign(handler: AnyHandler, inputs: Values): { own: Values; refused: Refusal[] } {
  // Without a prototype, so that a property called __proto__ is one like any other.
  const own: Values = Object.create(null);
  const refused: Refusal[] = [];
  for (const [property, value] of Object.entries(inputs)) {
    const known = Object.hasOwn(handler.args.shape, property) || value === undefined || value === null;
    const reason = known ? undefined : handler.foreign?.(property, value);
    if (reason === undefined) own[property] = value;
    else if (reason !== null) refused.push({ property, reason });
  }
  return { own, refused };
}

/** Changes that the system cannot make under the same id, also while other properties are still unknown. */
export function refusals(
  handler: AnyHandler,
  before: Values | undefined,
  known: Values,
  unknown: Values,
  hide: readonly string[],
): Refusal[] {
  const ids = handler.replaces;
  // The new object comes first and the old one goes after it, so nothing is changed in place.
  const isNew = before === undefined || ids.some((key) => key in unknown || !same(before[key], known[key]));
  const open = Object.keys(unknown);
  if (isNew)
    return [
      ...((before && handler.refusesReplacement?.(before, known)) ?? []),
      ...(handler.refuses?.(undefined, known, open) ?? []),
    ];
  const changed = handler.fixed.filter(
    (key) =>
      known[key] !== undefined &&
      before[key] !== undefined &&
      !same(before[key], known[key]) &&
      handler.sameUntilAsked?.(key, before[key], known[key]) !== true,
  );
  const fixed = changed.map((key) => ({
    property: key,
    reason: fixedReason(handler, key, shown(before[key], hide.includes(key)), shown(known[key], hide.includes(key))),
  }));
  return [...fixed, ...(handler.refuses?.(before, known, open) ?? [])];
}

function shown(value: unknown, hidden: boolean): string {
  return hidden ? "[secret]" : JSON.stringify(value);
}

function fixedReason(handler: AnyHandler, property: string, before: string, after: string): string {
  const change = `cannot be changed from ${before} to ${after}`;
  if (handler.whyFixed) return `${change}: ${handler.whyFixed(property)}`;
  return (
    `${change} under the same ` +
    `${handler.replaces.join(" and ")}: a replacement of the same name would delete the live object. ` +
    `Declare ${before}, or give the new object another ${handler.nameKey}`
  );
}

/** A member may be called anything, and the name is for people to read. */
const longestPath = 200;

/** A refusal as the engine shows it: with its path inside the reason, never as the property that failed. */
export function sentenceOf({ property, reason }: Refusal): string {
  const path = property.length > longestPath ? `${property.slice(0, longestPath)}…` : property;
  return property === "" ? reason : `${path.toWellFormed()}: ${reason}`;
}
