import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabState } from "../harness/lab.ts";
import { blocksOf, root } from "./markdown.ts";
import { type Ended, openingTime, Reader } from "./reader.ts";

/**
 * Runs the shell blocks of README and guides that README's own program does not need, as they stand there, one after the
 * other in one stack. Only what cannot be the same is put in their place: hosts that do not exist, and answers to
 * questions.
 */
let reader: Reader;

beforeAll(async () => {
  const program = `import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";
new CloudianUser("ops", { groupId: new CloudianGroup("blue", { active: true }).groupId, fullName: "Blue operations" });
`;
  const project = "name: steps\nruntime: nodejs\n";
  const manifest = JSON.stringify({ name: "steps", type: "module", main: "index.ts" });
  reader = await Reader.open({ "package.json": manifest, "index.ts": program, "Pulumi.yaml": project });
  expect(await reader.pulumi(["stack", "init", "production"])).toMatchObject({ code: 0 });
}, openingTime);

afterAll(async () => {
  await reader.close();
});

describe("one reader, from page to page", { shuffle: false }, () => {
  test("README: the lab's settings go into the shell, and the program is deployed", async () => {
    expect(await run("README.md", "lab --env")).toMatchObject({ code: 0 });
    expect(await held()).toEqual({ groups: 2, users: 2 });
  });

  test("docs/adoption.md: a run that may take over what is identical", async () => {
    expect(await run("docs/adoption.md", "CLOUDSTACK_STORAGE_ADOPT=identical", "", logIn())).toMatchObject({ code: 0 });
  });

  test.each(["stack select production", "--expect-no-changes --diff", "--json"])(
    "docs/drift.md: nothing has drifted, says the block with %s",
    async (words) => {
      expect(await run("docs/drift.md", words, "", logIn())).toMatchObject({ code: 0 });
    },
  );

  test("docs/settings.md: settings in the stack, the password by the name of its variable", async () => {
    const variables = { HYPERSTORE_PASSWORD: "public" };
    expect(await run("docs/settings.md", "cloudianPasswordEnv")).toMatchObject({ code: 0 });
    expect(await record(variables)).toMatchObject({ code: 0 });
    expect(await run("docs/drift.md", "stack select production", "", variables)).toMatchObject({ code: 0 });
    expect(await reader.pulumi(["config", "rm", "cloudstack-storage:cloudianPasswordEnv"])).toMatchObject({ code: 0 });
  });

  test("docs/secrets.md: the password encrypted in the stack", async () => {
    expect(await run("docs/secrets.md", "config set --secret", "public\n")).toMatchObject({ code: 0 });
    expect(await run("docs/drift.md", "stack select production")).toMatchObject({ code: 1 });
    expect(await record()).toMatchObject({ code: 0 });
    expect(await run("docs/drift.md", "stack select production")).toMatchObject({ code: 0 });
  });

  test("docs/settings.md: a new address of the same array", async () => {
    expect(await run("docs/settings.md", "cloudianEndpointAliases")).toMatchObject({ code: 0 });
    expect(await record()).toMatchObject({ code: 0 });
    expect(await run("docs/drift.md", "stack select production")).toMatchObject({ code: 0 });
  });

  test("docs/settings.md: refresh and destroy with the program's own settings", async () => {
    expect(await run("docs/settings.md", "destroy --run-program")).toMatchObject({ code: 0 });
    expect(await held()).toEqual({ groups: 1, users: 1 });
  });

  test("README and docs/keys.md: a user and a bucket on an ECS, and a rotation", async () => {
    await reader.control.patch("ecs", { namespaces: { cloudstack: {} } });
    expect(await reader.pulumi(["stack", "init", "ecs"])).toMatchObject({ code: 0 });
    expect(await runOnEcs("README.md", "EcsBucket")).toMatchObject({ code: 0 });
    const { users, buckets, sessions } = (await reader.control.state()).ecs;
    expect(Object.keys(users)).toEqual([expect.stringMatching(/^cloudstack\/ops-[0-9a-f]{8}$/)]);
    expect(Object.values(buckets)).toMatchObject([{ versioning: "enabled", blockSize: 500, notificationSize: 400 }]);
    expect(sessions.live).toBe(0);
    const program = textIn("docs/keys.md", "previousKeyExpiryMinutes");
    expect(await deployOnEcs(program.replace("keyGeneration: 2", "keyGeneration: 1"))).toMatchObject({ code: 0 });
    expect(await runOnEcs("docs/keys.md", "previousKeyExpiryMinutes")).toMatchObject({ code: 0 });
    const [user] = Object.values((await reader.control.state()).ecs.users);
    expect(user?.keys).toMatchObject([{ expires: expect.any(String) }, { expires: null }]);
  });

  test("docs/ecs.md: the rule for CloudStack's bucket browser", async () => {
    await reader.control.patch("ecs", { users: { "cloudstack/blue": { keys: ["the-key-of-blue"] } } });
    expect(await runOnEcs("docs/ecs.md", "cors")).toMatchObject({ code: 0 });
    const { buckets } = (await reader.control.state()).ecs;
    expect(Object.values(buckets)).toMatchObject([{ cors: [{ allowedOrigins: ["https://cloud.example.com"] }] }]);
    expect(await deployOnEcs("export {};\n")).toMatchObject({ code: 0 });
    expect((await reader.control.state()).ecs.buckets).toEqual({});
  });

  test("README and docs/cloudstack.md: secondary storage, settings and a tenancy, each in place of the one before", async () => {
    expect(await reader.pulumi(["stack", "init", "cloud"])).toMatchObject({ code: 0 });
    const storage = textIn("README.md", "CloudianSecondaryStorage")
      .replace("https://s3.example.com", reader.lab.addresses.cloudian.s3Endpoint)
      .replace("store: {", "store: { useHttps: false,");
    await reader.control.patch("cloudstack", { options: { downloadSeconds: 0, downloadPolls: 0 } });
    expect(await deployOnCloudStack(storage)).toMatchObject({ code: 0 });
    const made = await reader.control.state();
    expect(liveStores(made)).toEqual(["ImageCache nfs://nfs.lab-zone.example.com/export/staging", expect.any(String)]);
    expect(Object.keys(made.cloudian.s3Buckets)).toEqual(["cloudstack-secondary"]);
    expect(await deployOnCloudStack(textIn("docs/cloudstack.md", "extract.url.expiration.interval"))).toMatchObject({
      code: 0,
    });
    const declared = await reader.control.state();
    expect(liveStores(declared)).toEqual([]);
    expect(declared.cloudstack["settings"]).toMatchObject({
      "secstorage.allowed.internal.sites": { value: "10.20.30.0/24,10.20.40.0/24" },
      "extract.url.expiration.interval": { value: "3600" },
    });
    expect(await deployOnCloudStack(textIn("docs/cloudstack.md", "CloudianTenancy("))).toMatchObject({ code: 0 });
    const { cloudian, cloudstack } = await reader.control.state();
    expect(cloudstack["settings"]).toMatchObject({ "extract.url.expiration.interval": { value: "14400" } });
    expect(Object.keys(cloudian.groups)).toEqual(["0", ...Object.keys(cloudstack["domains"] ?? {})]);
  });
});

