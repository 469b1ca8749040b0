import { isDeepStrictEqual } from "node:util";

/** A bag of property values as the engine sends and stores them. */
export type Values = Record<string, unknown>;

/** The named properties, as far as they have a value. */
export function pick<T extends object, Key extends keyof T & string>(
  values: T,
  keys: readonly Key[],
): Partial<Pick<T, Key>> {
  const pairs = keys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]]));
  return Object.fromEntries(pairs) as Partial<Pick<T, Key>>;
}

/** Whether two values in canonical form are equal. */
export function same(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other);
}
