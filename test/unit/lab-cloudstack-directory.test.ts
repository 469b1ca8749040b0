import { beforeEach, expect, test } from "vitest";
import { openCloudStack, type Params, type Signer } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();

type Entity = Record<string, unknown>;

const rootDomain = "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40";
const adminAccount = "a1d4c8f2-7b35-4e09-8c6a-52e9f0b3d716";
const blue = "11111111-1111-4111-8111-111111111111";
const sub = "22222222-2222-4222-8222-222222222222";
const ada = "33333333-3333-4333-8333-333333333333";
const grace = "44444444-4444-4444-8444-444444444444";
const keysOfAda: Signer = { apiKey: "ada-key", secretKey: "ada-secret" };
const keysOfGrace: Signer = { apiKey: "grace-key", secretKey: "grace-secret" };

beforeEach(() =>
  control.patch("cloudstack", {
    options: { jobSeconds: 0, jobPolls: 0, successAsText: false },
    domains: { [blue]: { name: "blue" }, [sub]: { name: "sub", parentId: blue } },
    accounts: {
      [ada]: { name: "ada", domainId: blue, type: 2, users: [{ username: "ada", ...keysOfAda }] },
      [grace]: {
        name: "grace",
        domainId: sub,
        users: [{ username: "grace", firstName: "Grace", lastName: "Hopper", email: "g@example.test", ...keysOfGrace }],
      },
    },
  }),
);

async function listed(object: string, command: string, params: Params = {}, signer?: Signer): Promise<Entity[]> {
  const { status, value } = await (signer === undefined ? api : api.as(signer))(command, params);
  expect(status).toBe(200);
  return (value[object] ?? []) as Entity[];
}

const domainNames = async (params: Params, signer?: Signer) =>
  (await listed("domain", "listDomains", params, signer)).map(({ name }) => name);
const accountNames = async (params: Params, signer?: Signer) =>
  (await listed("account", "listAccounts", params, signer)).map(({ name }) => name);
const userNames = async (params: Params, signer?: Signer) =>
  (await listed("user", "listUsers", params, signer)).map(({ username }) => username);

async function finished(command: string, params: Params): Promise<Entity> {
  const { value } = await api(command, params);
  const { value: job } = await api("queryAsyncJobResult", { jobid: String(value["jobid"]) });
  return job;
}

const stateOf = async (id: string) => (await listed("domain", "listDomains", { id }))[0]?.["state"];
const all = { listall: "true" };

test("domains have paths from ROOT on, and limits that are texts", async () => {
  const [domain = {}] = await listed("domain", "listDomains", { id: sub });
  expect(domain).toMatchObject({
    id: sub,
    name: "sub",
    level: 2,
    parentdomainid: blue,
    parentdomainname: "blue",
    haschild: false,
    path: "ROOT/blue/sub",
    state: "Active",
    vmlimit: "Unlimited",
    bucketlimit: "Unlimited",
    primarystoragelimit: "-1",
    secondarystorageavailable: "-1.0",
    secondarystoragetotal: 0.5,
  });
  const [root = {}] = await listed("domain", "listDomains", { id: rootDomain, details: "min" });
  expect(root).toEqual({ id: rootDomain, name: "ROOT", level: 0, haschild: true, path: "ROOT", state: "Active" });
  await control.patch("cloudstack", { options: { release: "4.20.0.0" } });
  expect((await listed("domain", "listDomains", { id: sub }))[0]).not.toHaveProperty("bucketlimit");
});

test("who asks for all gets all, who does not gets his own", async () => {
  expect(await domainNames(all)).toEqual(["ROOT", "blue", "sub"]);
  expect(await domainNames({})).toEqual(["ROOT"]);
  expect(await domainNames({ ...all, level: "1" })).toEqual(["blue"]);
  expect(await domainNames({ ...all, name: "sub" })).toEqual(["sub"]);
  expect(await domainNames({ ...all, keyword: "LU" })).toEqual(["blue"]);
  expect(await accountNames(all)).toEqual(["admin", "ada", "grace"]);
  expect(await accountNames({})).toEqual(["admin"]);
  expect(await accountNames({ domainid: blue })).toEqual(["ada"]);
  expect(await accountNames({ domainid: blue, isrecursive: "true" })).toEqual(["ada", "grace"]);
  expect(await userNames(all)).toEqual(["admin", "ada", "grace"]);
  expect(await userNames({ domainid: sub, account: "grace" })).toEqual(["grace"]);
});

