import { same, type Values } from "../../core/values.ts";
import type { EngineState, Step } from "./engine-json.ts";
import { cutPath, knownToAgree, masked, type Sides, secretKeys, valuesAt } from "./masking.ts";
import { formatPath, type Path, parsePath } from "./property-path.ts";
import type { Property } from "./report.ts";

/** What the runs say of one resource that is there; `changed` where it differs. */
export interface Seen {
  readonly drift: { readonly step: Step; readonly changed: boolean; readonly gone: boolean } | undefined;
  readonly undeployed: { readonly step: Step; readonly changed: boolean } | undefined;
}

interface Change {
  readonly path: Path;
  /** Whether the values are among the inputs; undefined where nothing tells. */
  readonly inInputs: boolean | undefined;
}

type Flags = Pick<Property, "drifted" | "undeployed">;

/** The properties that differ, each once, by path. */
export function propertiesOf(kind: string, seen: Seen): Property[] {
  const steps = [seen.drift?.step, seen.undeployed?.step];
  const states = steps.flatMap((step) => [step?.oldState, step?.newState]);
  const secrets = secretKeys(
    kind,
    states.map((state) => valuesIn(state, undefined)),
  );
  const found = new Map<string, Property>();
  const note = (change: Change, flags: Flags) => {
    const { path, secret, values } = differenceOf(seen, change, secrets);
    const drifted = flags.drifted || found.get(path)?.drifted === true;
    const undeployed = flags.undeployed || found.get(path)?.undeployed === true;
    found.set(path, withAgreement({ path, secret, drifted, undeployed, ...values }));
  };
  if (seen.drift?.changed) for (const change of changesIn(seen.drift.step)) note(change, drift);
  if (seen.undeployed?.changed) for (const change of changesIn(seen.undeployed.step)) note(change, pending);
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

const drift: Flags = { drifted: true, undeployed: false };
const pending: Flags = { drifted: false, undeployed: true };

/** The engine's list; where a provider gives none, what differs at the top. */
function changesIn({ detailedDiff, diffReasons, replaceReasons, oldState, newState }: Step): Change[] {
  const detailed = Object.entries(detailedDiff ?? {});
  if (detailed.length > 0)
    return detailed.map(([path, { inputDiff }]) => ({ path: parsePath(path), inInputs: inputDiff }));
  const [before, after] = [oldState?.inputs ?? {}, newState?.inputs ?? {}];
  const isProvider = (newState ?? oldState)?.type.startsWith("pulumi:providers:") === true;
  const differing = Object.keys({ ...before, ...after }).filter((key) => !same(before[key], after[key]));
  if (differing.length > 0) return differing.map((key) => ({ path: [key], inInputs: true }));
  const reasons = new Set([...(diffReasons ?? []), ...(replaceReasons ?? [])]);
  if (reasons.size > 0) return [...reasons].map((key) => ({ path: [key], inInputs: undefined }));
  // Of a provider the engine says only that it differs; what else shows the same can only be a secret.
  const secrets = isProvider
    ? Object.keys(before).filter((key) => before[key] === masked && after[key] === masked)
    : [];
  return secrets.map((key) => ({ path: [key], inInputs: true }));
}

function differenceOf(seen: Seen, { path, inInputs }: Change, secrets: ReadonlySet<string>) {
  const sides = sidesOf(seen, inInputs);
  const cut = cutPath(path, secrets, sides);
  const values = Object.entries(valuesAt(cut.path, cut.secret, sides)).filter(([, value]) => value !== undefined);
  return { path: formatPath(cut.path), secret: cut.secret, values: Object.fromEntries(values) };
}

/** What a run says nothing about is as it was recorded. */
function sidesOf({ drift, undeployed }: Seen, inInputs: boolean | undefined): Sides<Values> {
  const recorded = valuesIn(drift?.step.oldState ?? undeployed?.step.oldState, inInputs);
  const changed = drift?.changed ? valuesIn(drift.step.newState, inInputs) : recorded;
  return {
    recorded,
    live: drift?.gone ? {} : changed,
    declared: undeployed ? valuesIn(undeployed.step.newState, inInputs) : recorded,
  };
}

function withAgreement(property: Property): Property {
  const { live, declared, recorded } = property;
  if (!property.drifted || !property.undeployed || property.secret) return property;
  const isOpen = same(live, declared) && !knownToAgree(live, declared);
  return isOpen || same(live, recorded) ? property : { ...property, liveAsDeclared: same(live, declared) };
}

/** A dynamic resource has its inputs among the outputs. */
function valuesIn(state: EngineState | null | undefined, inInputs: boolean | undefined): Values {
  const { inputs, outputs } = state ?? {};
  return inInputs === false ? { ...inputs, ...outputs } : { ...outputs, ...inputs };
}
