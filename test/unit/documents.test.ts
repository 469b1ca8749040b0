import { expect, test } from "vitest";
import { flagOf, setOf, textOf, wouldChange } from "../../provider/cloudian/documents.ts";

test.each([
  [{ f: "x" }, "x"],
  [{ f: "" }, ""],
  [{ f: null }, ""],
  [{}, ""],
  [{ f: 7 }, "7"],
])("the text of %j is %j", (document, expected) => {
  expect(textOf(document, "f")).toBe(expected);
});

test.each([
  [{ f: "true" }, true],
  [{ f: "True" }, true],
  [{ f: true }, true],
  [{ f: "false" }, false],
  [{ f: false }, false],
])("the flag of %j is %j", (document, expected) => {
  expect(flagOf(document, "f")).toBe(expected);
});

test.each([[{}], [{ f: null }], [{ f: "" }], [{ f: 1 }], [{ f: "yes" }]])(
  "%j has no flag, which is an error",
  (document) => {
    expect(() => flagOf(document, "f")).toThrow('no usable "f"');
  },
);

test("a list is a set, and an old release does not have it", () => {
  expect(setOf({ f: ["b", "a", "b"] }, "f")).toEqual(["a", "b"]);
  expect(setOf({ f: null }, "f")).toBeUndefined();
  expect(setOf({}, "f")).toBeUndefined();
});

test.each([
  [{ active: "true" }, { active: true }, false],
  [{ active: "True", ldapEnabled: true }, { active: "true", ldapEnabled: "true" }, false],
  [{ groupName: "True" }, { groupName: "true" }, true],
  [{ a: null }, { a: "" }, false],
  [{}, { a: "" }, false],
  [{ a: ["y", "x"] }, { a: ["x", "y", "x"] }, false],
  [{ a: "x", b: "by others" }, { a: "x" }, false],
  [{ a: "x" }, { a: "y" }, true],
  [{ a: "x" }, { a: "X" }, true],
  [{ a: "true" }, { a: "false" }, true],
  [{ a: ["x"] }, { a: [] }, true],
  [{}, { a: "x" }, true],
])("writing into %j the fields %j would change it: %j", (document, wanted, expected) => {
  expect(wouldChange(document, wanted)).toBe(expected);
});
