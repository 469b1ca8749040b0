import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { cloudstackEnvironmentOf, runCommand, runInTerminal } from "../harness/command.ts";
import type { RunOptions, RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { KEY, ZONE } from "./cloudstack-support.ts";

let lab: Lab;
let control: LabControl;
let env: Record<string, string>;

const FAR = "7f0e6b0a-4f3c-4d0e-9d1b-2f6a8c1e5d37";
const SECRET = KEY.secretAccessKey;

/** A cloud on NFS with its templates downloaded, and an empty bucket on the lab's HyperStore. */
const CLOUD = {
  options: { downloadSeconds: 0, downloadPolls: 0 },
  settings: { "secstorage.allowed.internal.sites": "127.0.0.1" },
  imageStores: { "nfs-1": { name: "primary", url: "nfs://192.0.2.1/export", zoneId: ZONE } },
  templates: {
    "e4a91c06-8d2f-4b7a-a5c3-1f60d9e87b42": { stores: { "nfs-1": { state: "DOWNLOADED", percent: 100 } } },
    "9c3d70f5-6e18-4a2b-b8f1-d4025e7a6c93": { stores: { "nfs-1": { state: "DOWNLOADED", percent: 100 } } },
  },
};
const HYPERSTORE = {
  groups: { cloudstack: {} },
  users: { "cloudstack/secondary": {} },
  credentials: { [KEY.accessKeyId]: { groupId: "cloudstack", userId: "secondary", secretKey: SECRET } },
  buckets: { "cloudstack/secondary": [{ bucketName: "templates" }] },
};

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  env = { ...cloudstackEnvironmentOf(lab.addresses.cloudstack), STORE_SECRET: SECRET };
});
beforeEach(async () => {
  await control.patch("cloudstack", CLOUD);
  await control.patch("cloudian", HYPERSTORE);
});
afterEach(() => control.reset());
afterAll(() => lab.close());

function words(...more: string[]): string[] {
  const { s3Endpoint } = lab.addresses.cloudian;
  const key = ["--access-key-id", KEY.accessKeyId, "--secret-access-key-env", "STORE_SECRET"];
  return ["convert-nfs", "--endpoint", s3Endpoint, "--bucket", "templates", ...key, ...more];
}

/** What was said may never hold the key. */
async function convert(...more: string[]): Promise<RunResult> {
  const run = await runCommand(words(...more), { env });
  expect(run.stdout + run.stderr).not.toContain(SECRET);
  return run;
}

async function conversions(): Promise<Record<string, unknown>[]> {
  const sent = (await control.requests("cloudstack")).filter(({ method }) => method !== "GET");
  return sent.map(({ query, body }) => ({ query, ...body }));
}

/** Ids that the lab makes. */
function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<uuid>").replaceAll(/ +$/gm, "");
}

const plan = () => `${lab.addresses.cloudstack.endpoint} (CloudStack 4.22.0.0)

Secondary storage that becomes a staging store, for ever
  store    zone      url
  primary  lab-zone  nfs://192.0.2.1/export

Object storage that is added, for all zones
  name       templates
  url        ${lab.addresses.cloudian.s3Endpoint}/templates
  endpoint   ${lab.addresses.cloudian.s3Endpoint}
  bucket     templates
  accesskey  AKIASECONDARY0000001
  usehttps   false
  secretkey  [secret]

What this means
  - No call turns a staging store into secondary storage again. The details of the new store can never be changed.
  - What lies on NFS stays there, and is copied to the bucket when it is needed. Keep the NFS servers running.
  - The next snapshot of every volume is a full one.
  - The keys have been seen to read the bucket. Whether they may write into it is not tried: try it with another client first.
  - The templates for system VMs are downloaded into the bucket at once, public ones when a secondary storage VM connects again.

`;

test("--plan says what would happen, and changes nothing", async () => {
  expect(await convert("--plan")).toEqual({ code: 0, stdout: plan(), stderr: "" });
  expect(await conversions()).toEqual([]);
});

