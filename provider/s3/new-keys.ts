import { setTimeout as wait } from "node:timers/promises";
import { inform } from "../core/log.ts";
import { remainingMs } from "../core/operation.ts";
import { KeyRefused } from "./answers.ts";

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** Nodes of an ECS may take two minutes to learn of a key (reference: ECS management API, 4.1). */
const longestLagMs = 130_000;

/** Pauses between attempts with a key that may be new. */
export class KeyPatience {
  readonly #deadline: number;
  #pause = firstPauseMs;

  /** Ends with the operation's budget, or at once. */
  constructor(patience: "none" | "for new keys") {
    const longest = patience === "none" ? 0 : Math.min(longestLagMs, remainingMs() - longestPauseMs);
    this.#deadline = performance.now() + longest;
  }

  /** Waits, unless there is no time left: then false. */
  async next(text: string): Promise<boolean> {
    if (performance.now() + this.#pause > this.#deadline) return false;
    await inform(text);
    await wait(this.#pause);
    this.#pause = Math.min(longestPauseMs, this.#pause * 2);
    return true;
  }
}

/** Repeats what the service refuses with one of these codes, because it does not know the key yet. */
export async function whileKeyIsNew<T>(
  accessKeyId: string,
  codes: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const patience = new KeyPatience("for new keys");
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KeyRefused) || !codes.includes(error.serviceCode ?? "")) throw error;
      if (
        !(await patience.next(
          `The service does not accept access key id ${accessKeyId} yet; a new key can take two minutes.`,
        ))
      )
        throw error;
    }
  }
}
