import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { cloudstackEnvironmentOf, runCommand, runInTerminal } from "../harness/command.ts";
import type { RunOptions } from "../harness/engine/run.ts";
import { calls, LabControl } from "../harness/lab.ts";
import { ZONE } from "./cloudstack-support.ts";

let lab: Lab;
let control: LabControl;
let env: Record<string, string>;

const VM = "5b7e2d94-c1f0-48a3-8d6e-93f4a0b1c728";
const FAR = "7f0e6b0a-4f3c-4d0e-9d1b-2f6a8c1e5d37";

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  env = cloudstackEnvironmentOf(lab.addresses.cloudstack);
});
afterEach(() => control.reset());
afterAll(() => lab.close());

const reboot = (...args: string[]) => runCommand(["ssvm-reboot", ...args], { env });

/** Each command once, in order, without the polls of a job. */
async function commands(): Promise<string[]> {
  const asked = (await control.requests("cloudstack")).map(({ query, body }) => query["command"] ?? body?.["command"]);
  return asked.filter((name, index): name is string => typeof name === "string" && name !== asked[index - 1]);
}

const PLACES =
  "Look at the console of the VM and of its host, at /var/log/cloudstack/management/management-server.log on the management servers " +
  "(search for s-1-VM), and in the VM at /var/log/cloud.log and what /usr/local/cloud/systemvm/ssvm-check.sh says.";

test.each([["lab-zone"], [ZONE]])("--zone %s: reboots and waits until it is up", async (zone) => {
  expect(await reboot("--zone", zone, "--yes")).toEqual({
    code: 0,
    stdout: "",
    stderr: `Zone lab-zone: s-1-VM (Running, agent Up).
Rebooting s-1-VM…
s-1-VM in zone lab-zone is up.
`,
  });
  expect(await commands()).toEqual([
    "listCapabilities",
    "listConfigurations",
    "listZones",
    "listSystemVms",
    "listAsyncJobs",
    "rebootSystemVm",
    "queryAsyncJobResult",
    "listSystemVms",
  ]);
});

test("names of the cloud and words of the command line move no cursor and begin no line", async () => {
  await control.patch("cloudstack", { systemVms: { [VM]: { name: "s-1\u001b[1A\u2066\nZone lab-zone: none" } } });
  const { code, stderr } = await reboot("--zone", "lab-zone", "--yes");
  const shown = "s-1\\u001b[1A\\u2066\\u000aZone lab-zone: none";
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `Zone lab-zone: ${shown} (Running, agent Up).
Rebooting ${shown}…
${shown} in zone lab-zone is up.
`,
  });
  const wrong = await reboot("--zone", "far\u0007\u009d\u202ezone", "--yes");
  expect(wrong.stderr).toBe(
    `There is no zone far\\u0007\\u009d\\u202ezone; ${lab.addresses.cloudstack.endpoint} has lab-zone (${ZONE}).\n`,
  );
});

test("two of a zone go down one after the other, and those of other zones not at all", async () => {
  await control.patch("cloudstack", {
    zones: { [FAR]: { name: "far-zone" } },
    systemVms: {
      second: { name: "s-2-VM", zoneId: ZONE },
      far: { name: "s-3-VM", zoneId: FAR },
      console: { name: "v-4-VM", zoneId: ZONE, type: "consoleproxy" },
    },
  });
  const run = await reboot("--zone", "lab-zone", "--yes");
  expect(run).toEqual({
    code: 0,
    stdout: "",
    stderr: `Zone lab-zone: s-1-VM (Running, agent Up), s-2-VM (Running, agent Up).
Rebooting s-1-VM…
s-1-VM in zone lab-zone is up.
Rebooting s-2-VM…
s-2-VM in zone lab-zone is up.
`,
  });
});

