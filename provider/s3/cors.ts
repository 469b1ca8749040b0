import type { CORSRule as SdkRule } from "@aws-sdk/client-s3";
import { z } from "zod";
import { xmlText } from "./xml-text.ts";

const atMostOneStar = xmlText
  .min(1, "must not be empty")
  .refine((text) => text.split("*").length <= 2, "must hold at most one *");

function setOf<Item extends string>(item: z.ZodType<Item, Item>) {
  return z.array(item).transform((list) => [...new Set(list)].sort());
}

const neededList = "must hold at least one";

const ruleSchema = z
  .strictObject({
    allowedMethods: setOf(z.enum(["GET", "PUT", "POST", "DELETE", "HEAD"])).refine((set) => set.length > 0, neededList),
    allowedOrigins: setOf(atMostOneStar).refine((set) => set.length > 0, neededList),
    allowedHeaders: setOf(atMostOneStar).exactOptional(),
    exposeHeaders: setOf(xmlText.min(1, "must not be empty")).exactOptional(),
    maxAgeSeconds: z.number().int("must be a whole number").min(0, "must not be below 0").exactOptional(),
  })
  .transform(withoutEmpty);

/** Rules in canonical form: lists are sets, an empty list is none. The first rule that fits counts, so their order stays. */
export const corsSchema = z.array(ruleSchema).max(100, "must not hold more than 100 rules");

export type PlainCorsRule = z.output<typeof ruleSchema>;

function withoutEmpty<Rule extends object>(rule: Rule): Rule {
  const members = Object.entries(rule).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return Object.fromEntries(members) as Rule;
}

/** Rules as the service has them, in canonical form. Names that others have given to rules are not shown. */
export function rulesFrom(rules: readonly SdkRule[]): PlainCorsRule[] {
  const sorted = (list: readonly string[] | undefined) => [...new Set(list)].sort();
  return rules.map((rule) =>
    withoutEmpty({
      // A method that S3 does not know is shown as it is and then found to differ.
      allowedMethods: sorted(rule.AllowedMethods) as PlainCorsRule["allowedMethods"],
      allowedOrigins: sorted(rule.AllowedOrigins),
      allowedHeaders: sorted(rule.AllowedHeaders),
      exposeHeaders: sorted(rule.ExposeHeaders),
      ...(rule.MaxAgeSeconds === undefined ? {} : { maxAgeSeconds: rule.MaxAgeSeconds }),
    }),
  );
}

export function rulesTo(rules: readonly PlainCorsRule[]): SdkRule[] {
  return rules.map((rule) => ({
    AllowedMethods: rule.allowedMethods,
    AllowedOrigins: rule.allowedOrigins,
    ...(rule.allowedHeaders ? { AllowedHeaders: rule.allowedHeaders } : {}),
    ...(rule.exposeHeaders ? { ExposeHeaders: rule.exposeHeaders } : {}),
    ...(rule.maxAgeSeconds === undefined ? {} : { MaxAgeSeconds: rule.maxAgeSeconds }),
  }));
}
