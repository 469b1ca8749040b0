import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Stryker } from "@stryker-mutator/core";
import type { Explained } from "./explained.ts";

type MutantResult = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

/** A change of the code that no test has noticed. */
export interface Survivor {
  file: string;
  lineNumber: number;
  line: string;
  code: string;
  becomes: string;
  /** No test even reaches it. */
  unreached: boolean;
}

const noticed = new Set(["Killed", "Timeout"]);
const unnoticed = new Set(["Survived", "NoCoverage"]);

export class Score {
  #noticed = 0;
  #survivors: Survivor[] = [];

  add(results: readonly MutantResult[]): void {
    this.#noticed += results.filter(({ status }) => noticed.has(status)).length;
    this.#survivors.push(...results.filter(({ status }) => unnoticed.has(status)).map(survivor));
  }

  join(other: Score): void {
    this.#noticed += other.#noticed;
    this.#survivors.push(...other.#survivors);
  }

  get #mutants(): number {
    return this.#noticed + this.#survivors.length;
  }

  get percent(): number {
    return this.#mutants === 0 ? 0 : (this.#noticed / this.#mutants) * 100;
  }

  get told(): string {
    return `${this.#noticed} of ${this.#mutants} mutants noticed, ${this.percent.toFixed(1)} %`;
  }

  get survivors(): readonly Survivor[] {
    return this.#survivors;
  }
}

export function explains(explanation: Explained, { file, line, becomes }: Survivor): boolean {
  return (
    explanation.file === file &&
    explanation.line === line &&
    (explanation.becomes === undefined || explanation.becomes === becomes)
  );
}

function survivor({ fileName, location, replacement, status }: MutantResult): Survivor {
  const lines = readFileSync(fileName, "utf8").split("\n");
  const { start, end } = location;
  const code = lines.slice(start.line - 1, end.line);
  code[code.length - 1] = code.at(-1)?.slice(0, end.column - 1) ?? "";
  code[0] = code[0]?.slice(start.column - 1) ?? "";
  return {
    file: relative(process.cwd(), fileName),
    lineNumber: start.line,
    line: (lines[start.line - 1] ?? "").trim(),
    code: code.join("\n"),
    becomes: replacement,
    unreached: status === "NoCoverage",
  };
}
