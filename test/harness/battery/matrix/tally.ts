import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { tell } from "../../telling.ts";
import type { Verdict } from "./cell.ts";
import { faultKinds } from "./fault-kinds.ts";

export interface Counted extends Verdict {
  readonly kind: string;
  readonly fault: string;
  /** Everything that tells the cell apart. */
  readonly cell: string;
}

const outcomes = ["recovered", "reported", "partial"] as const;
const neverSeen = ["lost", "doubled", "differs", "silent", "over time"] as const;

/** What came of all cells. */
export class Tally {
  readonly #verdicts: Counted[] = [];

  add(verdict: Counted): void {
    this.#verdicts.push(verdict);
    // In full a run takes an hour or two, and nobody wants to wait for what it finds in its first minutes.
    if (verdict.sins.length > 0) tell(lineOf(verdict));
  }

  /** One line for each cell that ended as none may. */
  bad(kind: string): string[] {
    return this.#verdicts.filter((verdict) => verdict.kind === kind && verdict.sins.length > 0).map(lineOf);
  }

  summary(): string {
    const all = this.#verdicts;
    const ended = outcomes.map((outcome) => `${all.filter((each) => each.outcome === outcome).length} ${outcome}`);
    const sins = all.flatMap(({ sins }) => sins);
    const never = neverSeen.map((word) => `${word} ${sins.filter((sin) => sin.startsWith(word)).length}`);
    const other = sins.filter((sin) => !neverSeen.some((word) => sin.startsWith(word))).length;
    const longest = Math.max(0, ...all.map(({ seconds }) => seconds)).toFixed(1);
    return `${all.length} cells: ${ended.join(", ")}; ${never.join(", ")}, other ${other}; the longest run took ${longest} s`;
  }

  write(file: string): void {
    const kinds = [...new Set(this.#verdicts.map(({ kind }) => kind))].sort();
    const rows = [
      `| fault | ${kinds.join(" | ")} |`,
      `| --- |${" --- |".repeat(kinds.length)}`,
      ...faultKinds.map(({ name }) => `| ${name} | ${kinds.map((kind) => this.#entry(kind, name)).join(" | ")} |`),
    ];
    const legend = "Each entry: recovered + reported + partial, and what must never be.";
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `# Fault matrix\n\n${this.summary()}\n\n${legend}\n\n${rows.join("\n")}\n`);
  }

  #entry(kind: string, fault: string): string {
    const own = this.#verdicts.filter((verdict) => verdict.kind === kind && verdict.fault === fault);
    if (own.length === 0) return "";
    const bad = own.filter(({ sins }) => sins.length > 0).length;
    const counts = outcomes.map((outcome) => own.filter((verdict) => verdict.outcome === outcome).length);
    return `${counts.join(" + ")}${bad === 0 ? "" : ` (${bad} bad)`}`;
  }
}

function lineOf({ cell, sins, errors }: Counted): string {
  return [`${cell}: ${sins.join("; ")}`, ...errors].join("\n  ");
}
