import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ConnectedLab, connectedLab, doctor, nextOf, troubles } from "./doctor-support.ts";

let near: ConnectedLab;
const sso = ["--system", "sso"];

beforeAll(async () => {
  near = await connectedLab();
});
beforeEach(() => near.restore());
afterAll(() => near.lab.close());

const setConnector = (settings: Readonly<Record<string, unknown>>) => near.control.patch("cloudstack", { settings });
const refusedBecause = (reason: string) =>
  `failed log-in: The CMC does not accept a fresh log-in URL: it answers 403, "HTTP Status 403 Single sign-on was refused: ${reason}.".`;

test("all is well: what is asked, and no session stays", async () => {
  await near.control.clearRequests();
  const run = await doctor(near.env, sso);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.report.findings.map(({ subject = "-", check, verdict }) => `${verdict} ${subject} ${check}`)).toEqual([
    ...["name", "port", "tls", "answer", "clock", "latency"].map((check) => `ok CMC ${check}`),
    "ok - key-default",
    "ok - key",
    "ok - user",
    "ok - log-in",
    "ok connector enabled",
    "ok connector url",
    "ok connector restart",
  ]);
  const requests = await near.control.requests();
  expect(requests.map(({ system, method, path, query }) => [system, method, query["command"] ?? path])).toEqual([
    ["cloudian-cmc", "GET", "/Cloudian/"],
    ["cloudstack", "GET", "listCapabilities"],
    ["cloudstack", "GET", "listConfigurations"],
    ["cloudstack", "GET", "listConfigurations"],
    ["cloudian", "GET", "/user"],
    ["cloudian", "GET", "/group"],
    ["cloudian-cmc", "GET", "/Cloudian/ssosecurelogin.htm"],
    ["cloudian-cmc", "GET", "/Cloudian/"],
    ["cloudian-cmc", "GET", "/Cloudian/logout.htm"],
    ["cloudstack", "GET", "cloudianIsEnabled"],
    ["cloudstack", "GET", "listApis"],
  ]);
  const { cmcSessions } = (await near.control.state()).cloudian as unknown as { cmcSessions: object };
  expect(cmcSessions).toEqual({});
});

test("keys that differ: CloudStack's is not the one configured here; neither is shown", async () => {
  await setConnector({ "cloudian.sso.key": "cloudstacks-own-key" });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  expect(JSON.stringify(run)).not.toMatch(/cloudstacks-own-key|lab-sso-key/);
  expect(troubles(run)).toEqual([
    "failed key: The key in CloudStack (cloudian.sso.key) is another than the one configured here (cloudianSsoKey).",
  ]);
  expect(nextOf(run, "key")).toBe("Give both the key that the CMC has. Then log out of CloudStack and in again.");
});

test.each([
  ["login page", 302, " It leads to CMC/Cloudian/login.htm."],
  ["error page", 302, " It leads to CMC/Cloudian/error.htm."],
  ["late login page", 302, " It leads to CMC/Cloudian/login.htm."],
])("a console that refuses by a redirect to its %s", async (ssoRefusal, status, more) => {
  await near.control.patch("cloudian", { options: { ssoRefusal, ssoKey: "another-key-of-the-cmc" } });
  const run = await doctor(near.env, sso);
  const { host } = new URL(near.env["CLOUDIAN_CMC_ENDPOINT"] ?? "");
  expect({ code: run.code, troubles: troubles(run) }).toEqual({
    code: 1,
    troubles: [
      `failed log-in: The CMC does not accept a fresh log-in URL: it answers ${status}.${more.replace("CMC", host)}`,
    ],
  });
});

test("keys that differ: the CMC's is neither", async () => {
  await near.control.patch("cloudian", { options: { ssoKey: "the-consoles-own-key" } });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([refusedBecause("the signature does not match")]);
  expect(nextOf(run, "log-in")).toBe(
    "In the CMC, single sign-on has to be on (cmc.sso.enabled) with the same key (cmc.sso.sharedKey); the clocks have to agree, and the user has to exist and be active. " +
      "Why is in the CMC's log on the HyperStore nodes, and in /var/log/cloudstack/management/management-server.log of the management servers: search for SSO. Then log out of CloudStack and in again.",
  );
});

test("the default key, wherever it is, is not shown either", async () => {
  await setConnector({ "cloudian.sso.key": { value: "ss0sh5r3dk3y" } });
  const inCloudStack = await doctor(near.env, sso);
  expect(inCloudStack.code).toBe(1);
  expect(troubles(inCloudStack)).toEqual([
    "failed key-default: The key in CloudStack (cloudian.sso.key) is CloudStack's default, with which anybody can log in as anybody.",
    "failed key: The key in CloudStack (cloudian.sso.key) is another than the one configured here (cloudianSsoKey).",
  ]);
  await near.control.patch("cloudian", { options: { ssoKey: "ss0sh5r3dk3y" } });
  const everywhere = await doctor({ ...near.env, CLOUDIAN_SSO_KEY: "ss0sh5r3dk3y" }, sso);
  expect(everywhere.code).toBe(1);
  expect(JSON.stringify([inCloudStack, everywhere])).not.toContain("ss0sh5r3dk3y");
  expect(troubles(everywhere)).toEqual([
    "failed key-default: The key configured here (cloudianSsoKey) is CloudStack's default, with which anybody can log in as anybody.",
  ]);
});