test("it waits for the agent as well, and tells what it sees", async () => {
  await control.patch("cloudstack", { options: { agentStaysAway: true } });
  const onErrorLine = async (line: string) => {
    if (line === "s-1-VM (Running, agent Connecting)")
      await control.patch("cloudstack", { systemVms: { [VM]: { agentState: "Up" } } });
  };
  const options = { env, timeoutMs: 20_000, onErrorLine };
  const { code, stderr } = await runCommand(["ssvm-reboot", "--zone", "lab-zone", "--yes"], options);
  expect(stderr.split("\n")).toEqual([
    "Zone lab-zone: s-1-VM (Running, agent Up).",
    "Rebooting s-1-VM…",
    "s-1-VM (Running, agent Connecting)",
    "s-1-VM in zone lab-zone is up.",
    "",
  ]);
  expect(code).toBe(0);
});

test("an agent that stays away is an error when the time is up, with where to look", async () => {
  await control.patch("cloudstack", { options: { agentStaysAway: true } });
  const { code, stderr } = await reboot("--zone", "lab-zone", "--yes", "--timeout", "4");
  expect(code).toBe(1);
  expect(stderr.split("\n").slice(2)).toEqual([
    "s-1-VM (Running, agent Connecting)",
    `s-1-VM was not up after 4 seconds: it is (Running, agent Connecting). ${PLACES}`,
    "",
  ]);
});

test.each(["reset-after-commit", "truncate"] as const)(
  "a reply that is lost (%s) is looked for, not asked for again",
  async (kind) => {
    await control.fault({ system: "cloudstack", command: "rebootSystemVm", kind });
    expect(await reboot("--zone", "lab-zone", "--yes")).toEqual({
      code: 0,
      stdout: "",
      stderr: `Zone lab-zone: s-1-VM (Running, agent Up).
Rebooting s-1-VM…
The reply is lost, so that the jobs of s-1-VM are looked at.
s-1-VM in zone lab-zone is up.
`,
    });
    expect((await commands()).filter((name) => name === "rebootSystemVm")).toHaveLength(1);
  },
);

test("a job whose result is lost is followed in the list of jobs", async () => {
  await control.patch("cloudstack", { options: { loseJobs: true } });
  const { code, stderr } = await reboot("--zone", "lab-zone", "--yes");
  expect({ code, last: stderr.split("\n").at(-2) }).toEqual({ code: 0, last: "s-1-VM in zone lab-zone is up." });
});

test("a request that has not arrived is not repeated, and no earlier reboot is taken for it", async () => {
  expect((await reboot("--zone", "lab-zone", "--yes")).code).toBe(0);
  await control.clearRequests();
  await control.fault({ system: "cloudstack", command: "rebootSystemVm", kind: "status", status: 503 });
  const { code, stderr } = await reboot("--zone", "lab-zone", "--yes");
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /\nCould not reboot system VM s-1-VM: [^\n]* answered 503[^\n]* CloudStack has no job for it, so that s-1-VM was most likely not rebooted\.\n$/,
  );
  expect((await commands()).filter((name) => name === "rebootSystemVm")).toHaveLength(1);
});

