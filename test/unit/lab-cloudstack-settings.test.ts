import { expect, test } from "vitest";
import { openCloudStack, type Params } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();

type Setting = Record<string, unknown>;

async function list(params: Params): Promise<Setting[]> {
  const { status, value } = await api("listConfigurations", params);
  expect(status).toBe(200);
  return (value["configuration"] ?? []) as Setting[];
}

const names = async (params: Params) => (await list(params)).map(({ name }) => name);
const update = (name: string, value: string, scope: Params = {}) =>
  api("updateConfiguration", { name, value, ...scope });
const release = (text: string) => control.patch("cloudstack", { options: { release: text } });

async function stored(name: string, scope: Params = {}): Promise<unknown> {
  return (await list({ name, ...scope })).find((setting) => setting["name"] === name)?.["value"];
}

const sites = "secstorage.allowed.internal.sites";
const { zoneId } = lab.addresses.cloudstack;
const rootDomain = "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40";
const adminAccount = "a1d4c8f2-7b35-4e09-8c6a-52e9f0b3d716";
const cluster = "3d1b8e57-f604-4c9a-a27d-80e6c5f19b34";
const storagePool = "84f7c02e-9a5d-4163-b8e0-2c7d6a31f59b";
const imageStore = "9d7a3f60-1c58-4e2b-8f94-a06b5d3c7e12";

test("a name finds whatever it is part of, in the order of the names", async () => {
  expect(await names({ name: "cloudian.cmc" })).toEqual([
    "cloudian.cmc.admin.user",
    "cloudian.cmc.host",
    "cloudian.cmc.port",
    "cloudian.cmc.protocol",
  ]);
  expect(await names({ name: "cloudian." })).toHaveLength(13);
  expect(await api("listConfigurations", { name: "no.such.setting" })).toMatchObject({ status: 200, value: {} });
  expect(await names({ keyword: "throttled" })).toEqual(["api.throttling.enabled"]);
  expect(await names({ category: "Alert" })).toEqual(["pool.storage.capacity.disablethreshold"]);
});

test("a setting with its metadata; there is no value where it is null", async () => {
  expect(await list({ name: "cloudian.admin.port" })).toEqual([
    {
      category: "Advanced",
      name: "cloudian.admin.port",
      value: "19443",
      description: "Port of the Cloudian Admin API.",
      component: "CloudianConnector",
      scope: "Global",
      isdynamic: true,
      defaultvalue: "19443",
      group: "Miscellaneous",
      subgroup: "Others",
      displaytext: "Cloudian admin port",
      type: "Number",
    },
  ]);
  const [setting = {}] = await list({ name: sites });
  expect(setting).toMatchObject({ isdynamic: false, type: "String" });
  expect([Object.hasOwn(setting, "value"), Object.hasOwn(setting, "defaultvalue")]).toEqual([false, false]);
  expect(await list({ name: "cloudian.cmc.port" })).toMatchObject([{ value: "8443", type: "String" }]);
  await release("4.17.2.0");
  const old = Object.keys((await list({ name: "cloudian.admin.port" }))[0] ?? {}).sort();
  expect(old).toEqual(["category", "component", "description", "isdynamic", "name", "scope", "value"]);
});

test("the enabling of the connector says that it is dynamic, as all of its family do", async () => {
  const family = await list({ name: "cloudian." });
  expect(family.map(({ isdynamic }) => isdynamic)).toEqual(Array.from({ length: 13 }, () => true));
  expect(family.find(({ name }) => name === "cloudian.connector.enabled")).toMatchObject({ value: "false" });
  const secrets = ["cloudian.admin.password", "cloudian.sso.key"];
  const open = family.filter(({ name }) => secrets.includes(String(name)));
  expect(open.map(({ value, category }) => [value, category])).toEqual([
    ["public", "Advanced"],
    ["ss0sh5r3dk3y", "Advanced"],
  ]);
});

test("older releases lack the settings that came later", async () => {
  await release("4.20.0.0");
  expect(await names({ name: "enforce.post" })).toEqual([]);
  expect(await update("enforce.post.requests.and.timestamps", "true")).toMatchObject({ status: 431 });
  await release("4.10.0.0");
  expect(await names({ name: "cloudian." })).toEqual([]);
});

