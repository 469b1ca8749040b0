import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabControl } from "../harness/lab.ts";
import { blocksOf, textOf } from "./markdown.ts";
import { type Ended, openingTime, Reader } from "./reader.ts";

/**
 * The README's program, project file and commands, as they stand there, against a lab. The tests are the steps of one
 * reader and build on each other.
 */
let reader: Reader;
let control: LabControl;

const sdkMissing = "Cannot find module '@pulumi/pulumi/cmd/dynamic-provider'";

beforeAll(async () => {
  const files = { "package.json": manifest(), "index.ts": block("ts"), "Pulumi.yaml": block("yaml") };
  reader = await Reader.open(files, true);
  control = reader.control;
}, openingTime);

afterAll(async () => {
  await reader.close();
});

test("the stack is configured", async () => {
  for (const command of commandsWith("pulumi stack init", "pulumi config set")) {
    const words = command
      .replace("https://s3-admin.example.com:19443", reader.lab.addresses.cloudian.endpoint)
      .split(" ");
    expect(await reader.pulumi(words.slice(1), { input: "public\n" })).toMatchObject({ code: 0 });
  }
});

test("a self-signed Admin API: the error names the cure", async () => {
  const { code, output } = await reader.pulumi(["up", "--yes", "--non-interactive"]);
  expect(code).toBe(1);
  expect(output).toContain("TLS to https://");
  expect(output).toContain("Save the CA's certificate (or the self-signed one) as a PEM file and set cloudianCaFile");
  reader.write("ca.pem", reader.lab.addresses.cloudian.caPem ?? "");
  expect(await reader.pulumi(["config", "set", "cloudstack-storage:cloudianCaFile", "ca.pem"])).toMatchObject({
    code: 0,
  });
});

test("the program is previewed and deployed", async () => {
  expect(commandsWith("pulumi preview", "pulumi up")).toEqual(expect.arrayContaining(["pulumi preview", "pulumi up"]));
  expect(await reader.pulumi(["preview", "--non-interactive"])).toMatchObject({ code: 0 });
  const up = await reader.pulumi(["up", "--yes", "--non-interactive"]);
  expect(up).toMatchObject({ code: 0, output: expect.not.stringContaining("warning:") });
  const { groups, users } = (await control.state()).cloudian;
  expect(Object.values(groups).map((group) => group["groupName"])).toContain("/ROOT/blue");
  expect(Object.values(users).map((user) => user["emailAddr"])).toContain("ops@blue.example.com");
});

test("the secret key is shown on demand only, and stands encrypted in the state", async () => {
  const [command = ""] = commandsWith("pulumi stack output");
  const { code, output } = await reader.pulumi(command.split(" ").slice(1));
  expect(code).toBe(0);
  const secrets = Object.values((await control.state()).cloudian.credentials).map((key) => key["secretKey"]);
  expect(secrets).toContain(output.trim());
  expect((await reader.pulumi(["stack", "output"])).output).toContain("[secret]");
  expect((await reader.pulumi(["stack", "export"])).output).not.toContain(output.trim());
});

test("the drift gate ends with 0, 7 or 1 and writes nothing; up --refresh repairs", async () => {
  const gate = gateOf("Drift in CI");
  expect(await reader.pulumi(gate)).toMatchObject({ code: 0 });
  const [user = ""] = Object.keys((await control.state()).cloudian.users).filter((id) => id.endsWith("/ops"));
  await control.patch("cloudian", { users: { [user]: { fullName: "Somebody else" } } });
  await control.clearRequests();
  const found = await reader.pulumi(gate);
  expect(found.code).toBe(7);
  expect(found.output).toMatch(/fullName\s*:\s*"Somebody else" => "Blue operations"/);
  expect((await control.requests()).filter(({ method }) => method !== "GET")).toEqual([]);
  await control.fault({ system: "cloudian", kind: "status", status: 503, times: 1000 });
  expect(await reader.pulumi(gate)).toMatchObject({ code: 1 });
  await control.clearFaults();
  expect(await reader.pulumi(["up", "--refresh", "--yes", "--non-interactive"])).toMatchObject({ code: 0 });
  expect((await control.state()).cloudian.users[user]).toMatchObject({ fullName: "Blue operations" });
});

test("pulumi import answers as the README says", async () => {
  const type = "pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup";
  const { code, output } = await reader.pulumi(["import", type, "other", "other", "--yes", "--non-interactive"]);
  expect(code).not.toBe(0);
  expect(output).toContain("code must be a string, not undefined");
});

test("destroy without npm ci, and without this package alone, answers as the README says", async () => {
  const modules = join(reader.project, "node_modules");
  const bare = await without(modules, destroy);
  expect(bare).toMatchObject({ code: 1, output: expect.stringContaining(sdkMissing) });
  const { code, output } = await without(join(modules, "pulumi-cloudstack-storage"), destroy);
  expect(code).toBe(1);
  expect(output).toContain("pulumi-cloudstack-storage is not installed in this folder: run npm ci");
});

test("destroy leaves nothing", async () => {
  expect(await destroy()).toMatchObject({ code: 0 });
  const { groups, users } = (await control.state()).cloudian;
  expect([Object.keys(groups), Object.keys(users)]).toEqual([["0"], ["0/admin"]]);
});

test("the messages and the gate stand in the README as they are tested here", () => {
  const readme = textOf("README.md");
  for (const words of [
    "`TLS to https://… failed`",
    "`code must be a string, not undefined`",
    `\`${sdkMissing}\``,
    "`pulumi-cloudstack-storage is not installed in this folder`",
    "`pulumi up --refresh` repairs",
    "Exit code 0: live system, state and program agree. 7: they differ",
  ])
    expect(readme).toContain(words);
});

function block(language: string): string {
  return blocksOf("README.md").find((found) => found.language === language)?.text ?? "";
}

function destroy(): Promise<Ended> {
  return reader.pulumi(["destroy", "--yes", "--non-interactive"]);
}

async function without<T>(folder: string, work: () => Promise<T>): Promise<T> {
  renameSync(folder, `${folder}-away`);
  try {
    return await work();
  } finally {
    renameSync(`${folder}-away`, folder);
  }
}

/** What `npm init -y` and the README's `npm pkg set` make. */
function manifest(): string {
  const [command = ""] = commandsWith("npm init");
  const [, settings = ""] = command.split("npm pkg set ");
  const set = settings.split(" ").map((setting) => setting.split("="));
  return JSON.stringify({ name: "reader", version: "1.0.0", main: "index.js", ...Object.fromEntries(set) });
}

/** Commands of the README that begin with one of these. */
function commandsWith(...starts: string[]): string[] {
  const lines = blocksOf("README.md").flatMap((found) => found.text.split("\n"));
  return lines.filter((line) => starts.some((start) => line.startsWith(start)));
}

/** The command below a heading, without `pulumi`. */
function gateOf(heading: string): string[] {
  const [, section = ""] = textOf("README.md").split(`## ${heading}`);
  const [, command = ""] = /```sh\npulumi (.+)\n/.exec(section) ?? [];
  return command.split(" ");
}