test("the children of a domain, or all below it", async () => {
  const children = async (params: Params) =>
    (await listed("domain", "listDomainChildren", params)).map(({ name }) => name);
  expect(await children({})).toEqual(["blue"]);
  expect(await children({ isrecursive: "true" })).toEqual(["blue", "sub"]);
  expect(await children({ listall: "true" })).toEqual(["blue", "sub"]);
  expect(await children({ id: blue })).toEqual(["sub"]);
});

test("a domain administrator sees his part of the tree, a user himself", async () => {
  expect(await domainNames(all, keysOfAda)).toEqual(["blue", "sub"]);
  expect(await accountNames(all, keysOfAda)).toEqual(["ada", "grace"]);
  expect(await userNames(all, keysOfGrace)).toEqual(["grace"]);
  const asAda = api.as(keysOfAda);
  expect(await asAda("listDomains", { id: rootDomain })).toMatchObject({ status: 531 });
  expect(await asAda("listAccounts", { domainid: rootDomain })).toMatchObject({ status: 531 });
  const denied = await asAda("createDomain", { name: "green" });
  expect([denied.status, denied.value["errortext"]]).toEqual([
    401,
    expect.stringContaining("does not exist, is not available"),
  ]);
});

test("lists are cut at the page size without a word, and counted", async () => {
  await control.patch("cloudstack", { options: { defaultPageSize: 2 } });
  const { value } = await api("listAccounts", all);
  expect([value["count"], (value["account"] as Entity[]).length]).toEqual([3, 2]);
  expect(await accountNames({ ...all, page: "2", pagesize: "2" })).toEqual(["grace"]);
  expect((await api("listDomains", { ...all, page: "3", pagesize: "2" })).value).toEqual({ count: 3 });
});

test("an account with its users", async () => {
  const [account = {}] = await listed("account", "listAccounts", { id: grace, details: "min" });
  expect(account).toEqual({
    id: grace,
    name: "grace",
    accounttype: 0,
    roleid: expect.any(String),
    roletype: "User",
    rolename: "User",
    domainid: sub,
    domain: "sub",
    domainpath: "ROOT/blue/sub",
    state: "enabled",
    isdefault: false,
    created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/),
    groups: [],
    user: [
      {
        id: expect.any(String),
        username: "grace",
        firstname: "Grace",
        lastname: "Hopper",
        email: "g@example.test",
        created: expect.any(String),
        state: "enabled",
        account: "grace",
        accountid: grace,
        accounttype: 0,
        usersource: "native",
        roleid: expect.any(String),
        roletype: "User",
        rolename: "User",
        domainid: sub,
        domain: "sub",
        apikey: "grace-key",
        iscallerchilddomain: true,
        isdefault: false,
      },
    ],
  });
  expect((await listed("account", "listAccounts", { id: adminAccount }))[0]).toMatchObject({
    name: "admin",
    roletype: "Admin",
    isdefault: true,
    vmlimit: "Unlimited",
  });
});

test("a project's account has type 5, no role and no users", async () => {
  const project = "55555555-5555-4555-8555-555555555555";
  await control.patch("cloudstack", { accounts: { [project]: { name: "PrjAcct-p-1", domainId: blue, type: 5 } } });
  const [account = {}] = await listed("account", "listAccounts", { ...all, accounttype: "5" });
  expect(account).toMatchObject({ id: project, accounttype: 5, user: [] });
  expect(account).not.toHaveProperty("roleid");
});

test("secret keys are in lists of old servers only", async () => {
  expect((await api("listUsers", all)).text).not.toContain("grace-secret");
  await control.patch("cloudstack", { options: { release: "4.9.3.0" } });
  expect((await api("listUsers", all)).text).toContain("grace-secret");
});

test("a domain is made, renamed with all below it, and unique under its parent", async () => {
  const reply = await api("createDomain", { name: "green", parentdomainid: blue });
  expect(reply).toMatchObject({ status: 200, key: "createdomainresponse" });
  expect(reply.value).toMatchObject({ domain: { name: "green", path: "ROOT/blue/green", state: "Active" } });
  expect(await api("createDomain", { name: "green", parentdomainid: blue })).toMatchObject({ status: 431 });
  expect(await api("createDomain", { name: "green" })).toMatchObject({ status: 200 });
  expect(await api("updateDomain", { id: sub, name: "green" })).toMatchObject({ status: 431 });
  await api("updateDomain", { id: blue, name: "azure" });
  expect((await listed("domain", "listDomains", { id: sub }))[0]).toMatchObject({ path: "ROOT/azure/sub" });
  const fixed = "66666666-6666-4666-8666-666666666666";
  expect((await api("createDomain", { name: "given", domainid: fixed })).value).toMatchObject({
    domain: { id: fixed },
  });
  expect(await api("createDomain", { name: "again", domainid: fixed })).toMatchObject({ status: 431 });
});

