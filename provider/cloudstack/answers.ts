import { z } from "zod";
import { Conflict, FailedHalfway, NoAnswer, OutcomeUnknown, StorageError, UnexpectedAnswer } from "../core/errors.ts";
import { brokenAnswer, quoted } from "../core/http.ts";
import type { Answer } from "../core/transport.ts";

/** What an object of CloudStack looks like before anybody has asked for its fields. */
export type Item = Readonly<Record<string, unknown>>;

/** An error that CloudStack itself has given, with the code that is its HTTP status as well. */
export class ApiFailure extends StorageError {
  override readonly name = "ApiFailure";
  readonly status: number;
  /** CloudStack's own text, for a look at its fragments; letter case differs by release. */
  readonly text: string;

  constructor(message: string, status: number, text: string) {
    super(message);
    this.status = status;
    this.text = text.toLowerCase();
  }
}

const envelope = z.record(z.string(), z.looseObject({}));
const failure = z.looseObject({ errorcode: z.coerce.number(), errortext: z.string().default("") });

/** What is inside the envelope, whose single key has no rule (reference: CloudStack API, 1.4). */
export function contentOf(answer: Answer, what: string, endpoint: string): Item {
  const content = Object.values(envelope.safeParse(jsonOf(answer)).data ?? {});
  const [inner] = content;
  if (inner === undefined || content.length > 1)
    throw new UnexpectedAnswer(
      `Could not ${what}: ${endpoint} answered ${answer.status}, but with nothing that CloudStack says${shownOf(answer.body)}. ` +
        `Is there a proxy or another service at this address?`,
      answer.status,
    );
  return inner;
}

/** A torn answer of CloudStack itself may hold anybody's secrets, and nothing tells which of its words they are. */
function shownOf(body: string): string {
  const text = body.trimStart();
  return /^[{["]/.test(text) ? ` (${Buffer.byteLength(body)} bytes that are no whole JSON)` : quoted(body);
}

/** The error in a failed answer or in the result of a failed job. */
export function failureIn(content: unknown, what: string, endpoint: string): ApiFailure | undefined {
  const { data } = failure.safeParse(content);
  if (!data) return undefined;
  return new ApiFailure(
    `Could not ${what}: ${endpoint} answered ${data.errorcode}${quoted(data.errortext)}.`,
    data.errorcode,
    data.errortext,
  );
}

/** What a refusal says, to go behind its status: the error's text, or the page of whoever answered instead. */
export function saidIn(answer: Answer): string {
  const [inner] = Object.values(envelope.safeParse(jsonOf(answer)).data ?? {});
  const { data } = failure.safeParse(inner);
  return quoted(data ? data.errortext : answer.body);
}

/** The objects of a list: nothing found is `{}`, a page behind the end has a count alone. What is no object is none. */
export function itemsOf(content: Item, itemName: string): Item[] {
  const items = content[itemName];
  return Array.isArray(items) ? items.filter((item) => typeof item === "object" && item !== null) : [];
}

/**
 * What a failed creation means: the name is taken, or it may have come halfway, because CloudStack keeps objects whose
 * preparation has failed. Where no usable answer came, nobody knows.
 */
export function saidOfCreation(error: unknown, advice = ""): unknown {
  if (error instanceof NoAnswer || error instanceof UnexpectedAnswer) return new OutcomeUnknown(error.message);
  if (!(error instanceof ApiFailure)) return error;
  if (error.text.includes("already exists")) return new Conflict(error.message);
  return new FailedHalfway(`${error.message}${advice}`);
}

/** The object that an answer is about. */
export function objectIn(answer: Item, name: string, what: string): Item {
  const item = answer[name];
  if (typeof item === "object" && item !== null) return item as Item;
  throw brokenAnswer(what, `CloudStack answered without its ${name}`, 200);
}

/** A field that CloudStack leaves out where it has no value; numbers and booleans may come as text or as such. */
export function textIn(item: Item, field: string): string | undefined {
  const value = item[field];
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}

/** Booleans come as such or as text. */
export function flagIn(item: Item, field: string): boolean {
  return textIn(item, field)?.toLowerCase() === "true";
}

function jsonOf({ body }: Answer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
