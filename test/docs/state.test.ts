import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentOf } from "../harness/command.ts";
import { blocksOf } from "./markdown.ts";
import { type Ended, openingTime, Reader } from "./reader.ts";

/**
 * The commands of docs/state.md, as they stand there, in the situations that they are for: a passphrase that changes, a
 * killed CLI, a lost state. The tests build on each other.
 */
let reader: Reader;
let passphrase = "the first passphrase";
/** What has taken the place of the credentials that the lab began with. */
let rotated: Readonly<Record<string, string>> = {};

/** The folder of the state, in a shell. */
const states = `"\${PULUMI_BACKEND_URL#file://}/.pulumi/stacks/storage"`;

beforeAll(async () => {
  reader = await Reader.open({
    "package.json": JSON.stringify({ name: "storage", type: "module", main: "index.ts" }),
    "Pulumi.yaml": "name: storage\nruntime: nodejs\n",
  });
  write(program());
  expect(await shell("pulumi stack init production --non-interactive")).toMatchObject({ code: 0 });
  expect(await up()).toMatchObject({ code: 0 });
}, openingTime);

afterAll(async () => {
  await reader?.close();
});

function program(more = ""): string {
  const { cloudian, cloudstack } = reader.lab.addresses;
  return `import * as storage from "pulumi-cloudstack-storage";
const endpoint = "${cloudian.s3Endpoint}";
const blue = new storage.CloudianGroup("blue", { groupName: "Blue" });
const ada = new storage.CloudianUser("ada", { groupId: blue.groupId, userId: "ada", password: "Canary-Password-1" });
const owner = new storage.EcsObjectUser("owner", { namespace: "ns1", userName: "owner" });
new storage.EcsBucket("invoices", { namespace: "ns1", bucketName: "invoices", owner: owner.userName, quotaGiB: 10 });
new storage.GlobalSetting("sites", { settingName: "secstorage.allowed.internal.sites", members: ["10.1.0.0/16"] });
const keys = { accessKeyId: ada.accessKeyId, secretAccessKey: ada.secretAccessKey };
const bucket = new storage.S3Bucket("secondary", { endpoint, bucketName: "secondary", ...keys });
const zoneId = "${cloudstack.zoneId}";
const staging = new storage.SecondaryStagingStore("staging", { zoneId, server: "nfs.example.test", path: "/staging" });
const store = { endpoint, useHttps: false, bucket: bucket.bucketName, ...keys };
new storage.S3SecondaryStorage("store", store, { dependsOn: [staging] });
${more}`;
}

function write(text: string): void {
  writeFileSync(join(reader.project, "index.ts"), text);
}

function shell(script: string, input = ""): Promise<Ended> {
  return reader.shell(script, input, {
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    ...environmentOf(reader.lab.addresses),
    ...rotated,
  });
}

const upCommand = "pulumi up --yes --skip-preview --non-interactive";

function up(): Promise<Ended> {
  return shell(upCommand);
}

/** The block of the page that has these words; nobody is there to say yes. */
function run(words: string, input = ""): Promise<Ended> {
  const block = blocksOf("docs/state.md").find(({ language, text }) => language === "sh" && text.includes(words));
  if (!block) throw new Error(`docs/state.md has no block with ${words}`);
  return shell(block.text.replaceAll(/pulumi up$/gm, upCommand), input);
}

function unchanged(): Promise<Ended> {
  return shell("pulumi preview --expect-no-changes --non-interactive");
}

async function held() {
  const { cloudian, ecs, cloudstack } = await reader.control.state();
  // A storage VM comes by and measures a store, whatever anybody does.
  const stores = Object.entries(cloudstack.imageStores).map(([id, store]) => [id, { ...store, measured: undefined }]);
  const { users, buckets } = ecs;
  return { keys: cloudian.credentials, users, buckets, stores: Object.fromEntries(stores) };
}

/** What has changed anything; a creation that was refused, because the object is there, has not. */
async function writes(): Promise<string[]> {
  const all = await reader.control.requests();
  const writing = all.filter(({ method, status }) => method !== "GET" && method !== "HEAD" && Number(status) < 300);
  return writing.map(({ method, path, body }) => `${method} ${body?.["command"] ?? path}`);
}

