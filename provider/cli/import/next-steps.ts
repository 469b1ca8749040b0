import { dirname, relative, sep } from "node:path";
import { shellWord } from "../shell-word.ts";
import type { Written } from "./outcome.ts";
import { quoted } from "./source-text.ts";

export interface StepOptions {
  readonly stack: string | undefined;
  readonly protect: boolean;
  /** Where the program's entry point lies; undefined outside a project. */
  readonly programFolder: string | undefined;
  /** The command itself goes on with the import. */
  readonly takesOver: boolean;
}

/** What to do after the files are written, as commands to copy. */
export function nextSteps({ program, importFile, config, adopts }: Written, options: StepOptions): string {
  const { stack, takesOver, programFolder } = options;
  const named = stack === undefined ? "" : ` --stack ${shellWord(stack)}`;
  const imports =
    importFile === undefined || takesOver ? [] : [importCommand(importFile, options), `rm ${shellWord(importFile)}`];
  const settings = config.map(
    ({ key, secret }) => `pulumi config set${named} ${secret ? "--secret " : ""}${shellWord(key)}`,
  );
  const up = `${adopts ? "CLOUDSTACK_STORAGE_ADOPT=identical " : ""}pulumi up${named}`;
  const commands = [...imports, ...settings, up, `pulumi preview --expect-no-changes${named}`];
  const module = modulePath(program, programFolder ?? dirname(program));
  const keys =
    importFile === undefined || takesOver
      ? ""
      : `${importFile} holds secret keys in the clear, readable by you alone.\n`;
  return `
${program} is written. Import it from your program's entry point: import ${quoted(module)} (in a CommonJS project ${quoted(module.replace(/\.ts$/, ""))}).
${keys}Then, in the project's folder:

${commands.map((command) => `  ${command}\n`).join("")}`;
}

/** As an entry point in the folder imports it. */
function modulePath(file: string, folder: string): string {
  const path = relative(folder, file).split(sep).join("/");
  return path.startsWith("../") ? path : `./${path}`;
}

/** `pulumi` without the word itself. */
export function importArguments(file: string, { stack, protect }: Pick<StepOptions, "stack" | "protect">): string[] {
  const named = stack === undefined ? [] : ["--stack", stack];
  return ["import", "--file", file, "--generate-code=false", `--protect=${protect}`, "--yes", ...named];
}

export function importCommand(file: string, options: Pick<StepOptions, "stack" | "protect">): string {
  return ["pulumi", ...importArguments(file, options).map(shellWord)].join(" ");
}
