import { visible, visibleLines } from "../terminal.ts";
import type { Message } from "./engine-json.ts";
import type { DriftState, NotCompared, Property, Report, Resource, UndeployedState } from "./report.ts";
import { foldedValue, shownValue } from "./shown.ts";

/** One line of one of the tables, already in words. */
export interface Row {
  readonly resource: string;
  readonly change: string;
  /** Empty where the whole resource is meant. */
  readonly property: string;
  readonly before: string;
  readonly after: string;
  readonly note: string;
}

function nameOf({ kind, name }: Resource): string {
  return visible(`${kind} ${name}`);
}

/** What somebody changed on the live systems: recorded, live. */
export function driftRows(report: Report): Row[] {
  return report.resources.flatMap((resource) => {
    const { drift = "none" } = resource;
    if (drift === "none") return [];
    const row = { ...rowOf(resource, drift), note: drift === "gone" ? goneNote(resource) : "" };
    const drifted = resource.properties.filter((property) => property.drifted);
    if (drift !== "changed" || drifted.length === 0) return [row];
    return drifted.map((property) => ({
      ...row,
      property: visible(property.path),
      before: shownValue(property, "recorded", foldedValue),
      after: shownValue(property, "live", foldedValue),
      note: noteOf(property, resource),
    }));
  });
}

/** What an `up` would do: recorded, declared. */
export function undeployedRows(report: Report): Row[] {
  return report.resources.flatMap((resource) => {
    const { undeployed = "none" } = resource;
    if (undeployed === "none") return [];
    const row = { ...rowOf(resource, undeployed), note: resource.unfinished ? "the last up has not finished it" : "" };
    const pending = resource.properties.filter((property) => property.undeployed);
    if (pending.length === 0) return [row];
    return pending.map((property) => ({
      ...row,
      property: visible(property.path),
      before: shownValue(property, "recorded", foldedValue),
      after: shownValue(property, "declared", foldedValue),
    }));
  });
}

function rowOf(resource: Resource, state: DriftState | UndeployedState): Omit<Row, "note"> {
  return { resource: nameOf(resource), change: words[state], property: "", before: "", after: "" };
}

const words: Readonly<Record<DriftState | UndeployedState, string>> = {
  none: "none",
  changed: "changed",
  gone: "gone",
  unknown: "not readable",
  create: "create",
  change: "change",
  replace: "replace",
  delete: "delete",
};

const reasons: Readonly<Record<NotCompared["reason"], string>> = {
  notReturned: "no call returns it",
  ignored: "ignoreChanges",
};

/** One line a resource and reason. */
export function notComparedRows(report: Report): { resource: string; properties: string; reason: string }[] {
  return report.resources.flatMap((resource) =>
    (["notReturned", "ignored"] as const).flatMap((reason) => {
      const properties = resource.notCompared.filter((each) => each.reason === reason).map((each) => each.property);
      if (properties.length === 0) return [];
      return [{ resource: nameOf(resource), properties: visible(properties.join(", ")), reason: reasons[reason] }];
    }),
  );
}

/** What was said, each once: both runs have the program's own warnings. Lines stay lines. */
export function messagesIn({ runs }: Report, severity?: Message["severity"]): string[] {
  const all = runs
    .flatMap(({ messages }) => messages)
    .filter((each) => severity === undefined || each.severity === severity);
  return [...new Set(all.map(({ text }) => visibleLines(text)))];
}

function goneNote({ undeployed }: Resource): string {
  return undeployed === "delete" ? "the program no longer declares it" : "";
}

/** What the program says now, where that is something else than at the last `up`. */
function noteOf(property: Property, { undeployed }: Resource): string {
  if (undeployed === "delete") return "the program no longer declares the resource";
  if (!property.undeployed) return "";
  if (property.liveAsDeclared === true) return "the program says the same now";
  return `the program says ${shownValue(property, "declared", foldedValue)} now`;
}
