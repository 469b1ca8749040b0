import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Found, Missing } from "./find-all.ts";
import { startLabServers } from "./lab-server.ts";
import { startRgw } from "./rgw.ts";
import type { S3Server, Started } from "./surroundings.ts";
import { startVersitygw } from "./versitygw.ts";

type Log = (line: string) => void;

export interface AllStarted {
  readonly servers: readonly S3Server[];
  readonly missing: readonly Missing[];
  stop(): Promise<void>;
}

const manifest = resolve(import.meta.dirname, "../../../package.json");

/** Starts the lab and the servers that were found; one that does not start is missing and stops no other. */
export async function startAll(folder: string, { ceph, versitygw }: Found, log: Log): Promise<AllStarted> {
  const running: Started[] = [];
  const missing: Missing[] = [];
  const start = async (name: string, starting: () => Promise<Started>) => {
    const begun = performance.now();
    try {
      running.push(await starting());
      log(`interop: ${name} started in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    } catch (error) {
      missing.push({ name, reason: `did not start: ${error instanceof Error ? error.message : String(error)}` });
    }
  };
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  await start("lab", () => startLabServers(version));
  if (ceph) await start(ceph.name, () => startRgw(subfolder(folder, "rgw"), ceph.version));
  if (versitygw) {
    const { path, version: built } = versitygw;
    await start(versitygw.name, () => startVersitygw(subfolder(folder, "versitygw"), path, built));
  }
  const stop = async () => {
    await Promise.all(running.map((started) => started.stop()));
  };
  return { servers: running.flatMap(({ servers }) => servers), missing, stop };
}

function subfolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
