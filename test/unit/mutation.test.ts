import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { explained } from "../harness/mutation/explained.ts";
import { parts } from "../harness/mutation/parts.ts";
import { explains, Score } from "../harness/mutation/survivors.ts";

const root = resolve(import.meta.dirname, "../..");
/** The text of this line is what is looked at below. */
const file = "test/unit/mutation.test.ts";
const line = "/** The text of this line is what is looked at below. */";
const lineNumber = 1 + readFileSync(join(root, file), "utf8").split("\n").indexOf(line);

const mutant = (id: string, status: "Killed" | "Survived" | "Timeout" | "NoCoverage" | "RuntimeError") => ({
  id,
  status,
  fileName: join(root, file),
  mutatorName: "StringLiteral",
  replacement: '""',
  location: { start: { line: lineNumber, column: 5 }, end: { line: lineNumber, column: 13 } },
});

const survivor = { file, lineNumber, line, code: "The text", becomes: '""' };

describe("the score", () => {
  test("counts what a test has noticed and what none has, and nothing else", () => {
    const score = new Score();
    score.add([mutant("1", "Killed"), mutant("2", "Timeout"), mutant("3", "Survived"), mutant("4", "RuntimeError")]);
    const other = new Score();
    other.add([mutant("5", "NoCoverage")]);
    score.join(other);
    expect(score.percent).toBe(50);
    expect(score.told).toBe("2 of 4 mutants noticed, 50.0 %");
    expect(score.survivors).toEqual([
      { ...survivor, unreached: false },
      { ...survivor, unreached: true },
    ]);
  });

  test("of nothing is none", () => {
    expect(new Score().percent).toBe(0);
  });
});

describe("an explanation", () => {
  const of = (more: object) => explains({ file, line, why: "", ...more }, { ...survivor, unreached: false });

  test("is for one line, or for one change of it", () => {
    expect([of({}), of({ becomes: '""' })]).toEqual([true, true]);
    expect([of({ becomes: "false" }), of({ line: "another" }), of({ file: "another.ts" })]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test.each(explained)("is for a line that is there: $file $line", (explanation) => {
    const lines = readFileSync(join(root, explanation.file), "utf8").split("\n");
    expect(lines.filter((text) => text.trim() === explanation.line)).not.toEqual([]);
    expect(explanation.why).not.toBe("");
  });
});

test("each part is mutated every night", () => {
  const { jobs } = parse(readFileSync(join(root, ".github/workflows/nightly.yml"), "utf8"));
  expect(jobs.mutation.strategy.matrix.part).toEqual(parts.map(({ name }) => name));
});

test("all of core and every handler is in one part", () => {
  const mutated = parts.flatMap(({ mutate }) => globSync([...mutate], { cwd: root }));
  const meant = globSync(["provider/core/*.ts", "provider/*/*.handler.ts"], { cwd: root });
  expect(meant.length).toBeGreaterThan(40);
  expect(mutated.toSorted()).toEqual(meant.toSorted());
});
