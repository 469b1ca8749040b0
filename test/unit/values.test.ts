import { expect, test } from "vitest";
import { pick, same } from "../../provider/core/values.ts";

test("of the properties that are picked, those without a value are left out", () => {
  const values: Record<string, unknown> = { a: 1, b: undefined, c: null, d: "not picked" };
  expect(pick(values, ["a", "b", "c", "e"])).toStrictEqual({ a: 1, c: null });
});

test("values are the same where all of their members are, in whatever order", () => {
  expect(same({ a: [1, { b: 2 }], c: 3 }, { c: 3, a: [1, { b: 2 }] })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same({ a: undefined }, {})).toBe(false);
  expect(same("1", 1)).toBe(false);
});