test("a domain that is being deleted is Inactive, and Active again if it has to stay", async () => {
  await control.patch("cloudstack", { options: { jobSeconds: 60 } });
  const { value, key } = await api("deleteDomain", { id: blue });
  expect(key).toBe("deletedomainresponse");
  expect(await stateOf(blue)).toBe("Inactive");
  await control.advance(60);
  const { value: job, status } = await api("queryAsyncJobResult", { jobid: String(value["jobid"]) });
  expect(status).toBe(200);
  expect(job).toMatchObject({
    jobstatus: 2,
    jobresultcode: 530,
    jobresult: { errorcode: 530, errortext: expect.stringContaining("Please make sure all users and sub domains") },
  });
  expect(await stateOf(blue)).toBe("Active");
});

test("an empty domain goes without a clean-up, a full one with it", async () => {
  await control.patch("cloudstack", { accounts: { [grace]: null } });
  expect(await finished("deleteDomain", { id: sub })).toMatchObject({ jobstatus: 1, jobresult: { success: true } });
  expect(await domainNames(all)).toEqual(["ROOT", "blue"]);
  expect(await finished("deleteDomain", { id: blue, cleanup: "true" })).toMatchObject({ jobstatus: 1 });
  expect([await domainNames(all), await accountNames(all)]).toEqual([["ROOT"], ["admin"]]);
  const gone = await api("listDomains", { id: blue });
  expect([gone.status, gone.value["errortext"]]).toEqual([431, expect.stringContaining("entity does not exist")]);
});

test("ROOT and the first administrator stay", async () => {
  expect(await finished("deleteDomain", { id: rootDomain })).toMatchObject({ jobstatus: 2, jobresultcode: 531 });
  expect(await stateOf(rootDomain)).toBe("Active");
  expect(await finished("deleteAccount", { id: adminAccount })).toMatchObject({ jobstatus: 2, jobresultcode: 431 });
});

test("a clean-up that fails leaves the domain Inactive", async () => {
  await control.patch("cloudstack", { options: { domainCleanupFails: true } });
  expect(await finished("deleteDomain", { id: sub, cleanup: "true" })).toMatchObject({ jobstatus: 2 });
  expect([await stateOf(sub), await accountNames(all)]).toEqual(["Inactive", ["admin", "ada"]]);
});

test("a deleted account vanishes at once, and may hold its domain until it is cleaned up", async () => {
  await control.patch("cloudstack", { options: { accountCleanupSeconds: 3600 } });
  expect(await finished("deleteAccount", { id: grace })).toMatchObject({ jobstatus: 1, jobresult: { success: true } });
  expect([await accountNames(all), await userNames(all)]).toEqual([
    ["admin", "ada"],
    ["admin", "ada"],
  ]);
  expect(await api.as(keysOfGrace)("listUsers")).toMatchObject({ status: 401 });
  expect(await api("listAccounts", { id: grace })).toMatchObject({ status: 431 });
  expect(await finished("deleteDomain", { id: sub })).toMatchObject({
    jobresult: { errortext: expect.stringContaining("Can't delete the domain yet") },
  });
  const now = new Date(Date.now() + 3_601_000).toISOString();
  await fetch(`${lab.addresses.control}/clock`, { method: "POST", body: JSON.stringify({ now, running: false }) });
  const expires = new Date(Date.now() + 4_000_000).toISOString().replace(/\.\d+Z/, "+0000");
  const { value } = await api("deleteDomain", { id: sub, expires });
  const { value: job } = await api("queryAsyncJobResult", { jobid: String(value["jobid"]), expires });
  expect(job).toMatchObject({ jobstatus: 1 });
});

const person = { email: "a@example.test", firstname: "Alan", lastname: "Turing", password: "pw", username: "alan" };

