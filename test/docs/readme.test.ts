import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabControl } from "../harness/lab.ts";
import { blocksOf, textOf } from "./markdown.ts";
import { type Ended, openingTime, Reader } from "./reader.ts";

/**
 * The README's program, project file and commands, and the drift commands of README and docs/drift.md, as they stand
 * there, against a lab. The tests are the steps of one reader and build on each other. What the engine layer shows as
 * well (other forms of programs, each property, repair, TLS) is left to it.
 */
let reader: Reader;
let control: LabControl;

const sdkMissing = "Cannot find module '@pulumi/pulumi/cmd/dynamic-provider'";

beforeAll(async () => {
  reader = await Reader.open({ "package.json": manifest(), "index.ts": block("ts"), "Pulumi.yaml": block("yaml") });
  control = reader.control;
}, openingTime);

afterAll(async () => {
  await reader.close();
});

describe("one reader, from the first program to destroy", { shuffle: false }, () => {
  test("the stack is configured, the program previewed and deployed", async () => {
    for (const command of commandsOf("README.md", "pulumi stack init", "pulumi config set")) {
      const words = command.replace("https://s3-admin.example.com:19443", reader.lab.addresses.cloudian.endpoint);
      expect(await reader.pulumi(words.split(" "), "public\n")).toMatchObject({ code: 0 });
    }
    expect(commandsOf("README.md", "pulumi preview", "pulumi up")).toEqual(expect.arrayContaining(["preview", "up"]));
    expect(await reader.pulumi(["preview", "--non-interactive"])).toMatchObject({ code: 0 });
    const up = await reader.pulumi(["up", "--yes", "--skip-preview", "--non-interactive"]);
    expect(up).toMatchObject({ code: 0, output: expect.not.stringContaining("warning:") });
    const { groups, users } = (await control.state()).cloudian;
    expect(Object.values(groups).map((group) => group["groupName"])).toContain("/ROOT/blue");
    expect(Object.values(users).map((user) => user["emailAddr"])).toContain("ops@blue.example.com");
  });

  test("the secret key is shown on demand only", async () => {
    const [command = ""] = commandsOf("README.md", "pulumi stack output");
    const { code, output } = await reader.pulumi(command.split(" "));
    expect(code).toBe(0);
    expect(await secrets()).toContain(output.trim());
    expect((await reader.pulumi(["stack", "output"])).output).toContain("[secret]");
  });

  test("drift: the gate ends with 7 and writes nothing, the JSON report names the property and no secret", async () => {
    const [gate = "", ...others] = ["README.md", "docs/drift.md"].map((file) => gateOf(file));
    expect(others).toEqual([gate]);
    await control.patch("cloudian", { users: { [await user()]: { fullName: "Somebody else" } } });
    await control.clearRequests();
    const found = await reader.pulumi(gate.split(" "));
    expect(found.code).toBe(7);
    expect(found.output).toMatch(/fullName\s*:\s*"Somebody else" => "Blue operations"/);
    const [report = ""] = commandsOf("docs/drift.md", "pulumi refresh --preview-only").filter((words) =>
      words.includes("--json"),
    );
    const { code, stdout } = await reader.pulumi(report.split(" "));
    expect(code).toBe(7);
    expect(changedIn(stdout)).toEqual([["blue-ops", "update", ["fullName"], "Blue operations", "Somebody else"]]);
    for (const secret of await secrets()) expect(found.output + stdout).not.toContain(secret);
    expect((await control.requests()).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("what cannot be repaired in place ends the gate with 1", async () => {
    await control.patch("cloudian", { users: { [await user()]: { userType: "GroupAdmin" } } });
    const { code, output } = await reader.pulumi(gateOf("docs/drift.md").split(" "));
    expect(code).toBe(1);
    expect(output).toContain("userType: cannot be changed");
  });

  test("pulumi import answers as the README says", async () => {
    const type = "pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup";
    const { code, output } = await reader.pulumi(["import", type, "other", "other", "--yes", "--non-interactive"]);
    expect(code).not.toBe(0);
    expect(output).toContain("code must be a string, not undefined");
  });

  test("destroy answers as the README says without npm ci, and leaves nothing with it", async () => {
    const modules = join(reader.project, "node_modules");
    renameSync(modules, `${modules}-away`);
    expect(await destroy()).toMatchObject({ code: 1, output: expect.stringContaining(sdkMissing) });
    renameSync(`${modules}-away`, modules);
    expect(await destroy()).toMatchObject({ code: 0 });
    const { groups, users } = (await control.state()).cloudian;
    expect([Object.keys(groups), Object.keys(users)]).toEqual([["0"], ["0/admin"]]);
  });
});

test("the messages and the gate stand in the README as they are tested here and in the other layers", () => {
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
  return reader.pulumi(["destroy", "--yes", "--skip-preview", "--non-interactive"]);
}

/** The id of the user that the program declares. */
async function user(): Promise<string> {
  const [id = ""] = Object.keys((await control.state()).cloudian.users).filter((name) => name.endsWith("/ops"));
  return id;
}

async function secrets(): Promise<string[]> {
  return Object.values((await control.state()).cloudian.credentials).map((key) => String(key["secretKey"]));
}

/** What `npm init -y` and the README's `npm pkg set` make. */
function manifest(): string {
  const [, settings = ""] = /npm pkg set (.+)/.exec(textOf("README.md")) ?? [];
  const set = settings.split(" ").map((setting) => setting.split("="));
  return JSON.stringify({ name: "reader", version: "1.0.0", main: "index.js", ...Object.fromEntries(set) });
}

/** Commands of a page that begin with one of these, without `pulumi`. */
function commandsOf(file: string, ...starts: string[]): string[] {
  const lines = blocksOf(file).flatMap((found) => found.text.split("\n"));
  return lines
    .filter((line) => starts.some((start) => line.startsWith(start)))
    .map((line) => line.replace(/^pulumi /, ""));
}

function gateOf(file: string): string {
  const [gate] = commandsOf(file, "pulumi preview --refresh ");
  if (gate === undefined) throw new Error(`${file} has no drift gate`);
  return gate;
}

/** Of every changed resource: name, operation, property paths, recorded and live value of the first one. */
function changedIn(json: string): unknown[] {
  const { steps } = JSON.parse(json) as { steps: Step[] };
  return steps
    .filter(({ op }) => op !== "same" && op !== "refresh")
    .map(({ op, urn, detailedDiff, oldState, newState }) => {
      const paths = Object.keys(detailedDiff ?? {});
      const [first = ""] = paths;
      return [urn.split("::").at(-1), op, paths, oldState.outputs[first], newState.outputs[first]];
    });
}

interface Step {
  op: string;
  urn: string;
  detailedDiff?: Record<string, unknown>;
  oldState: { outputs: Record<string, unknown> };
  newState: { outputs: Record<string, unknown> };
}
