import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** The sources that are loaded, now or later, when one of them is. */
function reachableFrom(...entries: string[]): Map<string, string> {
  const sources = new Map<string, string>();
  const queue = entries.map((entry) => join(root, entry));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(root, file);
    if (sources.has(name)) continue;
    const text = readFileSync(file, "utf8");
    sources.set(name, text);
    for (const [, path = ""] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+\.ts)"/g))
      queue.push(resolve(dirname(file), path));
  }
  return sources;
}

/** Names of operations that cannot be undone, or that cost an array more than a reader would think. */
const forbidden = ["bucketops/purge", "usage/repair", "logout?force", "force=true", "fullRepair", "cleanup=true"];

test("no resource can start the conversion of NFS stores, which cannot be undone; the command alone sends it", () => {
  const resources = reachableFrom("provider/dynamic.ts", "provider/index.ts");
  expect(resources.size).toBeGreaterThan(100);
  expect([...resources.keys()].filter((name) => name.startsWith("provider/cli/"))).toEqual([]);
  const senders = (sources: Map<string, string>, word: string) =>
    [...sources].filter(([, text]) => text.includes(word)).map(([name]) => name);
  const commands = reachableFrom("provider/cli/main.ts");
  // One function of the client sends it, and only the command calls that.
  expect(senders(commands, `command: "updateCloudToUseObjectStore"`)).toEqual(["provider/cloudstack/image-stores.ts"]);
  expect(senders(commands, ".convertToS3(")).toEqual(["provider/cli/convert-nfs/conversion.ts"]);
  expect(senders(resources, ".convertToS3(")).toEqual([]);
});

test("nothing in the provider names an operation that purges, repairs or logs everybody out", () => {
  const sources = reachableFrom("provider/dynamic.ts", "provider/index.ts", "provider/cli/main.ts");
  const found = [...sources].flatMap(([name, text]) =>
    forbidden.filter((word) => text.includes(word)).map((word) => `${name}: ${word}`),
  );
  expect(found).toEqual([]);
});
