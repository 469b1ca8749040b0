import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { githubWorkflow, knownActions } from "../harness/ci/github.ts";
import { gitlabJobs } from "../harness/ci/gitlab.ts";
import { examples } from "../harness/ci/site.ts";
import { BUILT_CLI } from "../harness/engine/build.ts";

/** What the CI templates of examples/ci promise that a run does not show. */

const names = ["drift", "preview", "up"];
const texts = [...names.map((name) => `github/${name}.yml`), "gitlab-ci.yml"];
const textOf = (file: string) => readFileSync(join(examples, file), "utf8");
const steps = names.flatMap((name) => Object.values(githubWorkflow(name).jobs).flatMap((job) => job.steps));
/** The lines of every job that a shell runs. */
const scripts = [
  ...steps.map(({ run = "" }) => run),
  ...Object.values(gitlabJobs()).flatMap(({ before_script = [], script = [] }) => [...before_script, ...script]),
];

test("the workflows are these", () => {
  expect(readdirSync(join(examples, "github")).sort()).toEqual(names.map((name) => `${name}.yml`));
});

test("every action is pinned by its commit, with the release in a comment", () => {
  const lines = texts.flatMap((file) => textOf(file).match(/uses: .+/g) ?? []);
  const known = Object.entries(knownActions).map(([action, release]) => `uses: ${action} # ${release}`);
  expect(lines.filter((line) => !known.includes(line))).toEqual([]);
  expect(new Set(lines)).toEqual(new Set(known));
});

test("the CLI is the one that the tests run, and Node.js a release that the package takes", () => {
  const versions = (pattern: RegExp) => texts.flatMap((file) => [...textOf(file).matchAll(pattern)].map(([, v]) => v));
  expect(new Set(versions(/(?:pulumi-version|PULUMI_VERSION): (\S+)/g))).toEqual(new Set([BUILT_CLI]));
  expect(new Set(versions(/(?:node-version: |image: node:)([\d.]+)/g))).toEqual(new Set(["24.21.0"]));
});

test("no expression stands in a script: neither a secret nor a branch's name can get into a command", () => {
  expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  expect(scripts.filter((script) => /PASSPHRASE|PASSWORD|SECRET|TOKEN/.test(script))).toEqual([]);
});

test("on GitHub only the step that starts the engine has secrets, and no action or install script", () => {
  const jobs = names.flatMap((name) => Object.values(githubWorkflow(name).jobs));
  const isSecret = (text: string) => text.includes("secrets.");
  expect(jobs.flatMap(({ env = {} }) => Object.values(env)).filter(isSecret)).toEqual([]);
  const having = steps.filter(({ env = {} }) => Object.values(env).some(isSecret));
  expect(having.map(({ name, uses }) => [name, uses])).toEqual([
    ["Compare", undefined],
    ["Preview", undefined],
    ["Up", undefined],
  ]);
});

test("a fork's pull request never runs with secrets, and a token may do no more than its job needs", () => {
  const workflows = names.map(githubWorkflow);
  expect(workflows.flatMap((workflow) => Object.keys(workflow.on)).sort()).toEqual([
    "pull_request",
    "push",
    "schedule",
    "workflow_dispatch",
    "workflow_dispatch",
  ]);
  expect(workflows.map(({ permissions }) => permissions)).toEqual([{}, {}, {}]);
  const granted = workflows.flatMap(({ jobs }) => Object.entries(jobs).map(([name, job]) => [name, job.permissions]));
  expect(Object.fromEntries(granted)).toEqual({
    drift: { contents: "read" },
    preview: { contents: "read", "pull-requests": "write" },
    fork: undefined,
    up: { contents: "read" },
  });
});

test("up runs one at a time and is never cut off, and nothing else waits in its place", () => {
  const groups = Object.fromEntries(names.map((name) => [name, githubWorkflow(name).concurrency]));
  expect(groups["up"]).toEqual({ group: "storage-up", "cancel-in-progress": false });
  expect(names.filter((name) => groups[name]?.group === "storage-up")).toEqual(["up"]);
  const { up, drift } = gitlabJobs();
  expect(up).toMatchObject({ resource_group: "storage", interruptible: false });
  expect(drift).toMatchObject({ resource_group: "storage" });
});

test("the drift jobs have no command that changes anything", () => {
  const own = [
    ...(githubWorkflow("drift").jobs["drift"]?.steps.map(({ run = "" }) => run) ?? []),
    ...(gitlabJobs()["drift"]?.script ?? []),
  ];
  expect(own.join("\n")).toContain("cloudstack-storage drift");
  expect(own.filter((script) => /pulumi (?:up|destroy|refresh|import|state)/.test(script))).toEqual([]);
});
