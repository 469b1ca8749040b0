import type { Attempt, Outgoing, Purpose } from "./transport.ts";

/** Adds to a request what proves who sends it. */
export type Proof = (request: Outgoing) => Outgoing;

/** How the requests of one connection prove who sends them. */
export interface Authentication {
  /**
   * Runs one attempt with the proof, twice where it has run out. Throws `Unauthorized` where the system refuses the
   * credentials.
   */
  offer(purpose: Purpose, attempt: (prove: Proof) => Promise<Attempt>): Promise<Attempt>;
}

/** Where the proof is in headers that are the same for every request. */
export function inHeaders(headers: Readonly<Record<string, string>>): Proof {
  return (request) => ({ ...request, headers: { ...headers, ...request.headers } });
}
