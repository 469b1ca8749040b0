import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** One installed package, as the lock file has it. */
export interface Locked {
  /** Such as `node_modules/undici`. */
  readonly path: string;
  readonly version?: string;
  readonly license?: string;
  /** Only where it is not the registry. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Packages = Readonly<Record<string, Omit<Locked, "path">>>;

function packages(): Packages {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages as Packages;
}

/** Everything in the lock file that is downloaded; the workspaces are not. */
export function everyPackage(): Locked[] {
  return Object.entries(packages())
    .filter(([path, { link }]) => path.includes("node_modules/") && !link)
    .map(([path, each]) => ({ path, ...each }));
}

/** What an installation of this package brings along: its dependencies, and theirs. */
export function runtimePackages(): Locked[] {
  const all = packages();
  const found = new Map<string, Locked>();
  const visit = (from: string, names: readonly string[]) => {
    for (const name of names) {
      const path = resolvedFrom(all, from, name);
      const each = all[path];
      if (each === undefined || found.has(path)) continue;
      found.set(path, { path, ...each });
      visit(path, Object.keys({ ...each.dependencies, ...each.optionalDependencies }));
    }
  };
  visit("", Object.keys(all[""]?.dependencies ?? {}));
  return [...found.values()];
}

/** As Node.js looks for it: beside the one who asks, then further up. */
function resolvedFrom(all: Packages, from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (path in all || folder === "") return path;
  }
}
