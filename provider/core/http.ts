import type { Authentication } from "./authentication.ts";
import { transportTo } from "./connections.ts";
import { OutcomeUnknown, Refused, type StorageError, UnexpectedAnswer } from "./errors.ts";
import { isLoopback } from "./names.ts";
import { redactPage, rememberSecret } from "./redact.ts";
import { type Effect, type Failure, mayRepeat, nextAttempt, RetryBudget, retryAfterMs } from "./retry.ts";
import { endpointNamed } from "./setting-keys.ts";
import type { ConnectionSettings } from "./settings.ts";
import { type Answer, header, type Outgoing, type Transport } from "./transport.ts";

/** One request as a client describes it. */
export interface Call {
  /** For messages, as an infinitive: `read Cloudian user blue/ada`. */
  readonly what: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Goes into the query, too; refused without TLS unless the endpoint is loopback. */
  readonly secretQuery?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** An HTML form as the body. */
  readonly form?: Readonly<Record<string, string>>;
  readonly effect: Effect;
  readonly slow?: true;
  /** The statuses that the caller understands; every other one is an error. */
  readonly answers: readonly number[];
}

/** What to do about a system that fails. */
export const laterAdvice = "Run the same command again; if it stays so, see what the system's own log says.";

/** What to do about an answer that cannot be understood. */
export const brokenAdvice =
  "Run the same command again; if it stays so, see whether something on the way changes the answers.";

/** An answer that cannot be understood: what was wanted, and in which way it is broken. */
export function brokenAnswer(what: string, how: string, status: number): UnexpectedAnswer {
  return new UnexpectedAnswer(`Could not ${what}: ${how}. ${brokenAdvice}`, status);
}

/** A success that does not say what it has made: nobody knows whether it has, so that somebody has to look. */
export function withoutObject(what: string, said: string): OutcomeUnknown {
  return new OutcomeUnknown(
    `Could not ${what} for certain: ${said} without the object. It may have been carried out. Run the same command again.`,
  );
}

const longestExcerpt = 300;

/** More of a page is not looked at for what it says: what takes tags out is slow where they do not end. */
const longestPage = 20_000;

/** Speaks to one system as one principal: authentication, retries and words for what goes wrong. */
export class HttpClient {
  readonly endpoint: string;
  readonly #prefix: string;
  readonly #transport: Transport;
  readonly #authentication: Authentication;
  readonly #budget: RetryBudget;

  constructor(settings: ConnectionSettings, settingPrefix: string, authentication: Authentication) {
    this.endpoint = settings.endpoint;
    this.#prefix = settingPrefix;
    this.#transport = transportTo(settings, settingPrefix);
    this.#authentication = authentication;
    this.#budget = new RetryBudget(settings.transport.retryBudget);
  }

