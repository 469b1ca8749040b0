import { writeFileSync } from "node:fs";
import { join } from "node:path";

const failing = `process.on("SIGUSR2", () => setImmediate(() => { throw new Error("a defect"); }));`;
const rejecting = `process.on("SIGUSR2", () => void Promise.reject(new Error("a defect")));`;

/** Loaded into a process first: on SIGUSR2 it fails as a defect of ours would, where nobody catches it. */
const defects = { failing, rejecting };

/** The environment of a process that fails so; the text lies in this folder meanwhile. */
export function environmentWith(defect: keyof typeof defects, folder: string): Record<string, string> {
  const file = join(folder, `${defect}.cjs`);
  writeFileSync(file, defects[defect]);
  return { NODE_OPTIONS: `--require=${file}` };
}
