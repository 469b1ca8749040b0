import type { Arena } from "../arena.ts";
import type { EndingProcess } from "../provider-process.ts";

/** Longer than any test. */
export const forever = 3_600_000;

/** A request that is held must not run out of time. */
export const patient = { requestTimeoutSeconds: "60", operationTimeoutSeconds: "60" };

/** For what has to happen soon. */
export const soon = { timeout: 60_000, interval: 5 };

/** One command of the engine, with a provider process of its own. */
export async function command<T>(arena: Arena, work: (process: EndingProcess) => Promise<T>): Promise<T> {
  const process = await arena.process(patient);
  try {
    return await work(process);
  } finally {
    await process.end();
  }
}
