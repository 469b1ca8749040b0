#!/usr/bin/env node
/** The arguments cannot be used; what to do instead has been said. */
const usageError = 2;

interface Command {
  readonly summary: string;
  /** Loads the command only when it runs. */
  load(): Promise<{ run(args: string[]): Promise<number> }>;
}

const commands = new Map<string, Command>([
  [
    "lab",
    {
      summary: "simulators of the storage systems, to try things out and to test programs",
      load: () => import("./lab.ts"),
    },
  ],
]);

function help(): string {
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(8)}${summary}`);
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
  const command = commands.get(name ?? "");
  if (command === undefined) {
    const problem = name === undefined ? "A command is missing." : `There is no command "${name}".`;
    process.stderr.write(`${problem}\n\n${help()}`);
    return usageError;
  }
  const { run } = await command.load();
  return run(args);
}

process.exitCode = await main(process.argv.slice(2));