const AFTER = `
Converted: all NFS secondary storage is staging now, and templates is there.
Next: have the other templates copied (cloudstack-storage ssvm-reboot --zone lab-zone), see them come (cloudstack-storage doctor --system cloudstack), and bring the stores under Pulumi (cloudstack-storage import --cloudstack).

store                   role               provider  zone      id
templates               secondary storage  S3        all       <uuid>
nfs://192.0.2.1/export  staging store      NFS       lab-zone  nfs-1

template                         zone      in the bucket  percent
SystemVM Template (KVM)          lab-zone  DOWNLOADED     100
CentOS 5.5(64-bit) no GUI (KVM)  lab-zone  not begun
`;

test("with the bucket's name it converts, with one request whose URL holds nothing", async () => {
  const { code, stdout, stderr } = await convert("--yes-i-have-read", "templates");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "Converting…\n" });
  expect(withoutIds(stdout)).toBe(plan() + AFTER);
  expect(await conversions()).toEqual([
    expect.objectContaining({ query: {}, command: "updateCloudToUseObjectStore", provider: "S3", name: "templates" }),
  ]);
  const { imageStores } = (await control.state()).cloudstack;
  expect(Object.values(imageStores).map(({ role, provider, details }) => [role, provider, details])).toEqual([
    ["ImageCache", "NFS", {}],
    [
      "Image",
      "S3",
      {
        endpoint: lab.addresses.cloudian.s3Endpoint,
        bucket: "templates",
        accesskey: KEY.accessKeyId,
        secretkey: SECRET,
        usehttps: "false",
      },
    ],
  ]);
});

test("the zone in a command to copy is one word of a shell, whatever its name is", async () => {
  await control.patch("cloudstack", { zones: { [ZONE]: { name: "it's $(touch /tmp/x) `id`" } } });
  const { code, stdout } = await convert("--yes-i-have-read", "templates");
  expect(code).toBe(0);
  expect(stdout).toContain("(cloudstack-storage ssvm-reboot --zone 'it'\\''s $(touch /tmp/x) `id`')");
});

test("all that the store kind can say of CloudStack's client can be said here, and the name", async () => {
  const numbers = ["--connection-timeout-ms", "1000", "--socket-timeout-ms", "2000", "--max-error-retry", "0"];
  const rest = ["--connection-ttl-ms", "60000", "--use-tcp-keep-alive", "--s3-signer", "v4", "--name", "main"];
  const run = await convert(...numbers, ...rest, "--yes-i-have-read", "templates");
  expect(run.code).toBe(0);
  const stores = Object.values((await control.state()).cloudstack.imageStores);
  expect(stores.find(({ name }) => name === "main")?.details).toMatchObject({
    s3signer: "AWSS3V4SignerType",
    connectiontimeout: "1000",
    sockettimeout: "2000",
    maxerrorretry: "0",
    connectionttl: "60000",
    usetcpkeepalive: "true",
  });
});

test("on a terminal it goes on for the bucket's name only", async () => {
  const refused = await runInTerminal(words(), { env, input: "yes\n" });
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain(
    `All NFS secondary storage of ${lab.addresses.cloudstack.endpoint} goes. This cannot be undone. Type the name of the bucket to go on: `,
  );
  expect(refused.stdout).toMatch(/\nNothing was changed\.\n$/);
  expect(await conversions()).toEqual([]);
  const agreed = await runInTerminal(words(), { env, input: "templates\n" });
  expect(agreed.code).toBe(0);
  expect(await conversions()).toHaveLength(1);
});

test("on a terminal that does not show the plan it does not ask", async () => {
  const { code, stdout } = await runInTerminal(words(), { env, input: "templates\n", outputTo: "/dev/null" });
  expect(code).toBe(2);
  expect(stdout).toContain(
    "Standard output is no terminal, so that nobody would see the plan when asked. Give --plan, read, then --yes-i-have-read.",
  );
  expect(await control.requests()).toEqual([]);
});

