import { globSync } from "node:fs";
import { Stryker } from "@stryker-mutator/core";
import { explained } from "./explained.ts";
import { type Part, parts } from "./parts.ts";
import { explains, Score, type Survivor } from "./survivors.ts";

const leastPercent = 80;

async function mutate({ name, mutate }: Part, incremental: boolean): Promise<Score> {
  process.env["MUTATION_PART"] = name;
  const stryker = new Stryker({
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "test/harness/mutation/vitest.config.ts", related: false },
    mutate: [...mutate],
    ignorePatterns: ["build", "dist", "docs", "examples"],
    tempDirName: "build/mutation",
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: `build/mutation-${name}.json` },
    incremental,
    incrementalFile: `build/mutation-${name}.incremental.json`,
    coverageAnalysis: "perTest",
    disableTypeChecks: false,
    allowConsoleColors: false,
  });
  const score = new Score();
  score.add(await stryker.runMutationTest());
  return score;
}

/** A file is tried with the tests of its part. */
function chosenFrom(names: readonly string[]): Part[] {
  if (names.length === 0) return [...parts];
  const known = parts.flatMap(({ name, mutate }) => [name, ...globSync([...mutate])]);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const there = parts.map(({ name }) => name).join(", ");
    console.error(`No such part, and no file of one: ${unknown.join(", ")}. There are: ${there}.`);
    process.exit(2);
  }
  return parts.flatMap((part) => {
    if (names.includes(part.name)) return [part];
    const files = globSync([...part.mutate]).filter((file) => names.includes(file));
    return files.length === 0 ? [] : [{ ...part, mutate: files }];
  });
}

function told({ file, lineNumber, code, becomes, unreached }: Survivor): string {
  const short = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 100);
  return `  ${file}:${lineNumber}${unreached ? " (no test comes here)" : ""}: ${short(code)} -> ${short(becomes)}`;
}

/**
 * Changes the code of the provider in one place at a time, thousands of times, and counts how many of the changes fail a
 * test. Arguments: names of parts or of files; `--incremental` tries only what no unchanged test has noticed in the run before.
 */
async function main(args: readonly string[]): Promise<void> {
  const incremental = args.includes("--incremental");
  const chosen = chosenFrom(args.filter((name) => name !== "--incremental"));
  const total = new Score();
  for (const part of chosen) {
    const started = performance.now();
    const score = await mutate(part, incremental);
    total.join(score);
    const minutes = ((performance.now() - started) / 60_000).toFixed(1);
    console.log(`${part.name}: ${score.told}  ${minutes} min`);
  }
  const unexplained = total.survivors.filter((each) => !explained.some((explanation) => explains(explanation, each)));
  for (const each of unexplained) console.log(told(each));
  console.log(`${total.told}, ${unexplained.length} survivors are neither killed nor explained`);
  process.exitCode = total.percent >= leastPercent && unexplained.length === 0 ? 0 : 1;
}

await main(process.argv.slice(2));
