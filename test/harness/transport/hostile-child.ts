import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { kind, type Outcome, outcomeOf, type Properties, type Settings } from "./ways.ts";

/** What a provider process is asked to do. */
export interface Assignment {
  readonly number: number;
  readonly kind: string;
  readonly settings: Settings;
  readonly method: "create" | "read" | "update" | "delete";
  readonly id: string;
  /** What is to be made, or what is recorded. */
  readonly values: Properties;
  /** What an update is to make of it. */
  readonly change: Properties;
}

export interface Ending {
  readonly number: number;
  readonly outcome: Outcome;
  readonly milliseconds: number;
  /** How much more memory the process held at its height than at the beginning; 0 where the system does not tell. */
  readonly grownMiB: number;
}

/** The memory that the process holds now, and the most since the last call, in KiB. */
function memory(): { now: number; most: number } {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  const { now, most } = { now: field("VmRSS"), most: field("VmHWM") };
  // 5 sets the peak back to what is held now.
  if (process.platform === "linux") writeFileSync("/proc/self/clear_refs", "5");
  return { now, most };
}

async function carryOut({ kind: name, settings, method, id, values, change }: Assignment): Promise<unknown> {
  const served = kind(name, settings);
  if (method === "create") return await served.create(values);
  if (method === "update") return await served.update(id, values, change);
  return method === "read" ? await served.read(id, values) : await served.delete(id, values);
}

async function run(assignment: Assignment): Promise<Ending> {
  globalThis.gc?.();
  // What is freed goes back with the next turn.
  await wait(0);
  memory();
  const before = memory().now;
  const started = performance.now();
  const outcome = await outcomeOf(carryOut(assignment));
  const milliseconds = performance.now() - started;
  return { number: assignment.number, outcome, milliseconds, grownMiB: Math.max(0, memory().most - before) / 1024 };
}

process.on("message", (assignment: Assignment) => {
  void run(assignment).then((ending) => process.send?.(ending));
});
process.on("disconnect", () => process.exit());
