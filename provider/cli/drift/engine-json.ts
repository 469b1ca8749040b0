import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { redact } from "../../core/redact.ts";

const values = z.record(z.string(), z.unknown());

const state = z.object({
  type: z.string(),
  custom: z.boolean().optional(),
  id: z.string().optional(),
  /** Only looked up by the program (`.get`), managed elsewhere. */
  external: z.boolean().optional(),
  inputs: values.nullish(),
  outputs: values.nullish(),
  ignoreChanges: z.array(z.string()).nullish(),
  initErrors: z.array(z.string()).nullish(),
});

const step = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: state.nullish(),
  newState: state.nullish(),
  diffReasons: z.array(z.string()).nullish(),
  replaceReasons: z.array(z.string()).nullish(),
  detailedDiff: z.record(z.string(), z.object({ inputDiff: z.boolean().optional() })).nullish(),
});

const diagnostic = z.object({ message: z.string(), severity: z.string(), urn: z.string().optional() });

const document = z.object({
  steps: z.array(step).nullish(),
  diagnostics: z.array(diagnostic).nullish(),
});

/** A resource as one side of a step shows it, secrets masked by the engine. */
export type EngineState = z.output<typeof state>;

/** What the engine found of one resource. */
export type Step = z.output<typeof step>;

/** What the engine, the program or a provider had to say. */
export interface Message {
  readonly severity: "warning" | "error";
  /** The resource that it is about. */
  readonly urn?: string;
  readonly text: string;
}

export interface EngineDocument {
  readonly steps: readonly Step[];
  readonly messages: readonly Message[];
}

/** The document that `--json` prints; undefined where there is none. */
export function parseDocument(stdout: string): EngineDocument | undefined {
  const start = stdout.search(/^\{/m);
  if (start < 0) return undefined;
  const parsed = document.safeParse(jsonOf(stdout.slice(start)));
  if (!parsed.success) return undefined;
  return { steps: parsed.data.steps ?? [], messages: messagesOf(parsed.data.diagnostics ?? []) };
}

/** A text of the engine for people: no colors, no label, no secret. */
export function plainText(text: string): string {
  return redact(
    stripVTControlCharacters(text)
      .trim()
      .replace(/^(error|warning): /, ""),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messagesOf(diagnostics: readonly z.output<typeof diagnostic>[]): Message[] {
  return diagnostics.flatMap(({ message, severity, urn }) => {
    if (severity !== "warning" && severity !== "error") return [];
    return [{ severity, ...(urn ? { urn } : {}), text: plainText(message) }];
  });
}
