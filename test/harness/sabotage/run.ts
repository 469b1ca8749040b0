import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../engine/run.ts";
import { type Break, breaks } from "./breaks.ts";
import { ProjectCopy } from "./copy.ts";
import { judge, type Report, type Verdict } from "./verdict.ts";

const longestRunMs = 600_000;
const mostNamed = 2;

async function runTests({ folder }: ProjectCopy, files: readonly string[]): Promise<Verdict> {
  const report = join(folder, "dist", "sabotage.json");
  const projects = [...new Set(files.map((file) => file.split("/")[1] ?? ""))].flatMap((name) => ["--project", name]);
  const args = ["run", ...projects, "--reporter=json", `--outputFile.json=${report}`, ...files];
  const vitest = join(folder, "node_modules", ".bin", "vitest");
  const { stdout, stderr, problem } = await run(vitest, args, { cwd: folder, timeoutMs: longestRunMs });
  if (problem !== undefined) throw new Error(`vitest ${problem}\n${stdout}${stderr}`);
  return judge(JSON.parse(readFileSync(report, "utf8")) as Report);
}

/** What has caught the break, or why nothing has. */
async function tryBreak(copy: ProjectCopy, { edits, tests }: Break): Promise<{ caught: boolean; told: string }> {
  return await copy.broken(edits, async () => {
    const complaint = await copy.build();
    if (complaint !== undefined) return { caught: false, told: `does not compile, which proves nothing\n${complaint}` };
    const { caughtBy, otherwise } = await runTests(copy, tests);
    if (caughtBy.length === 0) return { caught: false, told: ["NOT CAUGHT", ...otherwise].join("\n") };
    const more = caughtBy.length > mostNamed ? ` and ${caughtBy.length - mostNamed} more` : "";
    return { caught: true, told: `caught by ${caughtBy.slice(0, mostNamed).join("; ")}${more} (${tests.join(", ")})` };
  });
}

/** The tests that are to catch the breaks have to pass where nothing is broken. */
async function requireSound(copy: ProjectCopy, files: readonly string[]): Promise<void> {
  const complaint = await copy.build();
  if (complaint !== undefined) throw new Error(`The unbroken project does not compile.\n${complaint}`);
  const { caughtBy, otherwise, passed } = await runTests(copy, files);
  const failed = [...caughtBy, ...otherwise];
  if (failed.length > 0) throw new Error(`Tests fail with nothing broken:\n${failed.join("\n")}`);
  console.log(`nothing broken: ${passed} tests of ${files.length} files pass`);
}

/**
 * Breaks the provider on purpose, one defect at a time, in a copy of the project, and requires that an assertion of the
 * suite fails each time. Arguments: parts of names of breaks.
 */
async function main(filters: readonly string[]): Promise<void> {
  const chosen = breaks.filter(({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)));
  const copy = await ProjectCopy.make();
  // After what ends it, where a signal is the end.
  process.once("exit", () => copy.remove());
  await requireSound(copy, [...new Set(chosen.flatMap(({ tests }) => tests))]);
  let caught = 0;
  for (const each of chosen) {
    const started = performance.now();
    const result = await tryBreak(copy, each);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${each.name}: ${result.told}  ${seconds} s`);
    caught += Number(result.caught);
  }
  console.log(`${caught} of ${chosen.length} caught`);
  process.exitCode = caught === chosen.length && caught > 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
await main(process.argv.slice(2));
