import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { soak } from "./test/harness/soak.ts";

interface Layer {
  name: string;
  /** For one test and for one hook. */
  timeoutSeconds: number;
  /** As many as the machine has cores where it is not given; vitest by itself would leave one idle. */
  maxWorkers?: number;
}

const LAYERS: readonly Layer[] = [
  { name: "unit", timeoutSeconds: 10 },
  { name: "property", timeoutSeconds: 60 },
  { name: "contract", timeoutSeconds: 30, maxWorkers: 2 },
  // In full, one test of these two is thousands of cells or hundreds of seeds. Most of the time they wait for a deadline.
  // The fault matrix lives several kinds at a time, each of which ends late.
  { name: "faults", timeoutSeconds: soak ? 18_000 : 240, maxWorkers: 3 },
  { name: "security", timeoutSeconds: soak ? 7200 : 240, maxWorkers: 2 },
  { name: "docs", timeoutSeconds: 120 },
  // Each test here keeps a CLI, a program and a provider process busy.
  { name: "engine", timeoutSeconds: 180, maxWorkers: 2 },
  { name: "interop", timeoutSeconds: 120, maxWorkers: 2 },
];

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    allowOnly: false,
    projects: LAYERS.map(({ name, timeoutSeconds, maxWorkers = availableParallelism() }, index) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        setupFiles: ["test/harness/left-open.ts"],
        testTimeout: timeoutSeconds * 1000,
        hookTimeout: timeoutSeconds * 1000,
        allowOnly: false,
        maxWorkers,
        // vitest wants projects with different numbers of workers in different groups.
        sequence: { groupOrder: index },
      },
    })),
  },
});
