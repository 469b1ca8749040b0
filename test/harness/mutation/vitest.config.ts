import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { parts, withProcess } from "./parts.ts";

const harness = join(import.meta.dirname, "..");
const replaced = ["dynamic-server.ts", "installed-package.ts", "sdks.ts"];

const part = parts.find(({ name }) => name === process.env["MUTATION_PART"]);
if (part === undefined) throw new Error("MUTATION_PART names no part: start this with npm run test:mutation.");

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  root: join(harness, "../.."),
  plugins: [
    {
      name: "provider-in-the-process-of-the-tests",
      enforce: "pre",
      async resolveId(source, importer) {
        if (importer === undefined || importer.startsWith(import.meta.dirname)) return undefined;
        const resolved = await this.resolve(source, importer, { skipSelf: true });
        const name = replaced.find((each) => resolved?.id === join(harness, each));
        return name === undefined ? undefined : join(import.meta.dirname, name);
      },
    },
  ],
  test: {
    include: [...part.tests],
    exclude: [...withProcess],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
