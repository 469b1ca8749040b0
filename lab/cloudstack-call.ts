import type { LabClock } from "./clock.ts";
import type { Answer } from "./cloudstack-answer.ts";
import type { Account, User } from "./cloudstack-directory-store.ts";
import { type ApiError, invalid } from "./cloudstack-error.ts";
import type { Release } from "./cloudstack-options.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";
import type { SimulatedSystem } from "./system.ts";

/** One call of the API, authenticated and decoded. */
export interface Call {
  /** The same object as long as the lab lives; what it holds is replaced by patches. */
  readonly store: CloudStackStore;
  readonly clock: LabClock;
  /** The Admin API that the connector talks to. */
  readonly cloudian: SimulatedSystem;
  readonly command: string;
  /** The key of the error envelope; error texts cut its last eight characters off, whatever they are. */
  readonly commandName: string;
  /** Those of the query and of a form body; the query wins. */
  readonly params: ReadonlyMap<string, string>;
  readonly caller: { readonly user: User; readonly account: Account };
}

export type Command = (call: Call) => Answer;

export interface CommandEntry {
  readonly run: Command;
  /** Whether it changes something: not by GET in the enforcing mode. */
  readonly changes: boolean;
  /** Whether it answers a job. */
  readonly async?: true;
  /** The first release that has it. */
  readonly since?: Release;
  /** Whether it exists at the moment, where that does not depend on the release alone. */
  readonly available?: (store: CloudStackStore) => boolean;
  /** Who may call it; root administrators if absent. */
  readonly role?: "everyone" | "domain-admin";
  /** The keys of the envelope, where they are not the lower-cased command with `response`. */
  readonly envelope?: { readonly success: string; readonly error: string };
  /** Its parameters, separated by blanks: `!` marks those that must be given, `@4.20` the first release. */
  readonly params: string;
  /** The fields of its answer in the same form, as far as `listApis` shall tell them. */
  readonly fields?: string;
}

export type Commands = Readonly<Record<string, CommandEntry>>;

/** A parameter that must be there; the transport has refused a call without it already. */
export function required(call: Call, name: string): string {
  const value = optional(call, name);
  if (value === undefined) throw missing(call, name);
  return value;
}

/** A parameter that counts as absent when it is empty. */
export function optional(call: Call, name: string): string | undefined {
  const value = call.params.get(name);
  return value === "" ? undefined : value;
}

export function optionalFlag(call: Call, name: string): boolean | undefined {
  const value = optional(call, name);
  return value === undefined ? undefined : value.toLowerCase() === "true";
}

export function optionalWhole(call: Call, name: string): number | undefined {
  const value = optional(call, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) throw invalid(`${unable(call)} due to invalid value ${value} for parameter ${name}`);
  return Number(value);
}

/** The object that a parameter names by its UUID; undefined if the parameter is absent. */
export function optionalEntity<T>(call: Call, name: string, table: ReadonlyMap<string, T>): T | undefined {
  return optional(call, name) === undefined ? undefined : requiredEntity(call, name, table);
}

export function requiredEntity<T>(call: Call, name: string, table: ReadonlyMap<string, T>): T {
  const id = required(call, name);
  const entity = table.get(id);
  if (entity === undefined) throw noEntity(call, name, id);
  return entity;
}

export function noEntity(call: Call, name: string, id: string): ApiError {
  return invalid(
    `${unable(call)} due to invalid value. Invalid parameter ${name} value=${id} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.`,
  );
}

/** The values of an indexed map such as `details[0].key` and `details[0].value`; undefined if there is none. */
export function optionalDetails(call: Call, name = "details"): Record<string, string> | undefined {
  const pairs = new Map<string, { key?: string; value?: string }>();
  for (const [param, value] of call.params) {
    const [, map, index, part] = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(param) ?? [];
    if (map !== name || index === undefined) continue;
    if (part === "key" || part === "value") pairs.set(index, { ...pairs.get(index), [part]: value });
    else if (part !== undefined) pairs.set(index, { key: part, value });
  }
  if (pairs.size === 0) return undefined;
  return Object.fromEntries([...pairs.values()].map(({ key = "", value = "" }) => [key, value]));
}

export function missing(call: Call, name: string): ApiError {
  return invalid(`${unable(call)} due to missing parameter ${name}`);
}

function unable({ commandName }: Call): string {
  return `Unable to execute API command ${commandName.slice(0, -8)}`;
}

/** The time as CloudStack writes it. */
export function stamp(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, "+0000");
}

/** Whether a filter that is given fits exactly. */
export function fits(filter: string | undefined, value: string | null | undefined): boolean {
  return filter === undefined || filter === value;
}

/** Whether the keyword that is given is part of one of the texts, in whatever case. */
export function hasKeyword(call: Call, ...texts: (string | null)[]): boolean {
  const keyword = optional(call, "keyword")?.toLowerCase();
  return keyword === undefined || texts.some((text) => text?.toLowerCase().includes(keyword));
}
