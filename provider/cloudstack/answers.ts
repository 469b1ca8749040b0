import { z } from "zod";
import { StorageError, UnexpectedAnswer } from "../core/errors.ts";
import { quoted } from "../core/http.ts";
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
      `Could not ${what}: ${endpoint} answered ${answer.status}, but with nothing that CloudStack says${quoted(answer.body)}. ` +
        `Is there a proxy or another service at this address?`,
      answer.status,
    );
  return inner;
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

/**
 * Whether a server encodes what it answers, as a global setting of CloudStack makes it do: then no text has a blank, a
 * slash, a colon or a comma, and some show what stands for them. Written back, such values would change for ever.
 */
export function isUrlEncoded(content: unknown): boolean {
  const texts = textsIn(content);
  return texts.some((text) => /%[0-9A-F]{2}|\+/i.test(text)) && texts.every((text) => /^[\w.*%+-]*$/.test(text));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The object that an answer is about. */
export function objectIn(answer: Item, name: string, what: string): Item {
  const item = answer[name];
  if (typeof item === "object" && item !== null) return item as Item;
  throw new UnexpectedAnswer(`Could not ${what}: CloudStack answered without its ${name}.`, 200);
}

/** Objects with a field that CloudStack leaves out where it has no value. */
export function textIn(item: Item, field: string): string | undefined {
  const value = item[field];
  return value === undefined || value === null ? undefined : String(value);
}

/** Booleans come as such or as text. */
export function flagIn(item: Item, field: string): boolean {
  return String(item[field]).toLowerCase() === "true";
}

function jsonOf({ body }: Answer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
