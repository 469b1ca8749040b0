import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { openCloudStack, type Params } from "./lab-cloudstack-stage.ts";

const { lab, control } = await openCloudStack();

const { endpoint } = lab.addresses.cloudstack;
const page = new URL("/client/", endpoint).href;

async function call(params: Params, cookie = "") {
  const reply = await fetch(endpoint, {
    method: "POST",
    body: new URLSearchParams({ response: "json", ...params }),
    headers: cookie === "" ? {} : { cookie },
  });
  return { status: reply.status, json: await reply.json(), cookie: reply.headers.get("set-cookie") ?? "" };
}

const logIn = (change: Params = {}) => call({ command: "login", username: "admin", password: "password", ...change });
const shown = async (cookie = "") => (await fetch(page, { headers: { cookie } })).text();

test("a log-in opens a session, which the page knows, and a log-out ends it", async () => {
  const { status, json, cookie } = await logIn({ domain: "/" });
  expect(status).toBe(200);
  expect(json).toEqual({
    loginresponse: expect.objectContaining({
      username: "admin",
      account: "admin",
      type: "1",
      sessionkey: expect.any(String),
    }),
  });
  const [session = ""] = cookie.split(";");
  expect(cookie).toMatch(/^JSESSIONID=[0-9a-f]{32}; Path=\/client; HttpOnly$/);
  expect(await shown(session)).toContain("Logged in as <b>admin</b>");
  expect(await shown()).toContain("Please log in.");
  const out = await call({ command: "logout" }, session);
  expect([out.status, out.json]).toEqual([200, { logoutresponse: { description: "success" } }]);
  expect(out.cookie).toBe("JSESSIONID=; Path=/client; Max-Age=0; HttpOnly");
  expect(await shown(session)).toContain("Please log in.");
});

test.each([
  ["a wrong password", { password: "wrong" }],
  ["an unknown user", { username: "nobody" }],
  ["another domain", { domain: "/blue" }],
])("%s is refused", async (_, change) => {
  const { status, json, cookie } = await logIn(change);
  expect([status, json, cookie]).toEqual([
    531,
    { loginresponse: expect.objectContaining({ errorcode: 531, uuidList: [] }) },
    "",
  ]);
});

test("a user of a domain below logs in with its path, unless he is locked", async () => {
  await control.patch("cloudstack", {
    domains: { d1: { name: "blue" }, d2: { name: "sub", parentId: "d1" } },
    accounts: { a1: { name: "team", domainId: "d2", users: [{ username: "ada", password: "pw" }] } },
  });
  const ada = { username: "ada", password: "pw", domain: "blue/sub" };
  expect((await logIn(ada)).status).toBe(200);
  await control.patch("cloudstack", { accounts: { a1: { state: "locked" } } });
  expect((await logIn(ada)).status).toBe(531);
});

test("a failed log-out leaves the session", async () => {
  const [session = ""] = (await logIn()).cookie.split(";");
  await control.fault({ system: "cloudstack", kind: "status", status: 503 });
  expect((await call({ command: "logout" }, session)).status).toBe(503);
  expect(await shown(session)).toContain("Logged in as <b>admin</b>");
});

test("the password is not recorded", async () => {
  await logIn();
  const [request] = await control.requests("cloudstack");
  expect(request?.body).toMatchObject({ command: "login", username: "admin", password: "[secret]" });
});

test("the chain of log-outs ends at CloudStack's log-in page, with nobody logged in on either side", async () => {
  const { cmcEndpoint, ssoKey } = lab.addresses.cloudian;
  const signed = `user=admin&group=0&timestamp=${Date.now()}`;
  const signature = encodeURIComponent(createHmac("sha1", ssoKey).update(signed).digest("base64"));
  const query = `${signed}&signature=${signature}&redirect=/`;
  const opened = await fetch(`${cmcEndpoint}/Cloudian/ssosecurelogin.htm?${query}`, { redirect: "manual" });
  const [consoleSession = ""] = (opened.headers.get("set-cookie") ?? "").split(";");
  const [session = ""] = (await logIn()).cookie.split(";");
  expect((await call({ command: "logout" }, session)).status).toBe(200);
  const chain = `${cmcEndpoint}/Cloudian/logout.htm?redirect=${encodeURIComponent(page)}`;
  const out = await fetch(chain, { redirect: "manual", headers: { cookie: consoleSession } });
  expect([out.status, out.headers.get("location")]).toEqual([302, page]);
  expect(await shown(session)).toContain("Please log in.");
  const left = await fetch(`${cmcEndpoint}/Cloudian/`, { headers: { cookie: consoleSession } });
  expect(await left.text()).toContain("Please log in.");
});
