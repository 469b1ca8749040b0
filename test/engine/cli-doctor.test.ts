import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { runCommand } from "../harness/command.ts";
import { findEngine } from "../harness/engine/find.ts";
import { runWatched } from "../harness/watched-run.ts";

let lab: Lab;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  const engine = await findEngine({ log: console.error });
  lab = await startLab({ portBase: 0 });
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-doctor-"));
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: doctor-test\nruntime: nodejs\n");
  env = {
    ...engine.env(),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "only for tests",
  };
  const pulumi = async (...args: readonly string[]) => {
    const { code, stderr } = await runWatched(engine.pulumi, [...args, "--non-interactive"], { cwd: folder, env });
    if (code !== 0) throw new Error(`pulumi ${args[0]} ended with ${code}: ${stderr}`);
  };
  const { endpoint, username, password } = lab.addresses.cloudian;
  const set = (key: string, ...value: readonly string[]) =>
    pulumi("config", "set", `cloudstack-storage:${key}`, ...value);
  await pulumi("stack", "init", "dev");
  await set("cloudianEndpoint", endpoint);
  await set("cloudianUsername", username);
  await set("cloudianPassword", password, "--secret");
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

test("the settings of a stack are those that are looked at, before the environment's", async () => {
  const elsewhere = { ...env, CLOUDIAN_ENDPOINT: "http://127.0.0.1:1" };
  const args = ["doctor", "--quiet", "--cwd", folder, "--stack", "dev"];
  expect(await runCommand(args, { env: elsewhere })).toEqual({
    code: 0,
    stderr: "",
    stdout: "Verdicts\n  ok         Cloudian HyperStore\n",
  });
  expect(await runCommand(["doctor", "--cwd", folder, "--stack", "no-such-stack"], { env })).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^Could not read the stack configuration of .*no-such-stack/),
  });
});