test("an update is trimmed, and answered with what was sent", async () => {
  const reply = await update("cloudian.admin.host", "  s3-admin.example.test ");
  expect(reply).toMatchObject({ status: 200, key: "updateconfigurationresponse" });
  expect(reply.value).toMatchObject({
    configuration: { name: "cloudian.admin.host", value: "  s3-admin.example.test " },
  });
  expect(await stored("cloudian.admin.host")).toBe("s3-admin.example.test");
});

test.each(["", "null", " "])("the value %j clears: nothing for a number, an empty text for a text", async (value) => {
  await update("cloudian.admin.port", value);
  await update("cloudian.admin.host", value);
  expect(await stored("cloudian.admin.port")).toBeUndefined();
  expect(await stored("cloudian.admin.host")).toBe("");
});

test.each([
  ["cloudian.connector.enabled", "True"],
  ["cloudian.connector.enabled", "yes"],
  ["cloudian.admin.port", "19443x"],
  ["cloudian.admin.port", "1.5"],
  ["cpu.overprovisioning.factor", "two"],
])("%s does not take %s", async (name, value) => {
  expect(await update(name, value)).toMatchObject({ status: 431 });
});

test.each([
  ["cloudian.connector.enabled", "true"],
  ["cloudian.admin.port", "443"],
  ["cpu.overprovisioning.factor", "2.5"],
  ["cloudian.cmc.port", "any text"],
])("%s takes %s", async (name, value) => {
  expect(await update(name, value)).toMatchObject({ status: 200 });
  expect(await stored(name)).toBe(value);
});

test("an unknown name, no value and a reserved setting are refused", async () => {
  const errortext = async (params: Params) => (await api("updateConfiguration", params)).value["errortext"];
  expect(await errortext({ name: "no.such", value: "x" })).toContain("doesn't exist");
  expect(await errortext({ name: "cloudian.admin.host" })).toContain("must be given");
  expect(await errortext({ value: "x" })).toContain("due to missing parameter name");
  expect(await update("dynamic.apichecker.enabled", "false")).toMatchObject({ status: 431 });
});

test.each(["10.0.0.0/8", "10.1.2.3", "10.0.0.0/8,192.168.7.0/24,fd00::1", "0.0.0.0/0"])(
  "the internal sites may be %s",
  async (value) => {
    await release("4.19.2.0");
    expect(await update(sites, value)).toMatchObject({ status: 200 });
    expect(await stored(sites)).toBe(value);
  },
);

test.each(["10.0.0.0/8, 192.168.7.0/24", "10.1.2.3/8", "10.0.0.0/33", "fd00::/64", "s3.example.test", "10.0.0.0/8,"])(
  "the internal sites may not be %j, before 4.19.2 they may",
  async (value) => {
    await release("4.19.2.0");
    const reply = await update(sites, value);
    expect([reply.status, reply.value["errortext"]]).toEqual([431, expect.stringContaining("Invalid CIDR")]);
    expect(await stored(sites)).toBeUndefined();
    await release("4.19.1.3");
    expect(await update(sites, value)).toMatchObject({ status: 200 });
  },
);

test("hidden settings are not listed, secure ones are encrypted in another way each time", async () => {
  await update("ldap.bind.password", "correct horse");
  expect(await names({ name: "security.encryption" })).toEqual([]);
  const values = [await stored("ldap.bind.password"), await stored("ldap.bind.password")];
  expect(values[0]).toMatch(/^[A-Za-z0-9+/]{40,}=*$/);
  expect(values[0]).not.toBe(values[1]);
  const reply = await update("ldap.bind.password", "correct horse");
  expect(reply.text).not.toContain("correct horse");
  expect(await update("security.encryption.key", "x")).toMatchObject({ status: 200 });
  const { settings } = (await control.state()).cloudstack as unknown as { settings: Record<string, Setting> };
  expect(settings["ldap.bind.password"]).toMatchObject({ value: "correct horse" });
});

const scopes: [string, string, string, Params][] = [
  ["pool.storage.capacity.disablethreshold", "0.5", "0.5", { zoneid: zoneId }],
  ["cpu.overprovisioning.factor", "3", "3.0", { clusterid: cluster }],
  ["cpu.overprovisioning.factor", "0.0001", "1.0E-4", { clusterid: cluster }],
  ["cpu.overprovisioning.factor", "12345678", "1.2345678E7", { clusterid: cluster }],
  ["allow.public.user.templates", "false", "false", { accountid: adminAccount }],
  ["ldap.basedn", "dc=example", "dc=example", { domainid: rootDomain }],
  ["secstorage.nfs.version", "4", "4", { imagestoreuuid: imageStore }],
];

