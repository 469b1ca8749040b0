import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

/** The plain values behind a class's arguments; the derived name is always there once `check` has run. */
type Plain<Args, NameKey extends keyof Args> = pulumi.Unwrap<Omit<Args, NameKey>> &
  Required<pulumi.Unwrap<Pick<Args, NameKey>>>;

type Paths<T> = T extends readonly unknown[]
  ? never
  : T extends object
    ? { [K in keyof T & string]: K | `${K}.${Paths<NonNullable<T[K]>>}` }[keyof T & string]
    : never;

/** Without `undefined` as a value of an optional member, which the two sides spell differently. */
type Exact<T> = T extends readonly (infer Item)[]
  ? Exact<Item>[]
  : T extends object
    ? { [K in keyof T]: Exact<Exclude<T[K], undefined>> }
    : T;

type Equal<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;

type Matches<One, Other> = [Equal<One, Other>, Equal<Paths<One>, Paths<Other>>] extends [true, true] ? true : false;

/**
 * Holds a schema to the arguments that a class declares: a renamed key, another type or another optionality in either
 * does not compile. The arguments are written once, with their documentation; the schema stays out of the public types.
 */
export function schemaOf<Args, NameKey extends keyof Args>() {
  return <Schema extends z.ZodObject>(
    schema: Matches<Exact<Plain<Args, NameKey>>, Exact<z.input<Schema>>> extends true ? Schema : never,
  ): Schema => schema;
}