test("what has changed while it asked is shown, and nothing is sent", async () => {
  const onStart: RunOptions["onStart"] = ({ stdout, stdin }) => {
    let shown = "";
    stdout.on("data", async (text: string) => {
      const wasAsked = shown.includes("to go on: ");
      shown += text;
      if (wasAsked || !shown.includes("to go on: ")) return;
      await control.patch("cloudstack", {
        imageStores: { "nfs-2": { name: "new", url: "nfs://192.0.2.2/export", zoneId: ZONE } },
      });
      stdin.end("templates\n");
    });
  };
  const { code, stdout } = await runInTerminal(words(), { env, onStart });
  expect(code).toBe(1);
  expect(stdout).toMatch(/\n {2}new {6}lab-zone {2}nfs:\/\/192\.0\.2\.2\/export\n/);
  expect(stdout).toMatch(
    /\nWhile you were asked, what is there has become another\. Nothing was changed; start again\.\n$/,
  );
  expect(await conversions()).toEqual([]);
});

test("interrupted under way, it says that CloudStack goes on", async () => {
  await control.fault({ system: "cloudstack", command: "updateCloudToUseObjectStore", kind: "hang" });
  const { code, stderr } = await runCommand(words("--yes-i-have-read", "templates"), {
    env,
    onStart: (child) => child.stderr.once("data", () => child.kill("SIGINT")),
  });
  expect({ code, stderr }).toEqual({
    code: 130,
    stderr:
      "Converting…\nInterrupted. The conversion may have been sent, and CloudStack goes on with it. Do not send it again: look with --plan, " +
      "or at listImageStores and listSecondaryStagingStores.\n",
  });
});

/** Would clear the screen, hide what follows, and begin a line of its own. */
const HOSTILE = "nfs\u001b[2J\u009b8m\u202e\nforged line";
const SHOWN = "nfs\\u001b[2J\\u009b8m\\u202e\\u000aforged line";

test("names and states of the cloud move no cursor and begin no line, before the question and after it", async () => {
  await control.patch("cloudstack", {
    zones: { [ZONE]: { name: HOSTILE } },
    imageStores: { "nfs-1": { name: HOSTILE, url: "nfs://192.0.2.1/export", zoneId: ZONE } },
    templates: { bad: { name: HOSTILE, stores: { "nfs-1": { state: "DOWNLOAD_ERROR" } } } },
  });
  const { code, stdout, stderr } = await convert("--yes-i-have-read", "templates");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "Converting…\n" });
  expect(stdout).toContain(`\n  ${SHOWN}  ${SHOWN}  nfs://192.0.2.1/export\n`);
  expect(stdout).toContain(`\n  - Templates that are not ready stay so: ${SHOWN}`);
  expect(stdout).toContain(`\nnfs://192.0.2.1/export  staging store      NFS       ${SHOWN}`);
  expect(stdout).not.toMatch(/^forged/m);
  expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});

test("half-way: NFS is gone, the store is not there, and it says so", async () => {
  await control.patch("cloudstack", { options: { failBeforeInsert: 1 } });
  const { code, stdout, stderr } = await convert("--yes-i-have-read", "templates");
  expect(code).toBe(1);
  expect(stderr).toBe(
    `Converting…\nCould not turn NFS secondary storage into staging stores: ${lab.addresses.cloudstack.endpoint} answered 530, "Failed to add data store: Failed to initialize the image store lifecycle".\nWhat is there now is looked at.\n`,
  );
  expect(stdout.slice(plan().length)).toBe(`
HALF-WAY: all NFS secondary storage is staging now, and the new store is not there: this cloud has NO secondary storage.
Next: do not convert again, there is nothing left to convert. Add the store itself: an S3SecondaryStorage with storeName "templates" and these details, and pulumi up; /var/log/cloudstack/management/management-server.log on the management servers says why it was not added.

store                   role           provider  zone      id
nfs://192.0.2.1/export  staging store  NFS       lab-zone  nfs-1
`);
  expect(await conversions()).toHaveLength(1);
});

