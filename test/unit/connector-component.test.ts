import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CloudianConnector, type CloudianConnectorArgs } from "../../provider/components/cloudian-connector.ts";
import { type Declared, declaredBy, mockEngine, secretOf, settled } from "./component-stage.ts";

const REQUIRED: CloudianConnectorArgs = {
  adminHost: "admin.example.test",
  adminPassword: "Canary-Password",
  cmcHost: "cmc.example.test",
  ssoKey: "Canary-Key",
};
const ALL: CloudianConnectorArgs = {
  ...REQUIRED,
  adminPort: 19444,
  adminProtocol: "https",
  validateSsl: true,
  adminUsername: "cloudstack",
  requestTimeoutSeconds: 10,
  cmcAdminUser: "admin@cloudian.com",
  cmcPort: 443,
  cmcProtocol: "https",
};

let warnings: string[];

beforeAll(mockEngine);
afterAll(() => pulumi.runtime.disconnect());
beforeEach(() => {
  warnings = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation((text) => {
    warnings.push(text);
    return Promise.resolve();
  });
});
afterEach(() => vi.restoreAllMocks());

const declared = (args: CloudianConnectorArgs) => declaredBy((options) => new CloudianConnector("c", args, options));
const make = (change: object) => () => new CloudianConnector("c", { ...REQUIRED, ...change });
const settings = (resources: Declared[]) => resources.slice(1).map(({ name, inputs }) => [name, inputs]);

describe("CloudianConnector", () => {
  test("thirteen settings, of which the two secret ones are secret", async () => {
    const resources = await declared(ALL);
    expect(resources[0]).toEqual({ name: "c", kind: "CloudianConnector", inputs: {}, dependsOn: [] });
    expect(new Set(resources.slice(1).map(({ kind }) => kind))).toEqual(new Set(["GlobalSetting"]));
    expect(settings(resources)).toEqual([
      ["c-admin-host", { settingName: "cloudian.admin.host", value: "admin.example.test" }],
      ["c-admin-port", { settingName: "cloudian.admin.port", value: 19444 }],
      ["c-admin-protocol", { settingName: "cloudian.admin.protocol", value: "https" }],
      ["c-validate-ssl", { settingName: "cloudian.validate.ssl", value: true }],
      ["c-admin-username", { settingName: "cloudian.admin.user", value: "cloudstack" }],
      ["c-admin-password", { settingName: "cloudian.admin.password", value: secretOf("Canary-Password") }],
      ["c-request-timeout-seconds", { settingName: "cloudian.api.request.timeout", value: 10 }],
      ["c-cmc-admin-user", { settingName: "cloudian.cmc.admin.user", value: "admin@cloudian.com" }],
      ["c-cmc-host", { settingName: "cloudian.cmc.host", value: "cmc.example.test" }],
      ["c-cmc-port", { settingName: "cloudian.cmc.port", value: 443 }],
      ["c-cmc-protocol", { settingName: "cloudian.cmc.protocol", value: "https" }],
      ["c-sso-key", { settingName: "cloudian.sso.key", value: secretOf("Canary-Key") }],
      ["c-enabled", { settingName: "cloudian.connector.enabled", value: true }],
    ]);
    expect(warnings).toEqual([]);
  });

  test("what is not given is not touched", async () => {
    expect((await declared(REQUIRED)).map(({ name }) => name)).toEqual([
      "c",
      "c-admin-host",
      "c-admin-password",
      "c-cmc-host",
      "c-sso-key",
      "c-enabled",
    ]);
  });

  test("it is switched on behind all other settings, and so the first to be reset", async () => {
    for (const args of [REQUIRED, { ...REQUIRED, enabled: true }])
      expect((await declared(args)).map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
        ["c", []],
        ["c-admin-host", []],
        ["c-admin-password", ["c-admin-host"]],
        ["c-cmc-host", ["c-admin-host", "c-admin-password"]],
        ["c-sso-key", ["c-admin-host", "c-admin-password", "c-cmc-host"]],
        ["c-enabled", ["c-admin-host", "c-admin-password", "c-cmc-host", "c-sso-key"]],
      ]);
  });

  test("it is switched off before any other setting changes", async () => {
    const resources = await declared({ ...REQUIRED, enabled: false });
    expect(resources.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ["c", []],
      ["c-enabled", []],
      ["c-admin-host", ["c-enabled"]],
      ["c-admin-password", ["c-enabled", "c-admin-host"]],
      ["c-cmc-host", ["c-enabled", "c-admin-host", "c-admin-password"]],
      ["c-sso-key", ["c-enabled", "c-admin-host", "c-admin-password", "c-cmc-host"]],
    ]);
    expect(resources[1]?.inputs).toEqual({ settingName: "cloudian.connector.enabled", value: false });
  });

  test("the settings can be used by their arguments", () => {
    const connector = new CloudianConnector("used", REQUIRED);
    expect(Object.keys(connector.settings)).toEqual(["adminHost", "adminPassword", "cmcHost", "ssoKey"]);
  });

  test.each([
    {
      hosts: {},
      names: [
        { name: "cmc.example.test", resolvedBy: ["users' browsers", "management servers"] },
        { name: "admin.example.test", resolvedBy: ["management servers"] },
      ],
    },
    {
      hosts: { adminHost: "192.0.2.7" },
      names: [{ name: "cmc.example.test", resolvedBy: ["users' browsers", "management servers"] }],
    },
    {
      hosts: { adminHost: "cmc.example.test" },
      names: [{ name: "cmc.example.test", resolvedBy: ["users' browsers", "management servers"] }],
    },
  ])("names that must resolve with $hosts", async ({ hosts, names }) => {
    expect(await settled(new CloudianConnector("names", { ...REQUIRED, ...hosts }).names)).toEqual(names);
  });
});

