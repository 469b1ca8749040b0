import { constants } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

/** The engine interrupts a provider process and kills it five seconds later. */
const patienceMs = 2000;

const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

const tasks = new Set<() => Promise<void>>();
let leaving = false;
let endedBySignal = false;

const onSignal = (signal: NodeJS.Signals) => void leave(signal);

/** Has something given back when the process is asked to end. */
export function beforeLeaving(task: () => Promise<void>): void {
  for (const signal of signals) if (!process.listeners(signal).includes(onSignal)) process.once(signal, onSignal);
  tasks.add(task);
}

/** For a command of its own: unlike the engine, a shell or a job must see that it was interrupted. */
export function showInterruption(): void {
  endedBySignal = true;
}

/** Gives everything back, as far as two seconds go, and ends the process. */
export async function leave(signal?: NodeJS.Signals): Promise<void> {
  if (leaving) return;
  leaving = true;
  await giveBack();
  process.exit(endedBySignal && signal !== undefined ? 128 + constants.signals[signal] : 0);
}

/** Gives everything back, as far as two seconds go; afterwards there is nothing that a signal would have to wait for. */
export async function giveBack(): Promise<void> {
  const given = [...tasks];
  tasks.clear();
  await Promise.race([Promise.allSettled(given.map((task) => task())), wait(patienceMs, undefined, { ref: false })]);
  if (tasks.size === 0) for (const signal of signals) process.off(signal, onSignal);
}
