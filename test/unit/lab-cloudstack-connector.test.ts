import { beforeEach, expect, test } from "vitest";
import { adminApi } from "../harness/lab.ts";
import { openCloudStack, type Params } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();

const admin = adminApi(lab.addresses.cloudian.endpoint);
const { cmcEndpoint } = lab.addresses.cloudian;

const blue = "11111111-1111-4111-8111-111111111111";
const ada = "33333333-3333-4333-8333-333333333333";
const keysOfAda = { apiKey: "ada-key", secretKey: "ada-secret" };
const person = { email: "ada@example.test", firstname: "Ada", lastname: "Lovelace", password: "pw", username: "ada" };

const cmc = new URL(cmcEndpoint);
const settings = {
  "cloudian.connector.enabled": "true",
  "cloudian.cmc.host": cmc.hostname,
  "cloudian.cmc.port": cmc.port,
  "cloudian.cmc.protocol": "http",
  "cloudian.sso.key": "lab-sso-key",
};
const fast = { jobSeconds: 0, jobPolls: 0, successAsText: false };

/** Switched on, and the management servers restarted. */
beforeEach(() => control.patch("cloudstack", { options: fast, settings, connector: { restarts: 1 } }));

const groups = async () => Object.keys((await control.state()).cloudian.groups);
const users = async () => Object.keys((await control.state()).cloudian.users);
async function log(): Promise<string[]> {
  const { connector } = (await control.state()).cloudstack as unknown as { connector: { log: string[] } };
  return connector.log;
}
const makeDomain = () => api("createDomain", { name: "blue", domainid: blue });
const makeAccount = (change: Params = {}) =>
  api("createAccount", { ...person, account: "team", accounttype: "0", domainid: blue, accountid: ada, ...change });
const remove = async (command: string, id: string) => {
  const { value } = await api(command, { id });
  return (await api("queryAsyncJobResult", { jobid: String(value["jobid"]) })).value;
};
const logIn = (signer = keysOfAda) => api.as(signer)("cloudianSsoLogin");
const urlOf = (reply: { value: Record<string, unknown> }) =>
  String((reply.value["cloudianssologin"] as Params | undefined)?.["url"]);

test("everybody may ask whether it is on, and where the console is", async () => {
  expect((await api("cloudianIsEnabled")).value).toEqual({
    cloudianisenabled: { enabled: true, url: `http://${cmc.host}/Cloudian/` },
  });
  await control.reset();
  expect((await api("cloudianIsEnabled")).value).toEqual({
    cloudianisenabled: { enabled: false, url: "https://cmc.cloudian.com:8443/Cloudian/" },
  });
  await control.patch("cloudstack", { options: { release: "4.10.0.0" } });
  expect(await api("cloudianIsEnabled")).toMatchObject({ status: 401, key: "errorresponse" });
});

test("a domain becomes a group, an account a user of it", async () => {
  await makeDomain();
  await makeAccount();
  expect((await admin("GET", `/group?groupId=${blue}`)).json()).toMatchObject({ groupName: "/blue/", active: "true" });
  expect((await admin("GET", `/user?groupId=${blue}&userId=${ada}`)).json()).toMatchObject({
    userType: "User",
    fullName: "Ada Lovelace (team)",
    emailAddr: "ada@example.test",
    active: "true",
  });
  await api("updateDomain", { id: blue, name: "azure" });
  expect((await admin("GET", `/group?groupId=${blue}`)).json()).toMatchObject({ groupName: "/blue/" });
  expect(await control.requests("cloudian")).toHaveLength(3);
});

test("it acts only if it was on when the servers started, and off counts at once", async () => {
  await control.patch("cloudstack", { connector: { running: false } });
  await makeDomain();
  expect(await groups()).toEqual(["0"]);
  expect(await logIn(lab.addresses.cloudstack)).toMatchObject({ status: 401, key: "errorresponse" });
  await control.patch("cloudstack", { connector: { restarts: 2 } });
  await api("updateConfiguration", { name: "cloudian.connector.enabled", value: "false" });
  await makeAccount();
  expect(await users()).toEqual(["0/admin"]);
  expect(await log()).toEqual([]);
});

test("an account in a domain without a group is a line in the log, and made all the same", async () => {
  await control.patch("cloudstack", { domains: { [blue]: { name: "blue" } } });
  expect(await makeAccount()).toMatchObject({ status: 200 });
  expect(await users()).toEqual(["0/admin"]);
  expect(await log()).toEqual(["account team was added: Cloudian refused it"]);
});

test.each([
  ["another password", { settings: { "cloudian.admin.password": "wrong" } }, "Cloudian refused it"],
  ["no connection", { options: { connectorReachesCloudian: false } }, "Connection refused"],
])("with %s nothing is made, and CloudStack goes on", async (_, change, reason) => {
  await control.patch("cloudstack", change);
  expect(await makeDomain()).toMatchObject({ status: 200 });
  expect(await groups()).toEqual(["0"]);
  expect(await log()).toEqual([`domain blue was added: ${reason}`]);
  await control.patch("cloudstack", { connector: { log: [] } });
  expect(await log()).toEqual([]);
});

