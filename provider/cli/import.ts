import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { withinOperation } from "../core/operation.ts";
import type { Settings } from "../core/settings.ts";
import { onlyOneOf, parseFlags, projectFlags, UsageError } from "./flags.ts";
import { cloudianEstate } from "./import/cloudian-estate.ts";
import { cloudStackEstate } from "./import/cloudstack-estate.ts";
import { ecsEstate } from "./import/ecs-estate.ts";
import { nameFilter } from "./import/filter.ts";
import type { Found } from "./import/found.ts";
import { type Held, heldBy } from "./import/held.ts";
import { importFileOf, writePrivately } from "./import/import-file.ts";
import { type NeededConfig, programOf } from "./import/program.ts";
import { settleReferences } from "./import/references.ts";
import { objectOf, reportText } from "./import/report.ts";
import { folderOf, projectFolderOf, settingsOf } from "./project.ts";
import { runPulumi } from "./pulumi.ts";

export const help = `Usage: cloudstack-storage import <what> [flags]

Takes over groups, users, buckets, stores and settings that were made by hand. It reads the live systems and prints
what it has found and how each object can be taken over. With --out it writes a program that declares the same, and a
file for "pulumi import". It never changes a live system.

What to look at, at least one of:
  --cloudian-group G    a group, its users and their buckets; may be repeated; * and ? match any text and character
  --ecs-namespace N     the object users and buckets of a namespace; may be repeated
  --cloudstack          secondary storage, staging stores, object storage pools, and the settings around them
  --setting NAME        with --cloudstack: another setting; may be repeated

Flags:
  --name PATTERN        only objects of this name (* and ? as above); may be repeated
  --out DIR             write DIR/imported.ts and DIR/import.json (with mode 0600: it holds secret keys)
  --force               write over imported.ts and import.json of an earlier time
  --no-protect          leave the option "protect: true" out of the program
  --take-over           with --out: run "pulumi import" with the file, then delete it
  --keep-file           with --take-over: do not delete it
  --json                print what was found as JSON
  -C, --cwd DIR         the Pulumi project; its configuration gives the settings, then the environment
  -s, --stack NAME      the stack, if not the selected one
  --help                this text

Exit codes: 0 done, 1 something failed (with --take-over also the engine), 2 the flags cannot be used.

More: docs/import.md
`;

const programFile = "imported.ts";
const importFile = "import.json";

/** Answers the exit code. */
export async function run(args: string[]): Promise<number> {
  const flags = flagsOf(args);
  const settings = await settingsOf(flags);
  const seen = await withinOperation(hour, () => look(settings, flags));
  const held = await heldBy(projectFolderOf(folderOf(flags)), flags.stack);
  const found = settleReferences(held.leftAlone(seen));
  if (flags.force && seen.some((object) => held.holderOf(object) !== undefined)) refuseToForget(flags);
  const written = flags.out === undefined ? undefined : write(found, held, resolve(flags.out), flags);
  if (flags.json) process.stdout.write(jsonOf(found, written));
  else process.stdout.write(reportText(found) + (written ? nextSteps(found, written, flags) : ""));
  return written && flags["take-over"] ? await takeOver(written, flags) : 0;
}

/** Many objects, one after the other. */
const hour = 3600;

type Flags = ReturnType<typeof flagsOf>;

