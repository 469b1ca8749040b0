import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { cloudstackEnvironmentOf, runCommand } from "../harness/command.ts";
import { documentedShape } from "../harness/documented-shape.ts";
import { LabControl } from "../harness/lab.ts";
import { ZONE } from "./cloudstack-support.ts";
import { type DoctorRun, doctor, nextOf, troubles } from "./doctor-support.ts";

const schema = documentedShape("doctor");

let lab: Lab;
let control: LabControl;
let env: Record<string, string>;

const FAR = "7f0e6b0a-4f3c-4d0e-9d1b-2f6a8c1e5d37";
const VM = "5b7e2d94-c1f0-48a3-8d6e-93f4a0b1c728";
const SYSTEM = "e4a91c06-8d2f-4b7a-a5c3-1f60d9e87b42";
const BUILTIN = "9c3d70f5-6e18-4a2b-b8f1-d4025e7a6c93";
const DONE = { stores: { main: { state: "DOWNLOADED", percent: 100 } } };

/** A cloud in which all is well: S3 in a listed network, a staging store, a system VM, and templates. */
const CLOUD = {
  imageStores: {
    main: { name: "main", provider: "S3", url: "https://10.1.2.3/secondary" },
    staging: { role: "ImageCache", name: "nfs://192.0.2.1/staging", url: "nfs://192.0.2.1/staging" },
  },
  settings: { "secstorage.allowed.internal.sites": "192.168.9.0/24,10.1.2.0/24" },
  templates: { [SYSTEM]: DONE, [BUILTIN]: DONE },
};

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  env = cloudstackEnvironmentOf(lab.addresses.cloudstack);
});
beforeEach(async () => {
  await control.reset();
  await control.patch("cloudstack", CLOUD);
});
afterAll(() => lab.close());

async function look(changes: Readonly<Record<string, string>> = {}): Promise<DoctorRun> {
  const run = await doctor({ ...env, ...changes });
  expect(schema.safeParse(run.report).error).toBeUndefined();
  const said = JSON.stringify(run);
  expect(["lab-secret-key", "Canary-"].filter((secret) => said.includes(secret))).toEqual([]);
  return run;
}

test("all is well: every verdict ok, and nothing but reads", async () => {
  const run = await look();
  expect(troubles(run)).toEqual([]);
  expect(run.code).toBe(0);
  expect({ systems: run.report.systems, zones: run.report.zones }).toEqual({
    systems: [{ name: "cloudstack", verdict: "ok" }],
    zones: [{ name: "lab-zone", verdict: "ok" }],
  });
  const after = run.report.findings.slice(run.report.findings.findIndex(({ check }) => check === "log-in"));
  expect(after.map(({ zone, subject, check, text }) => [zone ?? subject, check, text])).toEqual([
    ["API", "log-in", "The API key and its signature are accepted."],
    ["API", "version", "CloudStack 4.22.0.0."],
    ["API", "commands", "All 29 commands that the provider uses are there."],
    ["API", "role", "The key belongs to a root administrator."],
    [undefined, "stores", "Secondary storage: main (S3 at https://10.1.2.3/secondary, all zones)."],
    ["lab-zone", "staging-store", "Staging store nfs://192.0.2.1/staging."],
    ["lab-zone", "system-vm", "s-1-VM runs, and its agent is up."],
    ["store main", "internal-sites", "10.1.2.3 is in a network of secstorage.allowed.internal.sites."],
    ["lab-zone", "templates", "2 of 2 templates are ready."],
  ]);
  const requests = await control.requests("cloudstack");
  expect(requests.filter(({ method }) => method !== "GET")).toEqual([]);
  expect([...new Set(requests.map(({ query }) => query["command"]))]).toEqual([
    undefined,
    "listCapabilities",
    "listConfigurations",
    "listApis",
    "getUser",
    "listImageStores",
    "listSecondaryStagingStores",
    "listZones",
    "listSystemVms",
    "listTemplates",
    "listObjectStoragePools",
  ]);
});

