import { type Color, colored, table } from "../terminal.ts";
import type { Report } from "./report.ts";
import { driftRows, messagesIn, notComparedRows, type Row, undeployedRows } from "./rows.ts";
import { verdictOf } from "./verdict.ts";

const colors: Readonly<Record<Report["verdict"], Color>> = {
  none: "green",
  undeployed: "yellow",
  drift: "red",
  incomplete: "red",
};

/** For people, on a terminal. */
export function asTable(report: Report): string {
  const drift = driftRows(report);
  const undeployed = undeployedRows(report);
  const notCompared = notComparedRows(report).map(({ resource, properties, reason }) => [resource, properties, reason]);
  const warnings = messagesIn(report, "warning");
  return [
    `${colored(colors[report.verdict], verdictOf(report))}\n`,
    section("Changed on the live systems since the last up", ["DECLARED", "LIVE"], drift),
    section("What pulumi up would change now", ["LAST UP", "PROGRAM"], undeployed),
    notCompared.length === 0 ? "" : `\nNot compared\n\n${table(["RESOURCE", "PROPERTIES", "WHY"], notCompared)}`,
    warnings.length === 0 ? "" : `\nWarnings\n\n${warnings.map((text) => `${text}\n`).join("")}`,
  ].join("");
}

/** Columns that hold nothing are left out. */
function section(title: string, [before, after]: readonly [string, string], rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const head = ["RESOURCE", "CHANGE", "PROPERTY", before, after, "NOTE"];
  const cells = rows.map((row) => [row.resource, row.change, row.property, row.before, row.after, row.note]);
  const shown = (line: readonly string[]) => line.filter((_, column) => cells.some((each) => each[column] !== ""));
  return `\n${title}\n\n${table(shown(head), cells.map(shown))}`;
}
