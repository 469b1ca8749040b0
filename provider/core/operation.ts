import { AsyncLocalStorage } from "node:async_hooks";

interface Operation {
  /** `performance.now()` after which nothing more is sent or waited for. */
  readonly deadline: number;
}

const current = new AsyncLocalStorage<Operation>();
let running = 0;
const idleListeners = new Set<() => void>();

/** Runs one call of the engine under its total time budget; everything it sends shares that budget. */
export async function withinOperation<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  running += 1;
  try {
    return await current.run({ deadline: performance.now() + seconds * 1000 }, work);
  } finally {
    running -= 1;
    if (running === 0) for (const listener of idleListeners) listener();
  }
}

/** Milliseconds that are left of the running operation's budget. */
export function remainingMs(): number {
  return (current.getStore()?.deadline ?? Number.POSITIVE_INFINITY) - performance.now();
}

/** Calls `listener` as soon as no operation runs, at once if none does now. */
export function whenIdle(listener: () => void): void {
  idleListeners.add(listener);
  if (running === 0) listener();
}

/** Work inside an operation that may take longer than the operation's own budget, because a program says so. */
export async function withinLongerOperation<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  const deadline = Math.max(current.getStore()?.deadline ?? 0, performance.now() + seconds * 1000);
  return await current.run({ deadline }, work);
}
