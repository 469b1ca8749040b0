import { type Color, colored, visible } from "../terminal.ts";
import { type Finding, type SystemName, systemNames, systemTitles, type Verdict, verdicts } from "./finding.ts";

interface Judged<Name extends string> {
  readonly name: Name;
  readonly verdict: Verdict;
}

/** The JSON document of the command: docs/schemas/doctor.schema.json. */
export interface Report {
  readonly version: 1;
  readonly verdict: Verdict;
  readonly systems: readonly Judged<SystemName>[];
  readonly zones: readonly Judged<string>[];
  readonly findings: readonly Finding[];
}

export function reportOf(findings: readonly Finding[]): Report {
  const systems = systemNames.filter((name) => findings.some(({ system }) => system === name));
  const zones = [...new Set(findings.flatMap(({ zone }) => zone ?? []))];
  return {
    version: 1,
    verdict: worst(findings),
    systems: systems.map((name) => ({ name, verdict: worst(findings.filter(({ system }) => system === name)) })),
    zones: zones.map((name) => ({ name, verdict: worst(findings.filter(({ zone }) => zone === name)) })),
    findings,
  };
}

function worst(findings: readonly Finding[]): Verdict {
  return verdicts.find((verdict) => findings.some((finding) => finding.verdict === verdict)) ?? "ok";
}

/** Of the findings, those that need somebody's attention; what is said of whole systems and zones stays. */
export function withoutGood(report: Report): Report {
  return { ...report, findings: report.findings.filter(({ verdict }) => verdict !== "ok") };
}

const colors: Readonly<Record<Verdict, Color>> = {
  ok: "green",
  warning: "yellow",
  failed: "red",
  "not known": "gray",
};

const verdictWidth = Math.max(...verdicts.map((verdict) => verdict.length));

export function textOf(report: Report): string {
  const groups = report.systems
    .map(({ name }) => report.findings.filter(({ system }) => system === name))
    .filter((findings) => findings.length > 0);
  const summary = [
    ...report.systems.map(({ name, verdict }) => ({ name: systemTitles[name], verdict })),
    ...report.zones.map(({ name, verdict }) => ({ name: `zone ${visible(name)}`, verdict })),
  ];
  const lines = summary.map(({ name, verdict }) => `  ${padded(verdict)}  ${name}\n`);
  return `${groups.map(groupText).join("")}${colored("bold", "Verdicts")}\n${lines.join("")}`;
}

function groupText(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => ({ label: labelOf(finding), finding }));
  const width = Math.max(...rows.map(({ label }) => label.length));
  const lines = rows.map(({ label, finding: { verdict, text, next } }) => {
    const line = `  ${padded(verdict)}  ${label.padEnd(width)}  ${visible(text)}\n`;
    return next === undefined ? line : `${line}  ${" ".repeat(verdictWidth + width + 4)}next: ${visible(next)}\n`;
  });
  const [first] = findings;
  return `${colored("bold", first === undefined ? "" : systemTitles[first.system])}\n${lines.join("")}\n`;
}

function labelOf({ zone, subject, check }: Finding): string {
  const parts = [zone === undefined ? undefined : `zone ${zone}`, subject, check];
  return visible(parts.filter((part) => part !== undefined).join(", "));
}

function padded(verdict: Verdict): string {
  return colored(colors[verdict], verdict.padEnd(verdictWidth));
}
