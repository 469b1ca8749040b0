import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { pages, prose, root, textOf } from "./markdown.ts";

test("the pages are seen at all", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/lab.md", "docs/drift.md"]));
});

test.each(pages)("%s: every link leads to a file and a heading that exist", (file) => {
  const broken = linksIn(file).filter((link) => !resolves(file, link));
  expect(broken).toEqual([]);
});

test.each(pages)("%s: every file of this repository that it names exists", (file) => {
  const named = [...textOf(file).matchAll(/`([^`\n]+)`/g)]
    .flatMap(([, code = ""]) => code.split(/\s/))
    .filter((word) => /^(?:provider|lab|test|docs|examples)\/[\w./-]+$/.test(word));
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(pages)("%s: no machine path, no other registry, no leftover", (file) => {
  const text = textOf(file);
  const found = [
    ...(text.match(/(?<![\w.])\/(?:home|root|Users|work|mnt)\/\S*/g) ?? []),
    ...(text.match(/\b(?:TODO|TBD|FIXME)\b/g) ?? []),
    ...(text.includes(registryHost) ? [registryHost] : []),
  ];
  expect(found).toEqual([]);
});

/** Where this machine gets its packages; a reader gets them elsewhere. */
const registryHost = new URL(execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim()).host;

function linksIn(file: string): string[] {
  return [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

function resolves(file: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return link.startsWith("https://") && URL.canParse(link);
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? file : normalize(join(dirname(file), path)).replaceAll("\\", "/");
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** As the code hosts make them: lower case, punctuation gone, spaces as hyphens, repeated ones numbered. */
function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>();
  return [
    ...textOf(file)
      .replaceAll(/^(`{3,})[\s\S]*?^\1\s*$/gm, "")
      .matchAll(/^#{1,6} +(.+)$/gm),
  ].map(([, heading = ""]) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}
