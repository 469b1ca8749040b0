import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compileAhead, keptIn } from "../compiled-code.ts";
import { run } from "../engine/run.ts";
import { toldBy } from "../telling.ts";
import { leftBehind, runVariable } from "./census.ts";
import { root } from "./checks.ts";
import { failure, type Outcome } from "./outcome.ts";

/** The part of vitest's JSON report that counts. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
}

/**
 * Runs one vitest project. What is skipped, to do or could not be loaded has failed, and so has a layer without tests,
 * and one that leaves something behind.
 */
export async function runTests(project: string, more: readonly string[] = []): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "cs-test-"));
  const file = join(folder, "report.json");
  const temporary = join(folder, "tmp");
  const runId = basename(folder);
  // Some programs let Node.js keep compiled code among the temporary files; all of them have it here instead.
  const compiled = join(folder, "compiled");
  try {
    await mkdir(temporary);
    await compileAhead(compiled);
    const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const result = await run(join(root, "node_modules", ".bin", "vitest"), [...args, ...more], {
      cwd: root,
      env: {
        ...process.env,
        NO_COLOR: "1",
        FORCE_COLOR: undefined,
        ...keptIn(compiled),
        TMPDIR: temporary,
        [runVariable]: runId,
      },
      onOutputLine: (line) => {
        const told = toldBy(line);
        if (told !== undefined) console.log(`  ${told}`);
      },
    });
    const report = await readFile(file, "utf8").catch(() => undefined);
    const output = [result.stdout, result.stderr, result.problem].filter(Boolean).join("\n");
    if (report === undefined) return failure(output);
    return judge(JSON.parse(report) as Report, result.code, output, await leftBehind(runId, temporary));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function judge(report: Report, code: number | undefined, output: string, left: readonly string[] = []): Outcome {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const notRun = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  const notLoaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const complaints = [
    ...notRun.map(({ fullName, status }) => `${status}, which counts as failed: ${fullName}`),
    ...left,
  ];
  if (tests.length === 0 && notLoaded.length === 0) complaints.push("there is no test in this layer");
  let failed = report.numFailedTests + notRun.length + notLoaded.length;
  if (failed === 0 && (code !== 0 || complaints.length > 0)) {
    failed = 1;
    complaints.push(`vitest ended with ${code}`);
  }
  return { passed: report.numPassedTests, failed, output: [output, ...complaints].join("\n") };
}