/** A way to the lab on which a request to reboot is cut off, and arrives all the same a moment later. */
async function lateWay(): Promise<Server> {
  const target = new URL(lab.addresses.cloudstack.endpoint).origin;
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join("");
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const pass = () =>
      fetch(`${target}${request.url}`, { method: request.method ?? "GET", ...(body === "" ? {} : { body, headers }) });
    if (body.includes("rebootSystemVm")) {
      response.destroy();
      setTimeout(pass, 1500);
      return;
    }
    const answer = await pass();
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

test("a request that arrives after its connection was cut is followed, too", async () => {
  const way = await lateWay();
  const { port } = way.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/client/api`;
  const late = { ...env, ...cloudstackEnvironmentOf({ ...lab.addresses.cloudstack, endpoint }) };
  const { code, stderr } = await runCommand(["ssvm-reboot", "--zone", "lab-zone", "--yes"], { env: late });
  way.close();
  expect({ code, last: stderr.split("\n").at(-2) }).toEqual({ code: 0, last: "s-1-VM in zone lab-zone is up." });
  expect(stderr).toContain("\nThe reply is lost, so that the jobs of s-1-VM are looked at.\n");
  expect((await commands()).filter((name) => name === "rebootSystemVm")).toHaveLength(1);
});

test("a job that is cancelled is an error", async () => {
  await control.patch("cloudstack", { options: { cancelJobs: true } });
  const { code, stderr } = await reboot("--zone", "lab-zone", "--yes");
  expect(code).toBe(1);
  expect(stderr).toMatch(/\nCould not reboot system VM s-1-VM: [^\n]* answered 530, "Job is cancelled"\.\n$/);
});

test("on a terminal it asks, and anything but yes is no", async () => {
  const args = ["ssvm-reboot", "--zone", "lab-zone"];
  const refused = await runInTerminal(args, { env, input: "n\n" });
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("Reboot it? Running transfers are interrupted. [y/N] ");
  expect(refused.stdout).toMatch(/\nNothing was rebooted\.\n$/);
  expect(await commands()).not.toContain("rebootSystemVm");
  const agreed = await runInTerminal(args, { env, input: "y\n" });
  expect(agreed.code).toBe(0);
  expect(agreed.stdout).toMatch(/\ns-1-VM in zone lab-zone is up\.\n$/);
});

test.each([
  ["Ctrl-C", "\u0003", 130],
  ["Ctrl-D", "\u0004", 1],
])("%s at the question ends it as a shell expects, and nothing is rebooted", async (_, key, code) => {
  const onStart: RunOptions["onStart"] = ({ stdout, stdin }) => {
    let shown = "";
    stdout.on("data", (text: string) => {
      shown += text;
      if (shown.endsWith("[y/N] ") || /\[y\/N\] \S+$/.test(shown)) stdin.write(key);
    });
  };
  const ended = await runInTerminal(["ssvm-reboot", "--zone", "lab-zone"], { env, timeoutMs: 20_000, onStart });
  expect(ended.code).toBe(code);
  expect(ended.stdout).toContain("Reboot it? Running transfers are interrupted. [y/N] ");
  expect(await commands()).not.toContain("rebootSystemVm");
});

test("zones that are missing or have no such VM are named; nothing is written", async () => {
  await control.patch("cloudstack", { zones: { [FAR]: { name: "far-zone" } } });
  expect(await reboot("--zone", "near-zone", "--yes")).toEqual({
    code: 1,
    stdout: "",
    stderr: `There is no zone near-zone; ${lab.addresses.cloudstack.endpoint} has lab-zone (${ZONE}), far-zone (${FAR}).\n`,
  });
  const { code, stderr } = await reboot("--zone", "far-zone", "--yes");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Zone far-zone has no secondary storage VM, so that there is nothing to reboot\. /);
  expect(calls(await control.requests("cloudstack")).filter((call) => !call.startsWith("GET "))).toEqual([]);
});

test.each([
  [["--yes"], "--zone is missing: the name or UUID of the zone whose secondary storage VM is rebooted."],
  [["--zone", "lab-zone"], "A reboot interrupts running transfers, and nobody is here to be asked. Give --yes."],
  [["--zone", "lab-zone", "--yes", "--timeout", "0"], '--timeout needs a whole number from 1, not "0".'],
])("%j cannot be used", async (args, reason) => {
  expect(await reboot(...args)).toEqual({
    code: 2,
    stdout: "",
    stderr: `${reason}\nSee: cloudstack-storage ssvm-reboot --help\n`,
  });
  expect(await control.requests()).toEqual([]);
});

test("--help tells flags and exit codes", async () => {
  const { code, stdout } = await runCommand(["ssvm-reboot", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: cloudstack-storage ssvm-reboot --zone ZONE \[flags\]\n/);
});
