import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scanTarball, scanTree } from "../harness/secret-scan/files.ts";
import { Scanner } from "../harness/secret-scan/scanner.ts";
import { runWatched } from "../harness/watched-run.ts";
import { given } from "./secrets-canaries.ts";

const root = resolve(import.meta.dirname, "../..");

/** What the tests call their secrets, and what the environment of whoever runs or packs this holds. */
const canaries = [
  ...Object.entries(given).map(([name, value]) => ({ name, value })),
  // The beginning of every canary of the suite.
  { name: "a canary", value: "Canary" },
  ...Object.entries(process.env).flatMap(([name, value = ""]) =>
    /token|secret|password|passphrase|api_?key/i.test(name) && value.length >= 12 ? [{ name, value }] : [],
  ),
];
const scanner = new Scanner(canaries);

const shapes = {
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  "a key of a cloud": /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  "a token": /\b(?:gh[pousr]_\w{30,}|glpat-[\w-]{20,}|npm_\w{30,}|pul-[0-9a-f]{40}|eyJ[\w-]{10,}\.eyJ[\w-]{10,})/,
  "a log-in in a header": /\bBasic [A-Za-z0-9+/]{16,}={0,2}/,
};

const isOwn = (path: string) => !/(^|\/)(node_modules|\.pulumi)(\/|$)/.test(path);

async function shapesIn(folder: string): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(shapes).map(async ([name, shape]) => {
      const { stdout } = await runWatched("grep", ["-rlP", "--exclude-dir=node_modules", "-e", shape.source, "."], {
        cwd: folder,
      });
      return stdout.split("\n").flatMap((file) => (file === "" ? [] : [`${name} in ${file}`]));
    }),
  );
  return found.flat();
}

test("each shape is found where it is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-shapes-"));
  const examples = [
    ["a private key", `-----BEGIN EC ${"PRIVATE"} KEY-----\n`],
    ["a key of a cloud", `AKIA${"Q3".repeat(8)}`],
    ["a token", `ghp_${"a1".repeat(18)}`],
    ["a log-in in a header", `Authorization: Basic ${btoa("sysadmin:public")}`],
  ] as const;
  for (const [index, [, text]] of examples.entries()) writeFileSync(join(folder, `${index}`), text);
  const found = await shapesIn(folder);
  rmSync(folder, { recursive: true });
  expect(found).toEqual(examples.map(([name], index) => `${name} in ./${index}`));
});

test.each(["docs", "examples", "test/fixtures", "provider", "lab", ".github", ".ci"])(
  "%s hold no secret",
  async (folder) => {
    expect(scanTree(scanner, join(root, folder), isOwn)).toEqual([]);
    expect(await shapesIn(join(root, folder))).toEqual([]);
  },
);

describe("the packed package", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-packed-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("holds no secret", async () => {
    const packed = await runWatched("npm", [
      "pack",
      root,
      "--ignore-scripts",
      "--silent",
      "--pack-destination",
      folder,
    ]);
    expect(packed).toMatchObject({ code: 0 });
    const file = join(folder, packed.stdout.trim());
    expect(await scanTarball(scanner, file)).toEqual([]);
    expect(await runWatched("tar", ["-xzf", file, "-C", folder])).toMatchObject({ code: 0 });
    expect(await shapesIn(join(folder, "package"))).toEqual([]);
  });
});
