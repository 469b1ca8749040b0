import fc from "fast-check";
import { expect, test } from "vitest";
import { policyFrom, policyText } from "../../provider/s3/policy.ts";
import type { PlainPolicy } from "../../provider/s3/policy-document.ts";
import { policySchema } from "../../provider/s3/policy-schema.ts";
import { text } from "./support.ts";

const some = text.filter((value) => value !== "");
const texts = fc.oneof(some, fc.array(some, { minLength: 1, maxLength: 4 }));
const principal = fc.oneof(fc.constant("*" as const), fc.record({ AWS: texts }));
const either = (one: string, other: string, value: fc.Arbitrary<unknown>) =>
  fc.tuple(fc.constantFrom(one, other), value).map(([name, chosen]) => ({ [name]: chosen }));
const condition = fc.dictionary(some, fc.dictionary(some, texts, { maxKeys: 3 }), { maxKeys: 3 });

const statement = fc
  .tuple(
    fc.record(
      { Sid: text, Effect: fc.constantFrom("Allow", "Deny"), Condition: condition },
      { requiredKeys: ["Effect"] },
    ),
    either("Principal", "NotPrincipal", principal),
    either("Action", "NotAction", texts),
    either("Resource", "NotResource", texts),
  )
  .map((parts) => Object.assign({}, ...parts));

const policy = fc.record(
  {
    Version: fc.constantFrom("2012-10-17", "2008-10-17"),
    Id: text,
    Statement: fc.array(statement, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ["Statement"] },
) as fc.Arbitrary<Exclude<PlainPolicy, string>>;

const canonical = (value: unknown) => policySchema.parse(value as PlainPolicy);

/** The same document as somebody else would write it: members and lists in another order, one text without its list. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) {
    const list = value.map(rewritten).reverse();
    return list.length === 1 && typeof list[0] === "string" ? list[0] : list;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  // Plain assignment would lose a member called __proto__.
  return Object.fromEntries(entries.map(([name, member]) => [name, rewritten(member)]));
}

test("a canonical policy is its own canonical form", () => {
  fc.assert(
    fc.property(policy, (declared) => {
      expect(canonical(canonical(declared))).toEqual(canonical(declared));
    }),
  );
});

test("two spellings of a policy have one canonical form", () => {
  fc.assert(
    fc.property(policy, (declared) => {
      expect(canonical(rewritten(declared))).toEqual(canonical(declared));
    }),
  );
});

test("what was sent and comes back, in whatever order and without names, is what was wanted", () => {
  fc.assert(
    fc.property(policy, (declared) => {
      const wanted = canonical(declared);
      const sent = JSON.parse(policyText(wanted, "box") ?? "");
      expect(policyFrom(JSON.stringify(sent), "box", wanted)).toBe(wanted);
      const nameless = { ...sent, Id: "", Statement: sent.Statement.map((each: object) => ({ ...each, Sid: "" })) };
      expect(policyFrom(JSON.stringify(rewritten(nameless)), "box", wanted)).toBe(wanted);
    }),
  );
});

test("an effect that somebody has turned over is seen", () => {
  fc.assert(
    fc.property(statement, (declared) => {
      const wanted = canonical({ Statement: [declared] });
      const live = { ...declared, Effect: declared.Effect === "Allow" ? "Deny" : "Allow" };
      expect(policyFrom(JSON.stringify({ Statement: [live] }), "box", wanted)).not.toBe(wanted);
    }),
  );
});
