import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const demo = resolve(import.meta.dirname, "../../examples/demo.ts");
const running = new Set<ChildProcess>();
let temporary: string;

beforeEach(() => {
  temporary = realpathSync(mkdtempSync(join(tmpdir(), "cloudstack-storage-demo-test-")));
});

afterEach(async () => {
  for (const child of running) {
    child.kill("SIGTERM");
    await once(child, "close");
  }
  rmSync(temporary, { recursive: true, force: true });
});

/** The demo as a user starts it. */
class Demo {
  #child: ChildProcess | undefined;
  readonly #ended: Promise<RunResult>;
  #output = "";

  constructor(...flags: string[]) {
    this.#ended = runWatched(process.execPath, [demo, ...flags], {
      env: { ...process.env, TMPDIR: temporary },
      onStart: (child) => this.#follow(child),
    });
  }

  #follow(child: ChildProcessWithoutNullStreams): void {
    running.add(child);
    child.once("close", () => running.delete(child));
    this.#child = child;
    child.stdin.end();
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: string) => {
        this.#output += text;
      });
  }

  /** The first match's only group, as soon as the demo has printed it. */
  async printed(pattern: RegExp): Promise<string> {
    return await expect
      .poll(() => pattern.exec(this.#output)?.[1], { timeout: 120_000 })
      .toBeDefined()
      .then(() => pattern.exec(this.#output)?.[1] ?? "");
  }

  interrupt(): void {
    this.#child?.kill("SIGINT");
  }

  async end(): Promise<{ code: number | undefined; output: string }> {
    const { code } = await this.#ended;
    return { code, output: this.#output };
  }
}

const controlUrl = /control API +(http:\S+)/;

/** All three scenes take a minute where nothing else runs; other tests of this layer run beside them. */
vi.setConfig({ testTimeout: 400_000 });

test("the demo goes from nothing to nothing and sums up what it has checked", async () => {
  const { code, output } = await new Demo().end();
  expect(output.slice(output.indexOf("Summary"))).toMatch(
    new RegExp(
      [
        "pulumi up +10 groups and 45 users made +108 ",
        "pulumi preview +nothing to do, nobody asked +0 ",
        "somebody's hands +a user disabled, a key deleted, a group renamed +0 ",
        "drift gate +exit code 7; all three shown +108 ",
        "pulumi up --refresh +all three repaired; the deleted key is the very same pair again +114 ",
        "pulumi preview +nothing to do, nobody asked +0 ",
        "pulumi destroy +the lab is empty +120 ",
        "Dell ECS: a tenant with two buckets",
        "pulumi up +one user, two buckets made +12 ",
        "pulumi preview +nothing to do, nobody asked +0 ",
        "somebody's hands +a quota raised, a bucket opened to everybody +0 ",
        "drift gate +exit code 7; both shown +12 ",
        "pulumi up --refresh +both repaired +14 ",
        "pulumi preview +encryption cannot change: refused, exit code 1 +0 ",
        "pulumi preview +object lock is not managed: refused, exit code 1 +0 ",
        "the tenant +stores objects; anybody reads, nobody lists +8 ",
        "pulumi destroy +a bucket in use: refused +7 ",
        "pulumi up +forceDestroy switched on +0 ",
        "pulumi destroy +both emptied; no token is left +16 ",
        "CloudStack: secondary storage on the HyperStore",
        "pulumi up +the whole procedure; the template is ready +22 ",
        "pulumi preview +nothing to do, nobody asked +0 ",
        "somebody's hands +the store read-only, a network closed +0 ",
        "drift gate +exit code 7; both shown +9 ",
        "pulumi up --refresh +both repaired +13 ",
        "pulumi destroy +a user's template is on the store: refused +6 ",
        "somebody's hands +the template deleted +0 ",
        "pulumi destroy +in reverse; nothing is left +12 ",
      ].join("[^]*"),
    ),
  );
  expect(code).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
});

test("an object that is left over makes the demo fail", async () => {
  const failing = new Demo();
  const lab = new LabControl(await failing.printed(controlUrl));
  await failing.printed(/(2\. pulumi preview)/);
  await lab.patch("cloudian", { groups: { stray: { groupName: "stray" } } });
  const { code, output } = await failing.end();
  expect(output).toContain("✗ Surprise. The lab is not as empty as at its start.");
  expect(output).toContain('expected: {"groups":["0"],"users":["0/admin"],"keys":0,"limits":0,"buckets":0}');
  expect(output).toContain('found:    {"groups":["0","stray"],"users":["0/admin"],"keys":0,"limits":0,"buckets":0}');
  expect(output).not.toContain("Summary");
  expect(code).toBe(1);
  expect(readdirSync(temporary)).toEqual([]);
  await expect(lab.state()).rejects.toThrow("fetch failed");
});

test("a user that is left over on the ECS makes the demo fail, too", async () => {
  const failing = new Demo();
  const lab = new LabControl(await failing.printed(controlUrl));
  await failing.printed(/(10\. somebody's hands)/);
  await lab.patch("ecs", { users: { "ns1/stray": {} } });
  const { code, output } = await failing.end();
  expect(output).toContain("✗ Surprise. The lab's ECS is not as empty as at its start.");
  expect(output).toContain('found:    {"users":["ns1/stray"],"buckets":[],"tokens":0}');
  expect(output).not.toContain("Summary");
  expect(code).toBe(1);
  expect(readdirSync(temporary)).toEqual([]);
});

test("Ctrl-C ends the command that runs, the lab and the temporary folder", async () => {
  const interrupted = new Demo();
  const lab = new LabControl(await interrupted.printed(controlUrl));
  await interrupted.printed(/(CloudianGroup \S+ created)/);
  interrupted.interrupt();
  const { code, output } = await interrupted.end();
  expect(output).toContain("update canceled");
  expect(output).toContain("Interrupted: the lab is ended and the temporary folder removed.");
  expect(code).toBe(130);
  expect(readdirSync(temporary)).toEqual([]);
  await expect(lab.state()).rejects.toThrow("fetch failed");
});

test("with --keep the printed commands go on where the demo has stopped", async () => {
  const { code, output } = await new Demo("--keep").end();
  expect(code).toBe(0);
  const lab = new LabControl(controlUrl.exec(output)?.[1] ?? "");
  const enter = output.match(/^ {2}(?:cd \/\S*demo-\S+|\. \.\.\/environment\.sh)/gm) ?? [];
  const leave = output.match(/^ {2}(?:kill \d+|cd \/ && rm -r \S+)/gm) ?? [];
  expect([enter.length, leave.length]).toEqual([2, 2]);
  try {
    const byHand = ["pulumi preview --expect-no-changes", "pulumi destroy --yes --skip-preview"];
    const otherStacks = ["on ECS", "on CloudStack"].map((where) => {
      return new RegExp(`(/\\S+) (?:is )?the one ${where}`).exec(output)?.[1];
    });
    const shell = { env: { PATH: "/usr/bin:/bin", HOME: temporary }, lab };
    const others = otherStacks.flatMap((folder) => [`cd ${folder}`, ...byHand]);
    const result = await runWatched("sh", ["-ec", [...enter, ...byHand, ...others].join("\n")], shell);
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
    const { cloudian, ecs, cloudstack } = await lab.state();
    expect(Object.keys(cloudian.groups)).toEqual(["0"]);
    expect(Object.values(cloudstack.imageStores).map(({ removed }) => removed)).toEqual([true, true]);
    expect([ecs.users, ecs.buckets, ecs.sessions.live]).toEqual([{}, {}, 0]);
  } finally {
    await runWatched("sh", ["-c", leave.join("\n")]);
  }
  expect(readdirSync(temporary)).toEqual([]);
  await expect
    .poll(
      () =>
        lab.state().then(
          () => "there",
          () => "gone",
        ),
      { timeout: 10_000 },
    )
    .toBe("gone");
});