test("an account is made with its first user, unique in its domain", async () => {
  const reply = await api("createAccount", { ...person, account: "team", accounttype: "0", domainid: blue });
  expect(reply).toMatchObject({ status: 200, key: "createaccountresponse" });
  expect(reply.value).toMatchObject({
    account: { name: "team", domainid: blue, user: [{ username: "alan", email: "a@example.test" }] },
  });
  expect(reply.text).not.toContain('"pw"');
  for (const change of [{ username: "alan" }, { username: "alan2", account: "team" }, { accounttype: "7" }]) {
    const again = { ...person, account: "team2", accounttype: "0", domainid: blue, ...change };
    expect(await api("createAccount", again)).toMatchObject({ status: 431 });
  }
  expect(await api("createAccount", { ...person, accounttype: "1", domainid: blue })).toMatchObject({ status: 431 });
  expect(await api("createAccount", { ...person, accounttype: "0", domainid: sub })).toMatchObject({ status: 200 });
});

test("an account is renamed, disabled, locked and enabled; its id stays", async () => {
  expect((await api("updateAccount", { id: grace, newname: "hopper" })).value).toMatchObject({
    account: { id: grace, name: "hopper" },
  });
  expect(await api("updateAccount", { account: "ada", domainid: blue, newname: "ada" })).toMatchObject({ status: 200 });
  const disabled = await finished("disableAccount", { id: grace, lock: "false" });
  expect(disabled).toMatchObject({ jobresult: { account: { id: grace, state: "disabled" } } });
  expect(await accountNames({ ...all, state: "disabled" })).toEqual(["hopper"]);
  expect(await api.as(keysOfGrace)("listUsers")).toMatchObject({ status: 401 });
  expect((await api("enableAccount", { id: grace })).value).toMatchObject({ account: { state: "enabled" } });
  const locked = await api("lockAccount", { account: "hopper", domainid: sub });
  expect(locked.value).toMatchObject({ account: { state: "locked" } });
  expect(await finished("disableAccount", { id: ada, lock: "true" })).toMatchObject({
    jobresult: { account: { state: "locked" } },
  });
});

test("users are made, read by their API key, given keys and deleted", async () => {
  const reply = await api("createUser", { ...person, account: "grace", domainid: sub });
  expect(reply.value).toMatchObject({ user: { username: "alan", account: "grace", accountid: grace } });
  const { id } = reply.value["user"] as { id: string };
  expect((await api("getUserKeys", { id })).value).toEqual({ userkeys: {} });
  const { value } = await api("registerUserKeys", { id });
  const { apikey, secretkey } = value["userkeys"] as { apikey: string; secretkey: string };
  expect((await api("getUserKeys", { id })).value).toEqual(value);
  expect((await api("getUser", { userapikey: apikey })).value).toMatchObject({
    user: { id, accounttype: 0, roletype: "User" },
  });
  expect(await api("getUser", { userapikey: "other" })).toMatchObject({ status: 431 });
  const asAlan = api.as({ apiKey: apikey, secretKey: secretkey });
  expect(await asAlan("getUser", { userapikey: apikey })).toMatchObject({ status: 401 });
  expect(await asAlan("getUserKeys", { id })).toMatchObject({ status: 200 });
  const { id: other } = (await listed("user", "listUsers", { ...all, username: "grace" }))[0] as { id: string };
  expect(await asAlan("getUserKeys", { id: other })).toMatchObject({ status: 200 });
  expect((await api("deleteUser", { id })).value).toEqual({ success: true });
  expect(await userNames({ ...all, account: "grace" })).toEqual(["grace"]);
});

test("patches that do not fit are refused", async () => {
  const refused = (patch: object) => expect(control.patch("cloudstack", patch)).rejects;
  await refused({ domains: { [rootDomain]: null } }).toThrow("ROOT stays");
  await refused({ domains: { [blue]: { parentId: sub } } }).toThrow("it would be below itself");
  await refused({ domains: { [blue]: { parentId: null } } }).toThrow("only ROOT has no parent");
  await refused({ accounts: { [ada]: { domainId: "nowhere" } } }).toThrow("there is no such domain");
  await refused({ users: { nobody: {} } }).toThrow("give its accountId");
  await control.patch("cloudstack", { domains: { [blue]: null } });
  expect(await userNames(all)).toEqual(["admin"]);
});

test("the state hides secret keys and passwords", async () => {
  const text = await (await fetch(`${lab.addresses.control}/state`)).text();
  expect(text).not.toContain("grace-secret");
  expect(text).toContain("grace-key");
});
