import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { runWatched } from "../watched-run.ts";
import type { Hit, Scanner } from "./scanner.ts";

/** Searches the names and the content of all files below a folder; compressed ones are opened, links are not followed. */
export function scanTree(scanner: Scanner, folder: string, wanted: (path: string) => boolean = () => true): Hit[] {
  const scanBelow = (below: string): Hit[] =>
    readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const place = join(below, entry.name);
      if (!wanted(place)) return [];
      const inside = entry.isDirectory()
        ? scanBelow(place)
        : entry.isFile()
          ? scanFile(scanner, join(folder, place), place)
          : [];
      return [...scanner.scan(entry.name, `the name of ${place}`), ...inside];
    });
  return scanBelow("");
}

/** A file that went away meanwhile holds nothing any more. */
export function scanFile(scanner: Scanner, path: string, place = path): Hit[] {
  const content = contentOf(path);
  if (content === undefined) return [];
  const isCompressed = content[0] === 0x1f && content[1] === 0x8b;
  return scanner.scan(isCompressed ? gunzipSync(content) : content, place);
}

/** Searches what a `.tgz` holds, one file after the other. */
export async function scanTarball(scanner: Scanner, path: string): Promise<Hit[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-unpacked-"));
  try {
    const { code, stderr } = await runWatched("tar", ["-xzf", path, "-C", folder]);
    if (code !== 0) throw new Error(`tar cannot open ${path}: ${stderr}`);
    return scanTree(scanner, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
