import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/**
 * A project as a user has it, with the built package installed as a copy beside the given SDK. A link would not do:
 * Node.js resolves it to this checkout, and the package would then load this checkout's SDK instead of the given one.
 */
export function makeProjectWithPackage(sdkFolder: string): string {
  const project = mkdtempSync(join(tmpdir(), "cloudstack-storage-project-"));
  const manifest = readFileSync(join(root, "package.json"), "utf8");
  const { name, dependencies } = JSON.parse(manifest) as { name: string; dependencies: Record<string, string> };
  const modules = join(project, "node_modules");
  for (const part of ["package.json", "dist"]) cpSync(join(root, part), join(modules, name, part), { recursive: true });
  for (const dependency of Object.keys(dependencies))
    link(join(root, "node_modules", dependency), join(modules, dependency));
  link(sdkFolder, join(modules, "@pulumi", "pulumi"));
  return project;
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}
