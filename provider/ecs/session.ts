import type { Authentication } from "../core/authentication.ts";
import { BasicAuthentication } from "../core/basic.ts";
import { transportTo } from "../core/connections.ts";
import { type StorageError, Unauthorized, UnexpectedAnswer } from "../core/errors.ts";
import { beforeLeaving } from "../core/farewell.ts";
import { HttpClient, quoted } from "../core/http.ts";
import { rememberSecret } from "../core/redact.ts";
import type { EcsSettings } from "../core/settings.ts";
import { type Answer, type Attempt, header, type Purpose, type Transport } from "../core/transport.ts";
import { answerOf } from "./answers.ts";
import { settingPrefix } from "./prefix.ts";

const tokenHeader = "x-sds-auth-token";

/** A token is renewed this long before its end, or a tenth of a shorter life. */
const longestMarginMs = 60_000;

/** While the array has no room for another token, it is not asked again for so long. */
const fullPauseMs = 30_000;

interface Token {
  readonly text: string;
  /** `performance.now()` from which on it is not used any more. */
  readonly renewAt: number;
}

/**
 * The log-in on an array: one token for all requests of the process, renewed early, given back at the end, because a
 * user can hold a hundred only (reference: ECS management API, 1.2).
 */
export class Session implements Authentication {
  readonly #settings: EcsSettings;
  readonly #logIn: HttpClient;
  readonly #transport: Transport;
  /** Every token that this process got, also those that a node did not know. */
  readonly #issued = new Set<string>();
  #current: Token | undefined;
  #pending: Promise<Token> | undefined;
  #full: { readonly error: StorageError; readonly until: number } | undefined;

  constructor(settings: EcsSettings) {
    this.#settings = settings;
    this.#transport = transportTo(settings, settingPrefix);
    const basic = new BasicAuthentication(settings, settingPrefix, {
      refusesPassword: (answer) => !saysFull(answer),
      said: saidIn,
    });
    this.#logIn = new HttpClient(settings, settingPrefix, basic);
  }

  async offer(
    purpose: Purpose,
    attempt: (headers: Readonly<Record<string, string>>) => Promise<Attempt>,
  ): Promise<Attempt> {
    const token = await this.#token();
    const first = await attempt({ [tokenHeader]: token });
    if (!refusesToken(first.answer)) return first;
    if (this.#current?.text === token) this.#current = undefined;
    const second = await attempt({ [tokenHeader]: await this.#token() });
    if (!refusesToken(second.answer)) return second;
    throw new Unauthorized(
      `Could not ${purpose.what}: ${this.#settings.endpoint} answered ${second.answer ? saidIn(second.answer) : ""} ` +
        `to a token that it has just given out. Behind a load balancer one node may not know the tokens of another: ` +
        `let ${settingPrefix}Endpoint name one node, or make the balancer keep a client on one node.`,
    );
  }

  async #token(): Promise<string> {
    if (this.#current && performance.now() < this.#current.renewAt) return this.#current.text;
    this.#pending ??= this.#newToken().finally(() => {
      this.#pending = undefined;
    });
    return (await this.#pending).text;
  }

  async #newToken(): Promise<Token> {
    if (this.#full && performance.now() < this.#full.until) throw this.#full.error;
    const what = `log in to ECS as ${this.#settings.username}`;
    const answer = await this.#logIn.send({
      what,
      method: "GET",
      path: "/login",
      effect: "read",
      answers: [200, 201, 401],
    });
    if (answer.status === 401) {
      const error = this.#noRoom(what, answer);
      this.#full = { error, until: performance.now() + fullPauseMs };
      throw error;
    }
    const text = header(answer.headers[tokenHeader]);
    if (!text)
      throw new UnexpectedAnswer(
        `Could not ${what}: the answer of ${this.#settings.endpoint} holds no token${quoted(answer.body)}. Is this the management API (mostly port 4443)?`,
        answer.status,
      );
    rememberSecret(text);
    if (this.#issued.size === 0) beforeLeaving(() => this.#logOut());
    this.#issued.add(text);
    this.#current = { text, renewAt: renewalOf(header(answer.headers["x-sds-auth-max-age"])) };
    return this.#current;
  }

  #noRoom(what: string, answer: Answer): StorageError {
    return new Unauthorized(
      `Could not ${what}: ${this.#settings.endpoint} answered ${saidIn(answer)}. The user holds as many tokens as ` +
        `the array allows (100, unless it was changed). They end after two idle hours; log out other programs, or give this ` +
        `one a management user of its own.`,
    );
  }

  async #logOut(): Promise<void> {
    const purpose = { what: "log out of ECS", effect: "read" } as const;
    const requests = [...this.#issued].map((token) => ({
      method: "GET",
      path: "/logout",
      query: "",
      headers: { [tokenHeader]: token, accept: "application/json" },
    }));
    await Promise.all(requests.map((request) => this.#transport.attempt(purpose, request, 1)));
  }
}

function saidIn(answer: Answer): string {
  return answerOf(answer).said();
}

/** Without a stated life the token is used until it is refused. */
function renewalOf(maxAge: string | undefined): number {
  const seconds = Number(maxAge);
  if (maxAge === undefined || !Number.isFinite(seconds) || seconds <= 0) return Number.POSITIVE_INFINITY;
  const life = seconds * 1000;
  return performance.now() + life - Math.min(longestMarginMs, life / 10);
}

/** 401, or the redirect to a log-in page that some releases send for an expired token (reference: 1.1). */
function refusesToken(answer: Answer | undefined): boolean {
  if (answer === undefined) return false;
  if (answer.status === 401) return true;
  return answer.status >= 300 && answer.status < 400 && /login/i.test(header(answer.headers["location"]) ?? "");
}

/** A wrong password and "no more tokens" have one status and one code; only words tell them apart (reference: 1.2). */
function saysFull(answer: Answer): boolean {
  return /maximum|exceed/i.test(answer.body) && /token/i.test(answer.body);
}