test("a path that is too long for a group's name is one that has no group", async () => {
  await api("createDomain", { name: "a".repeat(63), domainid: blue });
  expect(await groups()).toEqual(["0"]);
});

test("the user of an account that is removed goes", async () => {
  await makeDomain();
  await makeAccount();
  expect(await remove("deleteAccount", ada)).toMatchObject({ jobstatus: 1 });
  expect(await users()).toEqual(["0/admin"]);
  expect(await groups()).toEqual(["0", blue]);
});

test("a domain takes all active users of its group along, whoever made them", async () => {
  await makeDomain();
  await control.patch("cloudian", { users: { [`${blue}/by-hand`]: {} } });
  expect(await remove("deleteDomain", blue)).toMatchObject({ jobstatus: 1 });
  expect([await groups(), await users()]).toEqual([["0"], ["0/admin"]]);
});

test("an inactive user keeps the group", async () => {
  await makeDomain();
  await control.patch("cloudian", {
    users: { [`${blue}/by-hand`]: {}, [`${blue}/asleep`]: { active: "false" } },
  });
  expect(await remove("deleteDomain", blue)).toMatchObject({ jobstatus: 1 });
  expect([await groups(), await users()]).toEqual([
    ["0", blue],
    ["0/admin", `${blue}/asleep`],
  ]);
  expect(await log()).toEqual(["domain blue was removed: Cloudian refused it"]);
});

test("a domain with all in it leaves nothing on either side", async () => {
  await makeDomain();
  await makeAccount();
  const { value } = await api("deleteDomain", { id: blue, cleanup: "true" });
  await api("queryAsyncJobResult", { jobid: String(value["jobid"]) });
  expect([await groups(), await users(), await log()]).toEqual([["0"], ["0/admin"], []]);
});

test("single sign-on makes the group and the user that are missing, and the console takes the log-in", async () => {
  await control.patch("cloudstack", {
    domains: { [blue]: { name: "blue" } },
    accounts: { [ada]: { name: "team", domainId: blue, users: [{ username: "ada", ...keysOfAda }] } },
  });
  const url = urlOf(await logIn());
  expect(url.split("?")[0]).toBe(`${cmcEndpoint}/Cloudian/ssosecurelogin.htm`);
  expect(url).toMatch(/\?user=[^&]+&group=[^&]+&timestamp=\d{13}&signature=[^&]+&redirect=\/$/);
  expect([await groups(), await users()]).toEqual([
    ["0", blue],
    ["0/admin", `${blue}/${ada}`],
  ]);
  const reply = await fetch(url, { redirect: "manual" });
  expect([reply.status, reply.headers.get("location")]).toEqual([302, "/Cloudian/"]);
});

test("single sign-on overwrites name and mail of an active user, and refuses an inactive one", async () => {
  await makeDomain();
  await makeAccount();
  await control.patch("cloudstack", {
    accounts: { [ada]: { users: [{ username: "ada", ...keysOfAda, firstName: "Ada", lastName: "Byron" }] } },
  });
  await control.patch("cloudian", { users: { [`${blue}/${ada}`]: { fullName: "Somebody", city: "Oslo" } } });
  expect(await logIn()).toMatchObject({ status: 200 });
  expect((await control.state()).cloudian.users[`${blue}/${ada}`]).toMatchObject({
    fullName: "Ada Byron (team)",
    emailAddr: "ada@example.test",
    city: "Oslo",
  });
  await control.patch("cloudian", { users: { [`${blue}/${ada}`]: { active: "false" } } });
  expect(await logIn()).toMatchObject({ status: 530 });
  expect((await control.state()).cloudian.users[`${blue}/${ada}`]).toMatchObject({ active: "false" });
});

test("a user without a name breaks it", async () => {
  await makeDomain();
  await makeAccount();
  await control.patch("cloudstack", { accounts: { [ada]: { users: [{ username: "ada", ...keysOfAda }] } } });
  await control.patch("cloudian", { users: { [`${blue}/${ada}`]: { fullName: null } } });
  expect(await logIn()).toMatchObject({ status: 530 });
});

test("the root administrator's account is the console's administrator, and gets no user", async () => {
  const url = urlOf(await logIn(lab.addresses.cloudstack));
  expect(url).toContain("?user=admin&group=0&");
  expect((await fetch(url, { redirect: "manual" })).status).toBe(302);
  expect(await users()).toEqual(["0/admin"]);
  await control.patch("cloudstack", { options: { release: "4.19.0.0" } });
  expect(urlOf(await logIn(lab.addresses.cloudstack))).toMatch(/&redirect=admin\.htm$/);
});

test("an administrator who is not there leaves a stray user, and a reason", async () => {
  await control.patch("cloudstack", { settings: { "cloudian.cmc.admin.user": "boss" } });
  await control.patch("cloudian", { groups: { "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40": {} } });
  const reply = await logIn(lab.addresses.cloudstack);
  expect([reply.status, reply.value["errortext"]]).toEqual([
    530,
    expect.stringContaining("failed to find mapped Cloudian user"),
  ]);
  expect(await users()).toEqual([
    "0/admin",
    "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40/a1d4c8f2-7b35-4e09-8c6a-52e9f0b3d716",
  ]);
});
