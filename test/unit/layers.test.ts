import { afterEach, describe, expect, test, vi } from "vitest";
import { run } from "../harness/engine/run.ts";
import { judge } from "../harness/layers/tests.ts";
import { tell, toldBy } from "../harness/telling.ts";

afterEach(() => vi.restoreAllMocks());

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

describe("what a test tells", () => {
  test("is each line that it marks, and no other line of its output", () => {
    const printed: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
    tell("392 cells: 262 recovered\n  and more");
    expect(printed.map(toldBy)).toEqual(["392 cells: 262 recovered", "  and more"]);
    expect(["392 cells", "", " » indented"].map(toldBy)).toEqual([undefined, undefined, undefined]);
  });

  test("comes while the program that prints it still runs", async () => {
    const script = "console.log(process.pid); setInterval(() => {}, 1000)";
    const ended = await run(process.execPath, ["-e", script], { onOutputLine: (line) => process.kill(Number(line)) });
    expect(ended).toMatchObject({ code: undefined, problem: "was ended by SIGTERM" });
  });
});
