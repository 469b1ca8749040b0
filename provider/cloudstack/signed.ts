import type { Authentication, Proof } from "../core/authentication.ts";
import { formOf } from "../core/http.ts";
import type { CloudStackSettings } from "../core/settings.ts";
import type { Attempt, Outgoing, Purpose } from "../core/transport.ts";
import { signatureOf } from "./signature.ts";

/** Servers that enforce timestamps refuse one that lies more than 15 minutes ahead. */
const lifeMs = 10 * 60_000;

/** A clock that differs less makes no request fail. */
const toleratedSkewMs = 60_000;

/**
 * Signs each request with an expiry. A machine whose clock is wrong would be refused like one with a wrong key, so the
 * expiry follows the server's clock, which its refusal shows.
 */
export class SignedRequests implements Authentication {
  readonly #settings: CloudStackSettings;
  #skewMs = 0;

  constructor(settings: CloudStackSettings) {
    this.#settings = settings;
  }

  async offer(_purpose: Purpose, attempt: (prove: Proof) => Promise<Attempt>): Promise<Attempt> {
    const first = await attempt(this.#sign);
    const { answer } = first;
    if (answer?.status !== 401 || answer.date === undefined) return first;
    const skewMs = answer.date - Date.now();
    if (Math.abs(skewMs - this.#skewMs) < toleratedSkewMs) return first;
    this.#skewMs = skewMs;
    return await attempt(this.#sign);
  }

  readonly #sign: Proof = (request: Outgoing) => {
    const carrier = request.body === undefined ? request.query : String(request.body);
    const parameters: Record<string, string> = {
      ...Object.fromEntries(new URLSearchParams(carrier)),
      apikey: this.#settings.apiKey,
      signatureversion: "3",
      expires: expiry(Date.now() + this.#skewMs + lifeMs),
    };
    const signed = formOf({ ...parameters, signature: signatureOf(parameters, this.#settings.secretKey) });
    return request.body === undefined ? { ...request, query: signed } : { ...request, body: signed };
  };
}

/** The one form that every release reads. */
function expiry(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "+0000");
}
