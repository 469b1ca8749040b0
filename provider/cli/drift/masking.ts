import { Secrecy } from "../../core/secrecy.ts";
import { same, type Values } from "../../core/values.ts";
import { unknownMarker } from "../../core/wire.ts";
import { handlerOf } from "../../handlers.ts";
import { type Path, valueAt } from "./property-path.ts";

/** What the engine shows in place of a secret. */
export const masked = "[secret]";

/** What an output is in a preview whose value only the `up` will tell. */
export const unknownText = "[unknown]";

/** One property in the state, on the live system and in the program. */
export interface Sides<Value> {
  readonly recorded: Value;
  readonly live: Value;
  readonly declared: Value;
}

/** Top-level properties of one of our kinds that are never shown, even if the engine showed them. */
export function secretKeys(kind: string, states: readonly Values[]): ReadonlySet<string> {
  const handler = handlerOf(kind);
  if (!handler) return new Set();
  const secrecy = new Secrecy(handler);
  return new Set(
    states.flatMap((values) => {
      secrecy.remember(values);
      return secrecy.keysOf(values);
    }),
  );
}

/**
 * The path down to what is compared as one: a list of plain values, whose elements have no identity of their own, or
 * what is secret, whose keys may be secret as well.
 */
export function cutPath(
  path: Path,
  secrets: ReadonlySet<string>,
  sides: Sides<Values>,
): { path: Path; secret: boolean } {
  for (let length = 1; length <= path.length; length += 1) {
    const start = path.slice(0, length);
    const values = threeOf(sides, start);
    if (secrets.has(String(path[0])) || values.includes(masked)) return { path: start, secret: true };
    const isList = values.some(Array.isArray) && values.every(isPlainList);
    if (isList && length < path.length) return { path: start, secret: values.some(holdsMasked) };
  }
  return { path, secret: false };
}

/** The three values at a path; what is secret on one side is secret on all. */
export function valuesAt(path: Path, secret: boolean, sides: Sides<Values>): Sides<unknown> {
  const [recorded, live, declared] = threeOf(sides, path);
  const hidden = (value: unknown) => (value === undefined ? undefined : masked);
  if (secret) return { recorded: hidden(recorded), live: hidden(live), declared: hidden(declared) };
  const [one, two, three] = maskAlike([recorded, live, declared].map(withoutMarker));
  return { recorded: one, live: two, declared: three };
}

function threeOf({ recorded, live, declared }: Sides<Values>, path: Path): unknown[] {
  return [recorded, live, declared].map((values) => valueAt(values, path));
}

function isPlainList(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((each) => typeof each !== "object"));
}

function holdsMasked(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(holdsMasked);
  return value === masked;
}

function maskAlike(values: readonly unknown[]): unknown[] {
  if (!values.some(holdsMasked)) return [...values];
  const objects = values.map((value) => (isRecord(value) ? value : undefined));
  if (values.some((value, index) => value !== undefined && objects[index] === undefined))
    return values.map((value) => (value === undefined ? undefined : masked));
  const keys = [...new Set(objects.flatMap((value) => Object.keys(value ?? {})))];
  const columns = new Map(keys.map((key) => [key, maskAlike(objects.map((value) => value?.[key]))]));
  return objects.map(
    (value, index) =>
      value && Object.fromEntries(Object.keys(value).map((key) => [key, columns.get(key)?.[index] ?? null])),
  );
}

function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutMarker(value: unknown): unknown {
  if (value === unknownMarker) return unknownText;
  if (Array.isArray(value)) return value.map(withoutMarker);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutMarker(each)]));
}

/** Whether two sides are known to be equal, which no two masked or unknown values are. */
export function knownToAgree(one: unknown, other: unknown): boolean {
  return same(one, other) && !holdsMasked(one) && !JSON.stringify(one ?? null).includes(unknownText);
}
