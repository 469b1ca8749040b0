import type { LabControl } from "../../test/harness/lab.ts";
import type { Pulumi } from "./pulumi.ts";
import { detail, heading, type PhaseLine } from "./report.ts";
import { expectEqual } from "./surprise.ts";

/** Flags of a command that changes something and that nobody is there to approve. */
export const approved = ["--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"];

export const driftGate = [
  "preview",
  "--refresh",
  "--diff",
  "--expect-no-changes",
  "--non-interactive",
  "--suppress-outputs",
];

/** The exit code of a gate that has found something. */
export const drifted = 7;

/** The phases of one scene: each is timed, its requests are counted, and it adds a line to the table. */
export class Phases {
  readonly #scene: string;
  readonly #lab: LabControl;
  readonly #lines: PhaseLine[];

  constructor(scene: string, lab: LabControl, lines: PhaseLine[]) {
    this.#scene = scene;
    this.#lab = lab;
    this.#lines = lines;
  }

  async run(phase: string, happened: string, requests: number, run: () => Promise<void>): Promise<void> {
    heading(`${this.#lines.length + 1}. ${phase}`);
    await this.#lab.clearRequests();
    const start = performance.now();
    await run();
    const seconds = (performance.now() - start) / 1000;
    const sent = (await this.#lab.requests()).length;
    expectEqual(`The number of requests of "${phase}" is wrong.`, sent, requests);
    detail(`✓ ${happened} (${sent} requests, ${seconds.toFixed(1)} s)`);
    this.#lines.push({ scene: this.#scene, phase, happened, requests: sent, seconds });
  }

  async unchangedPreview(pulumi: Pulumi): Promise<void> {
    await this.run("pulumi preview", "nothing to do, nobody asked", 0, async () => {
      await pulumi.run(["preview", "--expect-no-changes", "--suppress-outputs", "--non-interactive"]);
    });
  }
}
