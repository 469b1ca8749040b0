import { join, resolve } from "node:path";
import { run } from "../engine/run.ts";
import type { Outcome } from "./outcome.ts";

export const root = resolve(import.meta.dirname, "../../..");

export interface Check {
  name: string;
  run(): Promise<{ ok: boolean; output: string }>;
}

/** A tool from node_modules whose exit code is the verdict. */
export function tool(name: string, program: string, ...args: readonly string[]): Check {
  return {
    name,
    async run() {
      const { code, stdout, stderr, problem } = await run(join(root, "node_modules", ".bin", program), args, {
        cwd: root,
      });
      return { ok: code === 0, output: [stdout, stderr, problem].filter(Boolean).join("\n") };
    },
  };
}

export async function runChecks(checks: readonly Check[]): Promise<Outcome> {
  const results = await Promise.all(checks.map(async (check) => ({ name: check.name, ...(await check.run()) })));
  const bad = results.filter((result) => !result.ok);
  return {
    passed: results.length - bad.length,
    failed: bad.length,
    detail: results.map(({ name }) => name).join(", "),
    output: bad.map(({ name, output }) => `--- ${name}\n${output.trimEnd()}`).join("\n"),
  };
}

export function lint(): Promise<Outcome> {
  return runChecks([
    tool("biome", "biome", "check", "--error-on-warnings", "--colors=off"),
    tool("tsc", "tsc", "--noEmit", "-p", "tsconfig.json"),
    tool("borders", "depcruise", "--config", ".dependency-cruiser.mjs", "provider", "lab", "dist"),
    tool("knip", "knip", "--no-progress", "--treat-config-hints-as-errors"),
  ]);
}
