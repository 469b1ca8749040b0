import type { ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { changed, document, step } from "../contract/cli-drift-support.ts";
import { environmentOf, runCommand } from "../harness/command.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { calls, LabControl } from "../harness/lab.ts";
import { scanTree } from "../harness/secret-scan/files.ts";
import { Scanner } from "../harness/secret-scan/scanner.ts";
import { given } from "./secrets-canaries.ts";
import { environmentWith } from "./secrets-crash-ways.ts";

const scanner = new Scanner(Object.entries(given).map(([name, value]) => ({ name, value })));

let lab: Lab;
let control: LabControl;
/** For temporary files, the project, and a `pulumi` that is none. */
let folder: string;

/** Answers the first questions of a command, and keeps it waiting at the next one. */
const engine = `#!/bin/sh
cd "$(dirname "$0")"
case "$1" in
  config) echo '{}' ;;
  refresh) cat found.json ;;
  *)
    touch asked
    while kill -0 $PPID 2>/dev/null; do sleep 0.1; done ;;
esac
`;

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-crash-"));
  for (const name of ["temporary", "project", "bin"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "project/Pulumi.yaml"), "name: acme\nruntime: nodejs\n");
  writeFileSync(join(folder, "bin/pulumi"), engine);
  chmodSync(join(folder, "bin/pulumi"), 0o755);
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Log-ins, and objects with secrets that the commands read. */
beforeEach(async () => {
  await control.reset();
  const Condition = { StringEquals: { "aws:Referer": given.policySecret } };
  const Statement = [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*", Condition }];
  const policy = { Version: "2012-10-17", Statement };
  await control.patch("cloudian", {
    options: { password: given.cloudianPassword, ssoKey: given.ssoKey },
    groups: { blue: {} },
    users: { "blue/ada": {} },
    credentials: { OWN: { groupId: "blue", userId: "ada", secretKey: given.handmadeKey } },
    buckets: { "blue/ada": [{ bucketName: "invoices" }] },
  });
  await control.patch("cloudian", { s3Buckets: { invoices: { policy } } });
  await control.patch("ecs", {
    options: { password: given.ecsPassword },
    users: { "ns1/ada": { keys: [given.nextPassword] } },
    buckets: { "ns1/archive": { owner: "ada" } },
  });
  const [admin = ""] = Object.keys((await control.state()).cloudstack["users"] ?? {});
  await control.patch("cloudstack", {
    users: { [admin]: { secretKey: given.cloudstackSecretKey } },
    settings: { "cloudian.admin.password": given.settingSecret },
  });
  await control.clearRequests();
  rmSync(join(folder, "bin/asked"), { force: true });
});

function environment(): Record<string, string> {
  const { cloudian, ecs, cloudstack } = lab.addresses;
  return environmentOf({
    ...lab.addresses,
    cloudian: { ...cloudian, password: given.cloudianPassword, ssoKey: given.ssoKey },
    ecs: { ...ecs, password: given.ecsPassword },
    cloudstack: { ...cloudstack, secretKey: given.cloudstackSecretKey },
  });
}

/** What becomes of a command that fails as soon as it has come so far. */
async function crashed(args: readonly string[], far: () => boolean | Promise<boolean>): Promise<RunResult> {
  let child: ChildProcess | undefined;
  const path = [join(folder, "bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
  const debug = { TMPDIR: join(folder, "temporary"), CLOUDSTACK_STORAGE_DEBUG: "1" };
  const running = runCommand(args, {
    ...{ cwd: join(folder, "project"), lab: control, timeoutMs: 60_000 },
    env: { ...environment(), PATH: path, ...debug, ...environmentWith("failing", folder) },
    onStart: (started) => {
      child = started;
    },
  });
  await Promise.race([running, vi.waitUntil(far, { timeout: 30_000, interval: 20 })]);
  child?.kill("SIGUSR2");
  return await running;
}

function expectNoSecret({ code, stdout, stderr }: RunResult): void {
  expect(stderr).toContain("a defect");
  expect(code).toBe(1);
  expect(scanner.scan(`${stdout}\n${stderr}`, "what it said")).toEqual([]);
  expect(scanTree(scanner, folder, (path) => path !== "bin")).toEqual([]);
}

const engineIsAsked = () => existsSync(join(folder, "bin/asked"));

test("import fails when it has read everything, and neither shows nor writes a secret", async () => {
  const what = ["--cloudian-group", "*", "--ecs-namespace", "ns1", "--cloudstack"];
  // What the stack holds is the last that it asks for.
  expectNoSecret(await crashed(["import", ...what, "--out", "."], engineIsAsked));
  expect(calls(await control.requests())).toEqual(
    expect.arrayContaining([
      "GET /user/credentials/list?groupId=blue&isRootAccountOnly=true&userId=ada",
      "GET /invoices/?policy=",
      "GET /object/user-secret-keys/ada/ns1",
      expect.stringContaining("command=listConfigurations"),
    ]),
  );
});

test("doctor fails when it has logged in everywhere, and shows no secret", async () => {
  await control.fault({ system: "cloudstack", kind: "hang", command: "cloudianIsEnabled" });
  const isHeld = async () => (await control.faults()).every(({ fired }) => fired === 1);
  expectNoSecret(await crashed(["doctor"], isHeld));
  const asked = (await control.requests()).map(({ system, status }) => `${system} ${status}`);
  expect(asked).toEqual(
    expect.arrayContaining(["cloudian 200", "cloudian-cmc 302", "ecs 200", "ecs-s3 200", "cloudstack 200"]),
  );
});

test("drift fails when it has got secrets from the engine, and shows none", async () => {
  const user = step("update", "user", {
    old: { password: given.cmcPassword },
    new: { password: given.nextPassword },
    diff: { password: changed },
  });
  const s3 = { accessKeyId: "pool", secretAccessKey: given.poolSecret };
  const pool = step("update", "pool", { kind: "ObjectStoragePool", old: { s3 }, new: { s3 }, diff: { s3: changed } });
  writeFileSync(join(folder, "bin/found.json"), document([user, pool]));
  // The first question has its answer while the second one is asked.
  const ended = await crashed(["drift"], engineIsAsked);
  expect(ended.stderr).toContain("drift: done");
  expectNoSecret(ended);
});
