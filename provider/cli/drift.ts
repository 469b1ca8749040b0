import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, StorageError } from "../core/errors.ts";
import { askEngine, type EngineRun, type Place } from "./drift/engine-run.ts";
import { findingsOf } from "./drift/findings.ts";
import { asJunit } from "./drift/junit.ts";
import { asMarkdown } from "./drift/markdown.ts";
import { type Report, reportOf } from "./drift/report.ts";
import { asTable } from "./drift/table.ts";
import { onlyOneOf, parseFlags, projectFlags, UsageError, wholeNumber } from "./flags.ts";
import { folderOf, projectFolderOf } from "./project.ts";
import { visibleLines } from "./terminal.ts";

export const help = `Usage: cloudstack-storage drift [flags]

Reports what differs between live systems, state and program. It changes nothing: no system, no state.
Two runs of the engine answer two questions:
  drift        pulumi refresh --preview-only --run-program: did somebody change the live systems since the last up?
  undeployed   pulumi preview --refresh=false: would an up of this program change anything?

Flags:
  --json                print the report as JSON (docs/schemas/drift.schema.json) instead of tables
  --markdown            print it as Markdown, for a job summary or a comment
  --junit               print it as JUnit XML: one suite a question, each drifted resource a failure
  --json-file FILE      write it as JSON beside what is printed
  --markdown-file FILE  write it as Markdown
  --junit-file FILE     write it as JUnit XML
  --parallel N          how many resources the engine looks at at once
  -C, --cwd DIR         folder of the Pulumi project (default: this one)
  -s, --stack NAME      stack to look at (default: the selected one)
  --help                this text

Exit codes: 0 nothing differs, 7 drift (perhaps undeployed changes as well), 20 undeployed changes only,
2 the arguments cannot be used, anything else the engine's own: it could not tell; the report says how far it came.

More: docs/drift.md
`;

type Format = "json" | "markdown" | "junit";

const formats: Readonly<Record<Format, (report: Report) => string>> = {
  json: (report) => `${JSON.stringify(report, undefined, 2)}\n`,
  markdown: asMarkdown,
  junit: asJunit,
};

interface Flags {
  readonly place: Place;
  readonly print: (report: Report) => string;
  readonly files: readonly { readonly file: string; readonly write: (report: Report) => string }[];
}

/** Answers the exit code. */
export async function run(args: string[]): Promise<number> {
  const { place, print, files } = flagsOf(args);
  const runs = await askBoth(place);
  const report = reportOf(runs, findingsOf(runs));
  process.stdout.write(print(report));
  tellFailure(report);
  writeAll(files, report);
  return report.exitCode;
}

/** A file that cannot be written costs the others nothing. */
function writeAll(files: Flags["files"], report: Report): void {
  const problems = files.flatMap(({ file, write }) => {
    try {
      writeFileSync(file, write(report));
      return [];
    } catch (error) {
      return [`Could not write ${file}: ${messageOf(error)}`];
    }
  });
  if (problems.length > 0) throw new StorageError(problems.join("\n"));
}

/** The second question only where the first has an answer. */
async function askBoth(place: Place): Promise<EngineRun[]> {
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const drift = await askEngine("drift", place, note);
  return drift.code === 0 ? [drift, await askEngine("undeployed", place, note)] : [drift];
}

function tellFailure({ runs, exitCode }: Report): void {
  const failed = runs.find((each) => each.exitCode !== 0);
  if (!failed) return;
  const reasons = failed.messages
    .filter(({ severity }) => severity === "error")
    .map(({ text }) => `${visibleLines(text)}\n`);
  const end = `${failed.command} failed with ${failed.exitCode}.`;
  const instead =
    failed.exitCode === exitCode ? "" : ` That would read as a finding here, so that this ends with ${exitCode}.`;
  process.stderr.write(`${reasons.join("")}${end}${instead}\n`);
}

function flagsOf(args: string[]): Flags {
  const flags = parseFlags(args, {
    ...projectFlags,
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    junit: { type: "boolean", default: false },
    "json-file": { type: "string" },
    "markdown-file": { type: "string" },
    "junit-file": { type: "string" },
    parallel: { type: "string" },
  });
  const names = Object.keys(formats) as Format[];
  const format = onlyOneOf(flags, names) as Format | undefined;
  const cwd = folderOf(flags);
  if (projectFolderOf(cwd) === undefined)
    throw new UsageError(`${cwd} is in no Pulumi project. Name its folder with --cwd.`);
  const files = names.flatMap((name) => {
    const file = flags[`${name}-file`];
    return file === undefined ? [] : [{ file: writable(file, name), write: formats[name] }];
  });
  const parallel = wholeNumber(flags.parallel, "parallel", 1);
  return { place: { cwd, stack: flags.stack, parallel }, print: format ? formats[format] : asTable, files };
}

/** Looked at before the engine runs, which may take minutes. */
function writable(file: string, format: Format): string {
  const folder = dirname(file);
  if (!existsSync(folder)) throw new UsageError(`--${format}-file: there is no folder ${folder}.`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UsageError(`--${format}-file: ${file} is a folder.`);
  return file;
}
