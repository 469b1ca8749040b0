import type { EngineEvent, PropertyDiff } from "@pulumi/pulumi/automation/index.js";

/** What the engine was about to do, or did, with one resource. */
export interface Step {
  /** The resource's logical name. */
  readonly name: string;
  readonly kind: string;
  readonly op: string;
  /** Property paths of the engine's detailed diff, sorted. */
  readonly paths: readonly string[];
}

/** One run of the engine, failed or not. */
export interface Run {
  readonly code: number;
  /** Standard output and standard error. */
  readonly output: string;
  readonly events: readonly EngineEvent[];
  readonly seconds: number;
  /** Everything that was sent to the stack's lab meanwhile, in order. */
  readonly calls: readonly string[];
}

/** Resource counts by operation. */
export function changesOf(run: Run): Record<string, number> {
  const summaries = run.events.flatMap((event) => (event.summaryEvent ? [event.summaryEvent.resourceChanges] : []));
  return { ...summaries.at(-1) } as Record<string, number>;
}

/** What happened to the resources of our kinds, in order; those that stay the same are left out. */
export function stepsOf(run: Run): Step[] {
  return run.events.flatMap(({ resourcePreEvent }) => {
    const step = resourcePreEvent?.metadata;
    if (!step?.urn.includes("cloudstack-storage:") || step.op === "same" || step.op === "refresh") return [];
    const [, kind = ""] = /cloudstack-storage:(\w+)::/.exec(step.urn) ?? [];
    const name = step.urn.slice(step.urn.lastIndexOf("::") + 2);
    return [{ name, kind, op: step.op, paths: pathsOf(step.detailedDiff) }];
  });
}

/** Paths by resource name, of the updates of a run. */
export function updatedPaths(run: Run): Record<string, readonly string[]> {
  return Object.fromEntries(
    stepsOf(run)
      .filter(({ op }) => op === "update")
      .map(({ name, paths }) => [name, paths]),
  );
}

/** Real warnings: those that the engine counts and shows as `warning:`. */
export function warningsOf(run: Run): string[] {
  return diagnosticsOf(run, "warning");
}

export function errorsOf(run: Run): string[] {
  return diagnosticsOf(run, "error");
}

/**
 * Which of the texts a run has shown to anybody. Debug messages do not count: the SDK itself writes every resource's
 * properties into them, and nothing shows them unless the user asks for `--debug`.
 */
export function shownOf(run: Run, texts: readonly string[]): string[] {
  const events = run.events.filter(({ diagnosticEvent }) => String(diagnosticEvent?.severity) !== "debug");
  const shown = `${run.output}\n${JSON.stringify(events)}`;
  return texts.filter((text) => shown.includes(text) || shown.includes(JSON.stringify(text).slice(1, -1)));
}

function diagnosticsOf(run: Run, severity: string): string[] {
  return run.events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent?.severity === severity ? [diagnosticEvent.message.replace(/<\{%[^%]*%\}>/g, "").trim()] : [],
  );
}

function pathsOf(diff: Record<string, PropertyDiff> | undefined): string[] {
  return Object.keys(diff ?? {}).sort();
}