test.each(scopes)("%s of %s has a value of its own in its scope, shown as %s", async (name, value, shown, scope) => {
  await control.patch("cloudstack", { imageStores: { [imageStore]: {} } });
  const before = await stored(name);
  expect(await stored(name, scope)).toBe(before);
  expect(await update(name, value, scope)).toMatchObject({ status: 200 });
  expect([await stored(name, scope), await stored(name)]).toEqual([shown, before]);
  const { imagestoreuuid, ...others } = scope;
  const resetScope = imagestoreuuid === undefined ? others : { imagestoreid: imagestoreuuid };
  const reply = await api("resetConfiguration", { name, ...resetScope });
  expect(reply).toMatchObject({ status: 200, key: "resetconfigurationresponse" });
  expect(await stored(name, scope)).toBe(before);
});

test("a number with a fraction is the stored text for the whole cloud, and Java's text of it in a scope", async () => {
  const name = "storage.overprovisioning.factor";
  const scope = { storageid: storagePool };
  expect([await stored(name), await stored(name, scope)]).toEqual(["2", "2.0"]);
  await update(name, "", scope);
  expect(await stored(name, scope)).toBe("");
});

test("with a scope only its settings are listed; a wrong scope, two of them and an unknown id are 431", async () => {
  expect(await names({ zoneid: zoneId })).toEqual(["pool.storage.capacity.disablethreshold"]);
  const errortext = async (params: Params) => (await api("updateConfiguration", params)).value["errortext"];
  const given = { name: "cpu.overprovisioning.factor", value: "2" };
  expect(await errortext({ ...given, zoneid: zoneId })).toContain("Invalid scope id");
  expect(await errortext({ ...given, zoneid: zoneId, clusterid: cluster })).toContain("multiple IDs");
  expect(await errortext({ ...given, clusterid: zoneId })).toContain("entity does not exist");
});

test("a reset goes back to the default, from 4.18 on", async () => {
  await update("cloudian.admin.host", "other.example.test");
  expect((await api("resetConfiguration", { name: "cloudian.admin.host" })).value).toMatchObject({
    configuration: { value: "s3-admin.cloudian.com" },
  });
  expect(await stored("cloudian.admin.host")).toBe("s3-admin.cloudian.com");
  expect(await api("resetConfiguration", { name: "no.such" })).toMatchObject({ status: 431 });
  await release("4.17.2.0");
  expect(await api("resetConfiguration", { name: "cloudian.admin.host" })).toMatchObject({ status: 401 });
});

test("settings are changed, made and taken away by hand", async () => {
  await control.patch("cloudstack", {
    settings: {
      "cloudian.admin.host": "by-hand.example.test",
      [sites]: null,
      "vendor.secret": { value: "hidden", category: "Secure", type: "String" },
      "cpu.overprovisioning.factor": { scoped: { [`Cluster/${cluster}`]: "7" } },
    },
  });
  expect(await stored("cloudian.admin.host")).toBe("by-hand.example.test");
  expect(await names({ name: sites })).toEqual([]);
  expect(await stored("vendor.secret")).not.toBe("hidden");
  expect(await stored("cpu.overprovisioning.factor", { clusterid: cluster })).toBe("7.0");
  await expect(control.patch("cloudstack", { settings: { "vendor.secret": { scope: "Planet" } } })).rejects.toThrow(
    "scope must be one of Global, Zone",
  );
});

test("the state shows secrets to those who ask for them", async () => {
  await control.patch("cloudstack", { settings: { "ldap.bind.password": "horse" } });
  const shown = await (await fetch(`${lab.addresses.control}/state`)).text();
  const { settings } = (JSON.parse(shown) as { cloudstack: { settings: Record<string, Setting> } }).cloudstack;
  for (const name of ["ldap.bind.password", "cloudian.admin.password", "cloudian.sso.key", "security.encryption.key"]) {
    expect(settings[name]).toMatchObject({ value: "[secret]" });
  }
});

test("secret values are recorded without their value", async () => {
  await update("cloudian.admin.password", "a-new-password");
  await update("ldap.bind.password", "a-new-password");
  await update("cloudian.admin.host", "not-secret");
  const text = JSON.stringify(await control.requests("cloudstack"));
  expect(text).not.toContain("a-new-password");
  expect(text).toContain("not-secret");
});
