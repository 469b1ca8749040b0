import { redact } from "../../core/redact.ts";
import type { Message } from "./engine-json.ts";
import type { EngineRun, Question } from "./engine-run.ts";

/** What became of a resource's object since the last `up`; unknown where the engine could not tell. */
export type DriftState = "none" | "changed" | "gone" | "unknown";

/** What an `up` of the program would do with a resource. */
export type UndeployedState = "none" | "create" | "change" | "replace" | "delete";

/** A property that differs in at least one of two ways. What is absent on a side has no member for it. */
export interface Property {
  readonly path: string;
  /** Its values read `[secret]`. */
  readonly secret: boolean;
  /** The live system differs from the state. */
  readonly drifted: boolean;
  /** The program differs from the state. */
  readonly undeployed: boolean;
  /** Both, and the live system has what the program now says; absent where secrets or unknown values keep that open. */
  readonly liveAsDeclared?: boolean;
  /** What the last `up` has declared. */
  readonly recorded?: unknown;
  readonly live?: unknown;
  /** What the program says now. */
  readonly declared?: unknown;
}

/** A declared property of which nobody can tell whether it has changed. */
export interface NotCompared {
  readonly property: string;
  /** No call returns it, or the program says `ignoreChanges`. */
  readonly reason: "notReturned" | "ignored";
}

export interface Resource {
  /** The class name of one of our kinds, or the full type. */
  readonly kind: string;
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly id?: string;
  /** Absent where the question does not arise: not deployed yet, or no object of a live system. */
  readonly drift?: DriftState;
  /** Absent where the second run has not been made, or has failed. */
  readonly undeployed?: UndeployedState;
  /** The last `up` has not finished this resource; the next one goes on. */
  readonly unfinished: boolean;
  readonly properties: readonly Property[];
  readonly notCompared: readonly NotCompared[];
}

export interface RunSummary {
  readonly question: Question;
  readonly command: string;
  readonly seconds: number;
  readonly exitCode: number;
  readonly messages: readonly Message[];
}

export interface Counts {
  readonly resources: number;
  readonly changed: number;
  readonly gone: number;
  readonly unknown: number;
  readonly toCreate: number;
  readonly toChange: number;
  readonly toReplace: number;
  readonly toDelete: number;
}

/** What `--json` prints; docs/schemas/drift.schema.json describes it. */
export interface Report {
  readonly version: 1;
  readonly project?: string;
  readonly stack?: string;
  readonly verdict: "none" | "drift" | "undeployed" | "incomplete";
  readonly exitCode: number;
  readonly counts: Counts;
  readonly runs: readonly RunSummary[];
  readonly resources: readonly Resource[];
}

const driftCode = 7;
const undeployedCode = 20;

/** The report of runs that have been made, and what was found in them. */
export function reportOf(runs: readonly EngineRun[], resources: readonly Resource[]): Report {
  const counts = countsOf(resources);
  const failed = runs.find(({ code }) => code !== 0);
  const verdict = failed ? "incomplete" : verdictOf(counts);
  return {
    version: 1,
    ...projectAndStack(resources, runs),
    verdict,
    exitCode: failed
      ? failedCode(failed.code)
      : { none: 0, drift: driftCode, undeployed: undeployedCode, incomplete: 1 }[verdict],
    counts,
    runs: runs.map(({ question, command, seconds, code, messages }) => ({
      question,
      command,
      seconds,
      exitCode: code,
      // Secrets among the values may have become known after the messages had been read.
      messages: messages.map((message) => ({ ...message, text: redact(message.text) })),
    })),
    resources,
  };
}

export function hasDrift({ changed, gone }: Counts): boolean {
  return changed + gone > 0;
}

export function hasUndeployed({ toCreate, toChange, toReplace, toDelete }: Counts): boolean {
  return toCreate + toChange + toReplace + toDelete > 0;
}

function verdictOf(counts: Counts): "none" | "drift" | "undeployed" {
  if (hasDrift(counts)) return "drift";
  return hasUndeployed(counts) ? "undeployed" : "none";
}

/** An engine that fails with a number that has a meaning of its own here must not be taken for that. */
function failedCode(code: number): number {
  return code === driftCode || code === undeployedCode ? 1 : code;
}

function countsOf(resources: readonly Resource[]): Counts {
  const drifted = (state: DriftState) => resources.filter(({ drift }) => drift === state).length;
  const pending = (state: UndeployedState) => resources.filter(({ undeployed }) => undeployed === state).length;
  return {
    resources: resources.length,
    changed: drifted("changed"),
    gone: drifted("gone"),
    unknown: drifted("unknown"),
    toCreate: pending("create"),
    toChange: pending("change"),
    toReplace: pending("replace"),
    toDelete: pending("delete"),
  };
}

function projectAndStack(
  resources: readonly Resource[],
  runs: readonly EngineRun[],
): { readonly project?: string; readonly stack?: string } {
  const urn = resources[0]?.urn ?? runs.flatMap(({ steps }) => steps)[0]?.urn;
  const [stack, project] = urn?.replace(/^urn:pulumi:/, "").split("::") ?? [];
  return stack === undefined || project === undefined ? {} : { project, stack };
}
