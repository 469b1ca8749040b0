import { expect, test } from "vitest";
import { parseFlags, projectFlags, UsageError } from "../../provider/cli/flags.ts";

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
