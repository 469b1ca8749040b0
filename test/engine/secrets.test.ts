import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudianGroup, CloudianUser, Provider } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nothing, TestStack, withStack } from "../harness/stack.ts";
import { changesOf, shownOf } from "../harness/stack-run.ts";

const limits = { storageKiB: { hard: 1000, warning: 900 }, requestsPerMinute: { hard: 60 } };
const password = "Canary-Password-1";

const program = async () => {
  const group = new CloudianGroup("g", { groupId: "g", groupName: "mine" });
  const user = new CloudianUser("u", {
    groupId: group.groupId,
    userId: "u",
    fullName: "Ada",
    email: "ada@example.com",
    address: { city: "Reno" },
    limits,
    password,
  });
  return { id: user.accessKeyId, secret: user.secretAccessKey, password: user.password };
};

describe("secrets", { shuffle: false }, () => {
  let stack: TestStack;
  let canaries: string[];

  beforeAll(async () => {
    stack = await TestStack.open("secrets");
    const run = await stack.up(program);
    const keys = Object.values((await stack.lab.state()).cloudian.credentials);
    canaries = [password, ...keys.map((key) => String(key["secretKey"]))];
    expect(canaries).toHaveLength(2);
    expect(shownOf(run, canaries)).toEqual([]);
  });
  afterAll(async () => {
    await stack?.close();
  });

  const stored = () => canaries.filter((canary) => stack.storedText().includes(canary));

  test("are in the state only encrypted, and outputs know them as secrets", async () => {
    expect(stored()).toEqual([]);
    const outputs = await stack.outputs();
    expect(outputs).toMatchObject({
      id: { secret: false },
      secret: { secret: true, value: canaries[1] },
      password: { secret: true, value: password },
    });
  });

  test("… after a refresh and an update that a drifted property made", async () => {
    await stack.lab.patch("cloudian", { users: { "g/u": { fullName: "Eve" } } });
    const refresh = await stack.refresh();
    const up = await stack.up(program);
    expect(shownOf(refresh, canaries).concat(shownOf(up, canaries))).toEqual([]);
    expect(stored()).toEqual([]);
  });

  test("… after .get, which reads everything there is and manages nothing", async () => {
    const lookUp = async () => {
      const user = CloudianUser.get("looked-up", "g/u");
      const group = CloudianGroup.get("looked-up-group", "g");
      return {
        user: { ...pick(user, userProperties), id: user.id },
        group: { ...pick(group, groupProperties), id: group.id },
      };
    };
    const both = async () => ({ ...(await program()), ...(await lookUp()) });
    const run = await stack.up(both);
    expect(run.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
    expect(shownOf(run, canaries)).toEqual([]);
    expect(stored()).toEqual([]);
    const outputs = await stack.outputs();
    expect(outputs["user"]).toMatchObject({
      value: {
        id: "g/u",
        groupId: "g",
        userId: "u",
        userType: "User",
        fullName: "Ada",
        email: "ada@example.com",
        address: { line1: "", line2: "", city: "Reno", state: "", zip: "", country: "" },
        phone: "",
        website: "",
        active: true,
        limits,
        keyGeneration: 1,
        canonicalUserId: expect.stringMatching(/^[0-9a-f]{32}$/),
        accessKeyId: expect.stringMatching(/^[0-9a-f]{20}$/),
        secretAccessKey: canaries[1],
        systemEndpoint: stack.addresses.cloudian.endpoint,
      },
    });
    expect(outputs["group"]).toMatchObject({
      value: {
        id: "g",
        groupId: "g",
        groupName: "mine",
        active: true,
        ldap: { enabled: false },
        s3Endpoints: { http: ["ALL"], https: ["ALL"], website: ["ALL"] },
        limits: {},
        userLimits: {},
        systemEndpoint: stack.addresses.cloudian.endpoint,
      },
    });
    const dropped = await stack.up(program);
    expect(dropped.calls).toEqual([]);
    expect((await stack.lab.state()).cloudian.users["g/u"]).toBeDefined();
  });

  test("… after an import file with the least of inputs, which makes no difference to the program", async () => {
    const { deployment } = await stack.exportState();
    const resources: { type: string; inputs?: Record<string, unknown> }[] = deployment.resources;
    const importable = (kind: string, name: string, id: string, inputs: object) => {
      const type = `pulumi-nodejs:dynamic/cloudstack-storage:${kind}`;
      const text = resources.find((resource) => resource.type === type)?.inputs?.["__provider"];
      const properties = { ...inputs, __provider: text };
      return { type, name, id, inputs: properties, outputs: properties };
    };
    const file = join(stack.folder, "import.json");
    const list = [
      importable("CloudianGroup", "g", "g", { groupId: "g", groupName: "mine" }),
      importable("CloudianUser", "u", "g/u", { groupId: "g", userId: "u", fullName: "Ada" }),
    ];
    writeFileSync(file, JSON.stringify({ resources: list }));
    await stack.importState({ ...(await stack.exportState()), deployment: { ...deployment, resources: [] } });
    const flags = ["--generate-code=false", "--yes", "--skip-preview", "--protect=false"];
    const imported = await stack.cli(["import", "--file", file, ...flags]);
    expect(imported, imported.stdout + imported.stderr).toMatchObject({ code: 0 });

    const smaller = async () => {
      const group = new CloudianGroup("g", { groupId: "g", groupName: "mine" });
      new CloudianUser("u", { groupId: group.groupId, userId: "u", fullName: "Ada" });
    };
    const preview = await stack.preview(smaller);
    expect(changesOf(preview)).toEqual({ same: 3 });
    expect(preview.calls).toEqual([]);
    const refresh = await stack.refresh();
    const up = await stack.up(smaller);
    const texts = [imported.stdout + imported.stderr, stack.storedText()];
    expect(canaries.filter((canary) => texts.some((text) => text.includes(canary)))).toEqual([]);
    expect(shownOf(refresh, canaries).concat(shownOf(up, canaries))).toEqual([]);
    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
  });
});

const userProperties = [
  "groupId",
  "userId",
  "userType",
  "fullName",
  "email",
  "address",
  "phone",
  "website",
  "active",
  "limits",
  "keyGeneration",
  "canonicalUserId",
  "accessKeyId",
  "secretAccessKey",
  "systemEndpoint",
] as const;
const groupProperties = [
  "groupId",
  "groupName",
  "active",
  "ldap",
  "s3Endpoints",
  "limits",
  "userLimits",
  "systemEndpoint",
] as const;

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

test("a password that is given by the name of a variable is in no file, and one that is given is encrypted", async () => {
  const config = { cloudianPassword: undefined, cloudianPasswordEnv: "TEST_HYPERSTORE_PASSWORD" };
  await withStack(
    "password-env",
    async (stack) => {
      const canary = "Canary-Admin-Password";
      await stack.lab.patch("cloudian", { options: { password: canary } });
      const env = { TEST_HYPERSTORE_PASSWORD: canary };
      const { endpoint, username } = stack.addresses.cloudian;
      const common = { cloudianEndpoint: endpoint, cloudianUsername: username };
      const byName = async () => {
        new CloudianGroup("default", { groupId: "default" });
        const provider = new Provider("p", { ...common, cloudianPasswordEnv: "TEST_HYPERSTORE_PASSWORD" });
        new CloudianGroup("explicit", { groupId: "explicit" }, { provider });
      };
      const run = await stack.up(byName, { env });
      expect(run.calls).toEqual(["PUT /group", "PUT /group"]);
      expect(stack.storedText()).not.toContain(canary);
      const encoded = Buffer.from(`${username}:${canary}`).toString("base64");
      expect(shownOf(run, [canary, encoded])).toEqual([]);

      const without = await stack.tryRefresh();
      expect(without.output).toContain(
        "cloudianPasswordEnv names the environment variable TEST_HYPERSTORE_PASSWORD, which is not set.",
      );
      const given = async () => {
        new CloudianGroup("default", { groupId: "default" });
        const provider = new Provider("p", { ...common, cloudianPassword: canary });
        new CloudianGroup("explicit", { groupId: "explicit" }, { provider });
      };
      const changed = await stack.up(given, { env });
      expect(changed.calls).toEqual([]);
      expect(shownOf(changed, [canary])).toEqual([]);
      expect(stack.storedText()).not.toContain(canary);
      await stack.up(nothing, { env });
      expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
    },
    { config },
  );
});
