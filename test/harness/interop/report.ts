import { differences } from "../../interop/contract/index.ts";
import type { Found, Missing } from "./find-all.ts";
import type { S3Server } from "./surroundings.ts";
import type { Results, Subject } from "./tests.ts";

interface Around {
  readonly servers: readonly S3Server[];
  readonly clients: Found["clients"];
  readonly missing: readonly Missing[];
}

/** One line for each server and client, the named differences, and what did not run. */
export function print(results: Results, around: Around): { passed: number; failed: number } {
  if (results.failed > 0) console.log(results.output.trimEnd());
  const versions = new Map([...around.servers, ...Object.values(around.clients)].map((it) => [it.name, it.version]));
  for (const subject of results.subjects) console.log(line(subject, versions.get(subject.name) ?? ""));
  for (const { id, name, version } of around.servers) {
    if (results.subjects.some((subject) => subject.name === name)) printDifferences(id, `${name} ${version}`);
  }
  for (const { name, reason } of around.missing) console.log(`not run: ${name}: ${reason}`);
  return results;
}

function line({ name, passed, failed, seconds, suites }: Subject, version: string): string {
  const parts = Object.entries(suites).map(([suite, count]) => `${suite} ${count}`.trim());
  const title = `${name} ${version}`.trim().padEnd(32);
  return `${title} ${passed} passed, ${failed} failed  ${seconds.toFixed(1)} s  (${parts.join(", ")})`;
}

function printDifferences(id: S3Server["id"], title: string): void {
  const found = differences(id);
  console.log(`${title}: ${found.length} named differences`);
  for (const { check, expected, answer, why } of found) {
    console.log(`  ${check}: ${changes(expected, answer)} (${why})`);
  }
}

/** Only the steps that differ. */
function changes(expected: readonly string[], answer: readonly string[]): string {
  const steps = answer.map((got, index) => [got, expected[index]] as const).filter(([got, usual]) => got !== usual);
  return [...new Set(steps.map(([got, usual]) => `${got} instead of ${usual}`))].join(", ");
}
