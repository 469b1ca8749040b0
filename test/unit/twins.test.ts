import { expect, test } from "vitest";
import type { Twin } from "../../provider/core/handler.ts";
import { Twins } from "../../provider/core/twins.ts";

interface Wishes extends Partial<Omit<Twin, "created">> {
  readonly madeAt?: number | undefined;
}

const bucket = ({ madeAt, ...more }: Wishes): Twin => ({
  label: "bucket invoices",
  name: "S3 bucket invoices@host:443",
  kind: "S3Bucket",
  hasAddressInId: true,
  mayAdopt: true,
  created: () => Promise.resolve(madeAt),
  ...more,
});

const s3 = (more: Wishes = {}) => bucket({ madeAt: 5000, ...more });
const ecs = (more: Wishes = {}) =>
  bucket({ name: "ECS bucket ns1/invoices", kind: "EcsBucket", hasAddressInId: false, madeAt: 5000, ...more });

/** Who holds what `own` is about to delete, in a run that declares these. */
async function holderOf(own: Twin, ...declared: Twin[]): Promise<string | undefined> {
  const twins = new Twins();
  for (const twin of declared) twins.noteDeclared(twin);
  return await twins.holderOf(own);
}

test("a destroy declares nothing, so that nobody holds what it deletes", async () => {
  expect(await holderOf(s3())).toBeUndefined();
});

test("another kind that declares the object of this date may have taken it over", async () => {
  expect(await holderOf(s3(), ecs())).toBe("ECS bucket ns1/invoices");
  expect(await holderOf(ecs(), s3())).toBe("S3 bucket invoices@host:443");
});

test("the same kind may hold it under another address of its system", async () => {
  const moved = s3({ name: "S3 bucket invoices@other:443" });
  expect(await holderOf(s3(), moved)).toBe("S3 bucket invoices@other:443");
});

test("a resource does not hold itself", async () => {
  expect(await holderOf(s3(), s3())).toBeUndefined();
});

test("within a kind whose ids hold no address the id tells objects apart", async () => {
  expect(await holderOf(ecs(), ecs({ name: "ECS bucket ns2/invoices" }))).toBeUndefined();
});

test("an object of another label is another one", async () => {
  expect(await holderOf(s3(), ecs({ label: "bucket receipts" }))).toBeUndefined();
});

test.each([
  [5000, 5999, "ECS bucket ns1/invoices"],
  [5999, 5000, "ECS bucket ns1/invoices"],
  [5999, 6000, undefined],
  [4999, 5000, undefined],
])("made at %i and at %i ms, told by two APIs and so in whole seconds: %s", async (here, there, expected) => {
  expect(await holderOf(s3({ madeAt: here }), ecs({ madeAt: there }))).toBe(expected);
});

test.each([
  [5001, 5002, undefined],
  [5001, 5001, "S3 bucket invoices@other:443"],
  [5000, 5001, "S3 bucket invoices@other:443"],
  [5001, 5000, "S3 bucket invoices@other:443"],
  [5999, 6000, undefined],
])("made at %i and at %i ms, told by one API: %s", async (here, there, expected) => {
  const other = s3({ name: "S3 bucket invoices@other:443", madeAt: there });
  expect(await holderOf(s3({ madeAt: here }), other)).toBe(expected);
});

test("of several that are declared, the one of this date holds it", async () => {
  const another = ecs({ name: "ECS bucket ns2/invoices", madeAt: 9000 });
  expect(await holderOf(s3(), s3(), another, ecs())).toBe("ECS bucket ns1/invoices");
});

test("what is declared again is as it was declared last", async () => {
  expect(await holderOf(s3(), ecs(), ecs({ madeAt: 9000 }))).toBeUndefined();
});

test.each([
  { what: "the one to delete", own: s3({ madeAt: undefined }), other: ecs() },
  { what: "the declared one", own: s3(), other: ecs({ madeAt: undefined }) },
])("without a date of $what nothing is deleted", async ({ own, other }) => {
  await expect(holderOf(own, other)).rejects.toMatchObject({
    name: "Refused",
    message:
      "S3 bucket invoices@host:443 is not deleted: this program declares ECS bucket ns1/invoices, and nothing tells whether the two " +
      "are one bucket invoices. Nothing was deleted. If they are two, delete this one by hand; if they are one, it stays where it is. " +
      "Then remove the old resource from the state (pulumi state delete).",
  });
});

test("two that were each made, and yet have one date, are not told apart either", async () => {
  await expect(holderOf(s3(), ecs({ mayAdopt: false }))).rejects.toMatchObject({ name: "Refused" });
  expect(await holderOf(s3({ mayAdopt: false }), ecs())).toBe("ECS bucket ns1/invoices");
  expect(await holderOf(s3(), ecs({ mayAdopt: false, madeAt: 9000 }))).toBeUndefined();
});
