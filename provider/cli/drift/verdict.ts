import { visible } from "../terminal.ts";
import { type Counts, hasDrift, hasUndeployed, type Report } from "./report.ts";

/** One sentence, or two. */
export function verdictOf({ verdict, counts, runs, stack }: Report): string {
  const failed = runs.find(({ exitCode }) => exitCode !== 0);
  if (failed) {
    const sofar = hasDrift(counts) || hasUndeployed(counts) ? ` Until then: ${countsIn(counts)}.` : "";
    return `Not known: the ${failed.question} run ended with ${failed.exitCode}.${sofar}`;
  }
  const of = stack === undefined ? "" : ` of stack ${visible(stack)}`;
  const all = `${plural(counts.resources, "resource")}${of}`;
  if (verdict === "none") return `No drift, and nothing undeployed: ${all}.`;
  if (verdict === "undeployed") return `No drift, but undeployed changes: ${countsIn(counts)}; ${all}.`;
  return `Drift: ${countsIn(counts)}; ${all}.`;
}

function countsIn(counts: Counts): string {
  const words: [number, string][] = [
    [counts.changed, "changed live"],
    [counts.gone, "gone"],
    [counts.toCreate, "to be created"],
    [counts.toChange, "to be changed"],
    [counts.toReplace, "to be replaced"],
    [counts.toDelete, "to be deleted"],
  ];
  return words.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(", ");
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
