import { stripVTControlCharacters, styleText } from "node:util";

export type Color = "green" | "yellow" | "red" | "gray" | "bold";

/** Colored where standard output is a terminal that wants colors; NO_COLOR and FORCE_COLOR are honored. */
export function colored(color: Color, text: string): string {
  return styleText(color, text, { stream: process.stdout });
}

/** Text that moves no cursor and hides nothing. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]|\p{Cs}/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  });
}

/** The same for a text of several lines, which stay lines. */
export function visibleLines(text: string): string {
  return text.split(/\r?\n/).map(visible).join("\n");
}

/** One line for people, beside the data on standard output. */
export function tell(text: string): void {
  process.stderr.write(`${visible(text)}\n`);
}

/** Rows in aligned columns under a heading, two spaces apart, the last column unpadded. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading.map((cell) => colored("bold", cell)), ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + " ".repeat(column === row.length - 1 ? 0 : (widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd();
  return `${all.map(line).join("\n")}\n`;
}

function widthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
