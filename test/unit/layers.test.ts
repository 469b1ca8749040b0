import { describe, expect, test } from "vitest";
import { judge } from "../harness/layers/tests.ts";

const report = (...statuses: string[]) => ({
  numPassedTests: statuses.filter((status) => status === "passed").length,
  numFailedTests: statuses.filter((status) => status === "failed").length,
  testResults: [
    {
      name: "a.test.ts",
      status: "passed",
      assertionResults: statuses.map((status) => ({ fullName: `t ${status}`, status })),
    },
  ],
});

describe("a test layer", () => {
  test("passes when every test has passed", () => {
    expect(judge(report("passed", "passed"), 0, "")).toMatchObject({ passed: 2, failed: 0 });
  });

  test.each(["pending", "skipped", "todo"])("fails when a test is %s", (status) => {
    const outcome = judge(report("passed", status), 0, "");
    expect(outcome).toMatchObject({ passed: 1, failed: 1 });
    expect(outcome.output).toContain(`${status}, which counts as failed: t ${status}`);
  });

  test("fails without any test", () => {
    expect(judge({ numPassedTests: 0, numFailedTests: 0, testResults: [] }, 0, "")).toMatchObject({ failed: 1 });
  });

  test("fails when a file cannot be loaded", () => {
    const broken = { name: "b.test.ts", status: "failed", assertionResults: [] };
    const { testResults, ...counts } = report("passed");
    expect(judge({ ...counts, testResults: [...testResults, broken] }, 1, "")).toMatchObject({ passed: 1, failed: 1 });
  });

  test("fails when vitest itself ends with an error, as after an unhandled rejection", () => {
    expect(judge(report("passed"), 1, "")).toMatchObject({ passed: 1, failed: 1 });
  });

  test("fails when something is left behind", () => {
    const outcome = judge(report("passed"), 0, "", ["a temporary file or folder is left: x"]);
    expect(outcome).toMatchObject({ passed: 1, failed: 1 });
    expect(outcome.output).toContain("a temporary file or folder is left: x");
  });
});
