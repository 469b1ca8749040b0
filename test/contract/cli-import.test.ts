import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { handlerOf } from "../../provider/handlers.ts";
import * as index from "../../provider/index.ts";
import { commandWords, environmentOf, runCommand } from "../harness/command.ts";
import { documentedShape } from "../harness/documented-shape.ts";
import { estateSecrets, makeByHand, writingRequests } from "../harness/handmade-estate.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const root = resolve(import.meta.dirname, "../..");
let lab: Lab;
let control: LabControl;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-import-"));
  env = environmentOf(lab.addresses);
  await makeByHand(control);
});
beforeEach(() => control.clearRequests());
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab.close();
});

const everything = ["--cloudian-group", "*", "--ecs-namespace", "ns1", "--cloudstack"];
const start = (...args: string[]) => runCommand(["import", ...args], { cwd: folder, env, lab: control });

interface Report {
  objects: { kind: string; name: string; takeover: string; reason?: string; declared: string[]; atDefault: string[] }[];
  files?: { program: string; importFile?: string };
  config?: { key: string; secret: boolean }[];
}

async function reportOf(...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await start(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Report;
}

test("finds every kind, tells how each is taken over, and only reads", async () => {
  const { objects } = await reportOf(...everything);
  expect(objects.map(({ kind, name, takeover }) => `${takeover} ${kind} ${name}`)).toEqual([
    "import CloudianGroup blue",
    "import CloudianUser blue/ada",
    "import CloudianUser blue/eve",
    "import CloudianUser blue/grace",
    "import S3Bucket invoices",
    "import S3Bucket plain-bucket",
    "import CloudianGroup plain",
    "import CloudianUser plain/new@user",
    "import EcsObjectUser ns1/ada",
    "import EcsObjectUser ns1/eve",
    "import EcsObjectUser ns1/keyless",
    "import EcsBucket ns1/Not_DNS",
    "import EcsBucket ns1/archive",
    "import EcsBucket ns1/plain",
    "adopt S3SecondaryStorage images",
    "import SecondaryStagingStore nfs://nfs.example.com/export/staging",
    "adopt ObjectStoragePool pool",
    "import GlobalSetting cloudian.admin.password",
    "import GlobalSetting cloudian.admin.user",
    "import GlobalSetting secstorage.allowed.internal.sites",
  ]);
  const kinds = Object.keys(index).filter((name) => handlerOf(name) && name !== "TenancyRoster");
  expect([...new Set(objects.map(({ kind }) => kind))].sort()).toEqual(kinds.sort());
  const group = objects.find(({ name }) => name === "blue");
  expect(group?.declared).toEqual(["groupId", "groupName", "ldap", "limits", "s3Endpoints", "userLimits"]);
  expect(group?.atDefault).toEqual(["active"]);
  expect(await writingRequests(control)).toEqual([]);
});

test("the report is of the documented shape", async () => {
  const schema = documentedShape("import");
  expect(schema.safeParse({ objects: [{}] }).success).toBe(false);
  expect(schema.safeParse(await reportOf(...everything)).error).toBeUndefined();
  expect(schema.safeParse(await reportOf(...everything, "--out", join(folder, "shape"))).error).toBeUndefined();
});

test("what people see of a few objects", async () => {
  const { stdout } = await start(
    "--cloudian-group",
    "plain",
    "--ecs-namespace",
    "ns1",
    "--name",
    "plain*",
    "--name",
    "n*",
  );
  expect(stdout).toBe(`KIND           NAME            TAKE OVER    DETAILS
CloudianGroup  plain           import file  declared: groupId
CloudianUser   plain/new@user  import file  declared: groupId, userId; not returned: password
EcsBucket      ns1/plain       import file  declared: accessDuringOutage, bucketName, encryption, namespace, owner, replicationGroup; not returned: versioning, cors

3 found: 3 by the import file, 0 by adopt, 0 not.
Properties that are as a new object has them stay unmanaged. Never managed, and left as they are:
  CloudianGroup: rating plan, storage policies, limits of other regions, administrators
  CloudianUser: password, other key pairs, IAM users, rating plan, limits of other regions
  EcsBucket: ACL, metadata search, objects, object lock
`);
});

test("writes a program that compiles and that a formatter leaves as it is, and a file that nobody else can read", async () => {
  const out = join(folder, "written");
  const { code, stdout } = await start(...everything, "--out", out);
  expect(code).toBe(0);
  const [program, file] = [join(out, "imported.ts"), join(out, "import.json")];
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(stdout).toContain(`  pulumi import --file ${file} --generate-code=false --protect=true --yes\n  rm ${file}\n`);
  expect(stdout).toContain("  pulumi config set --secret images-secretAccessKey\n");
  writeFileSync(join(out, "biome.json"), JSON.stringify({ formatter: { indentStyle: "space" } }));
  const biome = join(root, "node_modules/.bin/biome");
  const formatted = await runWatched(process.execPath, [biome, "format", `--config-path=${out}`, program]);
  expect(formatted).toMatchObject({ code: 0 });
  symlinkSync(join(root, "node_modules"), join(out, "node_modules"));
  writeFileSync(join(out, "package.json"), JSON.stringify({ type: "module" }));
  const strict = ["--noEmit", "--strict", "--module", "nodenext", "--skipLibCheck", "--types", "node"];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  expect(await runWatched(process.execPath, [tsc, ...strict, program], { cwd: out })).toMatchObject({ code: 0 });
  const shown = readFileSync(program, "utf8") + stdout;
  for (const secret of Object.values(estateSecrets)) expect(shown).not.toContain(secret);
  const { cloudian } = await control.state();
  for (const { secretKey } of Object.values(cloudian.credentials)) expect(shown).not.toContain(secretKey);
  expect(shown).toContain(`groupName: 'The "blue" team',`);
});

test("where not all fits, nothing is left: neither a cut file nor half of the two", async () => {
  const out = join(folder, "full");
  // No file may grow beyond 1 KiB: the program fits, the import file does not.
  const limited = ["-c", 'ulimit -f 2; exec "$@"', "sh", ...commandWords];
  const args = ["import", "--cloudian-group", "plain", "--out", out];
  const options = { cwd: folder, env: { PATH: process.env["PATH"], ...env }, lab: control };
  expect(await runWatched("bash", [...limited, ...args], options)).toMatchObject({ code: 1, stdout: "" });
  expect(readdirSync(out)).toEqual([]);
});

test("never writes over a file that is there, unless forced, and never through a link", async () => {
  const out = join(folder, "existing");
  await start("--cloudian-group", "plain", "--out", out);
  const again = await start("--cloudian-group", "plain", "--out", out);
  expect(again).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("exist already; give another --out, or --force"),
  });
  const target = join(folder, "target");
  writeFileSync(target, "mine");
  rmSync(join(out, "import.json"));
  symlinkSync(target, join(out, "import.json"));
  expect(await start("--cloudian-group", "plain", "--out", out, "--force")).toMatchObject({ code: 0 });
  expect(readFileSync(target, "utf8")).toBe("mine");
  expect(statSync(join(out, "import.json")).mode & 0o777).toBe(0o600);
});

