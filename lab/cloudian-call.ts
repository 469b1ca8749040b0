import type { LabClock } from "./clock.ts";
import { Refused } from "./cloudian-documents.ts";
import type { CloudianStore } from "./cloudian-store.ts";
import { isObject } from "./errors.ts";
import type { LabReply, LabRequest } from "./system.ts";

/** One call of the Admin API, authenticated and decoded. */
export interface Call {
  readonly store: CloudianStore;
  readonly clock: LabClock;
  readonly request: LabRequest;
  readonly query: ReadonlyMap<string, string>;
}

export type Operation = (call: Call) => LabReply;

/** A parameter that must be there and not be empty. */
export function required(call: Call, name: string): string {
  const value = call.query.get(name);
  if (value === undefined || value === "") throw new Refused(400, `parameter ${name} is missing`);
  return value;
}

export function requiredChoice<T extends string>(call: Call, name: string, allowed: readonly T[]): T {
  const text = required(call, name);
  const value = allowed.find((candidate) => candidate === text);
  if (value === undefined) throw new Refused(400, `parameter ${name} must be one of ${allowed.join(", ")}`);
  return value;
}

export function jsonBody(call: Call): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(call.request.body));
  } catch {
    throw new Refused(400, "the body is not JSON in UTF-8");
  }
  if (!isObject(body)) throw new Refused(400, "the body is not a JSON object");
  return body;
}

/** A member of the body that must be a text and not be empty. */
export function requiredText(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value !== "string" || value === "") throw new Refused(400, `${name} is missing`);
  return value;
}

/** 200 without a body: done, or an empty list. */
export const done: LabReply = { status: 200, body: "" };

/** 204: there is no such object, or a user has no keys. */
export const absent: LabReply = { status: 204 };

export function json(call: Call, value: unknown): LabReply {
  const { jsonContentType } = call.store.options;
  const body = JSON.stringify(value);
  return jsonContentType === "none" ? { status: 200, body } : { status: 200, body, contentType: jsonContentType };
}

/** The list without its newest object, as long as the option `staleLists` says so. */
export function perhapsStale<T>(call: Call, inOrderOfCreation: T[]): T[] {
  if (call.store.options.staleLists === 0) return inOrderOfCreation;
  call.store.options.staleLists -= 1;
  return inOrderOfCreation.slice(0, -1);
}
