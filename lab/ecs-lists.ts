import type { Call, Members } from "./ecs-call.ts";
import { invalidParameter } from "./ecs-error.ts";

export interface Page<T> {
  readonly rows: readonly T[];
  /** The most rows that this page could have. */
  readonly limit: number;
  /** The members that tell where the next page begins; none on the last one. */
  readonly next: Members;
}

/**
 * The page that `marker` and `limit` ask for, in the order of the keys. The marker is the last key of the page before, so
 * that what is made or deleted between two pages shifts nothing.
 */
export function pageOf<T>(call: Call, items: readonly T[], keyOf: (item: T) => string): Page<T> {
  const marker = call.query.get("marker") ?? "";
  const limit = Math.min(limitGiven(call), call.store.options.maxPage);
  const sorted = items.filter((item) => keyOf(item) > marker).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rows = sorted.slice(0, limit);
  const last = rows.at(-1);
  if (last === undefined || sorted.length === rows.length) return { rows, limit, next: {} };
  const key = keyOf(last);
  const link = `${call.request.path}?${new URLSearchParams({ ...Object.fromEntries(call.query), marker: key })}`;
  return { rows, limit, next: { NextMarker: key, NextPageLink: link } };
}

/** Whether the name fits the filter `name=prefix*`. */
export function nameFilter(call: Call, parameter = "name"): (name: string) => boolean {
  const filter = call.query.get(parameter) ?? "";
  if (filter === "" || filter === "*") return () => true;
  return filter.endsWith("*") ? (name) => name.startsWith(filter.slice(0, -1)) : (name) => name === filter;
}

function limitGiven(call: Call): number {
  const text = call.query.get("limit") ?? "";
  if (text === "") return call.store.options.pageSize;
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw invalidParameter("limit", "it must be a positive number");
  return Number(text);
}
