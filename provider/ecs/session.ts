import { setTimeout as wait } from "node:timers/promises";
import { type Authentication, inHeaders, type Proof } from "../core/authentication.ts";
import { BasicAuthentication } from "../core/basic.ts";
import { transportTo } from "../core/connections.ts";
import { messageOf, NoAnswer, StorageError, Unauthorized, UnexpectedAnswer } from "../core/errors.ts";
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

/** A stated life below it is not believed: each request would log in anew. */
const shortestLifeMs = 30_000;

/** While the array has no room for another token, it is not asked again for so long. */
const fullPauseMs = 30_000;

/** Log-ins without an answer may each count as a wrong password, and the third of those locks the account. */
const mostUnanswered = 2;

const lostPauseMs = 500;

/** A token that is refused at this age was never known to the node that refused it. */
const youngMs = 60_000;

/** Tokens that were refused so young, before more of them are not asked for: a user can hold a hundred only. */
const mostYoung = 3;

interface Token {
  readonly text: string;
  /** By `performance.now()`, as is what follows. */
  readonly since: number;
  /** From then on it is not used any more. */
  readonly renewAt: number;
}

/**
 * The log-in on an array: one token for all requests of the process, renewed early, given back when it is replaced and
 * at the end (reference: ECS management API, 1.2).
 */
export class Session implements Authentication {
  readonly #settings: EcsSettings;
  readonly #logIn: HttpClient;
  readonly #transport: Transport;
  /** Tokens of ours that the array may still hold. */
  readonly #issued = new Set<string>();
  #current: Token | undefined;
  #pending: Promise<Token> | undefined;
  #full: { readonly error: StorageError; readonly until: number } | undefined;
  /** An answer to a log-in that another one would get as well. */
  #refused: StorageError | undefined;
  #unanswered = 0;
  #young = 0;
  #leaving = false;

  constructor(settings: EcsSettings) {
    this.#settings = settings;
    this.#transport = transportTo(settings, settingPrefix);
    const basic = new BasicAuthentication(settings, settingPrefix, {
      refusesPassword: (answer) => !saysFull(answer),
      said: saidIn,
    });
    this.#logIn = new HttpClient(settings, settingPrefix, basic);
  }