test("--no-protect leaves the protection out on both sides", async () => {
  const out = join(folder, "unprotected");
  const { stdout } = await start("--cloudian-group", "plain", "--out", out, "--no-protect");
  expect(stdout).toContain("--protect=false");
  expect(
    readFileSync(join(out, "imported.ts"), "utf8"),
  ).toBe(`// What exists already, as "cloudstack-storage import" has found it. Import this
// file from the program's entry point, then change it as you like.

import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";

const plain = new CloudianGroup("plain", {
  groupId: "plain",
});

new CloudianUser("new-user", {
  groupId: plain.groupId,
  userId: "new@user",
});
`);
});

test("what cannot be taken over is told, each with its reason, and does not hide the rest", async () => {
  const other = await startLab({ portBase: 0 });
  const others = new LabControl(other.addresses.control);
  try {
    await others.patch("cloudian", {
      groups: { red: {} },
      users: { "red/keyless": {}, "red/off": { active: "false" } },
      credentials: { "0123456789abcdef0009": { groupId: "red", userId: "off" } },
      buckets: { "red/keyless": [{ bucketName: "orphan" }], "red/off": [{ bucketName: "closed" }] },
    });
    await others.patch("ecs", {
      users: { "ns1/ada": {} },
      buckets: { "ns1/locked": { owner: "ada", objectLock: true } },
    });
    await others.patch("cloudstack", {
      imageStores: { nfs: { name: "old-nfs", provider: "NFS", url: "nfs://nfs/export" } },
    });
    const args = [
      "--cloudian-group",
      "red",
      "--ecs-namespace",
      "ns1",
      "--cloudstack",
      "--setting",
      "ldap.bind.password",
    ];
    const { stdout } = await runCommand(["import", ...args, "--json"], {
      cwd: folder,
      env: environmentOf(other.addresses),
    });
    const { objects } = JSON.parse(stdout) as Report;
    const refused = objects
      .filter(({ takeover }) => takeover === "none")
      .map(({ kind, name, reason }) => [kind, name, reason]);
    expect(refused).toEqual([
      ["S3Bucket", "closed", expect.stringMatching(/^S3 bucket closed could not be read: .* 403 InvalidAccessKeyId/)],
      [
        "S3Bucket",
        "orphan",
        "it is reached with the keys of its owner red/keyless, and no active pair of that user can be read",
      ],
      ["EcsBucket", "ns1/locked", expect.stringContaining("has object lock, which this provider does not manage")],
      ["S3SecondaryStorage", "old-nfs", "it is secondary storage of the provider NFS, which no kind manages"],
      ["GlobalSetting", "ldap.bind.password", "CloudStack returns its value in no readable form (category Secure)"],
    ]);
    expect(objects.filter(({ takeover }) => takeover === "import").map(({ name }) => name)).toEqual([
      "red",
      "red/keyless",
      "red/off",
      "ns1/ada",
    ]);
  } finally {
    await other.close();
  }
});

