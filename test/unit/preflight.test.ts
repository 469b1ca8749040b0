import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../harness/preflight.mjs");

/** Runs the preflight in a Node.js that gives out another version as its own. */
function preflightAs(version: string) {
  const pretend = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`;
  return spawnSync(process.execPath, ["--import", pretend, SCRIPT], { encoding: "utf8" });
}

test.each(["22.19.0", "24.21.0", "26.10.0"])("lets Node.js %s pass in silence", (version) => {
  expect(preflightAs(version)).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test.each(["14.21.3", "20.20.2", "22.18.0"])("stops Node.js %s and says what to do", (version) => {
  const { status, stderr } = preflightAs(version);
  expect(status).toBe(1);
  expect(stderr).toContain(`This is Node.js ${version} (`);
  expect(stderr).toContain("need 22.19 or newer");
  expect(stderr).toContain("npm ci");
  expect(stderr).toContain("--ignore-scripts");
});

test("stands before every script that runs TypeScript", () => {
  const file = join(import.meta.dirname, "../../package.json");
  const { scripts } = JSON.parse(readFileSync(file, "utf8")) as { scripts: Record<string, string> };
  const typed = Object.values(scripts).filter((script) => /\.ts\b/.test(script));
  expect(typed).toHaveLength(8);
  for (const script of typed) expect(script).toMatch(/^node test\/harness\/preflight\.mjs && /);
});