function flagsOf(args: string[]) {
  const flags = parseFlags(args, {
    ...projectFlags,
    "cloudian-group": { type: "string", multiple: true, default: [] },
    "ecs-namespace": { type: "string", multiple: true, default: [] },
    cloudstack: { type: "boolean", default: false },
    setting: { type: "string", multiple: true, default: [] },
    name: { type: "string", multiple: true, default: [] },
    out: { type: "string" },
    force: { type: "boolean", default: false },
    "no-protect": { type: "boolean", default: false },
    "take-over": { type: "boolean", default: false },
    "keep-file": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  if (flags["cloudian-group"].length + flags["ecs-namespace"].length === 0 && !flags.cloudstack)
    throw new UsageError("Say what to look at: --cloudian-group, --ecs-namespace or --cloudstack.");
  if (flags.setting.length > 0 && !flags.cloudstack) throw new UsageError("--setting needs --cloudstack.");
  if (flags["take-over"] && flags.out === undefined) throw new UsageError("--take-over needs --out.");
  if (flags["keep-file"] && !flags["take-over"]) throw new UsageError("--keep-file needs --take-over.");
  onlyOneOf(flags, ["json", "take-over"]);
  if (flags["take-over"] && projectFolderOf(folderOf(flags)) === undefined)
    throw new UsageError("--take-over needs a Pulumi project: name its folder with --cwd.");
  return flags;
}

async function look(settings: Settings, flags: Flags): Promise<Found[]> {
  const wanted = nameFilter(flags.name);
  const found: Found[] = [];
  if (flags["cloudian-group"].length > 0)
    found.push(...(await cloudianEstate(settings, flags["cloudian-group"], wanted)));
  for (const namespace of new Set(flags["ecs-namespace"]))
    found.push(...(await ecsEstate(settings, namespace, wanted)));
  if (flags.cloudstack) found.push(...(await cloudStackEstate(settings, flags.setting, wanted)));
  return found;
}

/** What the stack holds is not in the new program, and an `up` deletes what no program declares any more. */
function refuseToForget({ out = "." }: Flags): void {
  const program = join(resolve(out), programFile);
  if (!existsSync(program)) return;
  throw new UsageError(
    `--force: the stack holds some of these objects already, perhaps through ${program}. Written over, it would declare them no more. Give another --out.`,
  );
}

interface Written {
  readonly program: string;
  /** Undefined where no object can be imported. */
  readonly importFile: string | undefined;
  readonly config: readonly NeededConfig[];
}

function write(
  found: readonly Found[],
  held: Held,
  folder: string,
  { force, "no-protect": noProtect }: Flags,
): Written {
  const objects = found.filter(({ way }) => way !== "none");
  const program = programOf(objects, held.names, !noProtect);
  const paths = { program: join(folder, programFile), importFile: join(folder, importFile) };
  const existing = Object.values(paths).filter((path) => existsSync(path));
  if (existing.length > 0 && !force)
    throw new UsageError(`${existing.join(" and ")} exist already; give another --out, or --force to write over them.`);
  mkdirSync(folder, { recursive: true });
  for (const path of existing) rmSync(path);
  writeFileSync(paths.program, program.text, { flag: "wx" });
  const isImported = objects.some(({ way }) => way === "import");
  if (isImported) writePrivately(paths.importFile, importFileOf(objects, program.names));
  return { program: paths.program, importFile: isImported ? paths.importFile : undefined, config: program.config };
}

function jsonOf(found: readonly Found[], written: Written | undefined): string {
  const files = written && {
    program: written.program,
    ...(written.importFile === undefined ? {} : { importFile: written.importFile }),
  };
  const report = { objects: found.map(objectOf), ...(files ? { files, config: written.config } : {}) };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function nextSteps(found: readonly Found[], { program, importFile, config }: Written, flags: Flags): string {
  const imports =
    importFile === undefined || flags["take-over"] ? [] : [importCommand(importFile, flags), `rm ${importFile}`];
  const settings = config.map(({ key, secret }) => `pulumi config set ${secret ? "--secret " : ""}${key}`);
  const adopts = found.some(({ way }) => way === "adopt") ? ["CLOUDSTACK_STORAGE_ADOPT=identical pulumi up"] : [];
  const commands = [...imports, ...settings, ...adopts, "pulumi preview --expect-no-changes"];
  return `
${program} is written. Import it from your program's entry point: import "./${programFile}" (in a CommonJS project "./imported").${importFile === undefined ? "" : `\n${importFile} holds secret keys in the clear, readable by you alone.`}
Then, in the project's folder:

${commands.map((command) => `  ${command}\n`).join("")}`;
}

function importCommand(file: string, { stack, "no-protect": noProtect }: Flags): string {
  return ["pulumi", ...importArguments(file, stack, !noProtect)].join(" ");
}

function importArguments(file: string, stack: string | undefined, protect: boolean): string[] {
  const named = stack === undefined ? [] : ["--stack", stack];
  return ["import", "--file", file, "--generate-code=false", `--protect=${protect}`, "--yes", ...named];
}

/** The engine's own exit code; what it prints goes to people as it comes. */
async function takeOver({ importFile }: Written, flags: Flags): Promise<number> {
  if (importFile === undefined) return 0;
  const project = projectFolderOf(folderOf(flags));
  const { code } = await runPulumi(importArguments(importFile, flags.stack, !flags["no-protect"]), {
    ...(project === undefined ? {} : { cwd: project }),
    show: true,
    // A run that breaks off has made nothing, so that its half is not needed.
    env: { PULUMI_SKIP_CHECKPOINTS: "true" },
  });
  if (code !== 0) {
    process.stderr.write(
      `pulumi import has failed. ${importFile} is still there: it holds secret keys in the clear.\n`,
    );
    return code;
  }
  if (flags["keep-file"]) return 0;
  rmSync(importFile);
  process.stderr.write(`${importFile} is deleted.\n`);
  return 0;
}