test("an error after all of it is an error, though all is there", async () => {
  await control.patch("cloudstack", { options: { failAfterInsert: 1 } });
  const { code, stdout } = await convert("--yes-i-have-read", "templates");
  expect(code).toBe(1);
  expect(stdout).toContain(
    "\nConverted: all NFS secondary storage is staging now, and templates is there. CloudStack reported an error all the same, so that something after that may be undone: the downloads of templates, say.\n",
  );
});

test("a lost reply is looked at, never repeated", async () => {
  await control.fault({
    system: "cloudstack",
    command: "updateCloudToUseObjectStore",
    kind: "reset-after-commit",
    times: 5,
  });
  const { code, stdout, stderr } = await convert("--yes-i-have-read", "templates");
  expect(code).toBe(0);
  expect(stdout).toContain(
    "\nConverted: all NFS secondary storage is staging now, and templates is there. No answer came",
  );
  expect(stderr).not.toContain("Run the same command again");
  expect(await conversions()).toHaveLength(1);
});

test("half-way without an answer, it may still go on: wait before the store is added by other means", async () => {
  await control.patch("cloudstack", { options: { failBeforeInsert: 1 } });
  await control.fault({ system: "cloudstack", command: "updateCloudToUseObjectStore", kind: "reset-after-commit" });
  const { code, stdout } = await convert("--yes-i-have-read", "templates");
  expect(code).toBe(1);
  expect(stdout).toContain(
    `this cloud has NO secondary storage. No answer came, so that ${lab.addresses.cloudstack.endpoint} may still be at work, and may add it yet.\n` +
      "Next: do not convert again, there is nothing left to convert. Look at listImageStores again in some minutes, and only if the store does not come: add the store itself: ",
  );
});

test("a name that only case tells from another is taken", async () => {
  expect(await obstacleIn(convert("--name", "PRIMARY", "--plan"))).toBe(
    "  - A store is called primary already. Give another --name.\n\nNothing was changed.\n",
  );
});

test("a request that was not carried out leaves everything, and it says so", async () => {
  await control.fault({
    system: "cloudstack",
    command: "updateCloudToUseObjectStore",
    kind: "status",
    status: 503,
    times: 5,
  });
  const { code, stdout } = await convert("--yes-i-have-read", "templates");
  expect(code).toBe(1);
  expect(stdout.slice(plan().length)).toBe(`
NOT CONVERTED: everything is as it was. No answer came, so that ${lab.addresses.cloudstack.endpoint} may still be at work: look again with --plan before you try again.

store    role               provider  zone      id
primary  secondary storage  NFS       lab-zone  nfs-1
`);
  expect(await conversions()).toHaveLength(1);
});

test("where nobody can look afterwards, it says that it was sent", async () => {
  await control.fault({
    system: "cloudstack",
    command: "listImageStores",
    kind: "status",
    status: 401,
    after: 1,
    times: 9,
  });
  const { code, stdout, stderr } = await convert("--yes-i-have-read", "templates");
  expect({ code, stdout }).toEqual({ code: 1, stdout: plan() });
  expect(stderr).toMatch(
    /^Converting…\nThe conversion was sent, and what is there now could not be looked at\. Could not list secondary storage: [^\n]* Do not send it again: look with --plan, /,
  );
  expect(await conversions()).toHaveLength(1);
});

