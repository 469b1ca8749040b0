import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { BUILT_CLI, buildWithGo } from "./build.ts";
import { cacheRoot, executable, lookUp } from "./cache.ts";
import { installFromVendor } from "./installer.ts";
import { run } from "./run.ts";
import { dynamicProviderScript, sdkFolder, sdkVersion } from "./sdk.ts";
import { isUsable, MINIMUM_CLI, parseVersion } from "./version.ts";

/** A Pulumi CLI to run tests and the demo with. */
export interface Engine {
  pulumi: string;
  binDir: string;
  version: string;
  source: "PULUMI_CLI" | "PATH" | "cache" | "installer" | "built";
  /** Programs in a folder need it; Automation API inline programs do not. */
  hasLanguageHost: boolean;
  /** To be laid over the environment of every CLI run: this Node.js and this CLI first on PATH, no update check, no downloads. */
  env(): Record<string, string>;
}

export interface FindOptions {
  log: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  /** The two ways to get a CLI that is not there yet; replaceable, so that tests need neither network nor minutes. */
  install?: typeof installFromVendor;
  build?: typeof buildWithGo;
}

const WAYS = [
  `  1. set PULUMI_CLI to the path of a Pulumi CLI (${MINIMUM_CLI} or newer)`,
  `  2. put \`pulumi\` (${MINIMUM_CLI} or newer) on PATH`,
  "  3. let the network reach get.pulumi.com, so that the vendor's installer can fetch one",
  "  4. install Go (1.26.6 or newer) and a C toolchain and let Go reach its module proxy: the CLI is then built, once",
].join("\n");

/** Finds a Pulumi CLI or makes one: `PULUMI_CLI`, PATH, the cache, the vendor's installer, Go. Throws when there is no way. */
export async function findEngine(options: FindOptions): Promise<Engine> {
  const { log, env = process.env, install = installFromVendor, build = buildWithGo } = options;
  const present = (await given(env)) ?? (await onPath(env, log)) ?? cached(env);
  if (present !== undefined) return present;
  const root = cacheRoot(env);
  const failures: string[] = [];
  try {
    return engine(await install(root, log), sdkVersion(), "installer", env);
  } catch (error) {
    failures.push(`the vendor's installer: ${text(error)}`);
    log(`engine: the vendor's installer is no way here (${text(error)})`);
  }
  try {
    return engine(await build(root, log, env), BUILT_CLI, "built", env);
  } catch (error) {
    failures.push(`building with Go: ${text(error)}`);
  }
  throw new Error(`No Pulumi CLI. Tried:\n  ${failures.join("\n  ")}\nFour ways to provide one:\n${WAYS}`);
}

async function given(env: NodeJS.ProcessEnv): Promise<Engine | undefined> {
  const pulumi = env["PULUMI_CLI"];
  if (!pulumi) return undefined;
  const { version, problem } = await probe(pulumi, env);
  if (version === undefined) throw new Error(`PULUMI_CLI=${pulumi} is not a Pulumi CLI that runs: ${problem}`);
  if (!isUsable(version))
    throw new Error(`PULUMI_CLI=${pulumi} is ${version}; ${MINIMUM_CLI} or a newer 3.x is needed`);
  return engine(pulumi, version, "PULUMI_CLI", env);
}

async function onPath(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<Engine | undefined> {
  for (const pulumi of allOnPath(executable("pulumi"), env)) {
    const { version, problem } = await probe(pulumi, env);
    if (version !== undefined && isUsable(version)) return engine(pulumi, version, "PATH", env);
    log(
      `engine: ${pulumi} is passed over: ${version === undefined ? problem : `${version} is not ${MINIMUM_CLI} or newer`}`,
    );
  }
  return undefined;
}

function cached(env: NodeJS.ProcessEnv): Engine | undefined {
  const root = cacheRoot(env);
  const entries = [
    { version: sdkVersion(), origin: "installed" },
    { version: BUILT_CLI, origin: "built" },
  ] as const;
  for (const entry of entries) {
    const pulumi = lookUp(root, entry);
    if (pulumi !== undefined) return engine(pulumi, entry.version, "cache", env);
  }
  return undefined;
}

async function probe(pulumi: string, env: NodeJS.ProcessEnv): Promise<{ version?: string; problem: string }> {
  const result = await run(pulumi, ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMs: 20_000,
  });
  const version = result.code === 0 ? parseVersion(result.stdout) : undefined;
  const problem =
    result.problem ?? `\`pulumi version\` ended with ${result.code} and ${JSON.stringify(result.stdout.trim())}`;
  return version === undefined ? { problem } : { version, problem };
}

function engine(pulumi: string, version: string, source: Engine["source"], env: NodeJS.ProcessEnv): Engine {
  const binDir = dirname(pulumi);
  // The engine looks for its helpers beside the real file and on PATH; package managers link only `pulumi` itself.
  const homes = [binDir, dirname(realpathSync(pulumi))];
  const has = (name: string) => homes.some((home) => existsSync(join(home, name))) || allOnPath(name, env).length > 0;
  const path = [dirname(process.execPath), binDir, ...pathOf(env), ...(has(dynamicProviderScript) ? [] : [sdkFolder])];
  return {
    pulumi,
    binDir,
    version,
    source,
    hasLanguageHost: has(executable("pulumi-language-nodejs")),
    env: () => ({
      // The script that starts dynamic providers runs whatever `node` it finds first.
      PATH: path.join(delimiter),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    }),
  };
}

function pathOf(env: NodeJS.ProcessEnv): string[] {
  return (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

function allOnPath(name: string, env: NodeJS.ProcessEnv): string[] {
  return pathOf(env)
    .map((folder) => join(folder, name))
    .filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
