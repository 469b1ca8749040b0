import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { runCommand } from "../harness/command.ts";
import { findEngine } from "../harness/engine/find.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const KEY = { accessKeyId: "AKIASECONDARY0000001", secretKey: "Canary/Key+of/secondary0000000000000000" };

let lab: Lab;
let folder: string;
let env: Record<string, string>;
let pulumi: string;

beforeAll(async () => {
  const engine = await findEngine({ log: console.error });
  pulumi = engine.pulumi;
  lab = await startLab({ portBase: 0, seed: { name: "seed", systems: estate } });
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-settings-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: settings\nruntime: nodejs\n");
  env = {
    HOME: folder,
    ...engine.env(),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "only for tests",
  };
  await setUp("stack", "init", "dev");
  const { cloudian, cloudstack } = lab.addresses;
  await config("cloudianCmcEndpoint", cloudian.cmcEndpoint);
  await config("cloudianSsoKey", cloudian.ssoKey, "--secret");
  await config("cloudstackEndpoint", cloudstack.endpoint);
  await config("cloudstackApiKey", cloudstack.apiKey);
  await config("cloudstackSecretKey", cloudstack.secretKey, "--secret");
  await setUp("config", "set", "--secret", "storeSecret", KEY.secretKey);
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const copied = { stores: { nfs: { state: "DOWNLOADED", percent: 100 } } };
const estate = {
  cloudian: {
    groups: { cloudstack: {} },
    users: { "cloudstack/secondary": {} },
    credentials: { [KEY.accessKeyId]: { groupId: "cloudstack", userId: "secondary", secretKey: KEY.secretKey } },
    buckets: { "cloudstack/secondary": [{ bucketName: "templates" }] },
  },
  cloudstack: {
    imageStores: { nfs: { name: "primary" } },
    settings: { "secstorage.allowed.internal.sites": "127.0.0.1" },
    templates: {
      "e4a91c06-8d2f-4b7a-a5c3-1f60d9e87b42": copied,
      "9c3d70f5-6e18-4a2b-b8f1-d4025e7a6c93": copied,
    },
  },
};

async function setUp(...args: string[]): Promise<void> {
  const result = await runWatched(pulumi, [...args, "--non-interactive"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...env },
  });
  if (result.code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${result.code}: ${result.stderr}`);
}

async function config(key: string, value: string, ...flags: string[]): Promise<void> {
  await setUp("config", "set", ...flags, `cloudstack-storage:${key}`, value);
}

/** With the project named by a flag, and nothing of the systems in the environment. */
async function command(...args: string[]): Promise<RunResult> {
  const result = await runCommand([...args, "--cwd", folder, "--stack", "dev"], { env });
  const { ssoKey } = lab.addresses.cloudian;
  const { secretKey } = lab.addresses.cloudstack;
  const said = result.stdout + result.stderr;
  expect([ssoKey, secretKey, KEY.secretKey].filter((secret) => said.includes(secret))).toEqual([]);
  return result;
}

test("sso-url: the console and its key from the stack configuration", async () => {
  const { code, stdout } = await command("sso-url", "--group", "cloudstack", "--user", "secondary", "--force");
  expect(code).toBe(0);
  const opened = await fetch(stdout.trim(), { redirect: "manual" });
  expect({ status: opened.status, location: opened.headers.get("location") }).toEqual({
    status: 302,
    location: "/Cloudian/",
  });
});

test("ssvm-reboot: the cloud from the stack configuration", async () => {
  expect(await command("ssvm-reboot", "--zone", "lab-zone", "--yes")).toMatchObject({ code: 0, stdout: "" });
});

test("convert-nfs: the key of the store from the stack configuration", async () => {
  const { s3Endpoint } = lab.addresses.cloudian;
  const place = ["--endpoint", s3Endpoint, "--bucket", "templates", "--access-key-id", KEY.accessKeyId];
  const missing = await command("convert-nfs", ...place, "--secret-access-key-config", "noSuchKey", "--plan");
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(/^Could not read noSuchKey from the stack configuration of [^\n]+: /);
  const from = ["--secret-access-key-config", "storeSecret"];
  expect(await command("convert-nfs", ...place, ...from, "--plan")).toMatchObject({ code: 0, stderr: "" });
  const done = await command("convert-nfs", ...place, ...from, "--yes-i-have-read", "templates");
  expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: "Converting…\n" });
  const { imageStores } = (await new LabControl(lab.addresses.control).state()).cloudstack;
  const store = Object.values(imageStores).find(({ provider }) => provider === "S3");
  expect(store?.details["secretkey"]).toBe(KEY.secretKey);
});
