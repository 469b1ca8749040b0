import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** A fenced block of a page. */
export interface Block {
  readonly file: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** All pages for people. docs/api holds reports for reviewers, which another check writes. */
export const pages: readonly string[] = [
  ...globSync("*.md", { cwd: root }),
  ...globSync("docs/**/*.md", { cwd: root, exclude: ["docs/api"] }),
  ...globSync("examples/*/*.md", { cwd: root }),
]
  .map((file) => file.replaceAll("\\", "/"))
  .sort();

export function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Where a block stands, for messages. */
export function place({ file, line }: Block): string {
  return `${file}:${line}`;
}

export function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; line: number; language: string; lines: string[] } | undefined;
  for (const [index, line] of textOf(file).split("\n").entries()) {
    const [, fence, language = ""] = /^\s*(`{3,}|~{3,})\s*(\S*)/.exec(line) ?? [];
    if (open && fence === open.fence && language === "") {
      blocks.push({ file, line: open.line, language: open.language, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (fence !== undefined) open = { fence, line: index + 1, language, lines: [] };
  }
  if (open) throw new Error(`${file}:${open.line}: a block that does not end`);
  return blocks;
}

export function allBlocks(...languages: string[]): Block[] {
  return pages.flatMap(blocksOf).filter((block) => languages.length === 0 || languages.includes(block.language));
}

/** A page without its fenced blocks and inline code, where nothing is a link or a heading. */
export function prose(file: string): string {
  return textOf(file)
    .replaceAll(/^\s*(`{3,})[\s\S]*?^\s*\1\s*$/gm, "")
    .replaceAll(/`+[^`\n]+`+/g, (code) => code.replaceAll(/[[\]()<>]/g, ""));
}

/** Rows of the first table whose header begins with this cell, without markup, header left out. */
export function tableOf(file: string, firstHeader: string): string[][] {
  const lines = textOf(file).split("\n");
  const start = lines.findIndex((line) => cellsOf(line)[0] === firstHeader);
  if (start < 0) throw new Error(`${file} has no table with the header "${firstHeader}"`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(0, end < 0 ? undefined : end).map(cellsOf);
}

function cellsOf(line: string): string[] {
  if (!line.startsWith("|")) return [];
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.replaceAll("\\|", "|").trim());
}
