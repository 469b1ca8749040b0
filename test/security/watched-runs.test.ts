import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const root = resolve(import.meta.dirname, "../..");

/** Who starts a program or an engine past `runWatched`, and why nothing goes unseen by that. */
const exceptions: Readonly<Record<string, string>> = {
  "test/harness/watched-run.ts": "is the watch",
  "test/harness/engine/": "finds and makes the engine, before there is a stack",
  "test/harness/stack.ts": "watches what the Automation API hands it",
  "test/harness/stack-setup.ts": "makes the stack for those two who run it",
  "test/live/stack.ts": "runs below test/live/run.ts, which is watched as a whole",
  "test/harness/dynamic-server.ts": "watches the provider process itself, its messages to the engine included",
  "test/security/secrets-project.ts":
    "prints marked secrets at --verbose=9, which secrets-run.test.ts searches line by line",
  "test/harness/transport/hostile-process.ts": "runs one HTTP request after the other, and no command",
  "test/harness/battery/interruption/killable-process.ts": "runs calls of a handler, and no command",
  "test/harness/compiled-code.ts": "loads the package once and prints nothing",
  "test/harness/layers/": "runs vitest and the linters, which may show what a failed test is about",
  "test/harness/sabotage/": "runs vitest, as above",
  "test/harness/interop/": "runs servers of others",
  "test/interop/": "runs clients of others",
  "test/engine/processes.ts": "lists the processes of the whole machine",
  "test/unit/engine-finder.test.ts": "is about running as such",
  "test/unit/census.test.ts": "asks what an engine is given, and starts none",
  "test/unit/layers.test.ts": "is about running as such",
  "test/unit/farewell.test.ts": "runs a program of three lines",
  "test/unit/preflight.test.ts": "runs what looks at the version of Node.js, before there is a package",
  "test/docs/links.test.ts": "asks npm for its registry",
  "test/unit/lab-cli.test.ts": "starts `lab`, which is there to print its log-ins",
  "test/unit/lab-seed.test.ts": "starts `lab`",
  "test/security/lab-safety.test.ts": "starts `lab`",
  "test/security/watched-runs.test.ts": "holds examples of such words",
};

/** The modules that start something, with the names by which they do. */
const starters = [
  { module: /^(?:node:)?child_process$/, names: /^/ },
  { module: /\/run\.ts$/, names: /^run$/ },
  { module: /\/stack-setup\.ts$/, names: /^createStack$/ },
  { module: /^@pulumi\/pulumi\/automation/, names: /^/ },
];

/** The names that a source takes from others, types apart, each with its module. */
function takenBy(source: string): { name: string; module: string }[] {
  const imports = source.matchAll(/^import (?!type\b)([^;]*?)\s*from "([^"]+)";/gms);
  const named = [...imports].flatMap(([, names = "", module = ""]) =>
    names
      .split(/[{},]/)
      .map((name) => name.trim().replace(/ as .*/s, ""))
      .filter((name) => name !== "" && !name.startsWith("type "))
      .map((name) => ({ name, module })),
  );
  const others = source.matchAll(/\b(?:import|require|getBuiltinModule)\(\s*["'`]([^"'`]+)/g);
  return [...named, ...[...others].map(([, module = ""]) => ({ name: "*", module }))];
}

function startsByItself(source: string): boolean {
  return takenBy(source).some(({ name, module }) =>
    starters.some((starter) => starter.module.test(module) && (name.startsWith("*") || starter.names.test(name))),
  );
}

test("no test starts a program or an engine but through the watch, a few apart", () => {
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .map((file) => `test/${file}`);
  const starting = files.filter((file) => startsByItself(readFileSync(join(root, file), "utf8")));
  const covers = (exception: string) => (file: string) =>
    exception.endsWith("/") ? file.startsWith(exception) : file === exception;
  expect(starting.filter((file) => !Object.keys(exceptions).some((each) => covers(each)(file)))).toEqual([]);
  expect(Object.keys(exceptions).filter((each) => !starting.some(covers(each)))).toEqual([]);
});

test.each([
  ['import { spawn } from "node:child_process";', true],
  ['import {\n  type ChildProcess,\n  fork as start,\n} from "child_process";', true],
  ['import * as processes from "node:child_process";', true],
  ['const { exec } = await import("node:child_process");', true],
  ['import { type RunResult, run } from "../harness/engine/run.ts";', true],
  ['import { configOf, createStack } from "../harness/stack-setup.ts";', true],
  ['import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";', true],
  ['import type { ChildProcess } from "node:child_process";', false],
  ['import { type RunOptions, type RunResult } from "../harness/engine/run.ts";', false],
  ['import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";\nimport { x } from "./y.ts";', false],
  ['import { runWatched } from "../harness/watched-run.ts";', false],
])("what starts something by itself is told from what does not: %j", (source, expected) => {
  expect(startsByItself(source)).toBe(expected);
});

describe("a run through the watch", () => {
  const key = "Zm9v+YmFy/cXV4MDEyMzQ1Njc4OWFiY2RlZmdoaW";
  let lab: Lab;
  let control: LabControl;

  beforeAll(async () => {
    lab = await startLab({ portBase: 0 });
    control = new LabControl(lab.addresses.control);
  });
  beforeEach(async () => {
    await control.reset();
    await control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": {} },
      credentials: { ONE: { groupId: "blue", userId: "ada", secretKey: key } },
    });
  });
  afterAll(() => lab.close());

  /** A program that prints one text, and that another one may be printed beside. */
  const printing = (text: string, ...more: readonly string[]) => {
    const script = `process.std${more[0] === "errors" ? "err" : "out"}.write(process.env.TEXT); process.exitCode = 3;`;
    const env = { ...process.env, TEXT: text };
    return runWatched(process.execPath, ["-e", script, "--", ...more], { env, lab: control });
  };

  test("answers what was printed where that holds no secret", async () => {
    expect(await printing("a name", "errors")).toEqual({ code: 3, stdout: "", stderr: "a name" });
  });

  test.each([
    ["a canary on standard output", "Canary-Password-1", []],
    ["a canary among the errors", "Canary-Password-1", ["errors"]],
    ["a canary in base64", Buffer.from("user:Canary-1").toString("base64"), []],
    ["a key that the lab holds, in a URL", encodeURIComponent(key), []],
    ["the lab's password of ECS in hex", Buffer.from("lab-ecs-password").toString("hex"), ["errors"]],
  ])("fails for %s", async (_what, text, more) => {
    await expect(printing(text, ...more)).rejects.toThrow(/ shows (?:a canary|the lab's) .*\(/);
  });

  test("fails for a key that the lab holds no more when the run ends", async () => {
    const script = `fetch(process.env.CONTROL + "/reset", { method: "POST" }).then(() => console.log(process.env.TEXT))`;
    const env = { ...process.env, TEXT: key, CONTROL: lab.addresses.control };
    await expect(runWatched(process.execPath, ["-e", script], { env, lab: control })).rejects.toThrow("the lab's");
    expect(Object.keys((await control.state()).cloudian.credentials)).toEqual([]);
  });

  test("lets pass what was asked for", async () => {
    expect(await printing(key, "--show-secrets")).toMatchObject({ stdout: key });
  });
});
