import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine/find.ts";

/** What stands on PATH in place of a runner's own programs. Each notes its arguments and then is the real one, or plays it. */
export interface Tools {
  /** First on PATH of every job. */
  readonly folder: string;
  /** On PATH once a step has installed the CLI. */
  readonly pulumi: string;
}

interface Making {
  readonly folder: string;
  /** What `npm ci` puts beside the program. */
  readonly modules: string;
  /** Where the arguments of every program go, a line each. */
  readonly log: string;
  readonly engine: Engine;
  /** The version that the installer has to be asked for. */
  readonly version: string;
}

export function makeTools({ folder, modules, log, engine, version }: Making): Tools {
  const tools = { folder: join(folder, "tools"), pulumi: join(folder, "pulumi") };
  for (const path of Object.values(tools)) mkdirSync(path, { recursive: true });
  const add = (place: string, name: string, lines: readonly string[]) => {
    const file = join(place, name);
    writeFileSync(file, ["#!/bin/sh", `echo "${name} $*" >> ${log}`, ...lines, ""].join("\n"));
    chmodSync(file, 0o755);
  };
  const { PATH = "", ...variables } = engine.env();
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  // Behind the job's own PATH, so that the engine finds its helpers and the job's Node.js.
  add(tools.pulumi, "pulumi", [`PATH="$PATH:${PATH}" ${settings.join(" ")} exec ${engine.pulumi} "$@"`]);
  add(tools.folder, "node", [`exec ${process.execPath} "$@"`]);
  add(tools.folder, "npm", ['[ "$*" = ci ] && [ -f package-lock.json ] || exit 64', `ln -s ${modules} node_modules`]);
  add(tools.folder, "curl", [
    '[ "$*" = "-fsSL https://get.pulumi.com" ] || exit 64',
    "cat <<'INSTALLER'",
    `[ "$*" = "--version ${version}" ] || exit 64`,
    'mkdir -p "$HOME/.pulumi/bin"',
    `cp ${join(tools.pulumi, "pulumi")} "$HOME/.pulumi/bin/pulumi"`,
    "INSTALLER",
  ]);
  return tools;
}
