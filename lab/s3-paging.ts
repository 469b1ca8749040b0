import type { S3Call } from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** What the delimiter rolls up. */
  readonly prefixes: readonly string[];
  readonly truncated: boolean;
  /** The last row, where it is not a common prefix. */
  readonly lastRow: Row | undefined;
  /** The key or the common prefix that comes last; empty on an empty page. */
  readonly last: string;
}

interface Cut<Row> {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** Whether a row comes after the one that ended the last page. */
  isAfter(row: Row): boolean;
}

/** A page of rows that are sorted by their keys. */
export function pageOf<Row extends { readonly key: string }>(
  sorted: readonly Row[],
  { prefix, delimiter, limit, isAfter }: Cut<Row>,
): Page<Row> {
  const rows: Row[] = [];
  const prefixes: string[] = [];
  let last: { row: Row } | { prefix: string } | undefined;
  let truncated = false;
  for (const row of sorted) {
    if (!isAfter(row)) continue;
    const common = commonPrefix(row.key, prefix, delimiter);
    if (common !== undefined && common === prefixes.at(-1)) continue;
    truncated = limit > 0 && rows.length + prefixes.length === limit;
    if (truncated || limit === 0) break;
    if (common === undefined) rows.push(row);
    else prefixes.push(common);
    last = common === undefined ? { row } : { prefix: common };
  }
  const lastRow = last !== undefined && "row" in last ? last.row : undefined;
  return { rows, prefixes, truncated, lastRow, last: lastRow?.key ?? prefixes.at(-1) ?? "" };
}

/** The key up to the first delimiter behind the prefix. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

export function sortedKeys(keys: Iterable<string>, prefix = ""): string[] {
  return [...keys].filter((key) => key.startsWith(prefix)).sort(compareKeys);
}

/** By their UTF-8 bytes. JavaScript's own order differs where characters of two code units meet those above them. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const difference = rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function rank(codeUnit: number): number {
  if (codeUnit < 0xd800) return codeUnit;
  return codeUnit >= 0xe000 ? codeUnit - 0x800 : codeUnit + 0x2000;
}

/** How names are written in a listing: as they are, or encoded for what XML cannot hold. */
export function textEncoder({ query }: S3Call): (text: string) => string {
  const type = query.get("encoding-type");
  if (type === undefined) return (text) => text;
  if (type !== "url") throw new S3Refused("InvalidArgument", "encoding-type must be url.");
  return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
}
