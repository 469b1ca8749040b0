import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../engine/run.ts";
import { root } from "../layers/checks.ts";
import { judge } from "../layers/tests.ts";
import { type Surroundings, variable } from "./surroundings.ts";

/** Of one server or client: the outermost `describe` names it. */
export interface Subject {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** Tests by the suites in it, such as `S3 contract`. */
  readonly suites: Readonly<Record<string, number>>;
}

export interface Results {
  readonly subjects: readonly Subject[];
  readonly passed: number;
  readonly failed: number;
  /** What vitest printed; told only when something failed. */
  readonly output: string;
}

interface Assertion {
  readonly status: string;
  readonly fullName: string;
  readonly ancestorTitles: readonly string[];
  readonly duration?: number;
}

type Report = Parameters<typeof judge>[0];

/** Runs the vitest project `interop` amid the surroundings. */
export async function runInteropTests(around: Surroundings, filters: readonly string[]): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), "cloudstack-storage-report-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const args = ["run", "--project", "interop", ...reporters, ...filters];
    const result = await run(join(root, "node_modules", ".bin", "vitest"), args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, [variable]: JSON.stringify(around) },
    });
    const output = [result.stdout, result.stderr, result.problem].filter(Boolean).join("\n");
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) return { subjects: [], passed: 0, failed: 1, output };
    const report = JSON.parse(text) as Report;
    const outcome = judge(report, result.code, output);
    return {
      ...outcome,
      subjects: bySubject(report.testResults.flatMap((tests) => tests.assertionResults as Assertion[])),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function bySubject(assertions: readonly Assertion[]): Subject[] {
  const groups = Map.groupBy(assertions, ({ ancestorTitles }) => ancestorTitles[0] ?? "");
  return [...groups].map(([name, tests]) => {
    const passed = tests.filter(({ status }) => status === "passed").length;
    const seconds = tests.reduce((sum, { duration = 0 }) => sum + duration, 0) / 1000;
    const suites = Map.groupBy(tests, ({ ancestorTitles }) => ancestorTitles[1] ?? "");
    const counts = Object.fromEntries([...suites].map(([suite, group]) => [suite, group.length]));
    return { name, passed, failed: tests.length - passed, seconds, suites: counts };
  });
}
