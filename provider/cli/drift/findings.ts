import type { Step } from "./engine-json.ts";
import type { EngineRun } from "./engine-run.ts";
import { notComparedIn } from "./not-compared.ts";
import { propertiesOf } from "./properties.ts";
import type { DriftState, Property, Resource, UndeployedState } from "./report.ts";

const ownType = "pulumi-nodejs:dynamic/cloudstack-storage:";
const stackType = "pulumi:pulumi:Stack";

/** Alone: the deletion that is left of an earlier replacement. */
const leftOver = "delete-replaced";

const pendingByOp: Readonly<Record<string, UndeployedState>> = {
  create: "create",
  import: "create",
  update: "change",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  [leftOver]: "replace",
  "import-replacement": "replace",
  "remove-pending-replace": "replace",
};

/** Both runs' steps of one resource. */
interface Steps {
  readonly drift?: Step;
  readonly undeployed?: Step;
  /** Among the second run's is the deletion of a replaced object, of this replacement or of an earlier one. */
  readonly deletesReplaced?: boolean;
}

/** What is managed, and what differs of it, by kind and name. */
export function findingsOf(runs: readonly EngineRun[]): Resource[] {
  const steps = new Map<string, Steps>();
  for (const { question, steps: found } of runs)
    for (const step of found) {
      const known = steps.get(step.urn) ?? {};
      const more = question === "drift" ? withLived(known, step) : withPlanned(known, step);
      if (more !== known) steps.set(step.urn, more);
    }
  const unreadable = unreadableIn(runs);
  const hasPreview = runs.some(({ question, code }) => question === "undeployed" && code === 0);
  return [...steps]
    .map(([urn, each]) => resourceOf(urn, each, unreadable.has(urn), hasPreview))
    .sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
}

/** Only live objects of the stack's own can drift. A resource whose provider changes with the program is read twice. */
function withLived(known: Steps, step: Step): Steps {
  const { type = "", custom, external } = step.oldState ?? {};
  if (custom !== true || external === true || type.startsWith("pulumi:providers:")) return known;
  const isNews = step.op === "update" || step.op === "delete";
  if (!isNews && (known.drift || !["same", "refresh"].includes(step.op))) return known;
  return { ...known, drift: step };
}

/** All that an `up` would do counts, also to providers and components. A replacement has several steps in any order. */
function withPlanned(known: Steps, step: Step): Steps {
  const { type } = step.oldState ?? step.newState ?? {};
  if (type === stackType || !pendingByOp[step.op]) return known;
  if (step.op === leftOver) return { ...known, undeployed: known.undeployed ?? step, deletesReplaced: true };
  const told = known.undeployed?.op === leftOver ? undefined : known.undeployed;
  const isTold = told !== undefined && (told.newState || !step.newState);
  return isTold ? known : { ...known, undeployed: step };
}

/** What the first run has failed at. */
function unreadableIn(runs: readonly EngineRun[]): ReadonlySet<string> {
  const errors = runs
    .filter(({ question }) => question === "drift")
    .flatMap(({ messages }) => messages.filter(({ severity }) => severity === "error"));
  return new Set(errors.flatMap(({ urn }) => (urn ? [urn] : [])));
}

function resourceOf(urn: string, steps: Steps, isUnreadable: boolean, hasPreview: boolean): Resource {
  const { drift: lived, undeployed: planned, deletesReplaced = false } = steps;
  const recorded = lived?.oldState ?? planned?.oldState ?? undefined;
  const { type = "", id = "" } = recorded ?? planned?.newState ?? {};
  const kind = type.startsWith(ownType) ? type.slice(ownType.length) : type;
  const pending = planned && pendingByOp[planned.op];
  const isLeftOver = planned?.op === leftOver;
  const properties = propertiesOf(kind, {
    drift: lived && { step: lived, changed: lived.op === "update", gone: lived.op === "delete" },
    undeployed: isLeftOver
      ? undefined
      : planned && { step: planned, changed: pending === "change" || pending === "replace" },
  });
  const drift = lived && driftOf(lived, properties, isUnreadable);
  const undeployed = pending ?? (hasPreview ? "none" : undefined);
  const drifted = new Set(properties.filter((each) => each.drifted).map(({ path }) => path));
  return {
    kind,
    type,
    name: urn.split("::").slice(3).join("::"),
    urn,
    ...(id === "" ? {} : { id }),
    ...(drift === undefined ? {} : { drift }),
    ...(undeployed === undefined ? {} : { undeployed }),
    unfinished:
      isLeftOver ||
      (deletesReplaced && pending !== "replace") ||
      [lived, planned].some((step) => (step?.oldState?.initErrors ?? []).length > 0),
    properties: properties.filter(({ path }) => !isInternal(path)),
    notCompared: drift === undefined || drift === "gone" ? [] : notComparedIn(kind, recorded, lived?.newState, drifted),
  };
}

function driftOf({ op }: Step, properties: readonly Property[], isUnreadable: boolean): DriftState {
  if (op === "delete") return "gone";
  const drifted = properties.filter((each) => each.drifted);
  const isSeen = drifted.length === 0 || drifted.some(({ path }) => !isInternal(path));
  if (op === "update" && isSeen) return "changed";
  return isUnreadable ? "unknown" : "none";
}

/** What travels beside the properties, such as marks of secrets. */
function isInternal(path: string): boolean {
  return path.startsWith("__");
}

function orderOf({ kind, name, urn }: Resource): string {
  return [kind, name, urn].join("\n");
}
