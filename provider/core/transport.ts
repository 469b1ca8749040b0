import type { Dispatcher } from "undici";
import { dispatcherFor, proxyNote } from "./dispatcher.ts";
import { NoAnswer, OutcomeUnknown, Refused, StorageError, UnexpectedAnswer, Unreachable } from "./errors.ts";
import { debugRequest } from "./log.ts";
import { neverSent } from "./never-sent.ts";
import { remainingMs } from "./operation.ts";
import { Places } from "./places.ts";
import type { Effect, Failure } from "./retry.ts";
import { endpointNamed } from "./setting-keys.ts";
import type { ConnectionSettings } from "./settings.ts";
import { tlsAdvice } from "./tls.ts";

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What an attempt is for: goes into messages and decides what a lost reply means. */
export interface Purpose {
  /** As an infinitive: `read Cloudian user blue/ada`. */
  readonly what: string;
  readonly effect: Effect;
  /** The system does its work before it answers, so that a short time-out would tear what goes well. */
  readonly slow?: true;
}

/** One request as it leaves. */
export interface Outgoing {
  readonly method: string;
  /** Below the endpoint's own path, encoded. */
  readonly path: string;
  /** Encoded, without `?`; empty for none. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Another host of the same endpoint: a bucket's own host name. */
  readonly origin?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The system's clock, from the `Date` header. */
  readonly date: number | undefined;
  readonly headers: Headers;
}

/** What came of one attempt: an answer, or an error with the failure that it is, where another attempt may help. */
export interface Attempt {
  readonly answer?: Answer;
  readonly failure?: Failure;
  readonly error?: StorageError;
}

const slowRequestMs = 120_000;

const largestBody = 32 * 1024 * 1024;

/** The connections to one endpoint: every request gets a deadline, a largest answer and words for what goes wrong. */
export class Transport {
  readonly endpoint: string;
  readonly #settings: ConnectionSettings;
  readonly #prefix: string;
  readonly #places = new Map<string, Places>();
  #dispatcher: Dispatcher | undefined;

  constructor(settings: ConnectionSettings, settingPrefix: string) {
    this.endpoint = settings.endpoint;
    this.#settings = settings;
    this.#prefix = settingPrefix;
  }

