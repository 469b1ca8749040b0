import { run } from "./engine/run.ts";
import { root } from "./layers/checks.ts";

/** Settings by which Node.js and the SDK keep compiled code in a folder. */
export function keptIn(folder: string): Record<string, string> {
  return { NODE_COMPILE_CACHE: folder, TS_NODE_CACHE_DIRECTORY: folder };
}

/** For a process that gets nothing else of the environment: the folder of the layer that runs, where one does. */
export const compiledCode: { readonly NODE_COMPILE_CACHE: string | undefined } = {
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
};

/**
 * Compiles what each provider process loads. A process writes what it has compiled when it ends by itself; provider
 * processes never do, since a signal ends them, so that each of hundreds would compile everything anew.
 */
export async function compileAhead(folder: string): Promise<void> {
  const sdks = ["@pulumi/pulumi", "pulumi-lowest"].map((name) => `require(${JSON.stringify(name)});`).join("");
  await run(process.execPath, ["-e", `${sdks}import("pulumi-cloudstack-storage/dynamic")`], {
    cwd: root,
    env: { ...process.env, ...keptIn(folder) },
  });
}