test("for people: one line for each, the next step below it, and the verdicts at the end", async () => {
  await control.patch("cloudstack", { systemVms: { [VM]: { agentState: "Down" } } });
  const { code, stdout, stderr } = await runCommand(["doctor", "--quiet"], { env });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toBe(`CloudStack
  failed     zone lab-zone, system-vm  s-1-VM is Running, and its agent Down.
                                       next: If it stays so, reboot it: cloudstack-storage ssvm-reboot --zone lab-zone

Verdicts
  failed     CloudStack
  failed     zone lab-zone
`);
});

test("a wrong key is one refusal, told apart from a clock that is off", async () => {
  const wrong = await look({ CLOUDSTACK_SECRET_KEY: "Canary-wrong-secret" });
  expect(wrong.code).toBe(1);
  const [first, ...rest] = troubles(wrong);
  expect(first).toMatch(/^failed API log-in: The API key or its signature is refused \(401, ".*"\)\.$/);
  expect(
    rest.every((line) => /^not known .*: Not asked\. API: The API key or its signature is refused/.test(line)),
  ).toBe(true);
  const signed = (await control.requests("cloudstack")).filter(({ query }) => query["command"] !== undefined);
  expect(signed).toHaveLength(1);

  await control.advance(3600);
  const late = await look();
  // Signatures follow the server's clock.
  expect(late.code).toBe(0);
  expect(troubles(late)).toEqual(["warning API clock: Its clock is 60 min ahead of this machine's."]);
  expect(late.report.findings.find(({ check }) => check === "log-in")?.verdict).toBe("ok");
});

test("a command that the role does not have", async () => {
  await control.patch("cloudstack", { options: { deniedCommand: "addImageStore" } });
  const run = await look();
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual(["failed API commands: This key may not call addImageStore."]);
  expect(nextOf(run, "commands")).toBe(
    "Give its role these commands, or use the key of a root administrator. A build may lack a plugin, too.",
  );
});

test("a command that it needs itself is a look that cannot be made", async () => {
  await control.patch("cloudstack", { options: { deniedCommand: "listSystemVms" } });
  const run = await look();
  expect(troubles(run)).toEqual([
    "failed API commands: This key may not call listSystemVms.",
    expect.stringMatching(
      /^not known system-vm: Could not list secondary storage VMs: .* answered 401 to listSystemVms/,
    ),
  ]);
});

test("commands that the release does not have yet", async () => {
  await control.patch("cloudstack", { options: { release: "4.17.2.0" } });
  const run = await look();
  expect(run.code).toBe(0);
  expect(troubles(run)).toEqual([
    "warning API commands: CloudStack 4.17.2.0 has not yet resetConfiguration (4.18), listObjectStoragePools (4.19), addObjectStoragePool (4.19), updateObjectStoragePool (4.19), deleteObjectStoragePool (4.19), listBuckets (4.19).",
  ]);
});

test("a key that is no root administrator's", async () => {
  const ops = { username: "ops", email: "ops@example.test", apiKey: "ops-key", secretKey: "Canary-ops-secret" };
  await control.patch("cloudstack", {
    domains: { "domain-1": { name: "blue" } },
    accounts: { "account-1": { name: "ops", domainId: "domain-1", type: 2, users: [ops] } },
  });
  const run = await look({ CLOUDSTACK_API_KEY: "ops-key", CLOUDSTACK_SECRET_KEY: "Canary-ops-secret" });
  expect(run.code).toBe(1);
  const [commands, role, ...rest] = troubles(run);
  expect(commands).toMatch(/^failed API commands: This key may not call getUser, listSystemVms, /);
  expect(role).toMatch(
    /^failed API role: Could not find out whose API key this is: .* Use the key of a root administrator\.$/,
  );
  expect(rest).toHaveLength(6);
  expect(rest.every((line) => line.includes(": Not asked. API: Could not find out whose"))).toBe(true);
});

