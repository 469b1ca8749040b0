import { isDeepStrictEqual } from "node:util";

/** A bag of property values as the engine sends and stores them. */
export type Values = Record<string, unknown>;

/** The named properties, as far as they have a value. */
export function pick(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(keys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])));
}

/** Whether two values in canonical form are equal. */
export function same(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other);
}
