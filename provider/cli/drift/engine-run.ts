import { runPulumi } from "../pulumi.ts";
import { type Message, parseDocument, plainText, type Step } from "./engine-json.ts";

/** Did somebody change the live systems since the last `up`; would an `up` change anything. */
export type Question = "drift" | "undeployed";

export interface Place {
  readonly cwd: string;
  readonly stack: string | undefined;
  readonly parallel: number | undefined;
}

/** One run of the engine to its end, failed or not. */
export interface EngineRun {
  readonly question: Question;
  readonly command: string;
  readonly seconds: number;
  /** The engine's own; 1 where its report cannot be read. */
  readonly code: number;
  readonly steps: readonly Step[];
  readonly messages: readonly Message[];
}

/**
 * A project can say that every preview refreshes first, which would mix the two questions. What an earlier replacement
 * has left to be deleted is shown among the steps of replacements only.
 */
const commands: Readonly<Record<Question, readonly string[]>> = {
  drift: ["refresh", "--preview-only", "--run-program"],
  undeployed: ["preview", "--refresh=false", "--show-replacement-steps"],
};

/** Events instead of one document, and news of other releases, would be in the way of the report. */
const environment = { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "", PULUMI_SKIP_UPDATE_CHECK: "true" };

/** Puts one question to the engine; `note` gets what to tell about the progress. */
export async function askEngine(
  question: Question,
  { cwd, stack, parallel }: Place,
  note: (text: string) => void,
): Promise<EngineRun> {
  const named = stack === undefined ? [] : ["--stack", stack];
  const atOnce = parallel === undefined ? [] : ["--parallel", `${parallel}`];
  const args = [...commands[question], "--json", ...named, ...atOnce];
  const command = `pulumi ${args.join(" ")}`;
  note(`${question}: ${command}`);
  const started = performance.now();
  const { code, stdout, stderr } = await runPulumi([...args, "--color", "never"], { cwd, env: environment });
  const seconds = Math.round(performance.now() - started) / 1000;
  note(`${question}: ${code === 0 ? "done" : `ended with ${code}`} after ${seconds.toFixed(1)} s`);
  return { question, command, seconds, ...outcome(code, stdout, stderr) };
}

type Outcome = Pick<EngineRun, "code" | "steps" | "messages">;

function outcome(code: number, stdout: string, stderr: string): Outcome {
  const document = parseDocument(stdout);
  if (code === 0 && document === undefined) return unreadable(stdout);
  const { steps, messages } = document ?? { steps: [], messages: [] };
  const said = [stderr, document ? "" : stdout].map(plainText).filter((text) => text !== "");
  const severity = code === 0 ? "warning" : "error";
  const all: Message[] = [...messages, ...said.map((text) => ({ severity, text }) as const)];
  if (code === 0 || all.some((message) => message.severity === "error")) return { code, steps, messages: all };
  return { code, steps, messages: [...all, { severity: "error", text: "The engine gave no reason." }] };
}

function unreadable(stdout: string): Outcome {
  const text = `The engine ended with 0, but printed no report that could be read: ${firstOf(stdout)}. Is this Pulumi 3.227 or newer?`;
  return { code: 1, steps: [], messages: [{ severity: "error", text }] };
}

function firstOf(text: string): string {
  const start = plainText(text).slice(0, 200);
  return start === "" ? "nothing" : JSON.stringify(start);
}
