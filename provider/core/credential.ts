import type { Unauthorized } from "./errors.ts";

/**
 * A user and password of one connection. The first attempt goes alone: a hundred resources that start together would
 * else offer a wrong password a hundred times, and systems lock accounts. A refused one is never offered again in this
 * process.
 */
export class Credential {
  readonly authorization: string;
  #refusal: Unauthorized | undefined;
  #probe: Promise<void> | undefined;

  constructor(username: string, password: string) {
    this.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  /** Runs one attempt when it is its turn; throws the refusal if this attempt or an earlier one has met it. */
  async offer<T>(attempt: () => Promise<T>, refusalOf: (result: T) => Unauthorized | undefined): Promise<T> {
    if (this.#probe) await this.#probe;
    if (this.#refusal) throw this.#refusal;
    const finish = this.#probe ? undefined : this.#beginProbe();
    try {
      const result = await attempt();
      const refusal = refusalOf(result);
      if (refusal) {
        this.#refusal = refusal;
        throw refusal;
      }
      return result;
    } finally {
      finish?.();
    }
  }

  #beginProbe(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#probe = promise;
    return resolve;
  }
}