test("single sign-on is switched off in the CMC", async () => {
  await near.control.patch("cloudian", { options: { ssoEnabled: false } });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([refusedBecause("single sign-on is switched off")]);
});

test("the CMC's clock is an hour behind", async () => {
  await near.control.advance(-3600);
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    "failed CMC clock: Its clock is 60 min behind this machine's, and what is signed here is refused there.",
    refusedBecause("the timestamp is too far from now"),
  ]);
});

test("the mapped administrator is missing", async () => {
  await setConnector({ "cloudian.cmc.admin.user": "cloudadmin" });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    "failed user: The administrator cloudadmin of group 0 (cloudian.cmc.admin.user) does not exist.",
    refusedBecause("there is no such active user"),
  ]);
  expect(nextOf(run, "user")).toBe("Make that user in the CMC, or name another one in cloudian.cmc.admin.user.");
});

test("the mapped administrator is not active", async () => {
  await near.control.patch("cloudian", { users: { "0/admin": { active: "false" } } });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    "failed user: The administrator admin of group 0 (cloudian.cmc.admin.user) is not active.",
    refusedBecause("there is no such active user"),
  ]);
});

test("the administrators' group is not active", async () => {
  await near.control.patch("cloudian", { groups: { "0": { active: "false" } } });
  const run = await doctor(near.env, sso);
  expect(troubles(run)).toEqual([
    "failed user: Group 0 is not active.",
    refusedBecause("there is no such active user"),
  ]);
});

test("a restart of the management servers is pending", async () => {
  await near.control.patch("cloudstack", { connector: { running: false } });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    "failed connector restart: The connector is switched on, but cloudianSsoLogin is not there: a restart of the management servers is pending.",
  ]);
  expect(nextOf(run, "restart")).toMatch(/^Restart all management servers\. Then log out of CloudStack and in again\./);
});

test("CloudStack sends its users to another console", async () => {
  await setConnector({ "cloudian.cmc.host": "cmc.cloudian.com", "cloudian.cmc.port": "8443" });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(1);
  const { cmcEndpoint } = near.lab.addresses.cloudian;
  expect(troubles(run)).toEqual([
    `failed connector url: CloudStack sends its users to http://cmc.cloudian.com:8443/Cloudian/, and the CMC that is configured here is ${cmcEndpoint}/Cloudian/.`,
  ]);
});

test("the connector is off", async () => {
  await setConnector({ "cloudian.connector.enabled": "false" });
  const run = await doctor(near.env, sso);
  expect(run.code).toBe(0);
  expect(troubles(run)).toEqual([
    "warning connector enabled: CloudStack's Cloudian connector is off, so that its users do not get to the CMC.",
  ]);
});

test("a console that is not there", async () => {
  const run = await doctor({ ...near.env, CLOUDIAN_CMC_ENDPOINT: "http://127.0.0.1:1/Cloudian" }, sso);
  expect(troubles(run)).toEqual([
    "failed CMC port: Nothing listens at 127.0.0.1:1 (ECONNREFUSED).",
    "not known log-in: Not asked. CMC: Nothing listens at 127.0.0.1:1 (ECONNREFUSED).",
    expect.stringMatching(/^failed connector url: /),
  ]);
});

test("without the Admin API, nothing has failed", async () => {
  const { CLOUDIAN_CMC_ENDPOINT = "", CLOUDIAN_SSO_KEY = "" } = near.env;
  const run = await doctor({ CLOUDIAN_CMC_ENDPOINT, CLOUDIAN_SSO_KEY }, []);
  expect(run.code).toBe(3);
  expect(troubles(run)).toEqual([
    "not known user: No Admin API is configured here, so that nobody looks whether the administrator exists and is active.",
    "not known connector enabled: No CloudStack is configured here, so that what it has is not compared.",
  ]);
});

test("without a key, or without CloudStack, what they are for is not known", async () => {
  const { CLOUDIAN_SSO_KEY: _, CLOUDSTACK_API_URL: __, ...env } = near.env;
  const { CLOUDSTACK_API_KEY: ___, CLOUDSTACK_SECRET_KEY: ____, ...alone } = env;
  const run = await doctor(alone, sso);
  expect(run.code).toBe(3);
  expect(troubles(run)).toEqual([
    "not known log-in: Not tried. cloudianSsoKey is not configured.",
    "not known connector enabled: No CloudStack is configured here, so that what it has is not compared.",
  ]);
});

test("what the other systems have shown is not asked again", async () => {
  await near.control.clearRequests();
  const run = await doctor({ ...near.env, CLOUDIAN_PASSWORD: "no-such-password" }, ["--system", "cloudian", ...sso]);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    "failed Admin API log-in: The log-in of user sysadmin is refused (401).",
    "not known user: Not asked. Cloudian HyperStore, Admin API: The log-in of user sysadmin is refused (401).",
  ]);
  const refused = (await near.control.requests("cloudian")).filter(
    ({ headers, status }) => status === 401 && headers.includes("authorization"),
  );
  expect(refused).toHaveLength(1);
});
