import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { breaks } from "../harness/sabotage/breaks.ts";
import { edited } from "../harness/sabotage/copy.ts";
import { judge } from "../harness/sabotage/verdict.ts";

const root = resolve(import.meta.dirname, "../..");

test("there are twelve breaks, each with a name of its own", () => {
  expect(new Set(breaks.map(({ name }) => name)).size).toBe(12);
});

test.each(breaks)("the break is up to date: $name", ({ edits, tests }) => {
  for (const edit of edits) {
    const source = readFileSync(join(root, edit.file), "utf8");
    expect(edited(source, edit)).not.toBe(source);
  }
  expect(tests.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test.each(["", "twice twice"])("a text that is not there once is an error: %j", (source) => {
  expect(() => edited(source, { file: "some.ts", find: "twice", replace: "" })).toThrow("out of date");
});

describe("a break", () => {
  const report = (status: string, ...failureMessages: string[]) => ({
    testResults: [{ name: "some.test.ts", assertionResults: [{ fullName: "a test", status, failureMessages }] }],
  });

  test("is caught by a failed assertion, and by a call that should have failed", () => {
    for (const message of [
      "AssertionError: expected 1 to be 2",
      "Error: the call was expected to fail, but it did not",
    ])
      expect(judge(report("failed", message))).toEqual({ caughtBy: ["a test"], passed: 0, otherwise: [] });
  });

  test.each([
    ["a passed test", report("passed"), 1, []],
    ["a test that broke off", report("failed", "TypeError: x is no function"), 0, ["failed: a test"]],
    ["a skipped test", report("skipped"), 0, ["skipped: a test"]],
    [
      "a file that did not load",
      { testResults: [{ name: "some.test.ts", assertionResults: [] }] },
      0,
      ["some.test.ts ran no test"],
    ],
  ])("is not caught by %s", (_what, given, passed, otherwise) => {
    expect(judge(given)).toEqual({ caughtBy: [], passed, otherwise });
  });
});
