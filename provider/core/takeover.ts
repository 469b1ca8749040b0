import { z } from "zod";
import { differences } from "./adoption.ts";
import { parseInputs } from "./canonical.ts";
import { sentenceOf } from "./checking.ts";
import { Refused } from "./errors.ts";
import type { AnyHandler, Live } from "./handler.ts";
import { Secrecy } from "./secrecy.ts";
import type { Settings } from "./settings.ts";
import { pick, same, type Values } from "./values.ts";
import { unknownMarker } from "./wire.ts";

/** A live object as a program would declare it and as the state would hold it after its adoption. */
export interface Takeover {
  readonly id: string;
  /** The arguments that say what the object has; nothing that a new object has anyway. */
  readonly declared: Values;
  /** The same in canonical form, defaults of our own switches included. */
  readonly inputs: Values;
  readonly outputs: Values;
  /** Properties of either that a state keeps encrypted. */
  readonly secrets: readonly string[];
  /** What can be read and is as a new object has it: left unmanaged. */
  readonly atDefault: readonly string[];
  /** Arguments of which the system shows nothing. */
  readonly unread: readonly string[];
  /** What reads as a value that no program may declare: its changes have to be ignored. */
  readonly ignored: readonly string[];
}

export interface TakeoverOptions {
  /** Arguments that no call returns, or that say how to reach the object. */
  readonly known?: Values;
  /** What is to stay unmanaged although it differs from that of a new object. */
  readonly unmanaged?: readonly string[];
  /** Outputs that a creation by us would have recorded and no read tells. */
  readonly recorded?: Values;
}

/**
 * Looks at a live object and makes certain that its adoption would write nothing: it is looked for as `create` would,
 * and has to be identical. Only reads. Throws `Refused` where it cannot be taken over so, with the reason.
 */
export async function takeOver(
  handler: AnyHandler,
  settings: Settings,
  id: string,
  options: TakeoverOptions = {},
): Promise<Takeover> {
  const { known = {}, unmanaged = [], recorded = {} } = options;
  const client = handler.connect(settings, known);
  const live = await handler.read(client, id, undefined);
  if (!live) throw new Refused("it is gone.");
  const readable = pick(
    live.state,
    Object.keys(handler.args.shape).filter((key) => !(handler.local.includes(key) || unmanaged.includes(key))),
  );
  const assumed = assumedBy(handler);
  const { declared, atDefault, args } = declarationOf(handler, { ...readable, ...known }, Object.keys(known), assumed);
  const ignored = args["keyGeneration"] === 0 ? ["keyGeneration"] : [];
  requireAllowed(handler, args, ignored);
  if (!handler.alwaysThere) {
    const untouched = untouchedIn(handler, await handler.find(client, args), args, ignored);
    const again = untouched.filter((property) => property in declared && !(property in known));
    // Shown, but set by nobody, such as limits that a user only inherits.
    if (again.length > 0)
      return await takeOver(handler, settings, id, { ...options, unmanaged: [...unmanaged, ...again] });
  }
  const isComputed = (key: string) => !(key in handler.args.shape);
  const outputs = {
    ...pick(live.state, Object.keys(live.state).filter(isComputed)),
    ...recorded,
    ...args,
    systemEndpoint: client.endpoint,
  };
  const secrecy = new Secrecy(handler);
  secrecy.remember(outputs);
  return {
    id,
    declared: withoutKeys(declared, ignored),
    inputs: args,
    outputs,
    secrets: secrecy.keysOf(outputs),
    atDefault,
    unread: Object.keys(handler.args.shape).filter(
      (key) => live.state[key] === undefined && !(key in known) && !handler.local.includes(key),
    ),
    ignored,
  };
}

function declarationOf(handler: AnyHandler, values: Values, known: readonly string[], assumed: Values) {
  const defaults = { ...handler.creationDefaults(values), ...assumed };
  const { shape } = handler.args;
  const isDefault = (key: string) => !known.includes(key) && isOptional(shape[key]) && same(values[key], defaults[key]);
  const atDefault = Object.keys(values).filter(isDefault);
  const declared = Object.fromEntries(
    Object.keys(shape).flatMap((key) =>
      values[key] === undefined || atDefault.includes(key)
        ? []
        : [[key, withoutDefaultMembers(handler, key, values[key], defaults[key])]],
    ),
  );
  return { declared, atDefault, args: parsed(handler, declared) };
}

/** A member of a group of settings that a new object has so is not managed either, where the kind can leave it out. */
function withoutDefaultMembers(handler: AnyHandler, key: string, value: unknown, defaults: unknown): unknown {
  if (!isRecord(value) || !isRecord(defaults)) return value;
  const members = Object.fromEntries(
    Object.entries(value).filter(([member, each]) => !(member in defaults && same(each, defaults[member]))),
  );
  return handler.args.shape[key]?.safeParse(members).success === true ? members : value;
}

function parsed(handler: AnyHandler, declared: Values): Values {
  const { known, problems } = parseInputs(handler.args, declared, unknownMarker);
  if (problems.length > 0) throw new Refused(`${problems.map(sentenceOf).join("; ")}.`);
  return known;
}

function requireAllowed(handler: AnyHandler, args: Values, ignored: readonly string[]): void {
  const refused = (handler.refuses?.(undefined, args, []) ?? []).filter(({ property }) => !ignored.includes(property));
  if (refused.length > 0) throw new Refused(`${refused.map(sentenceOf).join("; ")}.`);
}

/** Declared properties that the search by name shows as nobody's doing; any other difference would be written over. */
function untouchedIn(
  handler: AnyHandler,
  found: Live<Values> | undefined,
  args: Values,
  ignored: readonly string[],
): string[] {
  if (!found) throw new Refused("it cannot be found by its name.");
  const differing = differences(handler, found, args).filter(({ property }) => !ignored.includes(property));
  const changed = differing.filter(({ atDefault }) => !atDefault).map(({ property }) => property);
  if (changed.length > 0)
    throw new Refused(`it does not read twice as the same (${changed.join(", ")}); is somebody changing it?`);
  return differing.map(({ property }) => property);
}

/** What the arguments mean where a program does not say it. */
function assumedBy(handler: AnyHandler): Values {
  return Object.fromEntries(
    Object.entries(handler.args.shape).flatMap(([key, schema]) =>
      schema instanceof z.ZodDefault ? [[key, schema.parse(undefined)]] : [],
    ),
  );
}

function isOptional(schema: unknown): boolean {
  return schema instanceof z.ZodExactOptional || schema instanceof z.ZodDefault;
}

function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutKeys(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}
