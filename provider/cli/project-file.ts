import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const names = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** The file that makes a folder a Pulumi project; undefined where there is none. */
export function projectFileIn(folder: string): string | undefined {
  return names.map((name) => join(folder, name)).find((file) => existsSync(file));
}

/** Where the engine runs the program of a project: the folder that `main` names or lies in, else the project's own. */
export function programFolderOf(project: string): string {
  const file = projectFileIn(project);
  const main = resolve(project, (file && mainIn(file)) ?? ".");
  return statSync(main, { throwIfNoEntry: false })?.isDirectory() === true ? main : dirname(main);
}

function mainIn(file: string): string | undefined {
  const text = readFileSync(file, "utf8");
  if (!file.endsWith(".json")) return yamlText(/^main:[ \t]+(.*)$/m.exec(text)?.[1]);
  const { main } = JSON.parse(text) as { main?: unknown };
  return typeof main === "string" ? main : undefined;
}

/** One line of YAML that is a text, plain or in quotes, perhaps with a comment behind it. */
function yamlText(line: string | undefined): string | undefined {
  const [, double, single, plain] = /^(?:"([^"]*)"|'([^']*)'|(.*?))\s*(?:\s#.*)?$/.exec(line ?? "") ?? [];
  return (double ?? single ?? plain) || undefined;
}
