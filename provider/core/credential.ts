import { Unauthorized } from "./errors.ts";

/** What an attempt has shown of the password that it carried. */
export type Verdict = Unauthorized | "accepted" | "unknown";

/**
 * A user and password of one connection, offered by one request at a time until the system has accepted them once:
 * a hundred resources that start together would else offer a wrong password a hundred times, and systems lock accounts.
 * A refused one is never offered again in this process.
 */
export class Credential {
  readonly authorization: string;
  #accepted = false;
  #refusal: Unauthorized | undefined;
  #probe: Promise<void> | undefined;

  constructor(username: string, password: string) {
    this.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  /** Runs one attempt when it is its turn; throws the refusal if this attempt or an earlier one has met it. */
  async offer<T>(attempt: () => Promise<T>, verdictOf: (result: T) => Verdict): Promise<T> {
    while (!this.#accepted && this.#probe) await this.#probe;
    if (this.#refusal) throw this.#refusal;
    const finish = this.#accepted ? undefined : this.#beginProbe();
    try {
      const result = await attempt();
      const verdict = verdictOf(result);
      if (verdict instanceof Unauthorized) {
        this.#refusal = verdict;
        throw verdict;
      }
      if (verdict === "accepted") this.#accepted = true;
      return result;
    } finally {
      finish?.();
    }
  }

  #beginProbe(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#probe = promise;
    return () => {
      this.#probe = undefined;
      resolve();
    };
  }
}
