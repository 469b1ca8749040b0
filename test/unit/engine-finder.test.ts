import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildWithGo, formatDuration } from "../harness/engine/build.ts";
import { addEntry, cacheRoot } from "../harness/engine/cache.ts";
import { findEngine } from "../harness/engine/find.ts";
import { run } from "../harness/engine/run.ts";
import { isUsable, parseVersion } from "../harness/engine/version.ts";

let folder: string;
let lines: string[];

const log = (line: string) => lines.push(line);
const refuse = () => Promise.reject(new Error("not here"));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudstack-storage-engine-finder-"));
  lines = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function script(path: string, text: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

const cli = (place: string, version: string) => script(`${place}/pulumi`, `echo ${version}`);

/** An environment with nothing but our own folders on PATH. */
const environment = (more: Record<string, string> = {}, ...path: string[]) => ({
  PATH: path.map((place) => join(folder, place)).join(delimiter),
  CLOUDSTACK_STORAGE_ENGINE_CACHE: join(folder, "cache"),
  ...more,
});

describe("the order", () => {
  test("PULUMI_CLI is taken before PATH", async () => {
    const given = await cli("given", "v3.240.1");
    await cli("path", "v3.259.0");
    const engine = await findEngine({ log, env: environment({ PULUMI_CLI: given }, "path") });
    expect(engine).toMatchObject({
      pulumi: given,
      binDir: join(folder, "given"),
      version: "3.240.1",
      source: "PULUMI_CLI",
    });
  });

  test("a PULUMI_CLI that is too old or no CLI is an error, not passed over", async () => {
    const old = await cli("old", "v3.226.0");
    await expect(findEngine({ log, env: environment({ PULUMI_CLI: old }) })).rejects.toThrow(
      "is 3.226.0; 3.227.0 or a newer 3.x is needed",
    );
    const missing = join(folder, "nothing");
    await expect(findEngine({ log, env: environment({ PULUMI_CLI: missing }) })).rejects.toThrow(
      /is not a Pulumi CLI that runs: .*ENOENT/,
    );
  });

  test("an old or broken CLI on PATH is named and passed over", async () => {
    const old = await cli("a", "v3.100.0");
    const broken = await script("b/pulumi", "exit 3");
    const good = await cli("c", "v3.227.0");
    const engine = await findEngine({ log, env: environment({}, "a", "b", "c") });
    expect(engine).toMatchObject({ pulumi: good, source: "PATH" });
    expect(lines).toEqual([
      `engine: ${old} is passed over: 3.100.0 is not 3.227.0 or newer`,
      `engine: ${broken} is passed over: \`pulumi version\` ended with 3 and ""`,
    ]);
  });

  test("what the installer brings is cached; the second call starts nothing", async () => {
    const install = (root: string) =>
      addEntry(root, { version: "3.276.0", origin: "installed" }, async (entry) => {
        await mkdir(join(entry, "bin"));
        await writeFile(join(entry, "bin", "pulumi"), "");
      });
    const env = environment();
    expect(await findEngine({ log, env, install, build: refuse })).toMatchObject({
      source: "installer",
      version: "3.276.0",
    });
    expect(await findEngine({ log, env, install: refuse, build: refuse })).toMatchObject({
      source: "cache",
      version: "3.276.0",
    });
    expect(await readdir(join(folder, "cache"))).toEqual([`3.276.0-installed-${process.platform}-${process.arch}`]);
  });

  test("where nothing works the error names what was tried and the four ways", async () => {
    const attempt = findEngine({ log, env: environment(), install: refuse, build: refuse });
    await expect(attempt).rejects.toThrow(
      /No Pulumi CLI\. Tried:\n {2}the vendor's installer: not here\n {2}building with Go: not here\n/,
    );
    await expect(attempt).rejects.toThrow(
      /1\. set PULUMI_CLI.*\n.*2\. put `pulumi`.*\n.*3\. let the network.*\n.*4\. install Go/,
    );
  });
});

describe("building", () => {
  const GO = `if [ "$1" = version ]; then echo "go version go9.9 test/test"; exit; fi
while [ $# -gt 1 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
echo example.com/some/package >&2`;

  test("two at once do not disturb each other", async () => {
    await script("path/go", `${GO}\necho built > "$out"`);
    const env = environment({}, "path");
    const both = await Promise.all([1, 2].map(() => findEngine({ log, env, install: refuse })));
    expect(both.map(({ source, version }) => [source, version])).toEqual([
      ["built", "3.276.0"],
      ["built", "3.276.0"],
    ]);
    const [entry, ...others] = await readdir(join(folder, "cache"));
    expect(others).toEqual([]);
    expect((await readdir(join(folder, "cache", entry ?? "", "bin"))).sort()).toEqual([
      "pulumi",
      "pulumi-language-nodejs",
      "pulumi-resource-pulumi-nodejs",
    ]);
    expect(lines.filter((line) => line.startsWith("engine: [2/2] the Node.js language host: done in "))).toHaveLength(
      2,
    );
  });

  test("a failure shows what the compiler complained about and leaves nothing behind", async () => {
    await script("path/go", `${GO}\necho "x.go:1: no such thing" >&2; exit 2`);
    const env = environment({}, "path");
    await expect(buildWithGo(join(folder, "cache"), log, env)).rejects.toThrow(
      "go build of the Pulumi CLI 3.276.0 failed: x.go:1: no such thing",
    );
    expect(await readdir(join(folder, "cache"))).toEqual([]);
  });

  test("without Go it says so", async () => {
    await expect(buildWithGo(join(folder, "cache"), log, environment())).rejects.toThrow(
      /^no usable Go toolchain on PATH/,
    );
  });
});

describe("the environment for the engine", () => {
  test("has this Node.js and the CLI first on PATH", async () => {
    await cli("path", "v3.259.0");
    await script("path/pulumi-resource-pulumi-nodejs", "");
    const { env } = await findEngine({ log, env: environment({}, "other", "path") });
    expect(env()).toEqual({
      PATH: [dirname(process.execPath), join(folder, "path"), join(folder, "other"), join(folder, "path")].join(
        delimiter,
      ),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
  });

  test("lends the SDK's script for dynamic providers to a CLI that has none", async () => {
    await cli("path", "v3.259.0");
    const { env, hasLanguageHost } = await findEngine({ log, env: environment({}, "path") });
    expect(env()["PATH"]?.endsWith(join("node_modules", "@pulumi", "pulumi"))).toBe(true);
    expect(hasLanguageHost).toBe(false);
  });

  test("finds the helpers beside the real file when only the CLI is linked", async () => {
    const real = await cli("cellar", "v3.259.0");
    await script("cellar/pulumi-language-nodejs", "");
    await mkdir(join(folder, "path"));
    await symlink(real, join(folder, "path", "pulumi"));
    const { hasLanguageHost } = await findEngine({ log, env: environment({}, "path") });
    expect(hasLanguageHost).toBe(true);
  });
});

test("a program that takes too long is ended with all that it started", async () => {
  const slow = await script("slow", "sleep 60 & wait");
  const started = performance.now();
  expect(await run(slow, [], { timeoutMs: 100 })).toMatchObject({ code: undefined, problem: "took longer than 0.1 s" });
  expect(performance.now() - started).toBeLessThan(10_000);
});

test.each([
  ["v3.259.0\n", "3.259.0"],
  ["3.260.0-alpha.17", "3.260.0"],
  ["warning: old\nv3.1.2", "3.1.2"],
  ["no version", undefined],
])("the version in %j is %s", (text, version) => {
  expect(parseVersion(text)).toBe(version);
});

test("from 3.227 on a CLI will do, a 4 will not", () => {
  expect(["3.226.9", "3.227.0", "3.300.1", "4.0.0", "2.300.0"].map(isUsable)).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
});

test("the cache lies outside the checkout, where the environment says", () => {
  expect(cacheRoot({ CLOUDSTACK_STORAGE_ENGINE_CACHE: "/c" })).toBe("/c");
  expect(cacheRoot({ XDG_CACHE_HOME: "/xdg" })).toBe(join("/xdg", "pulumi-cloudstack-storage", "engine"));
});

test("durations read as people say them", () => {
  expect([400, 59_000, 60_000, 255_000].map(formatDuration)).toEqual(["0 s", "59 s", "1 min 0 s", "4 min 15 s"]);
});