test("what could not be read is told, ends with 1, and keeps a part from being written", async () => {
  await control.fault({ system: "cloudian", kind: "status", status: 500, path: "/user/credentials/list", times: 1000 });
  try {
    const out = join(folder, "partial");
    const { code, stdout, stderr } = await start("--cloudian-group", "plain", "--out", out);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^CloudianUser +plain\/new@user +no +Cloudian user plain\/new@user could not be read: .* 500/m,
    );
    expect(stderr).toContain("1 of the objects could not be read: see above. Nothing is written.");
    expect(existsSync(out)).toBe(false);
  } finally {
    await control.clearFaults();
  }
});

test("on a release without pools and without defaults of settings it finds the rest", async () => {
  const old = await startLab({ portBase: 0 });
  const olds = new LabControl(old.addresses.control);
  try {
    await olds.patch("cloudstack", {
      options: { release: "4.15.2.0" },
      settings: { "cloudian.admin.user": "by-hand" },
    });
    const args = ["import", "--cloudstack", "--name", "cloudian.admin.user", "--setting", "no.such.setting", "--json"];
    const { code, stdout } = await runCommand(args, { cwd: folder, env: environmentOf(old.addresses) });
    const { objects } = JSON.parse(stdout) as Report;
    expect({ code, found: objects.map(({ name, takeover, reason }) => [name, takeover, reason]) }).toEqual({
      code: 0,
      found: [
        ["cloudian.admin.user", "import", undefined],
        ["no.such.setting", "none", "CloudStack lists no such setting: it is misspelled, or of the category Hidden"],
      ],
    });
  } finally {
    await old.close();
  }
});

test("what the array hides counts neither as declared nor as being as in a new object", async () => {
  const hiding = await startLab({ portBase: 0 });
  const hidden = new LabControl(hiding.addresses.control);
  try {
    await hidden.patch("ecs", {
      options: { hideSecretKeys: true },
      users: { "ns1/ada": { keys: ["Key-That-Nobody-Sees-abcdefghijklmnopqrs"] } },
      buckets: { "ns1/versioned": { owner: "ada", versioning: "enabled" } },
    });
    const args = ["import", "--ecs-namespace", "ns1", "--json"];
    const { stdout } = await runCommand(args, { cwd: folder, env: environmentOf(hiding.addresses) });
    const { objects } = JSON.parse(stdout) as {
      objects: { name: string; notReturned: string[]; atDefault: string[] }[];
    };
    expect(objects.map(({ name, notReturned }) => [name, notReturned])).toEqual([
      ["ns1/ada", ["secretAccessKey"]],
      ["ns1/versioned", ["versioning", "cors"]],
    ]);
    expect(objects[1]?.atDefault).not.toContain("versioning");
  } finally {
    await hiding.close();
  }
});

test("a name with control characters makes no row and no color of its own", async () => {
  await control.patch("cloudian", { groups: { odd: { groupName: "x" } }, users: { "odd/a\u001b[31mred\nrow": {} } });
  const { stdout } = await start("--cloudian-group", "odd");
  await control.patch("cloudian", { groups: { odd: null } });
  expect(stdout).toContain("odd/a\\u001b[31mred\\u000arow");
});

test.each([
  [[], "Say what to look at: --cloudian-group, --ecs-namespace or --cloudstack."],
  [["--cloudstack", "--take-over"], "--take-over needs --out."],
  [["--cloudstack", "--keep-file"], "--keep-file needs --take-over."],
  [["--ecs-namespace", "ns1", "--setting", "x"], "--setting needs --cloudstack."],
  [["--cloudstack", "--out", "x", "--take-over"], "--take-over needs a Pulumi project: name its folder with --cwd."],
  [["--cloudstack", "--stack", "dev"], /^--stack: .* is in no Pulumi project\. Name its folder with --cwd\.$/],
])("import %s", async (args, message) => {
  const { code, stderr } = await start(...args);
  const [first, second] = stderr.split("\n");
  expect({ code, first, second }).toEqual({
    code: 2,
    first: message instanceof RegExp ? expect.stringMatching(message) : message,
    second: "See: cloudstack-storage import --help",
  });
});

test.each([
  [["--cloudian-group", "missing"], /has no Cloudian group missing\. Check --cloudian-group/],
  [["--ecs-namespace", "missing"], /list the object users of ECS namespace missing/],
])("import %s fails with what to look at", async (args, message) => {
  expect(await start(...args)).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
});
