import type { Dispatcher } from "undici";
import { Credential } from "./credential.ts";
import { dispatcherFor, proxyNote } from "./dispatcher.ts";
import {
  NoAnswer,
  OutcomeUnknown,
  Refused,
  StorageError,
  Unauthorized,
  UnexpectedAnswer,
  Unreachable,
} from "./errors.ts";
import { debugRequest } from "./log.ts";
import { isLoopback } from "./names.ts";
import { remainingMs } from "./operation.ts";
import { redactPage, rememberSecret } from "./redact.ts";
import { type Effect, type Failure, mayRepeat, nextAttempt, RetryBudget, retryAfterMs } from "./retry.ts";
import type { SystemSettings } from "./settings.ts";
import { tlsAdvice } from "./tls.ts";

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
  readonly effect: Effect;
  /** The statuses that the caller understands; every other one is an error. */
  readonly answers: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The system's clock, from the `Date` header. */
  readonly date: number | undefined;
}

interface Attempt {
  readonly answer?: Answer & { readonly headers: Record<string, string | string[] | undefined> };
  readonly failure?: Failure;
  readonly error?: StorageError;
}

const largestBody = 32 * 1024 * 1024;
const longestExcerpt = 300;

/** Speaks to one system as one principal: deadlines, retries, limits and words for what goes wrong. */
export class HttpClient {
  readonly endpoint: string;
  readonly #system: SystemSettings;
  readonly #prefix: string;
  readonly #credential: Credential;
  readonly #budget: RetryBudget;
  #dispatcher: Dispatcher | undefined;

  constructor(system: SystemSettings, settingPrefix: string) {
    this.endpoint = system.endpoint;
    this.#system = system;
    this.#prefix = settingPrefix;
    this.#credential = new Credential(system.username, system.password);
    this.#budget = new RetryBudget(system.transport.retryBudget);
    rememberSecret(`${system.username}:${system.password}`);
  }

  async send(call: Call): Promise<Answer> {
    if (call.secretQuery) {
      for (const value of Object.values(call.secretQuery)) rememberSecret(value);
      this.refuseOverheardSecrets(call.what);
    }
    for (let attempt = 1; ; attempt += 1) {
      const { answer, failure, error } = await this.#credential.offer(
        () => this.#attempt(call, attempt),
        (result) => this.#refusal(call, result.answer),
      );
      if (answer && call.answers.includes(answer.status) && !isPage(answer)) {
        if (attempt === 1) this.#budget.refund();
        return answer;
      }
      const kind = failure ?? (answer && failureOf(answer.status));
      const asked = retryAfterMs(header(answer?.headers["retry-after"]), Date.now());
      if (kind && mayRepeat(call.effect, kind) && (await nextAttempt(attempt, kind, asked, this.#budget))) continue;
      throw error ?? this.#wrongAnswer(call, answer as Answer, attempt, header(answer?.headers["location"]));
    }
  }

  /** For calls whose secret this API takes in the URL, where plain HTTP would show it to anyone on the way. */
  refuseOverheardSecrets(what: string): void {
    if (this.endpoint.startsWith("https:") || isLoopback(this.endpoint)) return;
    throw new Refused(
      `Refused to ${what}: this API takes the secret in the URL, and ${this.endpoint} is plain HTTP, where it could be ` +
        `read on the way. Use the system's HTTPS port in ${this.#prefix}Endpoint.`,
    );
  }

  #refusal(call: Call, answer: Answer | undefined): Unauthorized | undefined {
    if (answer?.status !== 401) return undefined;
    return new Unauthorized(
      `Could not ${call.what}: ${this.endpoint} answered 401${quoted(answer.body)}. Check ${this.#prefix}Username and ` +
        `${this.#prefix}Password; they are not tried again in this run. refresh and destroy use the configuration that the last ` +
        `pulumi up has recorded: after a password change give --run-program, or use ${this.#prefix}PasswordEnv, which is read live.`,
    );
  }

  async #attempt(call: Call, attempt: number): Promise<Attempt> {
    const started = performance.now();
    // A timer takes whole milliseconds of 32 bits.
    const patience = Math.ceil(
      Math.min(this.#system.transport.requestTimeoutSeconds * 1000, remainingMs(), 2 ** 31 - 1),
    );
    if (patience <= 0) return { error: this.#outOfTime(call, attempt) };
    const report = (status: string, requestId?: string) =>
      debugRequest(call.method, call.path, status, attempt, performance.now() - started, requestId);
    try {
      const answer = await this.#exchange(call, AbortSignal.timeout(patience));
      report(
        String(answer.status),
        header(answer.headers["x-request-id"]) ?? header(answer.headers["x-gmt-requestid"]),
      );
      return { answer };
    } catch (error) {
      if (error instanceof StorageError) return { error };
      report(codeOf(error) ?? "failed");
      return this.#failedAttempt(call, error, attempt);
    }
  }

  async #exchange(
    call: Call,
    signal: AbortSignal,
  ): Promise<Answer & { headers: Record<string, string | string[] | undefined> }> {
    this.#dispatcher ??= dispatcherFor(this.#system, this.#prefix);
    const base = new URL(this.endpoint);
    const query = new URLSearchParams({ ...call.query, ...call.secretQuery }).toString().replaceAll("+", "%20");
    const response = await this.#dispatcher.request({
      origin: base.origin,
      path: `${base.pathname.replace(/\/$/, "")}${call.path}${query === "" ? "" : `?${query}`}`,
      method: call.method,
      headers: {
        authorization: this.#credential.authorization,
        accept: "application/json",
        ...(call.json === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      },
      ...(call.json === undefined ? {} : { body: JSON.stringify(call.json) }),
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const body = await this.#read(call, response.body);
    const date = Date.parse(header(response.headers["date"]) ?? "");
    return {
      status: response.statusCode,
      body,
      date: Number.isNaN(date) ? undefined : date,
      headers: response.headers,
    };
  }

  async #read(call: Call, body: Dispatcher.ResponseData["body"]): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > largestBody) {
        body.destroy();
        throw new UnexpectedAnswer(
          `Could not ${call.what}: ${this.endpoint} sent more than ${largestBody} bytes.`,
          200,
        );
      }
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  #failedAttempt(call: Call, error: unknown, attempt: number): Attempt {
    const code = codeOf(error);
    const tried = `Could not ${call.what}: `;
    const made = attempt === 1 ? "" : ` (${attempt} attempts)`;
    const advice = tlsAdvice(code, this.#prefix);
    if (advice) return { error: new Unreachable(`${tried}TLS to ${this.endpoint} failed (${code}). ${advice}`) };
    if (neverSent(error)) {
      const text = `${tried}${this.endpoint} cannot be reached (${code ?? "no connection"})${made}. Check ${this.#prefix}Endpoint and the network.${proxyNote(this.endpoint)}`;
      return { failure: "not-sent", error: new Unreachable(text) };
    }
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    const how = timedOut
      ? "did not answer in time"
      : `closed the connection (${code ?? "no answer"})${this.endpoint.startsWith("http:") ? " (does this port speak HTTPS?)" : ""}`;
    return {
      failure: timedOut ? "timeout" : "unknown",
      error: unanswered(call, `${tried}${this.endpoint} ${how}${made}`),
    };
  }

  /** Only a request that did nothing is sent a second time, so one that runs out of time has done nothing. */
  #outOfTime(call: Call, attempt: number): StorageError {
    const seconds = this.#system.transport.operationTimeoutSeconds;
    return new Unreachable(
      `Could not ${call.what}: the ${seconds} s of operationTimeoutSeconds are used up (${attempt - 1} attempts). Run the same command again.`,
    );
  }