test("no secondary storage; NFS alone needs no staging store", async () => {
  await control.patch("cloudstack", { imageStores: { main: null, staging: null } });
  const none = await look();
  expect(troubles(none)).toEqual(["warning stores: There is no secondary storage."]);
  await control.patch("cloudstack", {
    imageStores: { nfs: { name: "primary", url: "nfs://192.0.2.1/export" } },
    templates: { [SYSTEM]: { stores: { nfs: {} } }, [BUILTIN]: { stores: { nfs: {} } } },
  });
  expect(troubles(await look())).toEqual([]);
});

test("stores of two providers side by side, and storage that is read-only", async () => {
  await control.patch("cloudstack", { imageStores: { nfs: { name: "primary", url: "nfs://192.0.2.1/export" } } });
  expect(troubles(await look())).toEqual([
    "failed stores: Secondary storage: main (S3 at https://10.1.2.3/secondary, all zones), primary (NFS at nfs://192.0.2.1/export, zone lab-zone). CloudStack takes stores of one provider only, so that no further one can be added.",
  ]);
  await control.patch("cloudstack", { imageStores: { nfs: null, main: { readOnly: true } } });
  expect(troubles(await look())).toEqual([
    "warning stores: Secondary storage: main (S3 at https://10.1.2.3/secondary, all zones, read-only). All of it is read-only, so that no template, snapshot or volume can be stored.",
  ]);
});

test("a zone without staging store and system VM, and another in which all is well", async () => {
  await control.patch("cloudstack", { zones: { [FAR]: { name: "far zone" }, off: { allocationState: "Disabled" } } });
  const run = await look();
  expect(run.code).toBe(1);
  expect(run.report.zones).toEqual([
    { name: "lab-zone", verdict: "ok" },
    { name: "far zone", verdict: "failed" },
    { name: "off", verdict: "ok" },
  ]);
  expect(run.report.findings.filter(({ verdict }) => verdict !== "ok")).toEqual([
    {
      system: "cloudstack",
      zone: "far zone",
      check: "staging-store",
      verdict: "failed",
      text: `No staging store: system VMs and instances cannot start ("Can't find staging storage in zone").`,
      next: "Declare a SecondaryStagingStore for the zone: an NFS export that its hosts and system VMs reach.",
    },
    {
      system: "cloudstack",
      zone: "far zone",
      check: "system-vm",
      verdict: "failed",
      text: "There is no secondary storage VM, so that nothing is downloaded, and none can start while its template is not on the storage.",
      next: expect.stringMatching(/^Settle what else is not ok in this zone; CloudStack then starts one by itself\. /),
    },
  ]);
});

test.each([
  [
    { agentState: "Connecting" },
    "failed system-vm: s-1-VM is Running, and its agent Connecting.",
    "If it stays so, reboot it: cloudstack-storage ssvm-reboot --zone 'lab zone'",
  ],
  [
    { state: "Stopped", agentState: "Down" },
    "failed system-vm: s-1-VM is Stopped, and its agent Down.",
    "If it stays so, start it in CloudStack; why it does not run is in /var/log/cloudstack/management/management-server.log (search for s-1-VM).",
  ],
])("a system VM that is %j", async (state, trouble, next) => {
  await control.patch("cloudstack", { zones: { [ZONE]: { name: "lab zone" } }, systemVms: { [VM]: state } });
  const run = await look();
  expect(troubles(run)).toEqual([trouble]);
  expect(nextOf(run, "system-vm")).toBe(next);
});

