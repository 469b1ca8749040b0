import { setTimeout as wait } from "node:timers/promises";

/** The engine interrupts a provider process and kills it five seconds later. */
const patienceMs = 2000;

const tasks = new Set<() => Promise<void>>();
let leaving = false;

/** Has something given back when the process is asked to end. */
export function beforeLeaving(task: () => Promise<void>): void {
  if (tasks.size === 0) for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void leave());
  tasks.add(task);
}

/** Gives everything back, as far as two seconds go, and ends the process. */
export async function leave(): Promise<void> {
  if (leaving) return;
  leaving = true;
  await Promise.race([
    Promise.allSettled([...tasks].map((task) => task())),
    wait(patienceMs, undefined, { ref: false }),
  ]);
  process.exit(0);
}
