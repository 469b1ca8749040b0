import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";
import { startLab } from "../../lab/index.ts";
import { commandWords, runCommand } from "../harness/command.ts";
import { LabControl } from "../harness/lab.ts";

const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-lab-seed-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example of the page, which people copy. */
const page = readFileSync(new URL("../../docs/lab.md", import.meta.url), "utf8");
const ESTATE: unknown = JSON.parse(/### Start with an estate[\s\S]*?```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "");

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("--seed: all of it is there before the first line, and again after a reset", async () => {
  const [program = "", ...words] = [...commandWords, "lab", "--json", "--port-base", "0"];
  const child = spawn(program, [...words, "--seed", file("estate.json", ESTATE)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line = ""] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const control = new LabControl((JSON.parse(line) as { control: string }).control);
  const seen = async () => {
    const { cloudian, ecs, cloudstack } = await control.state();
    return {
      groups: Object.keys(cloudian.groups),
      bucket: cloudian.buckets["blue/ada"]?.[0]?.["bucketName"],
      key: cloudian.credentials["0123456789abcdef0123"]?.["secretKey"],
      owner: ecs.buckets["ns1/reports"]?.owner,
      store: cloudstack.imageStores["store-1"]?.name,
      sites: cloudstack["settings"]?.["secstorage.allowed.internal.sites"],
      requests: (await control.requests()).length,
    };
  };
  const expected = {
    groups: ["0", "blue"],
    bucket: "invoices",
    key: "ada-secret-key",
    owner: "grace",
    store: "primary",
    sites: expect.objectContaining({ value: "10.0.0.0/24" }),
    requests: 0,
  };
  expect(await seen()).toEqual(expected);
  await control.patch("cloudian", { groups: { blue: null, red: {} } });
  await control.patch("cloudstack", { imageStores: { "store-1": null } });
  await control.reset();
  expect(await seen()).toEqual(expected);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test.each([
  ["not-there", undefined, /^--seed: \S+not-there could not be read: ENOENT/],
  [
    "torn.json",
    '{ "cloudian": { "passwords": { "blue/ada": "Canary-1", ',
    /^--seed: \S+torn\.json is no JSON \(line 1 column 56\)\.\n$/,
  ],
  ["list.json", [], /^\S+list\.json must hold a JSON object with cloudian, ecs, cloudstack\.\n$/],
  [
    "system.json",
    { cloudain: {} },
    /^\S+system\.json: there is no system "cloudain"; use cloudian, ecs, cloudstack\.\n$/,
  ],
  ["number.json", { ecs: 7 }, /^\S+number\.json: "ecs" must be an object, as for PATCH \/state\.\n$/],
  ["section.json", { ecs: { user: {} } }, /^\S+section\.json: ecs: The state has no "user": use [^\n]+\n$/],
  [
    "place.json",
    { cloudstack: { zones: { far: { name: 7 } } } },
    /^\S+place\.json: cloudstack: The patch does not fit at zones: far: name must be a text\.\n$/,
  ],
])("%s: one sentence that says where", async (name, content, reason) => {
  const path = content === undefined ? join(folder, name) : file(name, content);
  const { code, stdout, stderr } = await runCommand(["lab", "--port-base", "0", "--seed", path]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(reason);
  expect(stderr).not.toContain("Canary-1");
});

test("a lab that runs already does not get it", async () => {
  const lab = await startLab({ portBase: 0 });
  const { port } = new URL(lab.addresses.control);
  const path = file("estate.json", ESTATE);
  const run = await runCommand(["lab", "--env", "--port-base", port, "--seed", path]);
  await lab.close();
  expect({ ...run, stderr: run.stderr.replaceAll(folder, "") }).toEqual({
    code: 1,
    stdout: "",
    stderr: `A lab runs at port ${port} already, and --seed is for one that starts: end that one, give this one another --port-base, or send the parts of /estate.json to ${lab.addresses.control}/state/….\n`,
  });
});
