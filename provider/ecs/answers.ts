import { XMLParser, XMLValidator } from "fast-xml-parser";
import { z } from "zod";
import { UnexpectedAnswer } from "../core/errors.ts";
import { brokenAnswer, quoted } from "../core/http.ts";
import type { Answer } from "../core/transport.ts";

/** What the array says where it refuses: JSON or XML, whatever was asked for (reference: ECS management API, 1.6). */
export interface EcsError {
  readonly status: number;
  /** Undefined where the answer is none of the array's own. */
  readonly code: number | undefined;
  /** The same for every error of this code. */
  readonly description: string;
  readonly details: string;
}

/** An answer that the array gave on purpose: it did what was asked, or said why not. */
export interface EcsAnswer {
  readonly status: number;
  readonly error: EcsError | undefined;
  readonly body: string;
  readonly date: number | undefined;
  /** Status and text, for a message. */
  said(): string;
}

/** Numbers may come as text. */
export const wholeNumber = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/** Gateways put a status there. */
const lowestCode = 1000;

const errorSchema = z.looseObject({
  code: wholeNumber.refine((code) => code >= lowestCode),
  description: z.string().nullish(),
  details: z.string().nullish(),
});

export function answerOf(answer: Answer): EcsAnswer {
  const { status, body, date } = answer;
  const error = status < 300 ? undefined : errorOf(status, body);
  const said = () =>
    error?.code === undefined
      ? `${status}${quoted(body)}`
      : `${status}, code ${error.code}${quoted([error.description, error.details].filter(Boolean).join(": "))}`;
  return { status, error, body, date, said };
}

function errorOf(status: number, body: string): EcsError {
  const parsed = errorSchema.safeParse(unwrapped(parsedBody(body), "error"));
  if (!parsed.success) return { status, code: undefined, description: "", details: "" };
  const { code, description, details } = parsed.data;
  return { status, code, description: description ?? "", details: details ?? "" };
}

function parsedBody(body: string): unknown {
  try {
    if (!body.trimStart().startsWith("<")) return JSON.parse(body);
    if (XMLValidator.validate(body.trim()) !== true) return undefined;
    return new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: false }).parse(body);
  } catch {
    return undefined;
  }
}

/** The manual shows some documents inside a member that bears the root's name; the array sends them without. */
function unwrapped(document: unknown, root: string): unknown {
  if (typeof document !== "object" || document === null || !(root in document)) return document;
  return Object.keys(document).filter((key) => key !== "?xml").length === 1
    ? (document as Record<string, unknown>)[root]
    : document;
}

/** The document of a good answer; anything else in its place is an error, never "absent". */
export function documentOf<T>(answer: EcsAnswer, what: string, root: string, schema: z.ZodType<T>): T {
  const text = answer.body.trim();
  if (text === "") throw brokenAnswer(what, "the answer is empty", answer.status);
  if (text.startsWith("<"))
    throw new UnexpectedAnswer(
      `Could not ${what}: the answer is XML, though JSON was asked for. Does something on the way drop the Accept header?`,
      answer.status,
    );
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw brokenAnswer(what, "the answer is not JSON", answer.status);
  }
  const parsed = schema.safeParse(unwrapped(document, root));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".");
  throw brokenAnswer(what, `the answer does not have the documented form${where ? ` (${where})` : ""}`, answer.status);
}

/** Flags are booleans or text, by field and release (reference: 1.1). */
export const flag = z.union([
  z.boolean(),
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(["true", "false"]))
    .transform((text) => text === "true"),
]);

/** "No list" is `""`, null or nothing, by call and release. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess((value) => (value === "" || value === null || value === undefined ? [] : value), z.array(item));
}
