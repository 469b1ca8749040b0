import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../harness/command.ts";
import { documentedShape } from "../harness/documented-shape.ts";
import { type Answers, changed, document, PretendedEngine, step, timeless } from "./cli-drift-support.ts";

const schema = documentedShape("drift");

let engine: PretendedEngine;
beforeAll(() => {
  engine = new PretendedEngine();
});
afterAll(() => engine.remove());

const same = step("refresh", "clean", { old: { userId: "clean" }, new: { userId: "clean" } });
const stack = {
  op: "same",
  urn: "urn:pulumi:dev::acme::pulumi:pulumi:Stack::acme-dev",
  oldState: { type: "pulumi:pulumi:Stack" },
};

const replaced = { old: { userId: "clean" }, new: { userId: "other" }, diff: { userId: changed } };

/** Everything that a report can hold. */
const everything: Answers = {
  refresh: {
    stdout: document(
      [
        stack,
        same,
        step("update", "ada", {
          old: { userId: "ada", password: "[secret]", email: "[secret]", phone: "1", fullName: "Ada", website: "w" },
          new: { userId: "ada", password: "[secret]", email: "[secret]", phone: "2", fullName: "A. Da", website: "v" },
          diff: { email: changed, phone: changed, fullName: changed, website: changed },
          more: { ignoreChanges: ["address"] },
        }),
        step("delete", "bob", { old: { userId: "bob" } }),
        step("update", "group", {
          kind: "CloudianGroup",
          old: { s3Endpoints: { http: ["a", "b"] } },
          new: { s3Endpoints: { http: ["z"] } },
          diff: { "s3Endpoints.http[0]": changed, "s3Endpoints.http[1]": { kind: "delete", inputDiff: true } },
        }),
        step("delete", "carl", { old: { userId: "carl" } }),
        step("read", "looked-up", { old: {}, more: { external: true } }),
        step("update", "provider", { type: "pulumi:providers:pulumi-nodejs", old: { a: "1" }, new: { a: "2" } }),
      ],
      [
        { message: "console text\n\n", severity: "info" },
        { message: "\u001b[33mwarning: \u001b[0mlook out\nsecond line\n", severity: "warning" },
      ],
    ),
  },
  preview: {
    stdout: document(
      [
        stack,
        step("update", "ada", {
          old: { userId: "ada", phone: "1", fullName: "Ada", website: "w" },
          new: { userId: "ada", phone: "2", fullName: "Ada Lovelace", website: "w" },
          diff: { phone: changed, fullName: changed },
        }),
        step("delete", "bob", { old: { userId: "bob" } }),
        step("create", "fresh", { new: { userId: "fresh" } }),
        step("delete-replaced", "clean", { old: { userId: "clean" } }),
        step("create-replacement", "clean", replaced),
        step("replace", "clean", replaced),
        step("discard", "looked-up", { old: {} }),
        step("update", "provider", { type: "pulumi:providers:pulumi-nodejs", old: { a: "1" }, new: { a: "2" } }),
        step("same", "group", { kind: "CloudianGroup", old: { s3Endpoints: { http: ["a", "b"] } } }),
      ],
      [{ message: "warning: look out\nsecond line\n", severity: "warning" }],
    ),
  },
};

