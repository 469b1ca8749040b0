import type { LabClock } from "./clock.ts";
import { EcsRefused, invalidParameter, missingNamespace, missingParameter } from "./ecs-error.ts";
import { documentReply, type Format, parseBody } from "./ecs-format.ts";
import type { EcsStore } from "./ecs-store.ts";
import { isObject } from "./errors.ts";
import type { S3Store } from "./s3-store.ts";
import type { LabReply, LabRequest } from "./system.ts";

/** One call of the management API, authenticated and decoded. */
export interface Call {
  readonly store: EcsStore;
  readonly buckets: S3Store;
  readonly clock: LabClock;
  readonly request: LabRequest;
  readonly query: ReadonlyMap<string, string>;
  /** The variable segments of the path, decoded. */
  readonly params: readonly string[];
  /** What the answer is written in. */
  readonly format: Format;
}

export type Operation = (call: Call) => LabReply;

export type Members = Record<string, unknown>;

/** 200 without a body, which claims to be XML none the less. */
export const done: LabReply = { status: 200, body: "", contentType: "application/xml" };

export function answer(call: Call, root: string, members: Members, xml?: Members): LabReply {
  return documentReply(call.format, 200, root, members, xml);
}

export function param(call: Call, index: number): string {
  return call.params[index] ?? "";
}

/** The members of the body; undefined for a root that is not documented. */
export function bodyOf(call: Call, root: string | undefined): Members {
  const { body, headers, path } = call.request;
  const typed = headers["content-type"] === undefined && path.endsWith(".json");
  const known = typed ? { ...headers, "content-type": "application/json" } : headers;
  return parseBody(body, known, root, call.store.options.wrappedInput);
}

/** A text that may be missing, null or empty: all the same. */
export function optionalText(members: Members, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") throw invalidParameter(name, "it must be a text");
  return value;
}

export function requiredText(members: Members, name: string): string {
  const value = optionalText(members, name);
  if (value === undefined) throw missingParameter(name);
  return value;
}

/** True and false, as such or as texts. */
export function optionalFlag(members: Members, name: string): boolean | undefined {
  const value = optionalText(members, name);
  if (value === undefined) return undefined;
  if (value !== "true" && value !== "false") throw invalidParameter(name, "it must be true or false");
  return value === "true";
}

/** A whole number, as such or as a text. */
export function optionalWhole(members: Members, name: string): number | undefined {
  const value = optionalText(members, name);
  if (value === undefined) return undefined;
  if (!/^-?[0-9]{1,15}$/.test(value)) throw invalidParameter(name, "it must be a whole number");
  return Number(value);
}

/** A list: an array in JSON, repeated elements, perhaps in an element of their own, in XML. */
export function listOf(members: Members, name: string, item: string): Members[] | undefined {
  const value = members[name];
  if (value === undefined || value === null || value === "") return undefined;
  const inner = isObject(value) && Object.hasOwn(value, item) ? value[item] : value;
  const items: unknown[] = Array.isArray(inner) ? inner : [inner];
  if (!items.every(isObject)) throw invalidParameter(name, "its items must be objects");
  return items;
}

/** The namespace that the caller means: his own, or the one given; empty where a system user gives none. */
export function namespaceGiven(call: Call, given: string | undefined): string {
  if (call.store.options.role !== "NAMESPACE_ADMIN") return given ?? "";
  if (given !== undefined && given !== "" && given !== ownNamespace) {
    throw new EcsRefused(403, 3000, `Insufficient permissions for namespace ${given}`);
  }
  return ownNamespace;
}

/** Where the management user is an administrator, if he is one of a namespace only. */
export const ownNamespace = "ns1";

export function queryNamespace(call: Call): string {
  return namespaceGiven(call, call.query.get("namespace"));
}

export function assertNamespace(call: Call, namespace: string): void {
  if (!call.store.namespaces.has(namespace)) throw missingNamespace(namespace);
}
