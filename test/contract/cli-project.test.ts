import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand } from "../harness/command.ts";

/** Answers what a command asks of the stack's configuration. */
const engine = `#!/bin/sh
cat "$(dirname "$0")/config.json"
`;

let lab: Lab;
let folder: string;
let project: string;
let path: string;

beforeAll(async () => {
  lab = await startLab({ portBase: 0, tls: true });
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-project-"));
  project = join(folder, "project");
  for (const each of ["bin", "project/program", "elsewhere"]) mkdirSync(join(folder, each), { recursive: true });
  writeFileSync(join(folder, "bin/pulumi"), engine);
  chmodSync(join(folder, "bin/pulumi"), 0o755);
  path = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
  writeFileSync(join(project, "Pulumi.yaml"), "name: project\nruntime: nodejs\nmain: program\n");
  writeFileSync(join(project, "program/ca.pem"), lab.addresses.cloudian.caPem ?? "");
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

function configure(values: Readonly<Record<string, string>>): void {
  const named = Object.entries(values).map(([key, value]) => [`cloudstack-storage:${key}`, { value, secret: false }]);
  writeFileSync(join(folder, "bin/config.json"), JSON.stringify(Object.fromEntries(named)));
}

test.each([
  ["from a folder above", "project/..", ["--cwd", "project"]],
  ["from a folder elsewhere", "elsewhere", ["-C", "../project/program"]],
  ["from the project's own folder", "project", []],
])("a relative file in the stack's configuration starts at the program's folder: %s", async (_, from, args) => {
  const { endpoint, username, password } = lab.addresses.cloudian;
  configure({
    cloudianEndpoint: endpoint,
    cloudianUsername: username,
    cloudianPassword: password,
    cloudianCaFile: "ca.pem",
  });
  const run = await runCommand(["doctor", "--system", "cloudian", ...args], {
    cwd: join(folder, from),
    env: { PATH: path },
  });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toContain("The certificate is issued by Lab certificate authority, which is trusted here.");
});

test("one in the environment starts where the command runs", async () => {
  const { endpoint, username, password } = lab.addresses.cloudian;
  configure({});
  const env = {
    PATH: path,
    CLOUDIAN_ENDPOINT: endpoint,
    CLOUDIAN_USERNAME: username,
    CLOUDIAN_PASSWORD: password,
    CLOUDIAN_CA_FILE: "../project/program/ca.pem",
  };
  const args = ["doctor", "--system", "cloudian", "-C", "../project"];
  const run = await runCommand(args, { cwd: join(folder, "elsewhere"), env });
  expect(run).toMatchObject({ code: 0, stderr: "" });
});

test("an import says how the entry point imports what it has written", async () => {
  configure({});
  const args = ["import", "--cloudstack", "--name", "nothing", "--setting", "secstorage.encrypt.copy"];
  const run = await runCommand([...args, "--out", "../project/found", "-C", "../project"], {
    cwd: join(folder, "elsewhere"),
    env: { ...environmentOf(lab.addresses), PATH: path },
  });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toContain('import "../found/imported.ts" (in a CommonJS project "../found/imported").');
});
