import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** The command line asks for something that does not exist or does not go together. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Where the Pulumi project is: flags of every command that takes the provider's settings. */
export const projectFlags = {
  cwd: { type: "string", short: "C" },
  stack: { type: "string", short: "s" },
} as const;

export interface ProjectFlags {
  readonly cwd?: string;
  readonly stack?: string;
}

/** The flags by name; what is not among them, every positional argument, and an empty text are a `UsageError`. */
export function parseFlags<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  const values = valuesIn(args, options);
  // Taken for an absent one, it would lead to the selected stack or this folder, which nobody has named.
  for (const [name, value] of Object.entries<unknown>(values))
    if ([value].flat().includes(""))
      throw new UsageError(`--${name} is given, but empty. Perhaps the variable that it is filled from is not set.`);
  return values;
}

function valuesIn<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The flags that are given among some that exclude each other. */
export function onlyOneOf(values: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  const given = names.filter((name) => values[name] !== undefined && values[name] !== false);
  const flags = names.map((name) => `--${name}`);
  if (given.length > 1) throw new UsageError(`Give one of ${flags.slice(0, -1).join(", ")} and ${flags.at(-1)}.`);
  return given[0];
}

/** A flag that the command cannot do without. */
export function required(value: string | undefined, name: string, meaning: string): string {
  if (value === undefined) throw new UsageError(`--${name} is missing: ${meaning}.`);
  return value;
}

/** A whole number given as a flag; undefined where the flag is absent. */
export function wholeNumber(
  value: string | undefined,
  name: string,
  least: number,
  most = Number.POSITIVE_INFINITY,
): number | undefined {
  if (value === undefined) return undefined;
  const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  const range = most === Number.POSITIVE_INFINITY ? `from ${least}` : `from ${least} to ${most}`;
  if (!(number >= least && number <= most))
    throw new UsageError(`--${name} needs a whole number ${range}, not "${value}".`);
  return number;
}
