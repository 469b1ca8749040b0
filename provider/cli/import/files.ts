import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** A file that is to appear as a whole or not at all. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Nobody else may read it, from its first byte on. */
  readonly secret: boolean;
}

/**
 * Writes all of them beside their places first, so that a full disk leaves everything as it was. What is there already is
 * an error unless it may be replaced; a link is replaced itself, never written through.
 */
export function writeFiles(files: readonly NewFile[], replace: boolean): void {
  const done: string[] = [];
  const drafts = files.map((file) => ({ ...file, draft: `${file.path}.${process.pid}.tmp` }));
  try {
    for (const { draft, text, secret } of drafts) writeNew(draft, text, secret ? 0o600 : 0o666);
    for (const { draft, path } of drafts) {
      if (replace) renameSync(draft, path);
      else linkSync(draft, path);
      done.push(path);
    }
  } catch (error) {
    if (!replace) for (const path of done) rmSync(path, { force: true });
    throw error;
  } finally {
    for (const { draft } of drafts) rmSync(draft, { force: true });
  }
}

function writeNew(path: string, text: string, mode: number): void {
  const file = openSync(path, "wx", mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