describe("one stack, from mishap to mishap", { shuffle: false }, () => {
  test("the passphrase changes, and the new one alone opens the state", async () => {
    expect(await run("change-secrets-provider", "the second passphrase\n")).toMatchObject({ code: 0 });
    expect((await unchanged()).output).toContain("incorrect passphrase");
    passphrase = "the second passphrase";
    expect(await unchanged()).toMatchObject({ code: 0 });
  });

  test("credentials of the APIs change in the environment, and the next run has them, also without the program", async () => {
    const [first] = Object.values((await reader.control.state()).cloudstack["users"] ?? {}) as { accountId: string }[];
    const second = { username: "second", apiKey: "key-of-the-second-user", secretKey: "secret-of-the-second-user" };
    await reader.control.patch("cloudian", { options: { password: "Second-Password-1" } });
    await reader.control.patch("ecs", { options: { username: "second", password: "Second-Password-2" } });
    await reader.control.patch("cloudstack", { accounts: { [`${first?.accountId}`]: { users: [second] } } });
    expect((await shell(refresh)).code).not.toBe(0);
    await reader.control.patch("ecs", { sessions: null });
    rotated = {
      CLOUDIAN_PASSWORD: "Second-Password-1",
      ECS_USERNAME: "second",
      ECS_PASSWORD: "Second-Password-2",
      CLOUDSTACK_API_KEY: second.apiKey,
      CLOUDSTACK_SECRET_KEY: second.secretKey,
    };
    expect(await shell(refresh)).toMatchObject({ code: 0 });
    expect(await up()).toMatchObject({ code: 0, output: expect.stringContaining("9 unchanged") });
  });

  /** Compares with the settings that the last `up` has recorded and with today's environment. */
  const refresh = "pulumi refresh --preview-only --expect-no-changes --non-interactive";

  test("a killed CLI leaves a lock and a pending operation, and the object that it was making", async () => {
    write(program(`new storage.CloudianUser("bob", { groupId: blue.groupId, userId: "bob" });`));
    await reader.control.fault({ system: "cloudian", method: "PUT", path: "/user", kind: "delay", delayMs: 3000 });
    // Nobody ends the language host of a killed CLI, and it keeps pipes in the folder for temporary files.
    const killed = shell(`mkdir pipes; export TMPDIR="$PWD/pipes"; ${upCommand} & echo $! > cli.pid; wait $!`);
    await expect.poll(() => reader.control.faults(), { timeout: 60_000 }).toMatchObject([{ matched: 1 }]);
    expect(await shell("pgrep -P $(cat cli.pid) -f pulumi-language-nodejs > host.pid")).toMatchObject({ code: 0 });
    await shell("kill -9 $(cat cli.pid)");
    expect((await killed).code).not.toBe(0);
    await reader.control.clearFaults();
    await expect
      .poll(async () => (await reader.control.state()).cloudian.users, { timeout: 20_000 })
      .toHaveProperty([`${await groupId()}/bob`]);
    await shell("kill -9 $(cat host.pid); rm -r pipes");
    const locked = await up();
    expect(locked.code).not.toBe(0);
    expect(locked.output).toContain("the stack is currently locked by 1 lock(s)");
  });

  async function groupId(): Promise<string> {
    const { groups } = (await reader.control.state()).cloudian;
    return Object.keys(groups).find((id) => id.startsWith("blue-")) ?? "";
  }

  test("the lock goes, the object is taken over with its key pair, and the pending operation is removed", async () => {
    const { keys } = await held();
    expect(await run("pulumi cancel")).toMatchObject({ code: 0 });
    const again = await run("CLOUDSTACK_STORAGE_ADOPT=identical pulumi up\n");
    expect(again).toMatchObject({ code: 0 });
    expect(again.output).toContain("1 pending operations");
    expect((await held()).keys).toEqual(keys);
    expect((await up()).output).toContain("1 pending operations");
    expect(await run("--clear-pending-creates")).toMatchObject({ code: 0 });
    const after = await up();
    expect(after).toMatchObject({ code: 0, output: expect.not.stringContaining("pending operations") });
  });

  test("a copy of the state goes back to its old place, an export by import", async () => {
    expect(await run("stack export")).toMatchObject({ code: 0 });
    expect(await shell(`mv ${states}/production.json ${states}/lost`)).toMatchObject({ code: 0 });
    expect((await unchanged()).code).not.toBe(0);
    expect(await shell(`cp ${states}/production.json.bak ${states}/production.json`)).toMatchObject({ code: 0 });
    expect(await shell("pulumi stack --non-interactive")).toMatchObject({ code: 0 });
    expect(await run("stack import")).toMatchObject({ code: 0 });
    expect(await unchanged()).toMatchObject({ code: 0 });
  });

  test("without a copy the program takes over everything that is there, and writes next to nothing", async () => {
    const before = await held();
    await shell(`rm -r ${states} Pulumi.production.yaml`);
    await reader.control.clearRequests();
    const made = await run("pulumi stack init production");
    expect(made).toMatchObject({ code: 0 });
    expect(await writes()).toEqual(["POST /user/password"]);
    expect(await held()).toEqual(before);
    expect(await unchanged()).toMatchObject({ code: 0 });
  });
});