  /** Sends once, as soon as a connection is free; never throws. */
  async attempt(purpose: Purpose, request: Outgoing, attempt: number): Promise<Attempt> {
    const places = this.#placesAt(request.origin ?? new URL(this.endpoint).origin);
    // The wait of many at once is no fault of the system, which has not been asked yet.
    if (!(await places.take(remainingMs()))) return { error: this.#outOfTime(purpose, attempt) };
    try {
      return await this.#attemptNow(purpose, request, attempt);
    } finally {
      places.leave();
    }
  }

  async #attemptNow(purpose: Purpose, request: Outgoing, attempt: number): Promise<Attempt> {
    const started = performance.now();
    // A timer takes whole milliseconds of 32 bits.
    const patience = Math.ceil(Math.min(this.#requestTimeoutMs(purpose), remainingMs(), 2 ** 31 - 1));
    if (patience <= 0) return { error: this.#outOfTime(purpose, attempt) };
    const report = (status: string, requestId?: string) =>
      debugRequest(request.method, this.#pathOf(request), status, attempt, performance.now() - started, requestId);
    try {
      const answer = await this.#exchange(purpose, request, AbortSignal.timeout(patience));
      report(String(answer.status), requestIdOf(answer.headers));
      return { answer };
    } catch (error) {
      if (error instanceof StorageError) return { error };
      report(codeOf(error) ?? "failed");
      return this.#failedAttempt(purpose, error, attempt);
    }
  }

  /** Connections are counted for each origin. */
  #placesAt(origin: string): Places {
    const known = this.#places.get(origin) ?? new Places(this.#settings.transport.maxConnections);
    this.#places.set(origin, known);
    return known;
  }

  /** With the endpoint's own path. */
  #pathOf({ path }: Outgoing): string {
    return `${new URL(this.endpoint).pathname.replace(/\/$/, "")}${path}`;
  }

  #requestTimeoutMs({ slow }: Purpose): number {
    const ms = this.#settings.transport.requestTimeoutSeconds * 1000;
    return slow ? Math.max(ms, slowRequestMs) : ms;
  }

  async #exchange(purpose: Purpose, request: Outgoing, signal: AbortSignal): Promise<Answer> {
    this.#dispatcher ??= dispatcherFor(this.#settings, this.#prefix);
    const base = new URL(this.endpoint);
    const response = await this.#dispatcher.request({
      origin: request.origin ?? base.origin,
      path: `${this.#pathOf(request)}${request.query === "" ? "" : `?${request.query}`}`,
      method: request.method as Dispatcher.HttpMethod,
      headers: { ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const body = await this.#read(purpose, response.body);
    const date = Date.parse(header(response.headers["date"]) ?? "");
    return {
      status: response.statusCode,
      body,
      date: Number.isNaN(date) ? undefined : date,
      headers: response.headers,
    };
  }

  async #read(purpose: Purpose, body: Dispatcher.ResponseData["body"]): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > largestBody) {
        body.destroy();
        const text = `Could not ${purpose.what}: ${this.endpoint} sent more than ${largestBody} bytes`;
        throw purpose.effect === "once" ? unanswered(purpose, text) : new UnexpectedAnswer(`${text}.`, 200);
      }
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  #failedAttempt(purpose: Purpose, error: unknown, attempt: number): Attempt {
    const code = codeOf(error);
    const tried = `Could not ${purpose.what}: `;
    const made = attempt === 1 ? "" : ` (${attempt} attempts)`;
    const advice = tlsAdvice(code, this.#prefix);
    if (neverSent(error) && advice)
      return { error: new Unreachable(`${tried}TLS to ${this.endpoint} failed (${code}). ${advice}`) };
    if (code === "UND_ERR_INVALID_ARG")
      return {
        error: new Refused(`${tried}the request cannot be made: a value that it carries does not fit into it.`),
      };
    if (neverSent(error)) {
      const text = `${tried}${this.endpoint} cannot be reached (${code ?? "no connection"})${made}. Check ${endpointNamed(this.#prefix)} and the network.${proxyNote(this.endpoint)}`;
      return { failure: "not-sent", error: new Unreachable(text) };
    }
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    const how = timedOut ? "did not answer in time" : this.#brokenOff(code, advice !== undefined);
    return {
      failure: timedOut ? "timeout" : "unknown",
      error: unanswered(purpose, `${tried}${this.endpoint} ${how}${made}`),
    };
  }

  #brokenOff(code: string | undefined, byTls: boolean): string {
    if (byTls) return `broke TLS off after the request had left (${code})`;
    const doubt = this.endpoint.startsWith("http:") ? " (does this port speak HTTPS?)" : "";
    return `closed the connection (${code ?? "no answer"})${doubt}`;
  }

  /** Only a request that did nothing is sent a second time, so one that runs out of time has done nothing. */
  #outOfTime(purpose: Purpose, attempt: number): StorageError {
    const seconds = this.#settings.transport.operationTimeoutSeconds;
    return new Unreachable(
      `Could not ${purpose.what}: the ${seconds} s of operationTimeoutSeconds are used up (${attempt - 1} attempts). Run the same command again.`,
    );
  }
}

export function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function requestIdOf(headers: Headers): string | undefined {
  const names = ["x-request-id", "x-gmt-requestid", "x-amz-request-id", "x-emc-request-id"];
  return names.map((name) => header(headers[name])).find((id) => id !== undefined);
}

function unanswered(purpose: Purpose, text: string): StorageError {
  if (purpose.effect !== "once") return new NoAnswer(`${text}. Run the same command again.`);
  return new OutcomeUnknown(`${text}; the request may have been carried out. Run the same command again.`);
}

/** The innermost code that says what went wrong. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return codeOf(error instanceof AggregateError ? error.errors[0] : error.cause);
}
