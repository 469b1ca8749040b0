import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { EcsBucket, EcsObjectUser } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { type TestStack, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, type Run, shownOf } from "../harness/stack-run.ts";
import { processesOf } from "./processes.ts";

const logIns = ({ calls }: Pick<Run, "calls">) => calls.filter((call) => call === "GET /login").length;
const sessions = async (stack: TestStack) => (await stack.lab.state()).ecs.sessions;

const estate = async () => {
  for (let number = 1; number <= 50; number += 1) {
    const user = new EcsObjectUser(`user-${number}`, { userName: `user-${number}` });
    new EcsBucket(`bucket-${number}`, { bucketName: `bucket-${number}`, owner: user.userName });
  }
};

test("a hundred users and buckets at once log in once, and a preview does not", async () => {
  await withStack("many", async (stack) => {
    const up = await stack.up(estate);
    expect(logIns(up)).toBe(1);
    // One for each bucket, two for each user, and what is asked once a process.
    expect(up.calls.filter((call) => !/^GET \/log(in|out)$/.test(call))).toHaveLength(151);
    expect(await sessions(stack)).toEqual({ live: 0, logins: 1, failures: 0, locked: false });
    const unchanged = await stack.preview(estate);
    expect([changesOf(unchanged), unchanged.calls]).toEqual([{ same: 101 }, []]);
  });
});

test("up --refresh as a person runs it is two processes with a log-in each, and a gate is one; none leaves a token", async () => {
  await withStack("phases", async (stack) => {
    const cli = await programFolder(
      stack,
      `import { EcsObjectUser } from "pulumi-cloudstack-storage";
for (const userName of ["one", "two"]) new EcsObjectUser(userName, { userName });
`,
    );
    await cli("up", "--yes");
    expect(await sessions(stack)).toMatchObject({ live: 0, logins: 1 });
    await cli("up", "--yes", "--refresh");
    expect(await sessions(stack)).toMatchObject({ live: 0, logins: 3 });
    await cli("preview", "--refresh", "--diff", "--expect-no-changes");
    expect(await sessions(stack)).toMatchObject({ live: 0, logins: 4 });
  });
});

test("after one Ctrl-C in a slow creation the user is recorded, and the array holds no token", async () => {
  await withStack("interrupted", async (stack) => {
    const program = async () => {
      const first = new EcsObjectUser("first", { userName: "first" });
      new EcsObjectUser("second", { userName: "second" }, { dependsOn: [first] });
    };
    await stack.lab.fault({ system: "ecs", kind: "delay", method: "POST", path: "/object/users", delayMs: 2000 });
    const running = stack.tryUp(program);
    await expect.poll(() => stack.requests(), { timeout: 60_000, interval: 50 }).toHaveLength(2);
    const { cli } = await processesOf(stack);
    process.kill(cli, "SIGINT");
    const interrupted = await running;
    expect(interrupted.code).toBe(1);
    expect(Object.keys((await stack.lab.state()).ecs.users)).toEqual(["ns1/first"]);
    expect(await sessions(stack)).toMatchObject({ live: 0, logins: 1 });
    const next = await stack.up(program);
    expect(changesOf(next)).toEqual({ create: 1, same: 2 });
    expect(await sessions(stack)).toMatchObject({ live: 0, logins: 2 });
  });
});

test("a rotated password: offered once, and the message names what helps", async () => {
  await withStack("rotated-password", async (stack) => {
    const rotated = "Canary-Rotated-Password";
    const { password } = stack.addresses.ecs;
    const program = async () => {
      for (const userName of ["one", "two", "three"]) new EcsObjectUser(userName, { userName });
    };
    await stack.up(program);
    await stack.lab.patch("ecs", { options: { password: rotated } });
    await stack.setConfig({ ecsPassword: rotated });

    // Without the program the old password comes from the state.
    const refused = await stack.tryDestroy({ continueOnError: true });
    expect(refused.code).toBe(1);
    expect(refused.calls).toEqual(["GET /login"]);
    expect(await sessions(stack)).toMatchObject({ live: 0, failures: 1, locked: false });
    const text =
      `Could not log in to ECS as pulumi: ${stack.addresses.ecs.endpoint} answered 401, code 4000, "The credentials or the token ` +
      'are not valid: Invalid user name or password". Check ecsUsername and ecsPassword; they are not tried again in this run. ' +
      "refresh and destroy use the configuration that the last pulumi up has recorded: after a password change give " +
      "--run-program, or use ecsPasswordEnv, which is read live.";
    const errors = errorsOf(refused).filter((error) => error.includes("Could not log in"));
    expect(errors.length).toBeGreaterThanOrEqual(1);
    for (const error of errors) expect(error).toContain(text);

    const done = await stack.destroy({ runProgram: program });
    expect(logIns(done)).toBe(1);
    expect((await stack.lab.state()).ecs.users).toEqual({});
    expect(shownOf(refused, [password, rotated]).concat(shownOf(done, [password, rotated]))).toEqual([]);
    for (const secret of [password, rotated]) expect(stack.storedText()).not.toContain(secret);
  });
});

/** A project with this program in the stack's folder; the answer runs commands of the CLI in it, which must succeed. */
async function programFolder(stack: TestStack, program: string) {
  const main = join(stack.folder, "program");
  mkdirSync(main);
  symlinkSync(resolve(import.meta.dirname, "../../node_modules"), join(stack.folder, "node_modules"), "junction");
  writeFileSync(join(main, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
  writeFileSync(join(main, "index.js"), program);
  writeFileSync(join(stack.folder, "Pulumi.yaml"), JSON.stringify({ name: "engine-test", runtime: "nodejs", main }));
  return async (...args: string[]) => {
    const { code, stdout, stderr } = await stack.cli(args);
    expect(code, stdout + stderr).toBe(0);
  };
}
