import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand } from "../harness/command.ts";
import { findEngine } from "../harness/engine/find.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { estateSecrets, makeByHand, writingRequests } from "../harness/handmade-estate.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const root = resolve(import.meta.dirname, "../..");
const opened: Project[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

/** An empty Pulumi project with a stack, beside a lab of its own. */
class Project {
  readonly folder: string;
  readonly control: LabControl;
  readonly #lab: Lab;
  readonly #pulumi: string;
  readonly #env: Record<string, string>;

  private constructor(folder: string, lab: Lab, pulumi: string, env: Record<string, string>) {
    this.folder = folder;
    this.control = new LabControl(lab.addresses.control);
    this.#lab = lab;
    this.#pulumi = pulumi;
    this.#env = env;
  }

  static async open(): Promise<Project> {
    const engine = await findEngine({ log: console.error });
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-import-"));
    const lab = await startLab({ portBase: 0 });
    const env = {
      HOME: folder,
      ...(engine.env() as Record<string, string>),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
      ...environmentOf(lab.addresses),
    };
    const project = new Project(folder, lab, engine.pulumi, env);
    opened.push(project);
    writeFileSync(join(folder, "Pulumi.yaml"), "name: by-hand\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "by-hand", private: true, type: "module" }));
    writeFileSync(join(folder, "index.ts"), 'import "./imported.ts";\n');
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    await project.pulumi("stack", "init", "dev");
    return project;
  }

  async import(...args: string[]): Promise<string> {
    const options = { cwd: this.folder, env: this.#env, lab: this.control };
    const { code, stdout, stderr } = await runCommand(["import", ...args], options);
    if (code !== 0) throw new Error(`import ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  async pulumi(...args: string[]): Promise<RunResult> {
    return await this.pulumiWith({}, ...args);
  }

  /** Throws where it ends with anything but 0. */
  async pulumiWith(env: Record<string, string>, ...args: string[]): Promise<RunResult> {
    const flags = [...args, "--non-interactive", "--color", "never"];
    const result = await runWatched(this.#pulumi, flags, {
      cwd: this.folder,
      lab: this.control,
      env: { PATH: process.env["PATH"], ...this.#env, ...env },
    });
    if (result.code === 0) return result;
    throw new Error(`pulumi ${args.join(" ")} ended with ${result.code}:\n${result.stdout}${result.stderr}`);
  }

  async close(): Promise<void> {
    await this.#lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const everything = ["--cloudian-group", "*", "--ecs-namespace", "ns1", "--cloudstack"];

/** Values that the import names and that only their owner knows. */
const known: Readonly<Record<string, string>> = {
  "images-accessKeyId": "AKIA-BY-HAND",
  "images-secretAccessKey": estateSecrets.store,
  "pool-accessKeyId": "minio-user",
  "pool-secretAccessKey": "minio-secret-by-hand",
  "cloudian.admin.password-value": estateSecrets.setting,
};

async function configure(project: Project): Promise<void> {
  const pairs = Object.entries(known).flatMap(([key, value]) => ["--secret", `${key}=${value}`]);
  await project.pulumi("config", "set-all", ...pairs);
}

test("an estate of every kind: found, imported, adopted, and then nothing to change and nothing written", async () => {
  const project = await Project.open();
  await makeByHand(project.control);
  const secrets = await secretsOf(project.control);

  const shown = await project.import(...everything, "--out", ".", "--take-over");
  expect(shown).toContain("20 found: 18 by the import file, 2 by adopt, 0 not.");
  expect(shown).toContain("= 18 imported");
  expect(existsSync(join(project.folder, "import.json"))).toBe(false);

  await configure(project);
  const up = await project.pulumiWith({ CLOUDSTACK_STORAGE_ADOPT: "identical" }, "up", "--yes", "--skip-preview");
  expect(up.stdout).toContain("+ 2 created");
  await project.pulumi("preview", "--expect-no-changes");
  await project.pulumi("preview", "--refresh", "--expect-no-changes");
  expect(await writingRequests(project.control)).toEqual([]);

  const state = (await project.pulumi("stack", "export")).stdout;
  for (const secret of secrets) expect(state + shown).not.toContain(secret);
  const revealed = (await project.pulumi("stack", "export", "--show-secrets")).stdout;
  for (const secret of secrets) expect(revealed).toContain(secret);
  for (const secret of secrets) expect(readFileSync(join(project.folder, "imported.ts"), "utf8")).not.toContain(secret);

  const again = await project.import(...everything, "--name", "images", "--name", "blue");
  expect(again).toContain("2 found: 0 by the import file, 0 by adopt, 2 not.");
  expect(again).toContain("the stack holds it already, as urn:pulumi:dev::by-hand::");
  await expect(project.import(...everything, "--out", ".", "--force")).rejects.toThrow(
    /Written over, it would declare them no more\. Give another --out\./,
  );
  await project.control.patch("cloudian", { groups: { images: {} } });
  await expect(project.import("--cloudian-group", "images", "--out", ".", "--force")).rejects.toThrow(
    /the stack holds objects already, perhaps through .*imported\.ts\. Written over/,
  );
  await project.import("--cloudian-group", "images", "--out", "more");
  expect(readFileSync(join(project.folder, "more/imported.ts"), "utf8")).toContain('"images-2"');
});

test("what is imported is a resource like any other: changed, found drifted, protected, destroyed", async () => {
  const project = await Project.open();
  await makeByHand(project.control);
  await project.import("--cloudian-group", "plain", "--out", ".", "--take-over");
  const program = join(project.folder, "imported.ts");
  const text = readFileSync(program, "utf8");

  writeFileSync(program, text.replace('userId: "new@user",', 'userId: "new@user",\n    fullName: "New",'));
  await project.pulumi("up", "--yes", "--skip-preview");
  expect((await project.control.state()).cloudian.users["plain/new@user"]?.["fullName"]).toBe("New");

  await expect(project.pulumi("destroy", "--yes", "--skip-preview")).rejects.toThrow(/protect/);
  writeFileSync(program, readFileSync(program, "utf8").replaceAll("{ protect: true }", "{ protect: false }"));
  await project.pulumi("up", "--yes", "--skip-preview");
  await project.pulumi("destroy", "--yes", "--skip-preview");
  const { groups, users } = (await project.control.state()).cloudian;
  expect(Object.keys(groups).sort()).toEqual(["0", "blue"]);
  expect(Object.keys(users)).not.toContain("plain/new@user");
});

test("a user without a key stays without one, whatever else of it is changed later", async () => {
  const project = await Project.open();
  await makeByHand(project.control);
  const keys = async () => {
    const { cloudian, ecs } = await project.control.state();
    return [Object.keys(cloudian.credentials).length, ecs.users["ns1/keyless"]?.keys];
  };
  const before = await keys();
  await project.import(
    "--cloudian-group",
    "blue",
    "--ecs-namespace",
    "ns1",
    "--out",
    ".",
    "--take-over",
    "--stack",
    "dev",
  );
  const program = join(project.folder, "imported.ts");
  const text = readFileSync(program, "utf8");
  const changed = text
    .replace('userType: "GroupAdmin",', 'userType: "GroupAdmin",\n    fullName: "Grace",\n    onDestroy: "deactivate",')
    .replace('userName: "keyless",', 'userName: "keyless",\n    tags: { team: "none" },\n    onDestroy: "lock",');
  writeFileSync(program, changed);
  const up = await project.pulumi("up", "--yes", "--skip-preview");
  expect(up.stdout).toContain("~ 2 updated");
  expect(await keys()).toEqual(before);
  await project.pulumi("preview", "--refresh", "--expect-no-changes");
  writeFileSync(program, changed.replaceAll(', ignoreChanges: ["keyGeneration"]', ""));
  await project.pulumi("up", "--yes", "--skip-preview");
  const [count] = await keys();
  expect(count).toBe(Number(before[0]) + 1);
});

test("--keep-file leaves the file, with its mode, for whoever runs pulumi import by hand", async () => {
  const project = await Project.open();
  await makeByHand(project.control);
  await project.import("--cloudian-group", "plain", "--out", ".", "--take-over", "--keep-file");
  expect(statSync(join(project.folder, "import.json")).mode & 0o777).toBe(0o600);
  await project.pulumi("preview", "--expect-no-changes");
});

test("a mixed estate of 300 objects makes the round trip", async () => {
  const project = await Project.open();
  const count = await makeLargeEstate(project.control);
  expect(count).toBe(300);
  const shown = await project.import(...everything, "--out", ".", "--take-over");
  expect(shown).toContain("300 found: 290 by the import file, 10 by adopt, 0 not.");
  const keys = Array.from({ length: 10 }, (_, index) => [
    ...["--plaintext", `store-${index}-accessKeyId=AKIA`],
    ...["--secret", `store-${index}-secretAccessKey=hush`],
  ]);
  await project.pulumi("config", "set-all", ...keys.flat());
  await project.pulumiWith({ CLOUDSTACK_STORAGE_ADOPT: "identical" }, "up", "--yes", "--skip-preview");
  const preview = await project.pulumi("preview", "--expect-no-changes");
  expect(preview.stdout).toContain("301 unchanged");
  expect(await writingRequests(project.control)).toEqual([]);
});

/** Every key and value that the import file holds. */
async function secretsOf(control: LabControl): Promise<string[]> {
  const { cloudian } = await control.state();
  const keys = Object.values(cloudian.credentials).map(({ secretKey }) => String(secretKey));
  return [...keys, estateSecrets.ecsKey, estateSecrets.lockedKey, estateSecrets.setting];
}

/** 10 groups with 9 users and 6 buckets each, 50 ECS users with a bucket each, and 40 objects of CloudStack. */
async function makeLargeEstate(control: LabControl): Promise<number> {
  const groups = Array.from({ length: 10 }, (_, index) => `group-${index}`);
  const users = groups.flatMap((group) => Array.from({ length: 9 }, (_, index) => `${group}/user-${index}`));
  const buckets = users.flatMap((user) => (/[0-5]$/.test(user) ? [[user, user.replace("/", "-")]] : []));
  await control.patch("cloudian", {
    groups: Object.fromEntries(groups.map((group) => [group, { groupName: `Name of ${group}` }])),
    users: Object.fromEntries(users.map((user, index) => [user, { fullName: `Person ${index}` }])),
    credentials: Object.fromEntries(
      users.map((user, index) => {
        const [groupId, userId] = user.split("/");
        return [`0123456789abcdef${String(index).padStart(4, "0")}`, { groupId, userId }];
      }),
    ),
    buckets: Object.fromEntries(buckets.map(([user = "", bucketName]) => [user, [{ bucketName }]])),
  });
  const ecs = Array.from({ length: 50 }, (_, index) => `owner-${index}`);
  await control.patch("ecs", {
    users: Object.fromEntries(ecs.map((name) => [`ns1/${name}`, { keys: [`Key-Of-${name}-abcdefghijklmnopqrstu`] }])),
    buckets: Object.fromEntries(ecs.map((owner) => [`ns1/bucket-of-${owner}`, { owner, tags: { owner } }])),
  });
  const id = (kind: number, index: number) => `${kind}2222222-0000-4000-8000-${String(index).padStart(12, "0")}`;
  const some = (length: number, make: (index: number) => [string, object]) =>
    Object.fromEntries(Array.from({ length }, (_, index) => make(index)));
  const url = (index: number) => `nfs://nfs.example.com/staging/${index}`;
  await control.patch("cloudstack", {
    imageStores: {
      ...some(10, (index) => [
        id(1, index),
        {
          name: `store-${index}`,
          provider: "S3",
          role: "Image",
          scope: "REGION",
          protocol: "https",
          url: `https://s3.example.com/store-${index}`,
        },
      ]),
      ...some(29, (index) => [
        id(2, index),
        { name: url(index), url: url(index), provider: "NFS", role: "ImageCache", scope: "ZONE" },
      ]),
    },
    settings: { "secstorage.allowed.internal.sites": "10.0.0.0/8" },
  });
  await control.clearRequests();
  return groups.length + users.length + buckets.length + 2 * ecs.length + 10 + 29 + 1;
}