test("everything that stands in the way is told at once, and nothing is sent", async () => {
  await control.patch("cloudstack", {
    imageStores: { "s3-1": { name: "templates", provider: "S3" } },
    systemVms: { "5b7e2d94-c1f0-48a3-8d6e-93f4a0b1c728": { agentState: "Down" } },
    templates: { big: { name: "big image", stores: { "nfs-1": { state: "DOWNLOAD_IN_PROGRESS", percent: 40 } } } },
  });
  const { code, stdout } = await convert("--yes-i-have-read", "templates");
  expect(code).toBe(1);
  expect(stdout.slice(stdout.indexOf("It cannot be done"))).toBe(`It cannot be done
  - Only a cloud whose secondary storage is all on NFS can be converted, and this one has templates (S3).
  - A store is called templates already. Give another --name.
  - No secondary storage VM is up. Nothing would be downloaded to the bucket, and none could start afterwards, because its template is not there.
  - Templates are on their way to secondary storage: big image in lab-zone (40% Downloaded). Wait until they are ready, or delete them.

Nothing was changed.
`);
  expect(await conversions()).toEqual([]);
});

/** What stands in the way, after the plan. */
async function obstacleIn(run: Promise<RunResult>): Promise<string> {
  const { code, stdout } = await run;
  expect(code).toBe(1);
  expect(await conversions()).toEqual([]);
  return stdout.slice(stdout.indexOf("It cannot be done") + "It cannot be done\n".length);
}

test("a running job, a cloud without secondary storage: not done", async () => {
  await control.patch("cloudstack", { options: { jobSeconds: 3600 } });
  const busy = runCommand(["ssvm-reboot", "--zone", "lab-zone", "--yes", "--timeout", "2"], { env });
  expect((await busy).code).toBe(1);
  await control.clearRequests();
  expect(await obstacleIn(convert("--plan"))).toMatch(
    /\n {2}- Jobs are running: RebootSystemVm \([0-9a-f-]{36}\)\. Wait until they are done\.\n/,
  );
  await control.reset();
  await control.patch("cloudian", HYPERSTORE);
  expect(await obstacleIn(convert("--plan"))).toMatch(/^ {2}- There is no secondary storage to convert\. /);
});

test("only a root administrator may ask, and only with the command", async () => {
  const ops = { username: "ops", email: "ops@example.test", apiKey: "ops-key", secretKey: "Canary-ops-secret" };
  await control.patch("cloudstack", {
    domains: { "domain-1": { name: "blue" } },
    accounts: { "account-1": { name: "ops", domainId: "domain-1", type: 2, users: [ops] } },
  });
  const asOps = { ...env, CLOUDSTACK_API_KEY: "ops-key", CLOUDSTACK_SECRET_KEY: "Canary-ops-secret" };
  const run = await runCommand(words("--plan"), { env: asOps });
  expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 1, stdout: "" });
  expect(run.stderr).toMatch(/ answered 401 to getUser, [^\n]* Use the key of a root administrator\.\n$/);
  await control.patch("cloudstack", { options: { release: "4.2.0" } });
  expect(await obstacleIn(convert("--plan"))).toContain(
    "  - CloudStack 4.2.0 has no command updateCloudToUseObjectStore for this API key (listApis does not name it). It came with 4.3; a role may take it away.\n",
  );
});

test("the bucket is looked at with these keys", async () => {
  const { s3Endpoint } = lab.addresses.cloudian;
  expect(await obstacleIn(convert("--bucket", "absent", "--plan"))).toBe(
    `  - Bucket absent does not exist at ${s3Endpoint}, and CloudStack never makes it. Make it first, or correct --endpoint and --bucket.\n\nNothing was changed.\n`,
  );
  const wrongKey = { ...env, STORE_SECRET: "Canary-wrong-secret-key" };
  const refused = await obstacleIn(runCommand(words("--plan"), { env: wrongKey }));
  expect(refused).toMatch(/^ {2}- The bucket could not be looked at\. [^\n]* answered 403 SignatureDoesNotMatch/);
  expect(refused).not.toContain("Canary-wrong-secret-key");
  await control.patch("cloudian", { s3Buckets: { templates: { objects: { "template/1": "somebody's" } } } });
  const full = await convert("--plan");
  expect(full.code).toBe(0);
  expect(full.stdout).toContain(
    "Read this first\n  - Bucket templates is not empty. If it belongs to another cloud or store, the two would overwrite each other.\n",
  );
});

