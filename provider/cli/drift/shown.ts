import { visible } from "../terminal.ts";
import type { Property } from "./report.ts";

/** A longer value is cut in tables. */
const longest = 60;
const keptOfLonger = 40;

/** A value as JSON, so that a text and a number, and what is empty and what is absent, look different. */
export function wholeValue(value: unknown): string {
  return value === undefined ? "(none)" : visible(JSON.stringify(value));
}

export function foldedValue(value: unknown): string {
  const characters = [...wholeValue(value)];
  if (characters.length <= longest) return characters.join("");
  return `${characters.slice(0, keptOfLonger).join("")}… (${characters.length} characters)`;
}

/** The same for every value of a property: a secret reads `[secret]` without quotation marks. */
export function shownValue(
  property: Property,
  side: "recorded" | "live" | "declared",
  show: (value: unknown) => string,
) {
  const value = property[side];
  return property.secret && value !== undefined ? "[secret]" : show(value);
}
