import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** A finished engine in the cache: a folder with `bin/pulumi`, as the Automation API expects an installation. */
export interface CacheEntry {
  version: string;
  origin: "installed" | "built";
}

export const executable = (name: string): string => (process.platform === "win32" ? `${name}.exe` : name);

/** Outside the checkout, so that a fresh clone does not build again. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  return env["CLOUDSTACK_STORAGE_ENGINE_CACHE"] ?? join(userCache(env), "pulumi-cloudstack-storage", "engine");
}

function userCache(env: NodeJS.ProcessEnv): string {
  if (env["XDG_CACHE_HOME"]) return env["XDG_CACHE_HOME"];
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  if (process.platform === "win32" && env["LOCALAPPDATA"]) return env["LOCALAPPDATA"];
  return join(homedir(), ".cache");
}

export function entryPath(root: string, { version, origin }: CacheEntry): string {
  return join(root, `${version}-${origin}-${process.platform}-${process.arch}`);
}

/** The entry's CLI, or undefined. Entries appear by one rename, so what is there is complete. */
export function lookUp(root: string, entry: CacheEntry): string | undefined {
  const pulumi = join(entryPath(root, entry), "bin", executable("pulumi"));
  return existsSync(pulumi) ? pulumi : undefined;
}

/** Lets `fill` make an entry in a temporary folder, then moves it into place. Two processes may do this at once: the first wins. */
export async function addEntry(
  root: string,
  entry: CacheEntry,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  await mkdir(root, { recursive: true });
  const temporary = await mkdtemp(join(root, ".making-"));
  try {
    await fill(temporary);
    await rename(temporary, entryPath(root, entry)).catch((error: unknown) => {
      if (lookUp(root, entry) === undefined) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  const pulumi = lookUp(root, entry);
  if (pulumi === undefined) throw new Error(`${entryPath(root, entry)} was made without ${executable("pulumi")}`);
  return pulumi;
}