  async send(call: Call): Promise<Answer> {
    if (call.secretQuery) {
      for (const value of Object.values(call.secretQuery)) rememberSecret(value);
      this.refuseOverheardSecrets(call.what);
    }
    for (let attempt = 1; ; attempt += 1) {
      const { answer, failure, error } = await this.#authentication.offer(call, (prove) =>
        this.#transport.attempt(call, prove(outgoing(call)), attempt),
      );
      if (answer && call.answers.includes(answer.status) && !isPage(answer)) {
        if (attempt === 1) this.#budget.refund();
        return answer;
      }
      const kind = failure ?? (answer && failureOf(answer.status));
      const asked = retryAfterMs(header(answer?.headers["retry-after"]), Date.now());
      if (kind && mayRepeat(call.effect, kind) && (await nextAttempt(attempt, kind, asked, this.#budget))) continue;
      throw error ?? this.#wrongAnswer(call, answer as Answer, attempt);
    }
  }

  /** For calls whose secret this API takes in the URL, where plain HTTP would show it to anyone on the way. */
  refuseOverheardSecrets(what: string): void {
    if (this.endpoint.startsWith("https:") || isLoopback(this.endpoint)) return;
    throw new Refused(
      `Refused to ${what}: this API takes the secret in the URL, and ${this.endpoint} is plain HTTP, where it could be ` +
        `read on the way. Use the system's HTTPS port in ${endpointNamed(this.#prefix)}.`,
    );
  }

  #wrongAnswer(call: Call, answer: Answer, attempt: number): StorageError {
    const made = attempt === 1 ? "" : ` after ${attempt} attempts`;
    // What comes with a success may be a new secret, which nobody knows yet.
    const said = answer.status < 300 ? "" : quoted(answer.body);
    const text = `Could not ${call.what}: ${this.endpoint} answered ${answer.status}${made}${said}.`;
    if (answer.status >= 300 && answer.status < 400) {
      const location = header(answer.headers["location"]);
      return new UnexpectedAnswer(
        `${text} It redirects${location === undefined ? "" : ` to ${originOf(location, this.endpoint)}`}; credentials are never sent on. ` +
          `Set ${endpointNamed(this.#prefix)} to the final address.`,
        answer.status,
      );
    }
    if (isPage(answer)) {
      const page = `Could not ${call.what}: ${this.endpoint} answered with an HTML page${quoted(answer.body)}. Is there a proxy or another service at this address?`;
      return call.effect === "once" ? new OutcomeUnknown(page) : new UnexpectedAnswer(page, answer.status);
    }
    if (call.effect === "once" && answer.status >= 500)
      return new OutcomeUnknown(`${text} The request may have been carried out. Run the same command again.`);
    const advice = this.#adviceFor(answer.status);
    return new UnexpectedAnswer(advice === undefined ? text : `${text} ${advice}`, answer.status);
  }

  #adviceFor(status: number): string | undefined {
    if (status === 403) return `Check that the user of the ${this.#prefix} settings may do this.`;
    return status >= 500 || status === 429 ? laterAdvice : undefined;
  }
}

function outgoing(call: Call): Outgoing {
  const query = formOf({ ...call.query, ...call.secretQuery });
  const { body, type } = contentOf(call);
  return {
    method: call.method,
    path: call.path,
    query,
    headers: { accept: "application/json", ...(type === undefined ? {} : { "content-type": type }) },
    ...(body === undefined ? {} : { body }),
  };
}

function contentOf({ what, json, form }: Call): { body?: string; type?: string } {
  if (json !== undefined) return { body: jsonOf(json, what), type: "application/json; charset=utf-8" };
  return form ? { body: formOf(form), type: "application/x-www-form-urlencoded; charset=utf-8" } : {};
}

/** A document that is read and written back as a whole may be nested deeper than it can be written. */
function jsonOf(value: unknown, what: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new Refused(`Could not ${what}: what the system answered of it is nested too deeply to be written back.`);
  }
}

/** Parameters as a query or a form carries them. */
export function formOf(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString().replaceAll("+", "%20");
}

/** A log-in page of a proxy, say: it comes with 200 and means nothing. Error pages with an error status are usual. */
export function isPage({ status, body, headers }: Answer): boolean {
  if (status >= 300) return false;
  const start = body.slice(0, 10_000).replace(/^(\s|<!--[\s\S]*?-->|<\?[^>]*\?>)+/, "");
  if (/^<(!doctype html|html|head|body)\b/i.test(start)) return true;
  // Some systems call their JSON so.
  const isHtml = /^text\/html\b/i.test(header(headers["content-type"]) ?? "");
  return isHtml && start !== "" && !/^([[{"\d-]|true\b|false\b|null\b)/.test(start);
}

/** Which failure a status is, where another attempt may help. */
export function failureOf(status: number): Failure | undefined {
  if (status === 429) return "throttled";
  return status >= 500 ? "server-error" : undefined;
}

function originOf(location: string, base: string): string {
  return URL.parse(location, base)?.origin ?? "another address";
}

/** What a body says, in one line, to go behind a status: error pages are HTML even where JSON was asked for. */
export function quoted(body: string): string {
  // Before anything is cut or folded: half a secret would not be recognized.
  const text = redactPage(body)
    .slice(0, longestPage)
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (text === "") return "";
  return `, "${text.length > longestExcerpt ? `${text.slice(0, longestExcerpt)}…` : text}"`;
}
