import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand } from "../harness/command.ts";
import { LabControl } from "../harness/lab.ts";

/** Answers what a command asks, but for one question on which it dwells until somebody ends it, in a way of its own. */
const engine = `#!/bin/sh
if [ "$1" = "$DWELLS_ON" ]; then
  trap 'echo "{}"; exit $ENDS_WITH' INT TERM
  touch started
  while :; do sleep 0.1; done
fi
case "$1" in
  version) echo v3.259.0 ;;
  config) echo '{}' ;;
  stack) echo '{"deployment":{}}' ;;
esac
`;

let lab: Lab;
let control: LabControl;
let folder: string;

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-question-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/pulumi"), engine);
  chmodSync(join(folder, "bin/pulumi"), 0o755);
  writeFileSync(join(folder, "Pulumi.yaml"), "name: question\nruntime: nodejs\n");
});
beforeEach(() => rmSync(join(folder, "started"), { force: true }));
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const reboot = ["ssvm-reboot", "--zone", "lab-zone", "--yes"];
const taking = ["import", "--ecs-namespace", "ns1", "--out", "out", "--take-over"];
const converting = ["convert-nfs", "--endpoint", "https://s3.example.test", "--bucket", "b", "--access-key-id", "a"];

test.each([
  ["config", "1", "SIGINT", 130, reboot],
  // The engine may make nothing of it, and what comes next may not go on for that.
  ["config", "0", "SIGINT", 130, reboot],
  ["config", "1", "SIGTERM", 143, reboot],
  ["config", "1", "SIGINT", 130, [...converting, "--secret-access-key-config", "key", "--plan"]],
  ["version", "1", "SIGTERM", 143, taking],
  ["stack", "1", "SIGINT", 130, taking],
] as const)(
  "while pulumi %s is asked, which then ends with %s, %s ends the command with %s: %j",
  async (question, end, signal, code, command) => {
    const env = {
      ...environmentOf(lab.addresses),
      PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter),
      DWELLS_ON: question,
      ENDS_WITH: end,
    };
    const started = Promise.withResolvers<number>();
    const running = runCommand(command, {
      cwd: folder,
      env,
      timeoutMs: 25_000,
      onStart: ({ pid = 0 }) => started.resolve(pid),
    });
    const group = await started.promise;
    await vi.waitUntil(() => existsSync(join(folder, "started")), { timeout: 20_000 });
    // As a terminal does: the engine gets it as well.
    process.kill(-group, signal);
    expect(await running).toEqual({
      code,
      stdout: "",
      stderr: `Interrupted (${signal}) while pulumi ${question} ran.\n`,
    });
    expect((await control.requests("cloudstack")).length).toBe(0);
    expect(existsSync(join(folder, "out"))).toBe(false);
  },
);
