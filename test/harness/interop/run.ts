import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findAll } from "./find-all.ts";
import { print } from "./report.ts";
import { startAll } from "./start-all.ts";
import { runInteropTests } from "./tests.ts";

const ci = process.env["CI"] === "true";

/**
 * Finds or installs the servers and clients, starts the servers, runs the tests of `test/interop` among them and says
 * what came of each. Arguments: parts of names of test files.
 */
async function main(filters: readonly string[]): Promise<void> {
  const begun = performance.now();
  const log = (line: string) =>
    console.log(`  ${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-interop-"));
  const found = await findAll(log);
  const started = await startAll(folder, found, log);
  // After those that end the servers, where a signal is the end.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  try {
    const results = await runInteropTests({ servers: started.servers, ...found.clients }, filters);
    const missing = [...found.missing, ...started.missing];
    const { passed, failed } = print(results, { servers: started.servers, clients: found.clients, missing });
    // A machine of a developer may lack a server. What CI does not run, nobody runs.
    const failures = failed + (ci ? missing.length : 0);
    console.log(`${passed} passed, ${failures} failed`);
    process.exitCode = failures === 0 ? 0 : 1;
  } finally {
    await started.stop();
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
await main(process.argv.slice(2));
