import { readFile } from "node:fs/promises";
import { messageOf } from "../../core/errors.ts";

/** What a seed file says, under its own name; whether the lab understands it, the lab will say. */
export async function seedFile(path: string): Promise<{ name: string; systems: unknown }> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new Error(`--seed: ${path} could not be read: ${messageOf(error)}.`);
  });
  try {
    return { name: path, systems: JSON.parse(text) };
  } catch (error) {
    // The rest of what the parser says quotes the file, where somebody's keys may be.
    const [place = ""] = / \(line \d+ column \d+\)/.exec(messageOf(error)) ?? [];
    throw new Error(`--seed: ${path} is no JSON${place}.`);
  }
}
