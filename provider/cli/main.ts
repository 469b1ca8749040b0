#!/usr/bin/env node
import { messageOf } from "../core/errors.ts";
import { giveBack, showInterruption } from "../core/farewell.ts";
import { redact } from "../core/redact.ts";
import { nearestName } from "../core/spelling.ts";
import { UsageError } from "./flags.ts";
import { Interrupted } from "./pulumi.ts";
import { visible, visibleLines } from "./terminal.ts";

/** Something failed; what and why has been said. */
const failed = 1;

/** The arguments cannot be used; what to do instead has been said. */
const usageError = 2;

/** What each command's file exports. */
interface Command {
  readonly help: string;
  /** Answers the exit code; throws `UsageError` where the arguments cannot be used. */
  run(args: string[]): Promise<number>;
}

interface Entry {
  readonly summary: string;
  /** Loads the command only when it runs. */
  load(): Promise<Command>;
}

const commands = new Map<string, Entry>([
  ["drift", { summary: "what differs between live systems, state and program", load: () => import("./drift.ts") }],
  ["import", { summary: "takes over what was made by hand", load: () => import("./import.ts") }],
  ["doctor", { summary: "looks for what is wrong, and changes nothing", load: () => import("./doctor.ts") }],
  ["sso-url", { summary: "a fresh log-in URL of Cloudian's console", load: () => import("./sso-url.ts") }],
  [
    "ssvm-reboot",
    { summary: "reboots the secondary storage VM of a zone and waits", load: () => import("./ssvm-reboot.ts") },
  ],
  [
    "convert-nfs",
    {
      summary: "turns NFS secondary storage into object storage with staging, for ever",
      load: () => import("./convert-nfs.ts"),
    },
  ],
  [
    "lab",
    {
      summary: "simulators of the storage systems, to try things out and to test programs",
      load: () => import("./lab.ts"),
    },
  ],
]);

function help(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length)) + 2;
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`);
  return `Usage: cloudstack-storage <command> [flags]

Commands:
${lines.join("\n")}

Flags of a command: cloudstack-storage <command> --help
`;
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(help());
    return 0;
  }
  const entry = commands.get(name ?? "");
  if (entry === undefined) {
    const near = nearestName(name ?? "", [...commands.keys()]);
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    const problem = name === undefined ? "A command is missing." : `There is no command "${name}".${hint}`;
    process.stderr.write(`${visible(problem)}\n\n${help()}`);
    return usageError;
  }
  return await runCommand(name ?? "", await entry.load(), args);
}

async function runCommand(name: string, command: Command, args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    process.stderr.write(`${visibleLines(redact(messageOf(error)))}\n`);
    if (error instanceof Interrupted) return error.exitCode;
    if (!(error instanceof UsageError)) return failed;
    process.stderr.write(`See: cloudstack-storage ${name} --help\n`);
    return usageError;
  }
}

showInterruption();
process.exitCode = await main(process.argv.slice(2));
await giveBack();