  #wrongAnswer(call: Call, answer: Answer, attempt: number, location: string | undefined): StorageError {
    const made = attempt === 1 ? "" : ` after ${attempt} attempts`;
    const text = `Could not ${call.what}: ${this.endpoint} answered ${answer.status}${made}${quoted(answer.body)}.`;
    if (answer.status >= 300 && answer.status < 400)
      return new UnexpectedAnswer(
        `${text} It redirects${location === undefined ? "" : ` to ${originOf(location, this.endpoint)}`}; credentials are never sent on. ` +
          `Set ${this.#prefix}Endpoint to the final address.`,
        answer.status,
      );
    if (isPage(answer)) {
      const page = `Could not ${call.what}: ${this.endpoint} answered with an HTML page${quoted(answer.body)}. Is there a proxy or another service at this address?`;
      return call.effect === "once" ? new OutcomeUnknown(page) : new UnexpectedAnswer(page, answer.status);
    }
    if (call.effect === "once" && answer.status >= 500)
      return new OutcomeUnknown(`${text} The request may have been carried out. Run the same command again.`);
    return new UnexpectedAnswer(text, answer.status);
  }
}

function unanswered(call: Call, text: string): StorageError {
  if (call.effect !== "once") return new NoAnswer(`${text}. Run the same command again.`);
  return new OutcomeUnknown(`${text}; the request may have been carried out. Run the same command again.`);
}

/** A log-in page of a proxy, say: it comes with 200 and means nothing. Error pages with an error status are usual. */
function isPage(answer: Answer): boolean {
  return answer.status < 300 && /^\s*<(!doctype html|html)\b/i.test(answer.body);
}

/** Which failure a status is, where another attempt may help. */
function failureOf(status: number): Failure | undefined {
  if (status === 429) return "throttled";
  return status >= 500 ? "unknown" : undefined;
}

const codesBeforeSending = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  // The proxy refused the tunnel.
  "UND_ERR_ABORTED",
]);

function neverSent(error: unknown): boolean {
  const cause = causeOf(error);
  return cause !== undefined && (codesBeforeSending.has(cause.code) || cause.syscall === "connect");
}

function codeOf(error: unknown): string | undefined {
  return causeOf(error)?.code;
}

/** The innermost error that says by a code what went wrong. */
function causeOf(error: unknown): { code: string; syscall?: unknown } | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string")
    return { code: error.code, ...("syscall" in error ? { syscall: error.syscall } : {}) };
  return causeOf(error instanceof AggregateError ? error.errors[0] : error.cause);
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function originOf(location: string, base: string): string {
  return URL.parse(location, base)?.origin ?? "another address";
}

/** What a body says, in one line, to go behind a status: error pages are HTML even where JSON was asked for. */
export function quoted(body: string): string {
  // Before anything is cut or folded: half a secret would not be recognized.
  const text = redactPage(body)
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (text === "") return "";
  return `, "${text.length > longestExcerpt ? `${text.slice(0, longestExcerpt)}…` : text}"`;
}
