import { basename } from "node:path";
import { type RunOptions, type RunResult, run } from "./engine/run.ts";
import type { LabControl } from "./lab.ts";
import { ofThisRun } from "./layers/census.ts";
import { secretsIn, watched } from "./secret-scan/watch.ts";

export interface WatchedRunOptions extends RunOptions {
  /** The lab behind it: what that holds before and after must not be shown either. */
  lab?: LabControl | undefined;
}

/**
 * Runs `pulumi`, our command line or an example to its end. Throws where it shows a secret that the suite knows, unless
 * it was asked to. All tests run them here, so that nothing that they print goes unseen.
 */
export async function runWatched(
  program: string,
  args: readonly string[],
  { lab, env = process.env, ...options }: WatchedRunOptions = {},
): Promise<RunResult> {
  const held = async () => secretsIn(await lab?.state());
  const before = await held();
  const finished = await run(program, args, { ...options, env: { ...ofThisRun, ...env } });
  const [place = ""] = /^[\w./-]+(?: [\w./-]+){0,3}/.exec([basename(program), ...args].join(" ")) ?? [];
  if (!args.some((word) => word.includes("--show-secrets")))
    watched(`${finished.stdout}\n${finished.stderr}`, place, [...before, ...(await held())]);
  return finished;
}
