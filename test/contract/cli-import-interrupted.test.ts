import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand } from "../harness/command.ts";
import { LabControl } from "../harness/lab.ts";

/** Answers what an import asks, and takes the file in until somebody ends it. */
const engine = `#!/bin/sh
case "$1" in
  version) echo v3.259.0 ;;
  config) echo '{}' ;;
  stack) echo '{"deployment":{}}' ;;
  import)
    trap 'exit 1' INT TERM
    touch started
    while :; do sleep 0.1; done ;;
esac
`;

let lab: Lab;
let control: LabControl;
let folder: string;

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  await control.patch("ecs", {
    users: { "ns1/ada": { keys: ["Key-On-The-Disk-abcdefghijklmnopqrstuvwx"] } },
  });
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-interrupted-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/pulumi"), engine);
  chmodSync(join(folder, "bin/pulumi"), 0o755);
  writeFileSync(join(folder, "Pulumi.yaml"), "name: interrupted\nruntime: nodejs\n");
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s while the engine imports: it ends after the engine, and names the file with the keys",
  async (signal, code) => {
    const started = join(folder, "started");
    rmSync(started, { force: true });
    const out = join(folder, signal);
    const args = ["import", "--ecs-namespace", "ns1", "--out", out, "--take-over"];
    const path = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
    const env = { ...environmentOf(lab.addresses), PATH: path };
    let group = 0;
    const running = runCommand(args, {
      ...{ cwd: folder, env, lab: control, timeoutMs: 25_000 },
      onStart: ({ pid = 0 }) => {
        group = pid;
      },
    });
    await vi.waitUntil(() => existsSync(started), { timeout: 20_000 });
    // As a terminal does: the engine gets it as well.
    process.kill(-group, signal);
    const ended = await running;
    expect(ended.code).toBe(code);
    const file = join(out, "import.json");
    const said = ended.stderr;
    expect(said).toContain(`${file} is still there: it holds secret keys in the clear.`);
    expect(said).toContain(`pulumi import --file ${file} --generate-code=false --protect=true --yes`);
    expect(said).not.toContain("Key-On-The-Disk");
    expect(existsSync(file)).toBe(true);
  },
);
