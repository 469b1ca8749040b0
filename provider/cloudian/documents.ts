import { UnexpectedAnswer } from "../core/errors.ts";
import type { Document } from "./answers.ts";

/** A text field; null, `""` and missing are the same (reference: Cloudian Admin API, 2.1). */
export function textOf(document: Document, field: string): string {
  const value = document[field];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** A flag, which replies carry as text and requests of other clients as either. */
export function flagOf(document: Document, field: string): boolean {
  const value = document[field];
  const text = String(value).toLowerCase();
  if (text === "true" || text === "false") return text === "true";
  throw new UnexpectedAnswer(`The Cloudian answer has no usable "${field}".`, 200);
}

/** A list of texts as a set, an empty text being none; undefined where an older release does not have the field. */
export function setOf(document: Document, field: string): string[] | undefined {
  const value = document[field];
  return Array.isArray(value) ? [...new Set(value.map(String))].filter((text) => text !== "").sort() : undefined;
}

/** Whether writing the fields would change the document, `active: true` and `active: "true"` being the same. */
export function wouldChange(document: Document, fields: Document): boolean {
  return Object.entries(fields).some(
    ([field, wanted]) => comparable(field, document[field]) !== comparable(field, wanted),
  );
}

const flags = new Set(["active", "ldapEnabled"]);

function comparable(field: string, value: unknown): string {
  if (flags.has(field)) return String(value).toLowerCase();
  if (Array.isArray(value)) return JSON.stringify([...new Set(value.map(String))].sort());
  return value === null || value === undefined ? "" : String(value);
}
