import { join } from "node:path";
import { addEntry } from "./cache.ts";
import { run } from "./run.ts";
import { sdkVersion } from "./sdk.ts";

const LIMIT_MS = 60_000;
const SCRIPT = join(import.meta.dirname, "vendor-install.ts");

/**
 * The vendor's own installer, run through the Automation API in a process of its own: the API offers no way to
 * interrupt it, and a network that swallows packets must not cost more than the limit.
 */
export async function installFromVendor(root: string, log: (line: string) => void): Promise<string> {
  const entry = { version: sdkVersion(), origin: "installed" } as const;
  log(`engine: asking the vendor's installer for Pulumi ${entry.version} (${LIMIT_MS / 1000} s at most)`);
  return addEntry(root, entry, async (folder) => {
    const result = await run(process.execPath, [SCRIPT, folder], { timeoutMs: LIMIT_MS });
    if (result.code !== 0) throw new Error(result.problem ?? lastLine(result.stderr));
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
