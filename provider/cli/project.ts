import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { SettingsError } from "../core/errors.ts";
import { Settings, type SettingsSource } from "../core/settings.ts";
import { type ProjectFlags, UsageError } from "./flags.ts";
import { programFolderOf, projectFileIn } from "./project-file.ts";
import { askPulumi, NoPulumi } from "./pulumi.ts";

interface ConfigValue {
  readonly value?: string;
}

/** The folder that `--cwd` names, or this one. */
export function folderOf({ cwd }: ProjectFlags): string {
  const folder = resolve(cwd ?? ".");
  if (!existsSync(folder)) throw new UsageError(`--cwd: there is no folder ${folder}.`);
  return folder;
}

/** The Pulumi project that a folder belongs to; undefined where there is none. */
export function projectFolderOf(folder: string): string | undefined {
  if (projectFileIn(folder) !== undefined) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : projectFolderOf(parent);
}

/**
 * The settings as a default provider in the project has them: stack configuration, then environment. What an explicit
 * `Provider` gets stands in the program and is not seen here.
 */
export async function settingsOf(flags: ProjectFlags): Promise<Settings> {
  return new Settings(await configurationOf(flags), process.env);
}

async function configurationOf(flags: ProjectFlags): Promise<SettingsSource> {
  const folder = folderOf(flags);
  const project = projectFolderOf(folder);
  if (project === undefined) {
    if (flags.stack !== undefined)
      throw new UsageError(`--stack: ${folder} is in no Pulumi project. Name its folder with --cwd.`);
    return fromNothing;
  }
  try {
    return await stackConfiguration(project, flags.stack);
  } catch (error) {
    if (!(error instanceof NoPulumi) || flags.stack !== undefined) throw error;
    process.stderr.write(
      `${error.message} Until then only the environment is read, not the configuration of ${project}.\n`,
    );
    return fromNothing;
  }
}

const fromNothing: SettingsSource = { get: () => undefined };

async function stackConfiguration(project: string, stack: string | undefined): Promise<SettingsSource> {
  const named = stack === undefined ? [] : ["--stack", stack];
  const asked = await askPulumi(["config", "--json", "--show-secrets", ...named], { cwd: project });
  if (asked.code === 0) {
    return sourceOf(JSON.parse(asked.stdout) as Record<string, ConfigValue>, project);
  }
  if (stack === undefined && asked.stderr.includes("no stack selected")) {
    process.stderr.write(
      `No stack is selected in ${project}, so that only the environment is read. Name a stack with --stack.\n`,
    );
    return fromNothing;
  }
  throw new SettingsError(`Could not read the stack configuration of ${project}: ${asked.stderr.trim()}`);
}

/** A file is named as the provider finds it, which runs in the program's folder. */
function sourceOf(values: Readonly<Record<string, ConfigValue>>, project: string): SettingsSource {
  const get = (key: string) => {
    const value = Object.hasOwn(values, key) ? values[key]?.value : undefined;
    return value && key.endsWith("CaFile") ? resolve(programFolderOf(project), value) : value;
  };
  return { get };
}