describe("warnings", () => {
  test.each([
    {
      change: { adminProtocol: "http" as const },
      says: 'CloudianConnector c: adminProtocol is "http": CloudStack sends',
    },
    {
      change: { cmcProtocol: pulumi.output("http" as const) },
      says: 'CloudianConnector c: cmcProtocol is "http": browsers',
    },
    { change: { validateSsl: false }, says: "CloudianConnector c: validateSsl is false: CloudStack tells" },
    {
      change: { validateSsl: Promise.resolve(false) },
      says: "CloudianConnector c: validateSsl is false: CloudStack tells",
    },
  ])("$says", async ({ change, says }) => {
    await declared({ ...REQUIRED, ...change });
    expect(warnings).toEqual([expect.stringContaining(says)]);
  });
});

describe("arguments that cannot be right", () => {
  test.each([
    { change: { adminHost: undefined }, says: "adminHost must be a host name or an address" },
    { change: { adminHost: "https://admin.example.test" }, says: "adminHost must be a host name or an address" },
    { change: { cmcHost: "cmc.example.test:8443" }, says: "cmcHost must be a host name or an address" },
    { change: { cmcHost: "" }, says: "cmcHost must be a host name or an address" },
    { change: { adminPassword: undefined }, says: "adminPassword is required" },
    { change: { ssoKey: "" }, says: "ssoKey is required" },
    { change: { adminPort: 0 }, says: "adminPort must be a whole number from 1 to 65535" },
    { change: { cmcPort: 65536 }, says: "cmcPort must be a whole number from 1 to 65535" },
    { change: { cmcPort: "8443" }, says: "cmcPort must be a whole number from 1 to 65535" },
    { change: { requestTimeoutSeconds: 0.5 }, says: "requestTimeoutSeconds must be a whole number of seconds from 1" },
    { change: { adminProtocol: "HTTPS" }, says: 'adminProtocol must be "https" or "http"' },
    { change: { cmcProtocol: "" }, says: 'cmcProtocol must be "https" or "http"' },
    { change: { validateSsl: "false" }, says: "validateSsl must be true or false" },
    { change: { adminUsername: "" }, says: "adminUsername is required" },
    { change: { adminPassword: "public" }, says: "adminPassword is HyperStore's default, which everybody knows" },
    { change: { ssoKey: "ss0sh5r3dk3y" }, says: "ssoKey is HyperStore's default, which everybody knows" },
    { change: { ssoKey: "ss0sh5r3dk3y", allowDefaultSecrets: false }, says: "ssoKey is HyperStore's default" },
  ])("$says: $change", ({ change, says }) => {
    expect(make(change)).toThrow(`CloudianConnector c: ${says}`);
    expect(make(change)).toThrow(pulumi.RunError);
  });

  test.each(["[2001:db8::7]", "192.0.2.7", "admin"])("the host %j is right", (adminHost) => {
    expect(make({ adminHost })).not.toThrow();
  });

  test("the defaults pass where the program says so", async () => {
    const resources = await declared({
      ...REQUIRED,
      adminPassword: "public",
      ssoKey: pulumi.secret("ss0sh5r3dk3y"),
      allowDefaultSecrets: true,
    });
    expect(settings(resources)).toContainEqual([
      "c-sso-key",
      { settingName: "cloudian.sso.key", value: secretOf("ss0sh5r3dk3y") },
    ]);
  });

  test("what is known later is refused by the setting itself, in the clear and without the value", async () => {
    const resources = await declared({
      ...REQUIRED,
      ssoKey: pulumi.secret("ss0sh5r3dk3y"),
      adminPassword: Promise.resolve("public"),
      cmcHost: pulumi.output("https://cmc.example.test"),
    });
    const refusals = resources.flatMap(({ name, inputs }) =>
      inputs["__refusal"] ? [[name, inputs["__refusal"]]] : [],
    );
    expect(refusals).toEqual([
      ["c-admin-password", expect.stringMatching(/^CloudianConnector c: adminPassword is HyperStore's default, which/)],
      ["c-cmc-host", expect.stringMatching(/^CloudianConnector c: cmcHost must be a host name or an address/)],
      ["c-sso-key", expect.stringMatching(/^CloudianConnector c: ssoKey is HyperStore's default, which/)],
    ]);
    expect(JSON.stringify(refusals)).not.toMatch(/ss0sh5r3dk3y|public/);
  });
});
