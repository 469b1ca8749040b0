import { z } from "zod";
import { canonicalDocument, type PlainPolicy, type PolicyDocument } from "./policy-document.ts";

const text = z.string().min(1, "must not be empty");
const textsRule = "must be a text or a list of at least one, none empty";
const texts = z.union([text, z.array(text).min(1, textsRule)], { error: textsRule });
const principal = z.union([z.literal("*"), z.strictObject({ AWS: texts })], {
  error: 'must be "*" or { AWS: … } with one user or ARN, or a list of them',
});

const statement = z
  .strictObject({
    Sid: z.string().exactOptional(),
    Effect: z.enum(["Allow", "Deny"], { error: 'must be "Allow" or "Deny"' }),
    Principal: principal.exactOptional(),
    NotPrincipal: principal.exactOptional(),
    Action: texts.exactOptional(),
    NotAction: texts.exactOptional(),
    Resource: texts.exactOptional(),
    NotResource: texts.exactOptional(),
    Condition: z.record(text, z.record(text, texts)).exactOptional(),
  })
  .superRefine((given, context) => {
    for (const [one, other] of alternatives)
      if ((given[one] === undefined) === (given[other] === undefined))
        context.addIssue({ code: "custom", message: `must hold either ${one} or ${other}` });
  });

const alternatives = [
  ["Principal", "NotPrincipal"],
  ["Action", "NotAction"],
  ["Resource", "NotResource"],
] as const;

const document = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"], { error: 'must be "2012-10-17" or "2008-10-17"' }).exactOptional(),
  Id: z.string().exactOptional(),
  Statement: z
    .array(statement, { error: "must be a list of statements" })
    .min(1, 'must hold at least one statement; no policy at all is "private"'),
});

/** A bucket policy in canonical form. Not a union, which could only say that nothing fits. */
export const policySchema: z.ZodType<PlainPolicy, PlainPolicy> = z
  .custom<PlainPolicy>()
  .transform((policy, context) => {
    if (policy === "private" || policy === "public") return policy;
    if (typeof policy !== "object") {
      context.addIssue('must be "private", "public" or a policy document (an object, not JSON text)');
      return z.NEVER;
    }
    const result = document.safeParse(policy);
    if (result.success) return canonicalDocument(result.data as PolicyDocument, "2012-10-17");
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: policy } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