/** Roles and names of the stores that were not deleted. */
function liveStores({ cloudstack }: LabState): string[] {
  const live = Object.values(cloudstack.imageStores).filter(({ removed }) => !removed);
  return live.map(({ role, name }) => `${role} ${name}`);
}

async function deployOnCloudStack(program: string): Promise<Ended> {
  writeFileSync(join(reader.project, "index.ts"), program);
  const { endpoint, apiKey, secretKey } = reader.lab.addresses.cloudstack;
  const access = { CLOUDSTACK_API_URL: endpoint, CLOUDSTACK_API_KEY: apiKey, CLOUDSTACK_SECRET_KEY: secretKey };
  return await reader.shell(`${prelude()}pulumi up`, "", { ...logIn(), ...access });
}

/** Deploys a program of a page, in place of the one before. */
function runOnEcs(file: string, words: string): Promise<Ended> {
  return deployOnEcs(textIn(file, words));
}

async function deployOnEcs(program: string): Promise<Ended> {
  writeFileSync(join(reader.project, "index.ts"), program);
  const { endpoint, username, password, caPem, s3Endpoint } = reader.lab.addresses.ecs;
  const access = { ECS_ENDPOINT: endpoint, ECS_USERNAME: username, ECS_PASSWORD: password, ECS_CA_PEM: caPem };
  const rest = { ECS_NAMESPACE: "cloudstack", ECS_S3_ENDPOINT: s3Endpoint };
  return await reader.shell(`${prelude()}pulumi up`, "", { ...access, ...rest });
}

function textIn(file: string, words: string): string {
  const block = blocksOf(file).find(({ language, text }) => language === "ts" && text.includes(words));
  if (!block) throw new Error(`${file} has no program with ${words}`);
  return block.text;
}

/** What a refresh uses is the configuration that an `up` has recorded. */
function record(variables: NodeJS.ProcessEnv = {}) {
  return reader.shell(`${prelude()}pulumi up`, "", variables);
}

/** The block of a page that has these words. */
function run(file: string, words: string, input = "", variables: NodeJS.ProcessEnv = {}) {
  const block = blocksOf(file).find(({ language, text }) => language === "sh" && text.includes(words));
  if (!block) throw new Error(`${file} has no block with ${words}`);
  const { endpoint } = reader.lab.addresses.cloudian;
  const script = block.text
    .replace("https://s3-admin.example.com:19443", endpoint)
    .replace("https://s3-admin.old.example.com:19443", endpoint)
    .replace("https://s3-admin.new.example.com:19443", endpoint.replace("127.0.0.1", "localhost"));
  return reader.shell(prelude() + script, input, variables);
}

/** The package is installed already, the lab listens on a port of its own, and nobody is there to say yes. */
function prelude(): string {
  const { port } = new URL(reader.lab.addresses.control);
  return `npm() { test "$1" = ci; }
npx() { shift; node "${root}/dist/provider/cli/main.js" "$@" --port-base ${port}; }
pulumi() {
  case "$* " in
    "up "* | "destroy "* | "refresh --run-program "*) command pulumi "$@" --yes --skip-preview --non-interactive ;;
    *) command pulumi "$@" ;;
  esac
}
`;
}

function logIn(): NodeJS.ProcessEnv {
  const { endpoint, username, password } = reader.lab.addresses.cloudian;
  return { CLOUDIAN_ENDPOINT: endpoint, CLOUDIAN_USERNAME: username, CLOUDIAN_PASSWORD: password };
}

/** The administrators' group and user are always there. */
async function held(): Promise<{ groups: number; users: number }> {
  const { groups, users } = (await reader.control.state()).cloudian;
  return { groups: Object.keys(groups).length, users: Object.keys(users).length };
}
