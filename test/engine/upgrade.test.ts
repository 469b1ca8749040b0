import { readdirSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Deployment, PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, test } from "vitest";
import { type TestStack, withStack } from "../harness/stack.ts";
import { changesOf } from "../harness/stack-run.ts";

const folder = resolve(import.meta.dirname, "../fixtures/state");
/** The endpoint that test/fixtures/state/make.ts writes; here it becomes the lab's, as if the port were always the same. */
const recordedEndpoint = "http://127.0.0.1:28081";
const versions = readdirSync(folder).flatMap((file) => /^(\d+\.\d+\.\d+)\.json$/.exec(file)?.[1] ?? []);

function fixture(stack: TestStack, file: string): unknown {
  const text = readFileSync(join(folder, file), "utf8");
  return JSON.parse(text.replaceAll(recordedEndpoint, stack.addresses.cloudian.endpoint));
}

test("there is the state of a release to upgrade from", () => {
  expect(versions).toContain("0.1.0");
});

describe.each(versions)("state of %s", (version) => {
  test("is unchanged to this version, readable, and can be destroyed", async () => {
    const { program } = (await import(join(folder, `${version}.program.ts`))) as { program: PulumiFn };
    await withStack("fixture", async (stack) => {
      const held = fixture(stack, `${version}.lab.json`) as { groups: object; users: object };
      await stack.lab.patch("cloudian", held);
      await stack.importState(fixture(stack, `${version}.json`) as Deployment);

      const preview = await stack.preview(program);
      expect(changesOf(preview)).toEqual({ same: 6 });
      expect(preview.calls).toEqual([]);
      const gate = await stack.gate(program);
      expect(changesOf(gate)).toEqual({ same: 6 });
      expect(gate.calls.filter((call) => !call.startsWith("GET "))).toEqual([]);

      await stack.destroy();
      expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
    });
  });
});

test("the fixtures hold no machine's paths and no secret in the clear", () => {
  const text = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  for (const trace of [homedir(), tmpdir(), process.cwd(), "/home/", "file://", "Fixture-Password-1"])
    expect(text).not.toContain(trace);
});
