import type { Ended } from "../little-engine.ts";
import type { LiveEstate } from "../live-estate.ts";
import { type FaultKind, faultAt, labelOf } from "./fault-kinds.ts";
import { type Life, patience, type Stage } from "./life.ts";
import { mismatch } from "./picture.ts";
import type { Expected } from "./reference.ts";

/** A fault for one request of a stage. */
export interface Shot {
  readonly kind: FaultKind;
  readonly index: number;
}

export interface Verdict {
  /** Which request it hit. */
  readonly request: string;
  readonly outcome: "recovered" | "reported" | "partial";
  /** What must never be; empty where all is well. */
  readonly sins: readonly string[];
  readonly errors: readonly string[];
  readonly seconds: number;
}

/** What may pass around the calls of the engine. */
const slackSeconds = 2;

/** Runs one stage with the fault, then the same without it, and looks at what came of it. */
export async function shoot(
  life: Life,
  stage: Stage,
  { kind, index }: Shot,
  { requests, live }: Expected,
  redirectTo: string,
): Promise<Verdict> {
  const { control } = life.arena;
  const held = life.engine.entries.map(({ id }) => id);
  const fault = faultAt(kind, requests, index, redirectTo);
  await control.fault(fault);
  const started = performance.now();
  const ended = await life.run(stage, patience);
  const seconds = (performance.now() - started) / 1000;
  const [armed] = await control.faults();
  await control.clearFaults();
  const sins: string[] = [];
  // A system that is closed from the start counts nobody whom it refuses.
  const isCounted = fault.kind !== "refuse" || fault.after !== undefined;
  if (isCounted && armed?.fired === 0) sins.push("the fault did not fire");
  if (seconds > Math.max(1, ended.steps.length) * patience.callSeconds + slackSeconds) sins.push("over time");
  if (ended.ok) sins.push(...(await silence(life, stage, held, live)));
  else sins.push(...ended.errors.flatMap(unexplained));
  const isPartial = life.engine.entries.some(({ initErrors, isOld }) => isOld || initErrors.length > 0);
  sins.push(...(await afterwards(life, stage, live)));
  const request = labelOf(requests[index] as (typeof requests)[number]);
  const outcome = ended.ok ? "recovered" : isPartial ? "partial" : "reported";
  return { request, outcome, sins, errors: ended.errors, seconds };
}

/** A run that said that all went well, while it did not. */
async function silence(life: Life, stage: Stage, held: readonly string[], live: LiveEstate): Promise<string[]> {
  const left = life.engine.entries.map(({ id }) => id);
  if (stage === "refresh" && String(left) !== String(held)) return ["silent: the state has forgotten the object"];
  const wrong = mismatch(await life.picture(), live);
  return wrong === undefined ? [] : [`silent: ${wrong}`];
}

/** The next runs, in which nothing goes wrong. */
async function afterwards(life: Life, stage: Stage, live: LiveEstate): Promise<string[]> {
  const again = stage === "refresh" || stage === "delete" ? await life.run(stage) : undefined;
  const healed = await life.settle(stage);
  const failed = [again, healed].flatMap((ended) => ended?.errors ?? []);
  if (failed.length > 0) return failed.map((error) => `not healed: ${error}`);
  const wrong = mismatch(await life.picture(), live);
  const sins = wrong === undefined ? [] : [wrong];
  if (stage === "delete") return life.engine.entries.length > 0 ? [...sins, "left in the state"] : sins;
  return [...sins, ...(await unrest(life, stage))];
}

async function unrest(life: Life, stage: Stage): Promise<string[]> {
  let quiet: Ended | undefined;
  const requests = await life.arena.requestsOf(async () => {
    quiet = await life.settle(stage);
  });
  const steps = [...(quiet?.steps ?? []), ...(quiet?.errors ?? [])];
  if (steps.length > 0) return [`not at rest: ${steps.join(", ")}`];
  return requests.length > 0 ? [`not at rest: ${requests.map(labelOf).join(", ")}`] : [];
}

/** An error names the system and what to do; that something is "unexpected" says that nobody has thought of it. */
function unexplained(error: string): string[] {
  if (/unexpected failure/.test(error)) return [`unexpected: ${error}`];
  return namesSystem.test(error) && saysWhatToDo.test(error) ? [] : [`says not what to do: ${error}`];
}

const namesSystem = /https?:\/\/|Cloudian|ECS|CloudStack|bucket/;

const saysWhatToDo =
  /\b(Run|run|Check|check|Set|set|Use|use|Give|give|Let|let|declare|Is there) |may not do this; it needs|takes a key of|goes on\./;
