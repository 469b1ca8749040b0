import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../flags.ts";
import { writeFiles } from "./files.ts";
import type { Found } from "./found.ts";
import type { Held } from "./held.ts";
import { importFileOf } from "./import-file.ts";
import { type NeededConfig, programOf } from "./program.ts";

const programName = "imported.ts";
const importName = "import.json";

export interface Written {
  readonly program: string;
  /** Undefined where no object can be imported. */
  readonly importFile: string | undefined;
  readonly config: readonly NeededConfig[];
  /** Whether an `up` has something to adopt. */
  readonly adopts: boolean;
}

export interface OutcomeOptions {
  readonly folder: string;
  readonly replace: boolean;
  readonly protect: boolean;
}

/** Writes the program and the import file; both, or neither. */
export function writeOutcome(
  found: readonly Found[],
  held: Held,
  { folder, replace, protect }: OutcomeOptions,
): Written {
  const out = resolve(folder);
  const paths = { program: join(out, programName), importFile: join(out, importName) };
  requirePlace(Object.values(paths), held, replace);
  const objects = found.filter(({ way }) => way !== "none");
  const program = programOf(objects, held.names, protect);
  const isImported = objects.some(({ way }) => way === "import");
  mkdirSync(out, { recursive: true });
  writeFiles(
    [
      { path: paths.program, text: program.text, secret: false },
      ...(isImported ? [{ path: paths.importFile, text: importFileOf(objects, program.names), secret: true }] : []),
    ],
    replace,
  );
  // Keys of an earlier time that nothing here asks for.
  if (!isImported) rmSync(paths.importFile, { force: true });
  return {
    program: paths.program,
    importFile: isImported ? paths.importFile : undefined,
    config: program.config,
    adopts: objects.some(({ way }) => way === "adopt"),
  };
}

function requirePlace(paths: readonly string[], held: Held, replace: boolean): void {
  const existing = paths.filter((path) => existsSync(path));
  if (existing.length === 0) return;
  const [program] = existing;
  if (!replace)
    throw new UsageError(`${existing.join(" and ")} exist already; give another --out, or --force to write over them.`);
  // An `up` deletes what no program declares any more.
  if (held.holdsOurs)
    throw new UsageError(
      `--force: the stack holds objects already, perhaps through ${program}. Written over, it would declare them no more. Give another --out.`,
    );
}
