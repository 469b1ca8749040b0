import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot } from "../engine/cache.ts";

/** Beside the engine's folder in the user's cache, so that a fresh clone installs nothing again. */
export function interopCache(env: NodeJS.ProcessEnv): string {
  return env["CLOUDSTACK_STORAGE_INTEROP_CACHE"] ?? join(dirname(cacheRoot(env)), "interop");
}

/** The cached folder; `fill` makes it, where it is not there yet, under another name that is then changed. */
export async function cached(root: string, name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const place = join(root, name);
  if (await exists(place)) return place;
  await mkdir(root, { recursive: true });
  const temporary = await mkdtemp(join(root, ".making-"));
  try {
    await fill(temporary);
    await rename(temporary, place).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await exists(place))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return place;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
