import type { Attempt, Purpose } from "./transport.ts";

/** How the requests of one connection prove who sends them. */
export interface Authentication {
  /**
   * Runs one attempt with the headers that authenticate it, twice where the proof has run out. Throws `Unauthorized`
   * where the system refuses the credentials.
   */
  offer(purpose: Purpose, attempt: (headers: Readonly<Record<string, string>>) => Promise<Attempt>): Promise<Attempt>;
}