test("a network that system VMs do not reach through their inner interface is told", async () => {
  await control.patch("cloudstack", { settings: { "secstorage.allowed.internal.sites": "10.0.0.0/24" } });
  const { code, stdout } = await convert("--plan");
  expect(code).toBe(0);
  expect(stdout.slice(stdout.indexOf("Read this first"))).toBe(`Read this first
  - 127.0.0.1 is in a private network that secstorage.allowed.internal.sites (10.0.0.0/24) does not hold: system VMs will look for it on the outside. Add its network and restart the management servers first.

`);
});

test("zones that would be without staging store or system VM are told", async () => {
  await control.patch("cloudstack", { zones: { [FAR]: { name: "far-zone" } } });
  const { code, stdout } = await convert("--plan");
  expect(code).toBe(0);
  expect(stdout.slice(stdout.indexOf("Read this first"))).toBe(`Read this first
  - No secondary storage VM is up in zone far-zone: none can start there before the template for system VMs is in the bucket.
  - zone far-zone will have no staging store: nothing on S3 can be used there before one is made (SecondaryStagingStore).

`);
});

test("nothing goes over plain HTTP to another machine, unless that is allowed", async () => {
  expect(await obstacleIn(convert("--endpoint", "http://s3.example.test", "--plan"))).toBe(
    "  - http://s3.example.test:80 is plain HTTP: keys could be read on the way. Use its HTTPS address, or give --plain-http.\n\nNothing was changed.\n",
  );
});

test.each([
  [["--yes-i-have-read", "template"], /^--yes-i-have-read needs the bucket's name, templates, not "template"\.\n/],
  [[], /^Nobody is here to confirm what cannot be undone\. Give --plan, read, then --yes-i-have-read\.\n/],
  [
    ["--plan", "--endpoint", "https://s3.example.test/path"],
    /^--endpoint must be an http or https URL without path, user, query or fragment\.\n/,
  ],
  [["--yes-i-have-read", "templates", "--stack", ""], /^--stack is given, but empty\. /],
  [["--plan", "--bucket", "a/b"], /^--bucket must not contain \/, \? or #\.\n/],
  [["--plan", "--name", "main "], /^--name must not begin or end with a blank\.\n/],
  [
    ["--plan", "--secret-access-key-env", "Canary0secret0of0letters0alone"],
    /^--secret-access-key-env names a variable that is not set\.\n/,
  ],
  [["--plan", "--s3-signer", "v3"], /^--s3-signer needs v4 or v2, not "v3"\.\n/],
  [
    ["--plan", "--secret-access-key-env", "NOT_SET"],
    /^--secret-access-key-env names the environment variable NOT_SET, which is not set\.\n/,
  ],
  [
    ["--plan", "--secret-access-key-env", SECRET],
    /^--secret-access-key-env needs the name of an environment variable, never the key itself\.\n/,
  ],
  [
    ["--plan", "--secret-access-key-config", "key"],
    /^Give one of --secret-access-key-env and --secret-access-key-config\.\n/,
  ],
])("%j cannot be used", async (args, reason) => {
  const { code, stdout, stderr } = await convert(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(reason);
  expect(await control.requests()).toEqual([]);
});

test("a script in a project names the stack, so that it cannot be another cloud", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cloudstack-storage-convert-nfs-"));
  await writeFile(join(folder, "Pulumi.yaml"), "name: storage\nruntime: nodejs\n");
  const run = await runCommand(words("--yes-i-have-read", "templates"), { env, cwd: folder });
  await rm(folder, { recursive: true });
  expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 2, stdout: "" });
  expect(run.stderr).toMatch(
    /^--yes-i-have-read needs --stack in a Pulumi project: the stack whose cloud is converted\.\n/,
  );
  expect(await control.requests()).toEqual([]);
});

test("--help says that there is no way back", async () => {
  const { code, stdout } = await runCommand(["convert-nfs", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("There is NO way back");
});