describe("everything at once", () => {
  test("the table: 7, and what was changed, what is gone and what is undeployed apart", async () => {
    const run = await engine.drift(everything);
    expect(
      run.stdout,
    ).toBe(`Drift: 2 changed live, 2 gone, 1 to be created, 2 to be changed, 1 to be replaced, 1 to be deleted; 7 resources of stack dev.

Changed on the live systems since the last up

RESOURCE             CHANGE   PROPERTY          DECLARED   LIVE      NOTE
CloudianGroup group  changed  s3Endpoints.http  ["a","b"]  ["z"]
CloudianUser ada     changed  email             [secret]   [secret]
CloudianUser ada     changed  fullName          "Ada"      "A. Da"   the program says "Ada Lovelace" now
CloudianUser ada     changed  phone             "1"        "2"       the program says the same now
CloudianUser ada     changed  website           "w"        "v"
CloudianUser bob     gone                                            the program no longer declares it
CloudianUser carl    gone

What pulumi up would change now

RESOURCE                                 CHANGE   PROPERTY  LAST UP  PROGRAM
CloudianUser ada                         change   fullName  "Ada"    "Ada Lovelace"
CloudianUser ada                         change   phone     "1"      "2"
CloudianUser bob                         delete
CloudianUser clean                       replace  userId    "clean"  "other"
CloudianUser fresh                       create
pulumi:providers:pulumi-nodejs provider  change   a         "1"      "2"

Not compared

RESOURCE          PROPERTIES  WHY
CloudianUser ada  password    no call returns it
CloudianUser ada  address     ignoreChanges

Warnings

look out
second line
`);
    expect(run.code).toBe(7);
    expect(timeless(run.stderr)).toBe(`drift: pulumi refresh --preview-only --run-program --json
drift: done after 1 s
undeployed: pulumi preview --refresh=false --show-replacement-steps --json
undeployed: done after 1 s
`);
  });

  test("--markdown", async () => {
    const { code, stdout } = await engine.drift(everything, "--markdown");
    expect(code).toBe(7);
    expect(
      stdout,
    ).toBe(`❌ **Drift: 2 changed live, 2 gone, 1 to be created, 2 to be changed, 1 to be replaced, 1 to be deleted; 7 resources of stack dev.**

### Changed on the live systems since the last up

| Resource | Change | Property | Declared | Live | Note |
| --- | --- | --- | --- | --- | --- |
| CloudianGroup group | changed | s3Endpoints.http | <code>&#91;"a","b"&#93;</code> | <code>&#91;"z"&#93;</code> |  |
| CloudianUser ada | changed | email | <code>&#91;secret&#93;</code> | <code>&#91;secret&#93;</code> |  |
| CloudianUser ada | changed | fullName | <code>"Ada"</code> | <code>"A. Da"</code> | the program says "Ada Lovelace" now |
| CloudianUser ada | changed | phone | <code>"1"</code> | <code>"2"</code> | the program says the same now |
| CloudianUser ada | changed | website | <code>"w"</code> | <code>"v"</code> |  |
| CloudianUser bob | gone |  |  |  | the program no longer declares it |
| CloudianUser carl | gone |  |  |  |  |

### What pulumi up would change now

| Resource | Change | Property | Last up | Program | Note |
| --- | --- | --- | --- | --- | --- |
| CloudianUser ada | change | fullName | <code>"Ada"</code> | <code>"Ada Lovelace"</code> |  |
| CloudianUser ada | change | phone | <code>"1"</code> | <code>"2"</code> |  |
| CloudianUser bob | delete |  |  |  |  |
| CloudianUser clean | replace | userId | <code>"clean"</code> | <code>"other"</code> |  |
| CloudianUser fresh | create |  |  |  |  |
| pulumi:providers:pulumi-nodejs provider | change | a | <code>"1"</code> | <code>"2"</code> |  |

### Not compared

| Resource | Properties | Why |
| --- | --- | --- |
| CloudianUser ada | password | no call returns it |
| CloudianUser ada | address | ignoreChanges |

### Messages

- look out<br>second line
`);
  });

  test("--junit: a suite a question, a case a resource, a failure a difference", async () => {
    const { code, stdout } = await engine.drift(everything, "--junit");
    expect(code).toBe(7);
    const urn = (name: string, type = "pulumi-nodejs:dynamic/cloudstack-storage:CloudianUser") =>
      `urn:pulumi:dev::acme::${type}::${name}`;
    expect(timeless(stdout)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="cloudstack-storage drift" tests="12" failures="9" errors="0" time="1">
  <testsuite name="drift" tests="5" failures="4" errors="0" time="1">
    <testcase classname="CloudianGroup" name="group">
      <failure type="changed" message="1 property changed on the live system">${urn("group", "pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup")}
s3Endpoints.http: declared [&#34;a&#34;,&#34;b&#34;], live [&#34;z&#34;]
</failure>
    </testcase>
    <testcase classname="CloudianUser" name="ada">
      <failure type="changed" message="4 properties changed on the live system">${urn("ada")}
email: declared [secret], live [secret]
fullName: declared &#34;Ada&#34;, live &#34;A. Da&#34;
phone: declared &#34;1&#34;, live &#34;2&#34;
website: declared &#34;w&#34;, live &#34;v&#34;
</failure>
    </testcase>
    <testcase classname="CloudianUser" name="bob">
      <failure type="gone" message="is gone from the live system">${urn("bob")}
</failure>
    </testcase>
    <testcase classname="CloudianUser" name="carl">
      <failure type="gone" message="is gone from the live system">${urn("carl")}
</failure>
    </testcase>
    <testcase classname="CloudianUser" name="clean"/>
  </testsuite>
  <testsuite name="undeployed" tests="7" failures="5" errors="0" time="1">
    <testcase classname="CloudianGroup" name="group"/>
    <testcase classname="CloudianUser" name="ada">
      <failure type="change" message="pulumi up would change it">${urn("ada")}
fullName: last up &#34;Ada&#34;, program &#34;Ada Lovelace&#34;
phone: last up &#34;1&#34;, program &#34;2&#34;
</failure>
    </testcase>
    <testcase classname="CloudianUser" name="bob">
      <failure type="delete" message="pulumi up would delete it">${urn("bob")}
</failure>
    </testcase>
    <testcase classname="CloudianUser" name="carl"/>
    <testcase classname="CloudianUser" name="clean">
      <failure type="replace" message="pulumi up would replace it">${urn("clean")}
userId: last up &#34;clean&#34;, program &#34;other&#34;
</failure>
    </testcase>
    <testcase classname="CloudianUser" name="fresh">
      <failure type="create" message="pulumi up would create it">${urn("fresh")}
</failure>
    </testcase>
    <testcase classname="pulumi:providers:pulumi-nodejs" name="provider">
      <failure type="change" message="pulumi up would change it">${urn("provider", "pulumi:providers:pulumi-nodejs")}
a: last up &#34;1&#34;, program &#34;2&#34;
</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  test("--json fits its schema and holds all three values of a property", async () => {
    const { code, stdout } = await engine.drift(everything, "--json");
    expect(code).toBe(7);
    const report = JSON.parse(stdout);
    expect(schema.safeParse(report)).toMatchObject({ success: true });
    expect({ ...report, runs: undefined, resources: undefined }).toEqual({
      version: 1,
      project: "acme",
      stack: "dev",
      verdict: "drift",
      exitCode: 7,
      counts: { resources: 7, changed: 2, gone: 2, unknown: 0, toCreate: 1, toChange: 2, toReplace: 1, toDelete: 1 },
    });
    expect(report.resources[1]).toEqual({
      kind: "CloudianUser",
      type: "pulumi-nodejs:dynamic/cloudstack-storage:CloudianUser",
      name: "ada",
      urn: "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/cloudstack-storage:CloudianUser::ada",
      id: "blue/ada",
      drift: "changed",
      undeployed: "change",
      unfinished: false,
      properties: [
        { path: "email", secret: true, drifted: true, undeployed: false, recorded: "[secret]", live: "[secret]" },
        {
          path: "fullName",
          secret: false,
          drifted: true,
          undeployed: true,
          liveAsDeclared: false,
          recorded: "Ada",
          live: "A. Da",
          declared: "Ada Lovelace",
        },
        {
          path: "phone",
          secret: false,
          drifted: true,
          undeployed: true,
          liveAsDeclared: true,
          recorded: "1",
          live: "2",
          declared: "2",
        },
        { path: "website", secret: false, drifted: true, undeployed: false, recorded: "w", live: "v", declared: "w" },
      ],
      notCompared: [
        { property: "password", reason: "notReturned" },
        { property: "address", reason: "ignored" },
      ],
    });
  });

  test("several reports of one run", async () => {
    const flags = ["--json-file", "r.json", "--markdown-file", "r.md", "--junit-file", "r.xml"];
    const run = await engine.drift(everything, ...flags, "--stack", "dev", "--parallel", "3");
    expect(run.code).toBe(7);
    expect(run.stdout).toMatch(/^Drift: 2 changed live/);
    expect(schema.safeParse(JSON.parse(engine.read("r.json")))).toMatchObject({ success: true });
    expect(engine.read("r.md")).toMatch(/^❌ \*\*Drift: 2 changed live/);
    expect(engine.read("r.xml")).toMatch(/^<\?xml version="1\.0"/);
    // Each question once, and never as a stream of events.
    expect(engine.calls()).toEqual([
      "refresh --preview-only --run-program --json --stack dev --parallel 3 --color never --non-interactive []",
      "preview --refresh=false --show-replacement-steps --json --stack dev --parallel 3 --color never --non-interactive []",
    ]);
  });
});

test("nothing differs: 0", async () => {
  const run = await engine.drift({ refresh: { stdout: document([stack, same]) } });
  expect(run).toMatchObject({
    code: 0,
    stdout: "No drift, and nothing undeployed: 1 resource of stack dev.\n",
  });
});

test("only the program differs: 20", async () => {
  const preview = { stdout: document([step("update", "clean", { old: {}, new: {}, more: { initErrors: ["x"] } })]) };
  const run = await engine.drift({ refresh: { stdout: document([stack, same]) }, preview });
  expect(run.code).toBe(20);
  expect(run.stdout).toBe(`No drift, but undeployed changes: 1 to be changed; 1 resource of stack dev.

What pulumi up would change now

RESOURCE            CHANGE  NOTE
CloudianUser clean  change  the last up has not finished it
`);
});

test("what an earlier replacement has left to be deleted is undeployed: 20", async () => {
  const preview = { stdout: document([step("delete-replaced", "clean", { old: { userId: "before" } })]) };
  const run = await engine.drift({ refresh: { stdout: document([stack, same]) }, preview });
  expect(run.code).toBe(20);
  expect(run.stdout).toMatch(/\nCloudianUser clean {2}replace {2}the last up has not finished it\n$/);
});

test("what an earlier replacement has left hides nothing that an up would do with the present object", async () => {
  const left = step("delete-replaced", "clean", { old: { userId: "before" } });
  for (const [word, now] of [
    ["delete", step("delete", "clean", { old: { userId: "clean" } })],
    ["change", step("update", "clean", { old: {}, new: {} })],
  ] as const)
    for (const steps of [
      [left, now],
      [now, left],
    ]) {
      const run = await engine.drift({
        refresh: { stdout: document([stack, same]) },
        preview: { stdout: document(steps) },
      });
      expect(run.code).toBe(20);
      expect(run.stdout).toMatch(new RegExp(`\nCloudianUser clean {2}${word} {2}the last up has not finished it\n$`));
    }
});

describe("the engine fails", () => {
  test("at once: its code and its reason, and no second question", async () => {
    const refresh = { stdout: "", stderr: "error: no stack named 'dev' found\n", code: 6 };
    const run = await engine.drift({ refresh }, "--json");
    expect(run.code).toBe(6);
    expect(timeless(run.stderr)).toBe(`drift: pulumi refresh --preview-only --run-program --json
drift: ended with 6 after 1 s
no stack named 'dev' found
pulumi refresh --preview-only --run-program --json failed with 6.
`);
    const report = JSON.parse(run.stdout);
    expect(schema.safeParse(report)).toMatchObject({ success: true });
    expect(report).toMatchObject({ verdict: "incomplete", exitCode: 6, resources: [] });
    expect(report.runs.map(({ question }: { question: string }) => question)).toEqual(["drift"]);
    expect(engine.calls().length).toBe(1);
  });

  test("half-way: what was found until then, and what could not be read", async () => {
    const failed = step("refresh", "ada", { old: { userId: "ada" }, new: { userId: "ada" } }) as { urn: string };
    const diagnostics = [
      { urn: failed.urn, message: "error: Preview failed: it does not answer\n", severity: "error" },
      { message: "error: preview failed\n", severity: "error" },
    ];
    const stdout = document([stack, step("delete", "bob", { old: {} }), failed], diagnostics);
    const run = await engine.drift({ refresh: { stdout, code: 1 } }, "--junit-file", "r.xml");
    expect(run.code).toBe(1);
    expect(run.stdout).toBe(`Not known: the drift run ended with 1. Until then: 1 gone.

Changed on the live systems since the last up

RESOURCE          CHANGE
CloudianUser ada  not readable
CloudianUser bob  gone
`);
    expect(run.stderr).toMatch(
      /\nPreview failed: it does not answer\npreview failed\npulumi refresh [^\n]* failed with 1\.\n$/,
    );
    expect(engine.read("r.xml")).toMatch(/<testsuite name="drift" tests="3" failures="1" errors="2"/);
  });

  test("at the second question: what the first has found stays, with the engine's code", async () => {
    const run = await engine.drift({
      ...everything,
      preview: { stderr: "error: broken program\n", code: 1, stdout: "" },
    });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^Not known: the undeployed run ended with 1\. Until then: 2 changed live, 2 gone\.\n/);
    expect(run.stdout).toMatch(/\nCloudianUser carl {4}gone/);
    expect(run.stderr).toMatch(/\nbroken program\npulumi preview [^\n]* failed with 1\.\n$/);
  });

  test.each([7, 20])("with %i, which would read as a finding: 1", async (code) => {
    const run = await engine.drift({ refresh: { stdout: "", stderr: "error: odd\n", code } });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      new RegExp(`failed with ${code}\\. That would read as a finding here, so that this ends with 1\\.\n$`),
    );
  });

  test("without a word", async () => {
    const run = await engine.drift({ refresh: { stdout: "", code: 255 } });
    expect(run.code).toBe(255);
    expect(run.stderr).toMatch(/\nThe engine gave no reason\.\n/);
  });

  test.each(["refresh", "preview"] as const)("not, but prints something else: %s", async (name) => {
    const run = await engine.drift({ ...everything, [name]: { stdout: "Previewing (dev)\n" } });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^Not known: /);
    expect(run.stdout.includes("CloudianUser carl")).toBe(name === "preview");
    expect(run.stderr).toMatch(/printed no report that could be read: "Previewing \(dev\)"/);
  });
});

test("text before the document, and warnings beside it, are no harm", async () => {
  const stdout = `Some notice {of} a plugin\n${document([stack, same])}\n`;
  const run = await engine.drift({ refresh: { stdout, stderr: "warning: old plugin\n" } });
  expect(run).toMatchObject({
    code: 0,
    stdout: "No drift, and nothing undeployed: 1 resource of stack dev.\n\nWarnings\n\nold plugin\n",
  });
});

test("a report that cannot be written is an error, and costs the others nothing", async () => {
  const run = await engine.drift({}, "--json-file", "/dev/full", "--junit-file", "after.xml");
  expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/\nCould not write \/dev\/full: ENOSPC/) });
  expect(run.stdout).toMatch(/^No drift, and nothing undeployed/);
  expect(engine.read("after.xml")).toMatch(/^<\?xml/);
});

