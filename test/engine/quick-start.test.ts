import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { findEngine } from "../harness/engine/find.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const checkout = resolve(import.meta.dirname, "../..");
let folder: string;
/** Behind the runs, where there is one. */
let control: LabControl | undefined;
let pulumi: (args: readonly string[], env?: Record<string, string>) => Promise<RunResult>;

/** The checkout as far as `pulumi up` in its top folder sees it, so that state and stack file do not land in the real one. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-quick-start-"));
  for (const name of ["examples", "node_modules"]) symlinkSync(join(checkout, name), join(folder, name));
  cpSync(join(checkout, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  const engine = await findEngine({ log: console.error });
  const own = Object.entries(process.env).filter(([name]) => !/^(PULUMI|CLOUDIAN|CLOUDSTACK_STORAGE)_/.test(name));
  const base = { ...Object.fromEntries(own), ...engine.env(), PULUMI_HOME: join(folder, "home") };
  const logIn = { CLOUDIAN_USERNAME: "sysadmin", CLOUDIAN_PASSWORD: "public" };
  pulumi = (args, env = {}) =>
    runWatched(engine.pulumi, [...args, "--non-interactive", "--color", "never"], {
      cwd: folder,
      lab: control,
      env: { ...base, PULUMI_CONFIG_PASSPHRASE: "only for tests", ...logIn, ...env },
    });
  expect(await pulumi(["stack", "init", "dev"])).toMatchObject({ code: 0 });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function use(endpoint: string): Promise<void> {
  expect(await pulumi(["config", "set", "cloudstack-storage:cloudianEndpoint", endpoint])).toMatchObject({ code: 0 });
}

/** Of this machine, and nothing listens there. */
async function closedEndpoint(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${address.port}`;
}

describe("against a lab", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ portBase: 0 });
    control = new LabControl(lab.addresses.control);
    await use(lab.addresses.cloudian.endpoint);
  });
  afterAll(async () => {
    control = undefined;
    await lab.close();
  });

  test("`pulumi up` in the top folder makes the estate, exports its keys and hides their secrets", async () => {
    const up = await pulumi(["up", "--yes", "--skip-preview"]);
    expect(up.stdout).toContain("+ 56 created");
    expect(up.code).toBe(0);
    const { groups, users, credentials, limits } = (await new LabControl(lab.addresses.control).state()).cloudian;
    expect(Object.values(groups).map((group) => group["groupName"])).toContain("/blue/research/");
    const backup = Object.values(users).find((user) => user["emailAddr"] === "blue-backup@example.com");
    expect(backup).toMatchObject({ fullName: "Blue Backup (blue-backup)", active: "true", userType: "User" });
    const limit = limits[`${backup?.["groupId"]}/${backup?.["userId"]}`];
    expect(limit).toMatchObject({ hlStorageQuotaKBytes: 2_147_483_648, wlStorageQuotaKBytes: -1 });
    const suspended = Object.values(users).filter((user) => user["active"] === "false");
    expect(suspended.map((user) => user["emailAddr"]).sort()).toEqual([
      "amber-logistics@example.com",
      "green-sales-exports@example.com",
    ]);
    const key = Object.values(credentials).find((each) => each["userId"] === backup?.["userId"]);
    for (const { secretKey } of Object.values(credentials)) expect(up.stdout + up.stderr).not.toContain(secretKey);
    const outputs = async (...flags: string[]) =>
      JSON.parse((await pulumi(["stack", "output", "--json", ...flags])).stdout) as Record<string, unknown>;
    expect(await outputs()).toMatchObject({
      accessKeyIds: { "blue-backup": key?.["accessKey"] },
      secretAccessKeys: "[secret]",
    });
    expect(await outputs("--show-secrets")).toMatchObject({ secretAccessKeys: { "blue-backup": key?.["secretKey"] } });

    expect(await pulumi(["destroy", "--yes", "--skip-preview"])).toMatchObject({ code: 0 });
  });
});

describe("the first error", () => {
  beforeEach(() => use("https://hyperstore.example.test:19443"));

  test("names the lab that does not run, with the command that starts one", async () => {
    const endpoint = await closedEndpoint();
    await use(endpoint);
    const preview = await pulumi(["preview"]);
    expect(preview.code).toBe(1);
    expect(preview.stdout).toContain("The quick start cannot run yet. Missing:");
    expect(preview.stdout).toContain(`a running lab: nothing listens at ${endpoint}.`);
    expect(preview.stdout).toContain("npx cloudstack-storage lab\n");
    expect(preview.stdout).not.toContain("the stack's passphrase in the environment");
    expect(preview.stdout).toContain("pulumi stack init dev");
    expect(preview.stdout).not.toContain("preflight.ts:");
  });

  test("names the passphrase too, which Pulumi asks for on a terminal", async () => {
    // Without a terminal the CLI does not start the program without a passphrase.
    const configuration = { "cloudstack-storage:cloudianEndpoint": await closedEndpoint() };
    const program = await runWatched(process.execPath, [join(checkout, "examples/quick-start/index.ts")], {
      env: { PULUMI_CONFIG: JSON.stringify(configuration) },
    });
    expect(program.code).toBe(1);
    expect(program.stderr).toContain("a running lab and its settings (cloudianUsername, cloudianPassword).");
    expect(program.stderr).toContain('eval "$(npx cloudstack-storage lab --env)"');
    expect(program.stderr).toContain("a running lab: nothing listens at");
    expect(program.stderr).toContain("export PULUMI_CONFIG_PASSPHRASE=");
  });

  test("does not insist on a lab where another system is configured", async () => {
    const preview = await pulumi(["preview"]);
    expect(preview.stdout).toContain("+ 56 to create");
    expect(preview.code).toBe(0);
  });
});
