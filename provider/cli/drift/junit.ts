import { visible } from "../terminal.ts";
import type { Question } from "./engine-run.ts";
import type { Property, Report, Resource, RunSummary } from "./report.ts";
import { shownValue, wholeValue } from "./shown.ts";
import { plural } from "./verdict.ts";

interface Case {
  readonly kind: string;
  readonly name: string;
  readonly problem?: {
    readonly element: "failure" | "error";
    readonly type: string;
    readonly message: string;
    readonly lines: readonly string[];
  };
}

type Problem = NonNullable<Case["problem"]>;

/** For the test view of a CI system: one suite a question, one case a managed resource. */
export function asJunit(report: Report): string {
  const suites = report.runs.map((run) => ({ run, cases: casesOf(run, report.resources) }));
  const all = suites.flatMap(({ cases }) => cases);
  const seconds = report.runs.reduce((sum, run) => sum + run.seconds, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites name="cloudstack-storage drift" ${tallyOf(all)} time="${seconds.toFixed(3)}">\n`,
    ...suites.map(({ run, cases }) => suiteOf(run, cases)),
    "</testsuites>\n",
  ].join("");
}

function suiteOf({ question, seconds }: RunSummary, cases: readonly Case[]): string {
  return [
    `  <testsuite name="${question}" ${tallyOf(cases)} time="${seconds.toFixed(3)}">\n`,
    ...cases.map(caseOf),
    "  </testsuite>\n",
  ].join("");
}

function tallyOf(cases: readonly Case[]): string {
  const count = (element: Problem["element"]) => cases.filter(({ problem }) => problem?.element === element).length;
  return `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}"`;
}

function caseOf({ kind, name, problem }: Case): string {
  const start = `    <testcase classname="${shown(kind)}" name="${shown(name)}"`;
  if (!problem) return `${start}/>\n`;
  const { element, type, message, lines } = problem;
  const text = lines.map((line) => `${shown(line)}\n`).join("");
  return `${start}>\n      <${element} type="${type}" message="${shown(message)}">${text}</${element}>\n    </testcase>\n`;
}

function casesOf(run: RunSummary, resources: readonly Resource[]): Case[] {
  const asked = resources.filter((resource) => resource[run.question] !== undefined);
  const cases = asked.map((resource): Case => {
    const problem = problemOf(run.question, resource);
    return { kind: resource.kind, name: distinctName(resource, asked), ...(problem ? { problem } : {}) };
  });
  if (run.exitCode === 0) return cases;
  const lines = run.messages.filter(({ severity }) => severity === "error").flatMap(({ text }) => text.split("\n"));
  const message = `${run.command} ended with ${run.exitCode}`;
  return [
    ...cases,
    { kind: "engine", name: run.command, problem: { element: "error", type: "engine", message, lines } },
  ];
}

/** Names are unique below one parent only. */
function distinctName({ kind, name, urn }: Resource, all: readonly Resource[]): string {
  return all.some((other) => other.kind === kind && other.name === name && other.urn !== urn) ? urn : name;
}

function problemOf(question: Question, resource: Resource): Problem | undefined {
  return question === "drift" ? driftOf(resource) : undeployedOf(resource);
}

function driftOf({ drift, urn, properties }: Resource): Problem | undefined {
  if (drift === "unknown") return { element: "error", type: "unknown", message: "could not be read", lines: [urn] };
  if (drift === "gone") return failure("gone", "is gone from the live system", [urn]);
  if (drift !== "changed") return undefined;
  const drifted = properties.filter((property) => property.drifted);
  const lines = drifted.map((property) => lineOf(property, "declared", "recorded", "live", "live"));
  return failure("changed", `${plural(drifted.length, "property", "properties")} changed on the live system`, [
    urn,
    ...lines,
  ]);
}

function undeployedOf({ undeployed = "none", urn, properties }: Resource): Problem | undefined {
  if (undeployed === "none") return undefined;
  const pending = properties.filter((property) => property.undeployed);
  const lines = pending.map((property) => lineOf(property, "last up", "recorded", "program", "declared"));
  return failure(undeployed, `pulumi up would ${undeployed} it`, [urn, ...lines]);
}

function failure(type: string, message: string, lines: readonly string[]): Problem {
  return { element: "failure", type, message, lines };
}

type Side = "recorded" | "live" | "declared";

function lineOf(property: Property, beforeWord: string, before: Side, afterWord: string, after: Side): string {
  const [one, two] = [before, after].map((side) => shownValue(property, side, wholeValue));
  return `${property.path}: ${beforeWord} ${one}, ${afterWord} ${two}`;
}

/** XML holds fewer characters than `visible` leaves. */
function shown(text: string): string {
  return visible(text)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