describe("before the engine is asked", () => {
  test.each([
    [["--json", "--junit"], /^Give one of --json, --markdown and --junit\./],
    [["--parallel", "0"], /^--parallel needs a whole number from 1, not "0"\./],
    [["--json-file", "nowhere/r.json"], /^--json-file: there is no folder nowhere\./],
    [["--junit-file", "."], /^--junit-file: \. is a folder\./],
    [["--markdown-file", ""], /^--markdown-file is given, but empty\./],
    [["--stack", ""], /^--stack is given, but empty\. Perhaps the variable that it is filled from is not set\./],
    [["--cwd", "nowhere"], /^--cwd: there is no folder /],
    [["--cwd", "/"], /^\/ is in no Pulumi project\. Name its folder with --cwd\./],
    [["--refresh"], /^Unknown option '--refresh'/],
  ])("%j cannot be used: 2", async (args, reason) => {
    const run = await engine.drift({}, ...args);
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(reason) });
    expect(engine.calls()).toEqual([""]);
  });

  test("there is no pulumi", async () => {
    const run = await runCommand(["drift"], { cwd: engine.project, env: { PATH: "/nowhere" } });
    expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/There is no pulumi on PATH\./) });
  });

  test("--help", async () => {
    const run = await engine.drift({}, "--help");
    expect(run).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/7 drift[\s\S]*20 undeployed/) });
  });
});
