import { handlerOf } from "../../handlers.ts";
import type { EngineState } from "./engine-json.ts";
import type { NotCompared } from "./report.ts";

/** What is declared of a live object and cannot be compared with it; nothing that has been seen to differ. */
export function notComparedIn(
  kind: string,
  recorded: EngineState | undefined,
  live: EngineState | null | undefined,
  drifted: ReadonlySet<string>,
): NotCompared[] {
  const inputs = recorded?.inputs ?? {};
  const handler = handlerOf(kind);
  const hidden = handler
    ? [...handler.writeOnly, ...(handler.unseenIn?.({ ...recorded?.outputs, ...inputs }) ?? [])]
    : [];
  const declared = hidden.filter((key) => inputs[key] !== undefined && inputs[key] !== null && !drifted.has(key));
  // The program's options count, and the live side of a step has them; older engines show none.
  const ignored = (live ?? recorded)?.ignoreChanges ?? [];
  return [
    ...declared.map((property) => ({ property, reason: "notReturned" }) as const),
    ...ignored.map((property) => ({ property, reason: "ignored" }) as const),
  ];
}
