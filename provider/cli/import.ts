import { rmSync } from "node:fs";
import { giveBack } from "../core/farewell.ts";
import { withinOperation } from "../core/operation.ts";
import type { Settings } from "../core/settings.ts";
import { onlyOneOf, parseFlags, projectFlags, UsageError } from "./flags.ts";
import { cloudianEstate } from "./import/cloudian-estate.ts";
import { cloudStackEstate } from "./import/cloudstack-estate.ts";
import { ecsEstate } from "./import/ecs-estate.ts";
import { nameFilter } from "./import/filter.ts";
import type { Found } from "./import/found.ts";
import { heldBy } from "./import/held.ts";
import { importArguments, importCommand, nextSteps, type StepOptions } from "./import/next-steps.ts";
import { type Written, writeOutcome } from "./import/outcome.ts";
import { settleReferences } from "./import/references.ts";
import { objectOf, reportText } from "./import/report.ts";
import { folderOf, projectFolderOf, settingsOf } from "./project.ts";
import { programFolderOf } from "./project-file.ts";
import { requirePulumi, runPulumi } from "./pulumi.ts";

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
  --name PATTERN        only objects of this name (* and ? as above), and the owners whose keys open them; may be
                        repeated
  --out DIR             write DIR/imported.ts and DIR/import.json (with mode 0600: it holds secret keys)
  --force               write over imported.ts and import.json of an earlier time
  --no-protect          leave the option "protect: true" out of the program
  --take-over           with --out: run "pulumi import" (Pulumi 3.254 or newer) with the file, then delete it
  --keep-file           with --take-over: do not delete it
  --json                print what was found as JSON
  -C, --cwd DIR         the Pulumi project; its configuration gives the settings, then the environment
  -s, --stack NAME      the stack, if not the selected one
  --help                this text

Exit codes: 0 done, 1 something failed, or something could not be read and nothing was written, 2 the flags cannot
be used; with --take-over a failed engine's own, 130 and 143 after a signal.

More: docs/import.md
`;

/** Answers the exit code. */
export async function run(args: string[]): Promise<number> {
  const flags = flagsOf(args);
  if (flags["take-over"]) await requirePulumi("3.254", "--take-over");
  const settings = await settingsOf(flags);
  const seen = await withinOperation(hour, () => look(settings, flags));
  // The engine gets signals of its own from here on.
  await giveBack();
  const held = await heldBy(projectFolderOf(folderOf(flags)), flags.stack);
  const found = settleReferences(held.leftAlone(seen));
  const unread = found.filter(({ unread: failed }) => failed === true);
  const { out } = flags;
  const written =
    out === undefined || unread.length > 0
      ? undefined
      : writeOutcome(found, held, { folder: out, replace: flags.force, protect: !flags["no-protect"] });
  process.stdout.write(flags.json ? jsonOf(found, written) : textOf(found, written, flags));
  if (unread.length > 0) return tellUnread(unread, out !== undefined);
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

/** A program of a part would have to be completed by another one beside it. */
function tellUnread(unread: readonly Found[], wanted: boolean): number {
  const nothing = wanted ? " Nothing is written." : "";
  process.stderr.write(
    `${unread.length} of the objects could not be read: see above.${nothing} Run the same command again.\n`,
  );
  return 1;
}

function jsonOf(found: readonly Found[], written: Written | undefined): string {
  const files = written && {
    program: written.program,
    ...(written.importFile === undefined ? {} : { importFile: written.importFile }),
  };
  const report = { version: 1, objects: found.map(objectOf), ...(written ? { files, config: written.config } : {}) };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function textOf(found: readonly Found[], written: Written | undefined, flags: Flags): string {
  return reportText(found) + (written ? nextSteps(written, stepOptions(flags)) : "");
}

function stepOptions(flags: Flags): StepOptions {
  const project = projectFolderOf(folderOf(flags));
  const programFolder = project === undefined ? undefined : programFolderOf(project);
  return { stack: flags.stack, protect: !flags["no-protect"], programFolder, takesOver: flags["take-over"] };
}

/** The engine's own exit code; what it prints goes to people as it comes. */
async function takeOver({ importFile }: Written, flags: Flags): Promise<number> {
  if (importFile === undefined) return 0;
  const project = projectFolderOf(folderOf(flags));
  const options = stepOptions(flags);
  const { code } = await runPulumi(importArguments(importFile, options), {
    ...(project === undefined ? {} : { cwd: project }),
    show: true,
    // The state is written at the end, also at one that comes early.
    env: { PULUMI_SKIP_CHECKPOINTS: "true" },
  });
  if (code !== 0) {
    process.stderr.write(
      `pulumi import has failed. ${importFile} is still there: it holds secret keys in the clear. This goes on where it ended; delete the file afterwards:\n` +
        `  ${importCommand(importFile, options)}\n`,
    );
    return code;
  }
  if (flags["keep-file"]) return 0;
  rmSync(importFile);
  process.stderr.write(`${importFile} is deleted.\n`);
  return 0;
}