test.each([
  [
    { state: "DOWNLOAD_IN_PROGRESS", percent: 0 },
    "warning template golden image: Not ready yet: 0 %, DOWNLOAD_IN_PROGRESS.",
    "Wait, and look again. A secondary storage VM that connects again begins anew: cloudstack-storage ssvm-reboot --zone lab-zone",
  ],
  [
    { state: "DOWNLOAD_ERROR", percent: 0, error: "Connection timed out" },
    "failed template golden image: Not ready: the download failed. CloudStack says: Connection timed out.",
    "The secondary storage VM has to reach both the source of the template and the S3 endpoint, by name and through its certificate. A secondary storage VM that connects again begins anew: cloudstack-storage ssvm-reboot --zone lab-zone",
  ],
  [
    { state: "DOWNLOAD_ERROR", percent: 0 },
    "failed template golden image: Not ready: the download failed. CloudStack gives no reason.",
    expect.stringMatching(/^The secondary storage VM has to reach both/),
  ],
  [
    null,
    "failed template golden image: Not ready: no download has begun.",
    "A secondary storage VM that connects again begins anew: cloudstack-storage ssvm-reboot --zone lab-zone",
  ],
])("a template whose copy is %j", async (copy, trouble, next) => {
  const options = { downloadSeconds: 3600 };
  await control.patch("cloudstack", {
    options,
    templates: { golden: { name: "golden image", stores: { main: copy } } },
  });
  const run = await look();
  expect(troubles(run).map((line) => line.replace(" template: ", ": "))).toEqual([trouble]);
  expect(nextOf(run, "template")).toEqual(next);
  expect(run.report.findings.find(({ check }) => check === "templates")?.text).toBe("2 of 3 templates are ready.");
});

test("a template that is on one of two stores", async () => {
  await control.patch("cloudstack", {
    options: { downloadSeconds: 3600 },
    imageStores: { second: { name: "second", provider: "S3", url: "https://10.1.2.3/second" } },
    templates: { [BUILTIN]: { stores: { second: { state: "DOWNLOAD_IN_PROGRESS", percent: 0 } } } },
  });
  expect(troubles(await look())).toEqual([
    "warning template CentOS 5.5(64-bit) no GUI (KVM) template: Ready, but not on every store: on second 0 %, DOWNLOAD_IN_PROGRESS.",
  ]);
});

test.each([
  [
    "https://10.1.2.3/secondary",
    null,
    [
      "warning store main internal-sites: 10.1.2.3 is in a private network that secstorage.allowed.internal.sites (empty) does not hold: system VMs look for it on the outside.",
    ],
  ],
  [
    "https://10.1.3.3/secondary",
    "10.1.2.0/24,fd00::1",
    [
      "warning store main internal-sites: 10.1.3.3 is in a private network that secstorage.allowed.internal.sites (10.1.2.0/24, fd00::1) does not hold: system VMs look for it on the outside.",
    ],
  ],
  ["https://203.0.113.9/secondary", null, []],
  ["http://localhost:9000/secondary", "127.0.0.1,::1", []],
  ["https://[fd00::7]/secondary", "fd00::7", []],
  [
    "https://no-such-host.invalid/secondary",
    null,
    [
      expect.stringMatching(
        /^not known store main internal-sites: no-such-host\.invalid does not resolve from this machine \((ENOTFOUND|EAI_AGAIN)\), so that its network is not compared\.$/,
      ),
    ],
  ],
  [
    "somewhere",
    null,
    [
      "not known store main internal-sites: CloudStack does not tell where this store is, so that its network is not compared.",
    ],
  ],
])("a store at %s with the internal sites %j", async (url, sites, expected) => {
  await control.patch("cloudstack", {
    imageStores: { main: { url } },
    settings: { "secstorage.allowed.internal.sites": { value: sites } },
  });
  expect(troubles(await look())).toEqual(expected);
});

test("object storage pools are named", async () => {
  await control.patch("cloudstack", {
    objectPools: { p: { name: "pool", url: "https://s3.example.test", provider: "MinIO" } },
  });
  const run = await look();
  expect(run.report.findings.at(-1)).toEqual({
    system: "cloudstack",
    check: "pools",
    verdict: "ok",
    text: "Object storage pools: pool (MinIO at https://s3.example.test).",
  });
});
