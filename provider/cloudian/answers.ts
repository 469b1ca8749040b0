import { z } from "zod";
import { messageOf, OutcomeUnknown } from "../core/errors.ts";
import { brokenAnswer, quoted } from "../core/http.ts";
import type { Answer } from "../core/transport.ts";

export const documentSchema = z.record(z.string(), z.unknown());
export const keySchema = z.looseObject({
  accessKey: z.string().min(1),
  secretKey: z.string().min(1),
  createDate: z.coerce.number(),
  active: z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]),
});
export const usageSchema = z.array(
  z.looseObject({ userId: z.string(), buckets: z.array(z.looseObject({ bucketName: z.string() })) }),
);

/** A group or user as the Admin API shows it, fields of other clients included. */
export type Document = z.output<typeof documentSchema>;

export type KeyPair = z.output<typeof keySchema>;

/** What came of a PUT. `rejected` may still mean "exists": which status says so is not documented. */
export interface Creation {
  readonly outcome: "created" | "exists" | "rejected";
  /** The object as created, where the call answers it. */
  readonly document?: Document;
  /** What the system said, for a message: redacting a body costs, and most bodies go into none. */
  said(): string;
}

/** `refused` is the system's answer for an absent object as well. */
export interface Deletion {
  readonly outcome: "deleted" | "refused";
  said(): string;
}

export function creationOf(answer: Answer): Creation {
  const outcome = answer.status === 200 ? "created" : answer.status === 409 ? "exists" : "rejected";
  return { outcome, said: () => saidIn(answer) };
}

export function deletionOf(answer: Answer): Deletion {
  const outcome = answer.status === 200 || answer.status === 204 ? "deleted" : "refused";
  return { outcome, said: () => saidIn(answer) };
}

export function saidIn(answer: Answer): string {
  return `${answer.status}${quoted(answer.body)}`;
}

/** After a call that makes something an unreadable answer does not mean that nothing was made. */
export function parseMade<T>(answer: Answer, what: string, schema: z.ZodType<T>): T {
  try {
    return parse(answer, what, schema);
  } catch (error) {
    throw new OutcomeUnknown(`${messageOf(error)} It may have been made all the same.`);
  }
}

export function parse<T>(answer: Answer, what: string, schema: z.ZodType<T>): T {
  const text = answer.body.trim();
  // An empty 200 where an object is due is a broken answer, never "absent".
  if (text === "") throw brokenAnswer(what, "the answer is empty", answer.status);
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    throw brokenAnswer(what, "the answer is not JSON", answer.status);
  }
  throw brokenAnswer(what, "the answer does not have the documented form", answer.status);
}
