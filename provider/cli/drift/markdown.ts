import { visible } from "../terminal.ts";
import type { Report } from "./report.ts";
import { driftRows, messagesIn, notComparedRows, type Row, undeployedRows } from "./rows.ts";
import { plural, verdictOf } from "./verdict.ts";

/** A comment on GitHub holds 65,536 characters; the rest is for what others write around the report. */
const longest = 60_000;
/** Room for the last note. */
const reserved = 200;

const marks: Readonly<Record<Report["verdict"], string>> = {
  none: "✅",
  undeployed: "🟡",
  drift: "❌",
  incomplete: "⚠️",
};

interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly string[];
}

/** For a job summary or a comment: a verdict, and tables as far as there is room. */
export function asMarkdown(report: Report): string {
  const verdict = `${marks[report.verdict]} **${escaped(verdictOf(report))}**\n`;
  let room = longest - reserved - verdict.length;
  let missing = 0;
  const parts = sectionsOf(report).map(({ title, head, rows }) => {
    const start = `\n### ${title}\n\n${head.map((line) => `${line}\n`).join("")}`;
    const fitting = missing > 0 ? [] : fittingIn(room - start.length, rows);
    missing += rows.length - fitting.length;
    const part = fitting.length === 0 ? "" : `${start}${fitting.join("")}`;
    room -= part.length;
    return part;
  });
  const note =
    missing === 0 ? "" : `\n${plural(missing, "more row")} left out for want of room; the JSON report has all.\n`;
  return `${verdict}${parts.join("")}${note}`;
}

function fittingIn(room: number, rows: readonly string[]): string[] {
  let used = 0;
  const end = rows.findIndex((row) => {
    used += row.length;
    return used > room;
  });
  return rows.slice(0, end < 0 ? rows.length : end);
}

function sectionsOf(report: Report): Section[] {
  const all: Section[] = [
    tableOf("Changed on the live systems since the last up", ["Declared", "Live"], driftRows(report)),
    tableOf("What pulumi up would change now", ["Last up", "Program"], undeployedRows(report)),
    {
      title: "Not compared",
      head: headOf(["Resource", "Properties", "Why"]),
      rows: notComparedRows(report).map(({ resource, properties, reason }) =>
        rowOf([resource, properties, reason].map(escaped)),
      ),
    },
    { title: "Messages", head: [], rows: messagesIn(report).map((text) => `- ${escaped(text)}\n`) },
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

function tableOf(title: string, [before, after]: readonly [string, string], rows: readonly Row[]): Section {
  return {
    title,
    head: headOf(["Resource", "Change", "Property", before, after, "Note"]),
    rows: rows.map(({ resource, change, property, before, after, note }) =>
      rowOf([escaped(resource), change, escaped(property), code(before), code(after), escaped(note)]),
    ),
  };
}

function headOf(cells: readonly string[]): string[] {
  return [rowOf(cells), rowOf(cells.map(() => "---"))].map((line) => line.trimEnd());
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

/** In HTML, because nothing can be escaped between backticks. */
function code(text: string): string {
  return text === "" ? "" : `<code>${escaped(text)}</code>`;
}

/** Every character that Markdown, HTML or a mention could take for its own; a line break stays one. */
function escaped(text: string): string {
  return text
    .replace(/[&<>|`*_~[\]\\!#@$]/g, (character) => `&#${character.charCodeAt(0)};`)
    .split("\n")
    .map(visible)
    .join("<br>");
}
