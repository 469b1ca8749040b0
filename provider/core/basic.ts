import { type Authentication, inHeaders, type Proof } from "./authentication.ts";
import { Unauthorized } from "./errors.ts";
import { quoted } from "./http.ts";
import { rememberSecret } from "./redact.ts";
import type { SystemSettings } from "./settings.ts";
import type { Answer, Attempt, Purpose } from "./transport.ts";

/** What a system means by 401, where that is more than "wrong password". */
export interface Refusals {
  refusesPassword(answer: Answer): boolean;
  /** Status and text, for a message. */
  said(answer: Answer): string;
}

const usual: Refusals = { refusesPassword: () => true, said: ({ status, body }) => `${status}${quoted(body)}` };

/**
 * HTTP Basic. Until an answer shows that the password is right, one attempt goes at a time: a hundred resources that start together would else offer a wrong password a
 * hundred times, and systems lock accounts. A refused one is never offered again in this process.
 */
export class BasicAuthentication implements Authentication {
  readonly #system: SystemSettings;
  readonly #prefix: string;
  readonly #proof: Proof;
  readonly #refusals: Refusals;
  #refusal: Unauthorized | undefined;
  #probe: Promise<void> | undefined;
  #proven = false;

  constructor(system: SystemSettings, settingPrefix: string, refusals: Refusals = usual) {
    this.#system = system;
    this.#prefix = settingPrefix;
    this.#refusals = refusals;
    const pair = `${system.username}:${system.password}`;
    rememberSecret(pair);
    this.#proof = inHeaders({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });
  }

  async offer(purpose: Purpose, attempt: (prove: Proof) => Promise<Attempt>): Promise<Attempt> {
    while (this.#probe && !this.#proven) await this.#probe;
    if (this.#refusal) throw this.#refusal;
    const finish = this.#proven ? undefined : this.#beginProbe();
    try {
      const result = await attempt(this.#proof);
      const status = result.answer?.status;
      if (result.answer && status === 401 && this.#refusals.refusesPassword(result.answer)) {
        this.#refusal = this.#refused(purpose, result.answer);
        throw this.#refusal;
      }
      // A lost reply proves nothing: the next one goes alone as well.
      this.#proven ||= status !== undefined && status < 500;
      return result;
    } finally {
      finish?.();
    }
  }

  #refused({ what }: Purpose, answer: Answer): Unauthorized {
    return new Unauthorized(
      `Could not ${what}: ${this.#system.endpoint} answered ${this.#refusals.said(answer)}. Check ${this.#prefix}Username and ` +
        `${this.#prefix}Password; they are not tried again in this run. refresh and destroy use the configuration that the last ` +
        `pulumi up has recorded: after a password change give --run-program, or use ${this.#prefix}PasswordEnv, which is read live.`,
    );
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
