import { expect, test } from "vitest";
import { parseFlags, projectFlags, UsageError, wholeNumber } from "../../provider/cli/flags.ts";

const options = {
  ...projectFlags,
  name: { type: "string", multiple: true },
  yes: { type: "boolean", default: false },
} as const;

test("what is given, and what is not", () => {
  expect({ ...parseFlags(["-C", "storage", "--name", "a", "--name", "b"], options) }).toEqual({
    cwd: "storage",
    name: ["a", "b"],
    yes: false,
  });
});

test.each([
  ["stack", ["--stack", ""]],
  ["stack", ["-s", "", "--yes"]],
  ["cwd", ["--cwd="]],
  ["name", ["--name", "a", "--name", ""]],
])("an empty --%s is refused, and not taken for none: %j", (name, args) => {
  expect(() => parseFlags(args, options)).toThrow(
    new UsageError(`--${name} is given, but empty. Perhaps the variable that it is filled from is not set.`),
  );
});

test("a whole number between two bounds, both included", () => {
  const parallel = (text: string | undefined) => wholeNumber(text, "parallel", 1);
  expect([undefined, "1", "007", "999999999"].map(parallel)).toEqual([undefined, 1, 7, 999_999_999]);
  for (const text of ["0", "-1", "1.5", "1e3", "ten", " 1", "1000000000"])
    expect(() => parallel(text)).toThrow(new UsageError(`--parallel needs a whole number from 1, not "${text}".`));
  const wait = (text: string) => wholeNumber(text, "wait", 2, 4);
  expect(["2", "4"].map(wait)).toEqual([2, 4]);
  for (const text of ["1", "5"])
    expect(() => wait(text)).toThrow(new UsageError(`--wait needs a whole number from 2 to 4, not "${text}".`));
});
