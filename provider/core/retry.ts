import { setTimeout as wait } from "node:timers/promises";
import { remainingMs } from "./operation.ts";

/**
 * What repeating a request would do, decided per operation, never by verb alone.
 * `read`: nothing. `repeatable`: the same state again. `once`: possibly a second object, so it is never repeated
 * unless the system said, or the socket proves, that it did nothing. `log-in`: possibly a wrong password once more, so
 * that only a system that answers with an error of its own is asked again.
 */
export type Effect = "read" | "repeatable" | "once" | "log-in";

/** What came of one attempt that did not bring a usable answer. */
export type Failure = "not-sent" | "throttled" | "server-error" | "unknown" | "timeout";

const longestAttempts = 5;
const baseDelayMs = 100;
const throttledDelayMs = 500;
const retryPrice = 5;
const timeoutPrice = 10;

/** A number of retries that all requests of one connection share, so that a dead system is not hammered. */
export class RetryBudget {
  #tokens: number;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#tokens = capacity;
    this.#capacity = capacity;
  }

  take(failure: Failure): boolean {
    const price = failure === "timeout" ? timeoutPrice : retryPrice;
    if (this.#tokens < price) return false;
    this.#tokens -= price;
    return true;
  }

  refund(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + 1);
  }
}

/** Whether a request of this effect may be sent again after this failure. */
export function mayRepeat(effect: Effect, failure: Failure): boolean {
  if (effect === "read" || effect === "repeatable" || failure === "not-sent" || failure === "throttled") return true;
  return effect === "log-in" && failure === "server-error";
}

/**
 * Waits before the next attempt. False, at once, where no further attempt fits: too many made, the shared budget spent,
 * or the operation's time too short for what the system asks.
 */
export async function nextAttempt(
  attempt: number,
  failure: Failure,
  retryAfterMs: number | undefined,
  budget: RetryBudget,
): Promise<boolean> {
  if (attempt >= longestAttempts) return false;
  const base = failure === "throttled" ? throttledDelayMs : baseDelayMs;
  const backoff = base * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
  const delay = Math.max(backoff, retryAfterMs ?? 0);
  if (delay >= remainingMs() || !budget.take(failure)) return false;
  await wait(delay);
  return true;
}

/** `Retry-After` in milliseconds: seconds or an HTTP date; undefined where it is absent or neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
