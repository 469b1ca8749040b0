import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { parts } from "./parts.ts";

const part = parts.find(({ name }) => name === process.env["MUTATION_PART"]);
if (part === undefined) throw new Error("MUTATION_PART names no part: start this with npm run test:mutation.");

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  root: join(import.meta.dirname, "../../.."),
  test: { include: [...part.tests], testTimeout: 30_000, hookTimeout: 30_000 },
});
