import { redact } from "./redact.ts";

/**
 * Errors as the engine shall see them: a message that says what was tried, on what, what came back and what to do.
 * They carry no `code`, `id` or `details`: the dynamic provider server gives those names a meaning of its own
 * (reference: Pulumi dynamic providers, 3.6).
 */
export class StorageError extends Error {
  override readonly name: string = "StorageError";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // The server prints `${error}: ${error.stack}` for check, diff, read and delete under the stack resource, beside the
    // error of the resource itself; a stack there is noise unless somebody debugs.
    if (!process.env["CLOUDSTACK_STORAGE_DEBUG"]) this.stack = "see the error of the resource.";
  }

  override toString(): string {
    return this.name;
  }

  /** The same error without any secret that the process has seen. */
  redacted(): this {
    this.message = redact(this.message);
    if (this.stack !== undefined) this.stack = redact(this.stack);
    return this;
  }
}

/** Settings are missing or malformed; names each of them and the ways to give it. */
export class SettingsError extends StorageError {
  override readonly name = "SettingsError";
}

/** The system gave an answer that is none of those its documentation allows here. */
export class UnexpectedAnswer extends StorageError {
  override readonly name: string = "UnexpectedAnswer";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The system answered 401: the credentials of the settings are wrong. */
export class Unauthorized extends StorageError {
  override readonly name = "Unauthorized";
}

/** The request never reached the system; nothing was done. */
export class Unreachable extends StorageError {
  override readonly name = "Unreachable";
}

/** No usable answer came back; asking again, or writing the same again, is harmless. */
export class NoAnswer extends StorageError {
  override readonly name = "NoAnswer";
}

/** A request that must not be repeated has left without a usable answer: the system may have carried it out. */
export class OutcomeUnknown extends StorageError {
  override readonly name = "OutcomeUnknown";
}

/** The system answered a creation with an error, but may have made the object before it failed: look, do not repeat. */
export class FailedHalfway extends StorageError {
  override readonly name = "FailedHalfway";
}

/** `create` met an object of the same name. */
export class Conflict extends StorageError {
  override readonly name = "Conflict";
}

/** An operation that would lose data or that the system cannot make; nothing was written. */
export class Refused extends StorageError {
  override readonly name = "Refused";
}

/**
 * The object exists but is not yet what the program declares. The dynamic provider server turns `id`, `properties` and
 * `reasons` into the engine's "partially initialized" state; the next `pulumi up` calls `update`.
 */
export class PartialFailure extends StorageError {
  override readonly name = "PartialFailure";
  readonly id: string;
  readonly properties: Record<string, unknown>;
  reasons: string[];

  constructor(id: string, properties: Record<string, unknown>, reason: string) {
    super(reason);
    this.id = id;
    this.properties = properties;
    this.reasons = [reason];
  }

  override redacted(): this {
    this.reasons = this.reasons.map(redact);
    return super.redacted();
  }
}

/** The sentence of any thrown value, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
