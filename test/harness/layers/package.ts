import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../engine/run.ts";
import { type Check, root, runChecks, tool } from "./checks.ts";
import { failure, type Outcome } from "./outcome.ts";

const BESIDE_DIST = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];

interface Packed {
  filename: string;
  files: { path: string }[];
}

/** The package as it would be published: packed once, then looked at from all sides. */
export async function checkPackage(): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "cloudstack-storage-pack-"));
  try {
    // `prepare` would build once more; the caller has just done that.
    const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
    const { code, stdout, stderr, problem } = await run("npm", args, { cwd: root });
    const packed = code === 0 ? firstPacked(stdout) : undefined;
    if (packed === undefined) return failure(`npm pack failed: ${problem ?? stdout + stderr}`);
    const tarball = join(folder, packed.filename);
    return await runChecks([
      contents(packed),
      tool("publint", "publint", "run", tarball, "--strict"),
      tool("types", "attw", tarball, "--profile", "esm-only", "--no-color"),
      apiReport(),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** npm 11 prints a list, npm 12 an object by package name. */
function firstPacked(json: string): Packed | undefined {
  return Object.values(JSON.parse(json) as Record<string, Packed>)[0];
}

function contents({ files }: Packed): Check {
  return {
    name: "contents",
    async run() {
      const paths = files.map(({ path }) => path);
      const missing = BESIDE_DIST.filter((path) => !paths.includes(path)).map((path) => `missing: ${path}`);
      const odd = paths
        .filter((path) => !BESIDE_DIST.includes(path) && !isPage(path) && !hasSource(path))
        .map((path) => `has no source: ${path}`);
      const bare = readdirSync(join(root, "dist")).length === 0 ? ["dist is empty"] : [];
      const output = [...missing, ...odd, ...bare].join("\n");
      return { ok: output === "", output };
    },
  };
}

/** What the README and the help of commands name. */
function isPage(path: string): boolean {
  return /^docs\/.+\.(?:md|schema\.json)$/.test(path);
}

/** A file in dist whose source is gone is a leftover of an earlier build. */
function hasSource(path: string): boolean {
  const source = /^dist\/(.+?)(?:\.d\.ts|\.js)$/.exec(path)?.[1];
  return source !== undefined && existsSync(join(root, `${source}.ts`));
}

function apiReport(): Check {
  return {
    name: "API report",
    async run() {
      const script = join(root, "test", "harness", "api-report.ts");
      const { code, stdout, stderr } = await run(process.execPath, [script], { cwd: root });
      return { ok: code === 0, output: stdout + stderr };
    },
  };
}
