import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { everyPackage, runtimePackages } from "../harness/transport/lock-file.ts";

const root = resolve(import.meta.dirname, "../..");

/** What may be passed on with a package under Apache-2.0. */
const permissive = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"]);

/** Only developers and CI have it; it is not passed on. */
const besides = new Set([
  "(BSD-3-Clause AND Apache-2.0)",
  "CC-BY-3.0",
  "CC-BY-4.0",
  "CC0-1.0",
  "MIT OR Apache-2.0",
  "MPL-2.0",
  "Python-2.0",
  // The program `node` itself, whose license is a list of those of its parts.
  "SEE LICENSE IN LICENSE",
]);

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: string;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

function workflow(name: string): Workflow {
  return parse(readFileSync(join(root, ".github", "workflows", name), "utf8")) as Workflow;
}

const commands = (job: Job | undefined) => (job?.steps ?? []).flatMap(({ run }) => run ?? []);

test("the runtime dependencies are the few that package.json names, and theirs", () => {
  const direct = runtimePackages().filter(({ path }) => !path.slice("node_modules/".length).includes("/node_modules/"));
  const names = direct.map(({ path }) => path.replace("node_modules/", ""));
  for (const name of ["@aws-sdk/client-s3", "aws4", "fast-xml-parser", "selfsigned", "undici", "zod"])
    expect(names).toContain(name);
  expect(names.some((name) => name.startsWith("@pulumi/"))).toBe(false);
});

test("every runtime dependency has a license that may be passed on", () => {
  const others = runtimePackages().filter(({ license }) => license === undefined || !permissive.has(license));
  expect(others.map(({ path, license }) => `${path}: ${license}`)).toEqual([]);
});

test("every tool of development has a license that was looked at", () => {
  const known = new Set([...permissive, ...besides]);
  const others = everyPackage().filter(({ license }) => license === undefined || !known.has(license));
  expect(others.map(({ path, license }) => `${path}: ${license}`)).toEqual([]);
});

test("no runtime dependency runs a script when it is installed", () => {
  expect(runtimePackages().filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
});

test("of the tools with a script at installation, each is allowed or forbidden by name", () => {
  const { allowScripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const scripted = everyPackage().filter(({ hasInstallScript }) => hasInstallScript);
  const names = new Set(scripted.map(({ path }) => path.slice(path.lastIndexOf("node_modules/") + 13)));
  expect(allowScripts).toEqual({ node: true, protobufjs: false });
  expect([...names].sort()).toEqual(["node", "protobufjs"]);
});

test("every package comes from the registry and is known by its hash", () => {
  const loose = everyPackage().filter(
    ({ resolved, integrity }) => resolved !== undefined || !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""),
  );
  expect(loose.map(({ path, resolved }) => `${path}: ${resolved}`)).toEqual([]);
  expect(everyPackage().length).toBeGreaterThan(100);
});

// `npm audit` asks the registry, which mirrors do not answer: it is not run here, but before every publication.
test("a release is made from a tag, tested as a whole, audited, and published with its provenance", () => {
  const { on, permissions, jobs } = workflow("release.yml");
  expect(on).toEqual({ push: { tags: ["v*"] } });
  expect(permissions).toEqual({ contents: "read" });
  expect(commands(jobs["test"])).toEqual(
    expect.arrayContaining([".ci/run", "npm audit --omit=dev --audit-level=low", "npm audit --audit-level=low"]),
  );
  const publish = jobs["publish"];
  expect(publish?.needs).toBe("test");
  expect(publish?.permissions).toEqual({ contents: "read", "id-token": "write" });
  expect(commands(publish).at(-1)).toBe("npm publish --provenance --access public");
  expect(commands(publish)).toContain("npm ci");
  expect(commands(publish).join("\n")).toContain('"v$(npm pkg get version | tr -d \'"\')"');
});

test("no workflow gives its jobs more than they need, or uses an action that nobody has chosen", () => {
  for (const name of ["ci.yml", "release.yml"]) {
    const { permissions, jobs } = workflow(name);
    expect(permissions).toEqual({ contents: "read" });
    const actions = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    const known = ["actions/checkout@v5", "actions/setup-go@v6", "actions/setup-node@v5"];
    expect([...new Set(actions)].filter((action) => !known.includes(action))).toEqual([]);
    for (const [job, { permissions: own = {} }] of Object.entries(jobs))
      if (job !== "publish") expect(own, `${name} ${job}`).toEqual({});
  }
});
