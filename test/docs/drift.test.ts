import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { blocksOf } from "./markdown.ts";
import { openingTime, Reader } from "./reader.ts";

/** What docs/drift.md says of exit codes and of the JSON report, with its own commands. */
let reader: Reader;

const program = `
import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";
const blue = new CloudianGroup("blue", { groupId: "blue", groupName: "Blue" });
new CloudianUser("ada", { groupId: blue.groupId, userId: "ada", fullName: "Ada", password: "Correct-horse-7" });
`;
const commands = blocksOf("docs/drift.md")
  .filter(({ language }) => language === "sh")
  .flatMap(({ text }) => text.split("\n"));
const gate = wordsOf("pulumi preview --refresh ");
const report = wordsOf("pulumi refresh --preview-only --run-program --expect-no-changes --json ");

beforeAll(async () => {
  reader = await Reader.open({ "index.ts": program, "Pulumi.yaml": "name: drift\nruntime: nodejs\n" });
  const { endpoint } = reader.lab.addresses.cloudian;
  expect(await reader.pulumi(["stack", "init", "dev"])).toMatchObject({ code: 0 });
  for (const setting of [`cloudianEndpoint=${endpoint}`, "cloudianUsername=sysadmin"]) {
    const [key = "", value = ""] = setting.split("=");
    expect(await reader.pulumi(["config", "set", `cloudstack-storage:${key}`, value])).toMatchObject({ code: 0 });
  }
  const secret = ["config", "set", "--secret", "cloudstack-storage:cloudianPassword"];
  expect(await reader.pulumi(secret, { input: "public" })).toMatchObject({ code: 0 });
}, openingTime);

// The state is as after an `up`, whatever a test has changed by hand.
beforeEach(async () => {
  await reader.control.patch("cloudian", { users: { "blue/ada": { userType: "User" } } }).catch(() => undefined);
  expect(await reader.pulumi(["up", "--refresh", "--yes", "--skip-preview", "--non-interactive"])).toMatchObject({
    code: 0,
  });
});

afterAll(async () => {
  await reader.close();
});

test("the JSON report names the properties, and never shows a secret", async () => {
  await reader.control.patch("cloudian", {
    groups: { blue: { groupName: "Renamed" } },
    users: { "blue/ada": { fullName: "Somebody else" } },
  });
  const { code, stdout, output } = await reader.pulumi(report);
  expect(code).toBe(7);
  const changed = changedIn(stdout);
  expect(changed).toEqual([
    ["blue", "update", ["groupName"], "Blue", "Renamed"],
    ["ada", "update", ["fullName"], "Ada", "Somebody else"],
  ]);
  const state = await reader.pulumi(["stack", "export"]);
  expect(state).toMatchObject({ code: 0, output: expect.stringContaining('"userId": "ada"') });
  for (const text of [output, state.output]) expect(text).not.toContain("Correct-horse-7");
});

test("a deleted object, a lost key and one that cannot be repaired in place", async () => {
  const { credentials } = (await reader.control.state()).cloudian;
  const [key = ""] = Object.keys(credentials).filter((name) => credentials[name]?.["userId"] === "ada");
  await reader.control.patch("cloudian", { credentials: { [key]: null } });
  const lost = await reader.pulumi(gate);
  expect(lost).toMatchObject({ code: 7, output: expect.stringMatching(/keyGeneration\s*: 0 => 1/) });
  await reader.control.patch("cloudian", { users: { "blue/ada": { userType: "GroupAdmin" } } });
  const fixed = await reader.pulumi(gate);
  expect(fixed).toMatchObject({ code: 1, output: expect.stringContaining("userType: cannot be changed") });
  await reader.control.patch("cloudian", { users: { "blue/ada": null } });
  const gone = await reader.pulumi(gate);
  expect(gone).toMatchObject({ code: 7, output: expect.stringMatching(/\+ 1 to create/) });
});

/** The page's command that begins so, without `pulumi`. */
function wordsOf(start: string): string[] {
  const command = commands.find((line) => line.startsWith(start));
  if (command === undefined) throw new Error(`docs/drift.md has no command that begins with ${start}`);
  return command.split(" ").slice(1);
}

/** Of every changed resource: name, operation, property paths, recorded and live value of the first one. */
function changedIn(json: string): unknown[] {
  const { steps } = JSON.parse(json) as { steps: Step[] };
  return steps
    .filter(({ op }) => op !== "same")
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
