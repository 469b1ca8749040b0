import { z } from "zod";
import type { Refusal } from "./handler.ts";
import { nearestName } from "./spelling.ts";
import type { Values } from "./values.ts";

/** Canonical values of the known keys, the unknown keys untouched, and what is wrong, each with its path. */
export interface Parsed {
  readonly known: Values;
  readonly unknown: Values;
  readonly problems: Refusal[];
}

/**
 * Parses inputs into the canonical form. Keys with an unknown value anywhere inside are set aside first: a transform
 * would swallow the marker that stands for "not known before the update".
 */
export function parseInputs(schema: z.ZodObject, inputs: Values, unknownMarker: string): Parsed {
  // Without a prototype, so that a property called __proto__ or constructor is one like any other.
  const known: Values = Object.create(null);
  const unknown: Values = Object.create(null);
  for (const [key, value] of Object.entries(inputs)) {
    if (containsUnknown(value, unknownMarker)) unknown[key] = value;
    else if (value !== null && value !== undefined) known[key] = withoutNulls(value);
  }
  const rest = z.strictObject(
    Object.fromEntries(Object.entries(schema.shape).filter(([key]) => !Object.hasOwn(unknown, key))),
  );
  const problems = Object.entries(known).flatMap(([key, value]) => unsafeIn(value, key));
  if (problems.length > 0) return { known, unknown, problems };
  const misspelled = Object.keys(unknown).filter((key) => !Object.hasOwn(schema.shape, key));
  const result = rest.safeParse({ ...known, ...Object.fromEntries(misspelled.map((key) => [key, true])) });
  if (result.success) return { known: result.data, unknown, problems: [] };
  return { known, unknown, problems: result.error.issues.flatMap((issue) => problemsOf(issue, schema)) };
}

/**
 * Recorded values in today's canonical form: defaults that an import or an older release did not write are filled in,
 * and what cannot be parsed stays as it is.
 */
export function canonicalRecord(schema: z.ZodObject, recorded: Values): Values {
  const canonical: Values = {};
  for (const [key, property] of Object.entries(schema.shape)) {
    const value = withoutNulls(recorded[key] ?? undefined);
    const result = (property as z.ZodType).safeParse(value);
    const parsed = result.success ? result.data : value;
    if (parsed !== undefined) canonical[key] = parsed;
  }
  return canonical;
}

export function containsUnknown(value: unknown, unknownMarker: string): boolean {
  if (value === unknownMarker) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((member) => containsUnknown(member, unknownMarker));
}

/** Members called `__proto__`, which parsing would pass over without a word, and texts that UTF-8 cannot carry. */
function unsafeIn(value: unknown, path: string): Refusal[] {
  if (typeof value === "string" && !value.isWellFormed())
    return [{ property: path, reason: "must not hold one half of a surrogate pair" }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const property = `${path}.${key}`;
    return key === "__proto__" || !key.isWellFormed()
      ? [{ property, reason: "cannot have this name" }]
      : unsafeIn(member, property);
  });
}

/** Programs and the engine both use null for "not given". */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      member === null || member === undefined ? [] : [[key, withoutNulls(member)]],
    ),
  );
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodObject): Refusal[] {
  if (issue.code === "unrecognized_keys") {
    const names = namesAt(schema, issue.path);
    return issue.keys.map((key) => ({
      property: [...issue.path, key].join("."),
      reason: `there is no such property${suggestion(key, names)}`,
    }));
  }
  return [{ property: issue.path.join("."), reason: reasonOf(issue) }];
}

/** The properties of the object at a path of the schema; none where it is not one of ours to look into. */
function namesAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return namesAt(schema.unwrap(), path);
  if (schema instanceof z.ZodPipe) return namesAt(schema.in, path);
  const [member, ...rest] = path;
  if (schema instanceof z.ZodArray) return namesAt(schema.element, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return member === undefined ? Object.keys(schema.shape) : namesAt(schema.shape[String(member)], rest);
}

function suggestion(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return `; did you mean ${nearest}?`;
  return names.length === 0 ? "" : `; there are ${names.join(", ")}`;
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  if (issue.message.endsWith("received undefined")) return "is required";
  return issue.message;
}
