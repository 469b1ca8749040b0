import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../engine/run.ts";

type Log = (line: string) => void;

/** Programs on PATH, and the Debian packages that bring them. */
export interface Wanted {
  readonly programs: readonly string[];
  readonly packages: readonly string[];
}

/** Where PATH has a program. */
export function onPath(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/** Installs, in one go, whatever of that is missing. Where it cannot, that is told, and the callers find nothing on PATH. */
export async function installMissing(wanted: readonly Wanted[], log: Log): Promise<void> {
  const missing = wanted.filter(({ programs }) => programs.some((program) => onPath(program) === undefined));
  const packages = missing.flatMap((part) => part.packages);
  if (packages.length === 0) return;
  if (process.getuid?.() !== 0 || onPath("apt-get") === undefined) {
    log(`interop: ${packages.join(", ")}: not installed here, that takes root and apt-get`);
    return;
  }
  log(`interop: installing Debian's ${packages.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const result = await run("apt-get", args, { env });
    if (result.code !== 0) log(`interop: apt-get ${args[0]} failed: ${result.problem ?? result.stderr.slice(-400)}`);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
