import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../provider/cli/drift/report.ts";
import { documentedShape } from "../harness/documented-shape.ts";
import { DriftProject } from "./cli-drift-project.ts";

const schema = documentedShape("drift");

/**
 * NEXT is a later version of it; LIVE is what the object of another provider has become; ONLY_OWN looks nothing up, so
 * that it is a resource of the stack's own that is the first to fail.
 */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { CloudianGroup, CloudianUser, GlobalSetting, Provider, S3SecondaryStorage } from "pulumi-cloudstack-storage";

const next = process.env.NEXT === "yes";
if (process.env.BROKEN) throw new Error("the program is broken");

class Tenant extends pulumi.ComponentResource {
  constructor(name) { super("acme:index:Tenant", name); }
}
class Thing extends pulumi.dynamic.Resource {
  constructor(name, args) {
    super({
      check: async (olds, news) => ({ inputs: news, failures: [] }),
      create: async (inputs) => ({ id: "thing-1", outs: inputs }),
      read: async (id, props) => {
        const live = process.env.LIVE ? { ...props, size: Number(process.env.LIVE) } : props;
        return { id, props: live, inputs: live };
      },
    }, name, args);
  }
}

const tenant = new Tenant("tenant");
const child = { parent: tenant };
const group = new CloudianGroup("blue", { groupId: "blue", groupName: next ? "Blue, later" : "Blue", s3Endpoints: { http: ["a", "b"] } }, child);
const { groupId } = group;
new CloudianUser("ada", {
  groupId, userId: "ada", fullName: next ? "Ada L." : "Ada", password: pulumi.secret("Ada-Password-1"), email: pulumi.secret("ada@secret.test"),
}, child);
new CloudianUser("ignored", { groupId, userId: "ignored", phone: next ? "2" : "1" }, { ignoreChanges: ["phone"], protect: next });
new CloudianUser("gone", { groupId, userId: "gone" });
new CloudianUser("moving", { groupId, userId: next ? "moving-2" : "moving-1" });
new CloudianUser(next ? "renamed" : "named", { groupId, userId: "named" }, next ? { aliases: [{ name: "named" }] } : {});
if (next) new CloudianUser("fresh", { groupId, userId: "fresh", password: "Fresh-Password-1" });
else new CloudianUser("old", { groupId, userId: "old" }, { retainOnDelete: true });
new GlobalSetting("hidden", { settingName: "ldap.bind.password", value: pulumi.secret("hidden-setting-1") });
new S3SecondaryStorage("adopted", {
  storeName: "made-by-hand", endpoint: "https://s3.example.test", bucket: "secondary", accessKeyId: "a", secretAccessKey: "adopted-secret-1",
  verifyBucket: false, adopt: true,
});
const provider = new Provider("own", {
  cloudianEndpoint: process.env.CLOUDIAN_ENDPOINT, cloudianUsername: process.env.CLOUDIAN_USERNAME, cloudianPassword: process.env.CLOUDIAN_PASSWORD,
  ...(next ? { requestTimeoutSeconds: 77 } : {}),
});
new CloudianGroup("green", { groupId: "green", groupName: "Green" }, { provider });
new Thing("thing", { size: 4, token: pulumi.secret("thing-token-1") });
export const admins = process.env.ONLY_OWN === "yes" ? "" : CloudianGroup.get("admins", "0").groupName;
if (next) pulumi.log.warn("this program\\nis the next one");
`;

const secrets = [
  "Ada-Password",
  "ada@secret.test",
  "evil@secret.test",
  "Fresh-Password",
  "hidden-setting",
  "adopted-secret",
  "thing-token",
  "wrong-word",
];

const notCompared = `
Not compared

RESOURCE                    PROPERTIES                                      WHY
CloudianUser ada            password                                        no call returns it
CloudianUser ignored        phone                                           ignoreChanges
GlobalSetting hidden        value                                           no call returns it
S3SecondaryStorage adopted  accessKeyId, secretAccessKey, endpoint, bucket  no call returns it
`;

const pending = `
What pulumi up would change now

