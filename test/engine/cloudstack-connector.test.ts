import { CloudianConnector, type CloudianConnectorArgs } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, shownOf, warningsOf } from "../harness/stack-run.ts";
import { changesTo, writesTo } from "./cloudstack-calls.ts";
import { liveCloud } from "./cloudstack-live.ts";

const secrets = ["Canary-Admin-Password", "Canary-Sso-Key"];
const args: CloudianConnectorArgs = {
  adminHost: "admin.example.test",
  adminPort: 19_444,
  adminProtocol: "http",
  validateSsl: false,
  adminUsername: "connector",
  adminPassword: "Canary-Admin-Password",
  requestTimeoutSeconds: 20,
  cmcAdminUser: "admin@cloudian.com",
  cmcHost: "cmc.example.test",
  cmcPort: 443,
  cmcProtocol: "https",
  ssoKey: "Canary-Sso-Key",
};

const set = (name: string, value: string) => `POST updateConfiguration name=cloudian.${name} value=${value}`;
/** In the order in which they are written: no new password to the old host. */
const writes = [
  set("admin.host", "admin.example.test"),
  set("admin.port", "19444"),
  set("admin.protocol", "http"),
  set("validate.ssl", "false"),
  set("admin.user", "connector"),
  set("admin.password", "[secret]"),
  set("api.request.timeout", "20"),
  set("cmc.admin.user", "admin@cloudian.com"),
  set("cmc.host", "cmc.example.test"),
  set("cmc.port", "443"),
  set("sso.key", "[secret]"),
];
const enable = set("connector.enabled", "true");
const disable = set("connector.enabled", "false");
const restart =
  "Setting cloudian.connector.enabled takes effect after a restart of all management servers, which no API can do.";

describe("the Cloudian connector", { shuffle: false }, () => {
  let stack: TestStack;
  const program =
    (more: Partial<CloudianConnectorArgs> = {}) =>
    async () => {
      const { enabled, names } = new CloudianConnector("main", { ...args, ...more });
      return { restartRequired: enabled.restartRequired, names };
    };
  const values = async () => {
    const { settings } = await liveCloud(stack);
    return Object.fromEntries(
      Object.entries(settings).flatMap(([name, { value }]) => (name.startsWith("cloudian.") ? [[name, value]] : [])),
    );
  };

  beforeAll(async () => {
    // The lab's own password is the word "public", which no message of this process would show.
    stack = await TestStack.open("cloudstack-connector", { config: { cloudianPassword: "Canary-Login" } });
    await stack.lab.patch("cloudian", { options: { password: "Canary-Login" } });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("the secrets that everybody knows are refused at preview", async () => {
    const run = await stack.tryPreview(program({ ssoKey: "ss0sh5r3dk3y" }));
    expect([run.code, run.calls]).toEqual([1, []]);
    expect(errorsOf(run).join("\n")).toContain(
      "CloudianConnector main: ssoKey is HyperStore's default, which everybody knows: whoever reaches the system could use it.",
    );
    const preview = await stack.preview(program());
    expect([changesOf(preview), preview.calls]).toEqual([{ create: 15 }, []]);
    expect(warningsOf(preview).toSorted()).toEqual([
      'CloudianConnector main: adminProtocol is "http": CloudStack sends the Admin API\'s password over a connection that everybody on the way can read and change.',
      "CloudianConnector main: validateSsl is false: CloudStack tells the Admin API's password to whoever answers in its place.",
    ]);
  });

  test("releases that are too old are refused before anything is written", async () => {
    const before = await values();
    await stack.lab.patch("cloudian", { options: { version: "6.1.2 Compiled: 2017-01-01 00:00" } });
    const hyperStore = await stack.tryUp(program());
    expect(hyperStore.code).toBe(1);
    expect(errorsOf(hyperStore).join("\n")).toContain(
      "CloudStack's Cloudian connector needs HyperStore 6.2 or newer, and this one is 6.1.2",
    );
    expect(await writesTo(stack)).toEqual([]);
    await stack.lab.patch("cloudian", { options: { version: null } });
    await stack.lab.patch("cloudstack", { options: { release: "4.10.0.0" } });
    const cloudStack = await stack.tryUp(program());
    expect(cloudStack.code).toBe(1);
    expect(errorsOf(cloudStack).join("\n")).toMatch(
      /The Cloudian connector came with CloudStack 4\.11, and http:\S+ is 4\.10\.0\.0\. Nothing was changed\./,
    );
    expect(await writesTo(stack)).toEqual([]);
    await stack.lab.patch("cloudstack", { options: { release: null } });
    expect(await values()).toEqual(before);
  });

  test("it is switched on last, once everything else is written", async () => {
    const run = await stack.up(program());
    // The protocol of the CMC is what it was.
    expect(await writesTo(stack)).toEqual([...writes, enable]);
    expect(warningsOf(run)).toContain(restart);
    expect(await values()).toMatchObject({
      "cloudian.connector.enabled": "true",
      "cloudian.admin.password": "Canary-Admin-Password",
      "cloudian.sso.key": "Canary-Sso-Key",
    });
    expect(await stack.outputs()).toEqual({
      restartRequired: { value: true, secret: false },
      names: {
        value: [
          { name: "cmc.example.test", resolvedBy: ["users' browsers", "management servers"] },
          { name: "admin.example.test", resolvedBy: ["management servers"] },
        ],
        secret: false,
      },
    });
    expect(shownOf(run, secrets)).toEqual([]);
    for (const secret of secrets) expect(stack.storedText()).not.toContain(secret);
  });

  test("it is switched off first where that is declared, before any other change", async () => {
    const changed = { enabled: false, adminHost: "other.example.test", cmcPort: 8444 };
    const run = await stack.up(program(changed));
    expect(await changesTo(stack)).toEqual([disable, set("admin.host", "other.example.test"), set("cmc.port", "8444")]);
    expect(warningsOf(run)).not.toContain(restart);
    await stack.up(program({ ...changed, enabled: true }));
    expect(await changesTo(stack)).toEqual([enable]);
  });

  test("destroy switches it off before it resets the rest, and keeps the secrets", async () => {
    await stack.destroy();
    const [first, ...rest] = await changesTo(stack);
    expect(first).toBe("POST resetConfiguration name=cloudian.connector.enabled");
    const reset = [
      ...["admin.host", "admin.port", "admin.protocol", "admin.user", "api.request.timeout", "cmc.admin.user"],
      ...["cmc.host", "cmc.port", "cmc.protocol", "validate.ssl"],
    ];
    expect(rest.toSorted()).toEqual(reset.map((name) => `POST resetConfiguration name=cloudian.${name}`));
    expect(await values()).toMatchObject({
      "cloudian.connector.enabled": "false",
      "cloudian.admin.host": "s3-admin.cloudian.com",
      "cloudian.cmc.port": "8443",
      "cloudian.admin.password": "Canary-Admin-Password",
      "cloudian.sso.key": "Canary-Sso-Key",
    });
  });
});