  async offer(purpose: Purpose, attempt: (prove: Proof) => Promise<Attempt>): Promise<Attempt> {
    const token = await this.#token();
    const first = await attempt(inHeaders({ [tokenHeader]: token.text }));
    if (!refusesToken(first.answer)) return first;
    this.#drop(token);
    const second = await attempt(inHeaders({ [tokenHeader]: (await this.#token()).text }));
    if (!refusesToken(second.answer)) return second;
    throw new Unauthorized(
      `Could not ${purpose.what}: ${this.#settings.endpoint} answered ${second.answer ? saidIn(second.answer) : ""} ` +
        `to a token that it has just given out. Behind a load balancer one node may not know the tokens of another: ` +
        `let ${settingPrefix}Endpoint name one node, or make the balancer keep a client on one node.`,
    );
  }

  /** A refused token is replaced, unless the array refuses one young token after the other: then the next answer decides. */
  #drop(token: Token): void {
    if (this.#current !== token) return;
    const isYoung = performance.now() - token.since < youngMs;
    if (isYoung) this.#young += 1;
    if (!isYoung || this.#young <= mostYoung) this.#current = undefined;
  }

  async #token(): Promise<Token> {
    if (this.#current && performance.now() < this.#current.renewAt) return this.#current;
    if (this.#leaving)
      throw new StorageError("The provider was asked to end and has logged out of ECS. Run the same command again.");
    this.#pending ??= this.#newToken().finally(() => {
      this.#pending = undefined;
    });
    return await this.#pending;
  }

  async #newToken(): Promise<Token> {
    if (this.#refused) throw this.#refused;
    if (this.#full && performance.now() < this.#full.until) throw this.#full.error;
    const what = `log in to ECS as ${this.#settings.username}`;
    const answer = await this.#ask(what);
    if (answer.status === 401) {
      const error = this.#noRoom(what, answer);
      this.#full = { error, until: performance.now() + fullPauseMs };
      throw error;
    }
    const text = header(answer.headers[tokenHeader]);
    if (!text) {
      this.#refused = new UnexpectedAnswer(
        `Could not ${what}: the answer of ${this.#settings.endpoint} holds no token${quoted(answer.body)}. Check that ${settingPrefix}Endpoint is the management API (mostly port 4443).`,
        answer.status,
      );
      throw this.#refused;
    }
    return this.#take(text, answer);
  }

  #take(text: string, answer: Answer): Token {
    rememberSecret(text);
    const replaced = [...this.#issued];
    if (this.#issued.size === 0) beforeLeaving(() => this.#leave());
    this.#issued.add(text);
    const since = performance.now();
    this.#current = { text, since, renewAt: since + lifeOf(header(answer.headers["x-sds-auth-max-age"])) };
    // Whoever still uses one of them is refused and goes on with the new one.
    void this.#giveBack(replaced);
    return this.#current;
  }

  /** A lost reply is answered by one more log-in; every answer but an error of the system's own is final. */
  async #ask(what: string): Promise<Answer> {
    for (;;) {
      try {
        const call = { what, method: "GET", path: "/login", effect: "log-in", answers: [200, 201, 401] } as const;
        const answer = await this.#logIn.send(call);
        this.#unanswered = 0;
        return answer;
      } catch (error) {
        if (isLost(error)) {
          this.#unanswered += 1;
          if (this.#unanswered < mostUnanswered) {
            await wait(lostPauseMs);
            continue;
          }
          this.#refused = new NoAnswer(
            `${messageOf(error)} The log-in was offered ${this.#unanswered} times without an answer and is not tried again in this run, because each may count as a wrong password.`,
          );
          throw this.#refused;
        }
        if (error instanceof UnexpectedAnswer && error.status < 500 && error.status !== 429) this.#refused = error;
        throw error;
      }
    }
  }

  #noRoom(what: string, answer: Answer): StorageError {
    return new Unauthorized(
      `Could not ${what}: ${this.#settings.endpoint} answered ${saidIn(answer)}. The user holds as many tokens as ` +
        `the array allows (100, unless it was changed). They end after two idle hours; log out other programs, or give this ` +
        `one a management user of its own.`,
    );
  }

  async #leave(): Promise<void> {
    this.#leaving = true;
    this.#current = undefined;
    // One that is under way may take longer than there is time.
    const inHand = this.#giveBack([...this.#issued]);
    const coming = this.#pending?.then(
      (token) => this.#giveBack([token.text]),
      () => undefined,
    );
    await Promise.all([inHand, coming]);
  }

  async #giveBack(tokens: readonly string[]): Promise<void> {
    const purpose = { what: "log out of ECS", effect: "read" } as const;
    await Promise.all(
      tokens.map(async (token) => {
        const headers = { [tokenHeader]: token, accept: "application/json" };
        const { answer } = await this.#transport.attempt(
          purpose,
          { method: "GET", path: "/logout", query: "", headers },
          1,
        );
        if (answer?.status === 200) this.#issued.delete(token);
      }),
    );
  }
}

/** Nothing came back, or the page of something on the way. */
function isLost(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof UnexpectedAnswer && error.status < 300);
}

function saidIn(answer: Answer): string {
  return answerOf(answer).said();
}

/** In milliseconds. Without a stated life a token is used until it is refused. */
function lifeOf(maxAge: string | undefined): number {
  const seconds = Number(maxAge);
  if (maxAge === undefined || !Number.isFinite(seconds) || seconds <= 0) return Number.POSITIVE_INFINITY;
  const life = Math.max(shortestLifeMs, seconds * 1000);
  return life - Math.min(longestMarginMs, life / 10);
}

/** 401, or the redirect to a log-in page that some releases send for an expired token (reference: 1.1). */
function refusesToken(answer: Answer | undefined): boolean {
  if (answer === undefined) return false;
  if (answer.status === 401) return true;
  return answer.status >= 300 && answer.status < 400 && /login/i.test(header(answer.headers["location"]) ?? "");
}

/** A wrong password and "no more tokens" have one status and one code; only the details tell them apart (reference: 1.2). */
function saysFull(answer: Answer): boolean {
  const details = answerOf(answer).error?.details ?? "";
  if (/lock|attempt|password/i.test(details)) return false;
  return /(maximum|exceed|too many)[^.]*\btokens?\b|\btokens?\b[^.]*(maximum|exceed|too many)/i.test(details);
}