RESOURCE                            CHANGE   PROPERTY                                  LAST UP     PROGRAM
CloudianGroup blue                  change   groupName                                 "Blue"      "Blue, later"
CloudianUser ada                    change   fullName                                  "Ada"       "Ada L."
CloudianUser fresh                  create
CloudianUser moving                 replace  userId                                    "moving-1"  "moving-2"
CloudianUser old                    delete
pulumi:providers:pulumi-nodejs own  change   cloudstack-storage:requestTimeoutSeconds  (none)      "77"
`;

describe("with the real engine", { shuffle: false }, () => {
  let project: DriftProject;

  beforeAll(async () => {
    project = await DriftProject.open(program);
    await project.control.patch("cloudstack", {
      options: { statisticsSeconds: 0 },
      imageStores: {
        "store-1": {
          provider: "S3",
          name: "made-by-hand",
          url: "https://somewhere.example.test/else/where",
          protocol: "https",
        },
      },
    });
    await project.up();
  });
  afterAll(async () => {
    await project?.close();
  });

  const files = ["json", "markdown", "junit"].map((format) => [`--${format}-file`, format] as const);

  /** Runs with every format; what must not be in any of them is looked for in all. */
  async function look(env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) {
    const flags = files.flatMap(([flag, file]) => [flag, join(project.folder, file)]);
    const before = project.storedFiles();
    await project.control.clearRequests();
    const run = await project.drift([...flags, ...args], env);
    const [json = "", markdown = "", junit = ""] = files.map(([, file]) =>
      readFileSync(join(project.folder, file), "utf8"),
    );
    const texts = [run.stdout, run.stderr, json, markdown, junit].join("\n");
    expect(secrets.filter((secret) => texts.includes(secret))).toEqual([]);
    expect(texts).not.toContain("__");
    const report = JSON.parse(json) as Report;
    expect(schema.safeParse(report)).toMatchObject({ success: true });
    expect(report.exitCode).toBe(run.code);
    expect(project.storedFiles()).toEqual(before);
    const writes = (await project.control.requests()).filter(({ method }) => !["GET", "HEAD"].includes(method));
    expect(writes).toEqual([]);
    return { ...run, report, markdown, junit };
  }

  test("nothing differs: 0", async () => {
    const { code, stdout, stderr, junit } = await look();
    expect(stdout).toBe(`No drift, and nothing undeployed: 11 resources of stack dev.\n${notCompared}`);
    expect(code).toBe(0);
    expect(stderr.replace(/[\d.]+ s$/gm, "1 s")).toBe(`drift: pulumi refresh --preview-only --run-program --json
drift: done after 1 s
undeployed: pulumi preview --refresh=false --show-replacement-steps --json
undeployed: done after 1 s
`);
    expect(junit).toMatch(/<testsuite name="drift" tests="11" failures="0" errors="0"/);
  });

  test("only the program differs: 20", async () => {
    const { code, stdout, report } = await look({ NEXT: "yes" });
    expect(
      stdout,
    ).toBe(`No drift, but undeployed changes: 1 to be created, 3 to be changed, 1 to be replaced, 1 to be deleted; 13 resources of stack dev.
${pending}${notCompared}
Warnings

this program
is the next one
`);
    expect(code).toBe(20);
    expect(report.verdict).toBe("undeployed");
  });

  test("live systems and the program differ: 7, and each is told apart", async () => {
    await project.control.patch("cloudian", {
      groups: {
        blue: { groupName: "Blue, later", s3endpointshttp: ["b"] },
        green: { groupName: "by hand" },
        0: { groupName: "not ours" },
      },
      users: {
        "blue/ada": { fullName: "by hand", emailAddr: "evil@secret.test", phone: "not managed" },
        "blue/ignored": { phone: "by hand" },
        "blue/gone": null,
        "blue/old": null,
      },
    });
    const { code, stdout, markdown, junit } = await look({ NEXT: "yes", LIVE: "5" }, "--parallel", "4");
    expect(
      stdout,
    ).toBe(`Drift: 4 changed live, 2 gone, 1 to be created, 3 to be changed, 1 to be replaced, 1 to be deleted; 13 resources of stack dev.

Changed on the live systems since the last up

RESOURCE                              CHANGE   PROPERTY          DECLARED   LIVE           NOTE
CloudianGroup blue                    changed  groupName         "Blue"     "Blue, later"  the program says the same now
CloudianGroup blue                    changed  s3Endpoints.http  ["a","b"]  ["b"]
CloudianGroup green                   changed  groupName         "Green"    "by hand"
CloudianUser ada                      changed  email             [secret]   [secret]
CloudianUser ada                      changed  fullName          "Ada"      "by hand"      the program says "Ada L." now
CloudianUser gone                     gone
CloudianUser old                      gone                                                 the program no longer declares it
pulumi-nodejs:dynamic:Resource thing  changed  size              4          5
${pending}${notCompared}
Warnings

