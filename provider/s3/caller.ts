import type { $Command, S3Client as SdkClient, ServiceInputTypes, ServiceOutputTypes } from "@aws-sdk/client-s3";
import { OutcomeUnknown, StorageError, UnexpectedAnswer } from "../core/errors.ts";
import { brokenAdvice, failureOf, isPage, quoted } from "../core/http.ts";
import { rememberSecret } from "../core/redact.ts";
import { type Failure, mayRepeat, nextAttempt, RetryBudget, retryAfterMs } from "../core/retry.ts";
import { type Answer, header, type Purpose } from "../core/transport.ts";
import { type Fault, isDocument, refusalOf } from "./answers.ts";
import { loadSdk, openSdk, type S3Access, type Sdk, type SdkRequest } from "./sdk.ts";
import type { Exchange, SendOptions } from "./sdk-transport.ts";

/** One request as the client describes it. */
export interface S3Call extends Purpose {
  /** Root element of the document that is due. */
  readonly document?: string;
  /** Root of another document that is understood: what a service answers that does not know the sub-resource. */
  readonly alternative?: string;
  /** For this request only; signed as well. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of the refusals that the client understands; every other one is an error. */
interface Understanding {
  readonly understands: (fault: Fault) => boolean;
}

export interface Answered<Output> {
  readonly output: Output;
  readonly answer: Answer;
  readonly fault?: undefined;
}

export type Reply<Output> =
  | Answered<Output>
  | { readonly fault: Fault; readonly answer: Answer; readonly attempts: number };

export type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  SdkClient["config"],
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** The service said by its code that nothing was done, and that later may be better. */
const busyCodes = new Set(["SlowDown", "RequestLimitExceeded", "Throttling", "OperationAborted"]);

/** Makes requests of one S3 service as one principal: the SDK signs and parses, retries and words are ours. */
export class S3Caller {
  readonly #access: S3Access;
  readonly #budget: RetryBudget;
  #opened: { sdk: Sdk; client: SdkClient } | undefined;

  constructor(access: S3Access) {
    this.#access = access;
    this.#budget = new RetryBudget(access.connection.transport.retryBudget);
    rememberSecret(access.secretAccessKey);
  }

  call<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    call: S3Call & Understanding,
    make: (sdk: Sdk) => Command<Input, Output>,
  ): Promise<Reply<Output>>;
  call<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    call: S3Call,
    make: (sdk: Sdk) => Command<Input, Output>,
  ): Promise<Answered<Output>>;
  async call<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    call: S3Call & Partial<Understanding>,
    make: (sdk: Sdk) => Command<Input, Output>,
  ): Promise<Reply<Output>> {
    for (let attempt = 1; ; attempt += 1) {
      const exchange: Exchange = { purpose: call, attempt };
      const result = await this.#send(exchange, call, make);
      const { answer, failure, error } = exchange.outcome ?? {};
      if (answer && result.output !== undefined && isUsable(call, answer)) {
        if (attempt === 1) this.#budget.refund();
        return { output: result.output, answer };
      }
      const fault = answer && faultOf(answer, result.thrown);
      if (answer && fault && call.understands?.(fault)) return { fault, answer, attempts: attempt };
      const kind = failure ?? (fault && failureIn(fault));
      const asked = retryAfterMs(header(answer?.headers["retry-after"]), Date.now());
      if (kind && mayRepeat(call.effect, kind) && (await nextAttempt(attempt, kind, asked, this.#budget))) continue;
      throw error ?? this.#wrongAnswer(call, answer, fault, result.thrown);
    }
  }

  async #send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    exchange: Exchange,
    { headers }: S3Call,
    make: (sdk: Sdk) => Command<Input, Output>,
  ): Promise<{ output?: Output; thrown?: unknown }> {
    if (!this.#opened) {
      const sdk = await loadSdk();
      this.#opened ??= { sdk, client: openSdk(sdk, this.#access) };
    }
    const { sdk, client } = this.#opened;
    const command = make(sdk);
    if (headers)
      command.middlewareStack.add(
        (next) => (args) => {
          Object.assign((args.request as SdkRequest).headers, headers);
          return next(args);
        },
        { step: "build", name: "cloudstackStorageCallHeaders" },
      );
    try {
      const options: SendOptions = { exchange };
      return { output: await client.send(command, options) };
    } catch (thrown) {
      return { thrown };
    }
  }

  #wrongAnswer(call: S3Call, answer: Answer | undefined, fault: Fault | undefined, thrown: unknown): StorageError {
    const { endpoint } = this.#access.connection;
    if (!answer)
      return new StorageError(`Could not ${call.what}: the request cannot be made${quoted(String(thrown))}.`);
    if (fault && fault.status >= 500 && call.effect === "once")
      return new OutcomeUnknown(
        `${refusalOf(call.what, fault, this.#access).message} The request may have been carried out. Run the same command again.`,
      );
    if (fault) return refusalOf(call.what, fault, this.#access);
    const text = isPage(answer)
      ? `Could not ${call.what}: ${endpoint} answered with an HTML page${quoted(answer.body)}. Is there a proxy or another service at this address?`
      : `Could not ${call.what}: ${endpoint} answered ${answer.status}, but not with ${call.document === undefined ? "what" : `the ${call.document} that`} S3 defines${quoted(answer.body)}. Does it speak S3? ${brokenAdvice}`;
    return call.effect === "once" ? new OutcomeUnknown(text) : new UnexpectedAnswer(text, answer.status);
  }
}

function isUsable({ document, alternative, effect }: S3Call, answer: Answer): boolean {
  if (isPage(answer) || isDocument(answer.body, "Error")) return false;
  // Success of a writing call has no body, or a document of S3.
  if (effect !== "read" && !/^\s*($|<)/.test(answer.body)) return false;
  const roots = [document, alternative].filter((root) => root !== undefined);
  return roots.length === 0 || roots.some((root) => isDocument(answer.body, root));
}

/** A refusal may come with 200, too: a service that has begun to answer can no longer change the status. */
function faultOf(answer: Answer, thrown: unknown): Fault | undefined {
  const isError = isDocument(answer.body, "Error");
  if (answer.status < 300 && !isError) return undefined;
  const status = answer.status < 300 ? 500 : answer.status;
  if (!isError || !(thrown instanceof Error)) return { status, code: undefined, message: answer.body };
  // What the SDK says where the service says nothing.
  const message = thrown.message === "UnknownError" ? "" : thrown.message;
  // Elements inside the message make an object of it, whatever the type says.
  return { status, code: String(thrown.name), message: typeof message === "string" ? message : answer.body };
}

function failureIn({ status, code }: Fault): Failure | undefined {
  if (code !== undefined && busyCodes.has(code)) return "throttled";
  return status === 501 ? undefined : failureOf(status);
}