this program
is the next one
`);
    expect(code).toBe(7);
    expect(markdown).toMatch(/^❌ \*\*Drift: 4 changed live, 2 gone, /);
    expect(markdown).toContain(
      "| CloudianUser ada | changed | email | <code>&#91;secret&#93;</code> | <code>&#91;secret&#93;</code> |  |",
    );
    expect(junit).toMatch(/<testsuite name="drift" tests="11" failures="6" errors="0"/);
    expect(junit).toMatch(/<testsuite name="undeployed" tests="13" failures="6" errors="0"/);
  });

  test("a project whose previews refresh first: the questions stay apart", async () => {
    appendFileSync(join(project.folder, "Pulumi.yaml"), "options:\n  refresh: always\n");
    const { code, report } = await look();
    writeFileSync(join(project.folder, "Pulumi.yaml"), "name: drift-test\nruntime: nodejs\n");
    expect(code).toBe(7);
    expect(report.counts).toMatchObject({ changed: 3, gone: 2, toCreate: 0, toChange: 0, toReplace: 0, toDelete: 0 });
  });

  test("the object that a replacement has not deleted yet is undeployed", async () => {
    const file = join(project.folder, "exported.json");
    await project.pulumi("stack", "export", "--file", file);
    const state = JSON.parse(readFileSync(file, "utf8"));
    const moving = state.deployment.resources.find(({ urn }: { urn: string }) => urn.endsWith("::moving"));
    const old = { ...moving, delete: true, id: "blue/moving-0", inputs: { ...moving.inputs, userId: "moving-0" } };
    state.deployment.resources.push(old);
    writeFileSync(file, JSON.stringify(state));
    await project.pulumi("stack", "import", "--file", file);
    await project.control.patch("cloudian", { users: { "blue/moving-0": {} } });
    const { code, report } = await look();
    expect(code).toBe(7);
    expect(report.resources.filter(({ undeployed }) => undeployed !== "none")).toMatchObject([
      { name: "moving", id: "blue/moving-1", drift: "none", undeployed: "replace", unfinished: true, properties: [] },
    ]);
  });

  test("a system that lets nobody in: the engine's code, its reason, and what was found until then", async () => {
    const { code, stdout, stderr, report, junit } = await look({ CLOUDIAN_PASSWORD: "wrong-word-1", ONLY_OWN: "yes" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Not known: the drift run ended with 1\./);
    expect(stderr).toMatch(/answered 401\. Check cloudianUsername and cloudianPassword/);
    expect(stderr).toMatch(/\npulumi refresh [^\n]* failed with 1\.\n$/);
    expect(report).toMatchObject({ verdict: "incomplete", exitCode: 1 });
    expect(report.counts.unknown).toBeGreaterThan(0);
    expect(report.runs.length).toBe(1);
    expect(junit).toMatch(/<error type="unknown" message="could not be read">/);
  });

  test("a program that fails, a stack that does not exist, no stack at all", async () => {
    const broken = await look({ BROKEN: "yes" });
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/failed with an unhandled exception:\nError: the program is broken/);
    const absent = await look({}, "--stack", "absent");
    expect(absent.code).toBe(6);
    expect(absent.stderr).toMatch(/\nno stack named 'absent' found\n/);
    await project.pulumi("stack", "unselect");
    const none = await look();
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/\nno stack selected; please use `pulumi stack select`/);
  });
});

const withPasswords = `
import { CloudianGroup, Provider } from "pulumi-cloudstack-storage";

const provider = new Provider("own", {
  cloudianEndpoint: process.env.CLOUDIAN_ENDPOINT, cloudianUsername: process.env.CLOUDIAN_USERNAME, cloudianPassword: process.env.OWN_PASSWORD ?? "public",
});
new CloudianGroup("configured", { groupId: "configured" });
new CloudianGroup("explicit", { groupId: "explicit" }, { provider });
`;

test("after a rotation it logs in with the new password; that the state has an old one is undeployed, and named", async () => {
  const rotating = await DriftProject.open(withPasswords);
  try {
    const set = async (password: string) => {
      await rotating.control.patch("cloudian", { options: { password } });
      await rotating.pulumi("config", "set", "--secret", "cloudstack-storage:cloudianPassword", password);
    };
    await set("public");
    await rotating.up();
    await set("Rotated-Word-1");
    const run = await rotating.drift(["--json"], { OWN_PASSWORD: "Rotated-Word-1" });
    const { resources } = schema.parse(JSON.parse(run.stdout)) as Report;
    expect({
      code: run.code,
      found: resources.map(({ name, drift, undeployed }) => [name, drift, undeployed]),
    }).toEqual({
      code: 20,
      found: [
        ["configured", "none", "none"],
        ["explicit", "none", "none"],
        ["own", undefined, "change"],
      ],
    });
    expect(resources[2]?.properties).toEqual([
      {
        path: "cloudstack-storage:cloudianPassword",
        secret: true,
        drifted: false,
        undeployed: true,
        recorded: "[secret]",
        live: "[secret]",
        declared: "[secret]",
      },
    ]);
    expect(run.stdout + run.stderr).not.toContain("Rotated-Word");
  } finally {
    await rotating.close();
  }
});
