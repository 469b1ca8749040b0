import { createHmac } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { openLab } from "./lab-stage.ts";

const { lab, control, call } = await openLab();

const { cmcEndpoint } = lab.addresses.cloudian;

const open = (target: string, cookie = "") =>
  fetch(`${cmcEndpoint}${target}`, { redirect: "manual", headers: cookie === "" ? {} : { cookie } });

/** A log-in as the owner of the key makes it, with changes to its parts. */
function logIn(change: { user?: string; group?: string; timestamp?: number; key?: string; redirect?: string } = {}) {
  const { user = "ada", group = "blue", timestamp = Date.now(), key = "lab-sso-key", redirect = "/" } = change;
  const signed = `user=${user}&group=${group}&timestamp=${timestamp}`;
  const signature = encodeURIComponent(createHmac("sha1", key).update(signed).digest("base64"));
  return `/Cloudian/ssosecurelogin.htm?${signed}&signature=${signature}&redirect=${redirect}`;
}

async function loggedIn(target = logIn()): Promise<string> {
  const reply = await open(target);
  expect(reply.status).toBe(302);
  return reply.headers.get("set-cookie")?.split(";")[0] ?? "";
}

beforeEach(() => control.patch("cloudian", { groups: { blue: {} }, users: { "blue/ada": {} } }));

const uuids = { user: "f1c0a2de-0b1e-4d0e-9a53-7f1f0f3c9a11", group: "5d9a7c44-2f0f-4c1c-8b3e-0c6a1e5b7d22" };
const vectors = [
  {
    ...uuids,
    key: "example-shared-key",
    timestamp: 1_700_000_000_015,
    signature: "BWdn5FBNVYzR9OoFVWLLD5%2FY6%2Bs%3D",
  },
  {
    user: "admin",
    group: "0",
    key: "example-shared-key",
    timestamp: 1_700_000_000_000,
    signature: "gwslfzNQ%2BEZr4XMXWdAHVI%2Bm8OM%3D",
  },
  {
    user: "abc-def-ghi",
    group: "uvw-xyz",
    key: "randomkey",
    timestamp: 1_725_937_474_949,
    signature: encodeURIComponent("Wu1hjafeyE82mGwd1MIwrp5hPt4="),
  },
];

test.each(vectors)("the published log-in of $user is accepted at its time", async (vector) => {
  const { user, group, key, timestamp, signature } = vector;
  await control.patch("cloudian", {
    options: { ssoKey: key },
    groups: { [group]: {} },
    users: { [`${group}/${user}`]: {} },
  });
  const now = new Date(timestamp).toISOString();
  await fetch(`${lab.addresses.control}/clock`, { method: "POST", body: JSON.stringify({ now, running: false }) });
  const query = `user=${user}&group=${group}&timestamp=${timestamp}&signature=${signature}&redirect=/`;
  expect((await open(`/Cloudian/ssosecurelogin.htm?${query}`)).status).toBe(302);
});

test("a log-in leads to the console, which then knows the user", async () => {
  const reply = await open(logIn());
  expect([reply.status, reply.headers.get("location")]).toEqual([302, "/Cloudian/"]);
  const cookie = reply.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^JSESSIONID=[0-9a-f]{32}; Path=\/Cloudian; HttpOnly$/);
  const page = await (await open("/Cloudian/", cookie.split(";")[0])).text();
  expect(page).toContain("Logged in as <b>ada</b> of group <b>blue</b>");
  expect(await (await open("/Cloudian/")).text()).toContain("Please log in.");
  expect((await control.state()).cloudian).toMatchObject({ cmcSessions: { "blue/ada": 1 } });
});

test.each([
  ["admin.htm", "/Cloudian/admin.htm"],
  ["explorer.htm", "/Cloudian/explorer.htm"],
])("the redirect %s is one of the console's pages", async (redirect, location) => {
  expect((await open(logIn({ redirect }))).headers.get("location")).toBe(location);
});

test("the administrator's page is not for ordinary users", async () => {
  expect((await open("/Cloudian/admin.htm", await loggedIn())).status).toBe(403);
  const admin = await loggedIn(logIn({ user: "admin", group: "0" }));
  expect(await (await open("/Cloudian/admin.htm", admin)).text()).toContain("Logged in as <b>admin</b>");
});

const good = logIn({ timestamp: Date.now() });
test.each([
  ["another key", logIn({ key: "ss0sh5r3dk3y" })],
  ["an altered user", good.replace("user=ada", "user=admin")],
  ["an altered group", good.replace("group=blue", "group=0")],
  ["an altered timestamp", good.replace(/timestamp=\d/, "timestamp=2")],
  ["another order", good.replace(/user=ada&group=blue/, "group=blue&user=ada")],
  ["a further parameter", `${good}&more=1`],
  ["no redirect", good.replace(/&redirect=.*/, "")],
  ["a redirect out of the console", logIn({ redirect: "https://example.test/" })],
  ["a redirect to another host", logIn({ redirect: "//example.test" })],
  ["a signature that is not encoded", decodeURIComponent(logIn({ timestamp: 1_700_000_000_015, ...uuids }))],
  ["an unknown user", logIn({ user: "nobody" })],
  ["an encoded user", logIn({ user: "a%64a" }).replace("a%64a", "ada")],
  ["no parameters", "/Cloudian/ssosecurelogin.htm"],
  ["a stale timestamp", logIn({ timestamp: Date.now() - 301_000 })],
  ["a timestamp of tomorrow", logIn({ timestamp: Date.now() + 86_400_000 })],
])("%s is refused", async (_, target) => {
  const reply = await open(target);
  expect([reply.status, reply.headers.get("content-type"), reply.headers.get("set-cookie")]).toEqual([
    403,
    "text/html;charset=utf-8",
    null,
  ]);
  expect(await reply.text()).toContain("Single sign-on was refused");
});

test.each([
  ["single sign-on is off", { options: { ssoEnabled: false } }],
  ["the user is inactive", { users: { "blue/ada": { active: "false" } } }],
  ["the group is inactive", { groups: { blue: { active: "false" } } }],
])("where %s, a log-in is refused", async (_, change) => {
  await control.patch("cloudian", change);
  expect((await open(logIn())).status).toBe(403);
  expect((await control.state()).cloudian).toMatchObject({ cmcSessions: {} });
});

test("a log-in is taken once, unless the option lets it be taken again", async () => {
  const target = logIn();
  expect((await open(target)).status).toBe(302);
  expect((await open(target)).status).toBe(403);
  await control.patch("cloudian", { options: { ssoReplay: "accept" } });
  expect((await open(target)).status).toBe(302);
});

test("the window is configurable and follows the lab's clock", async () => {
  const target = logIn();
  await control.advance(301);
  expect((await open(target)).status).toBe(403);
  await control.patch("cloudian", { options: { ssoWindowSeconds: 600 } });
  expect((await open(target)).status).toBe(302);
});

test("the log-out ends the session and goes where it is told", async () => {
  const cookie = await loggedIn();
  const back = "https://cloud.example.test/client/#/user/login?a=b";
  const reply = await open(`/Cloudian/logout.htm?redirect=${encodeURIComponent(back)}`, cookie);
  expect([reply.status, reply.headers.get("location")]).toEqual([302, back]);
  expect(reply.headers.get("set-cookie")).toBe("JSESSIONID=; Path=/Cloudian; Max-Age=0; HttpOnly");
  expect(await (await open("/Cloudian/", cookie)).text()).toContain("Please log in.");
  expect((await open("/Cloudian/logout.htm?redirect=nowhere")).headers.get("location")).toBe("/Cloudian/");
});

test("a user who is deleted or logged out by hand has no session any more", async () => {
  const first = await loggedIn();
  await control.patch("cloudian", { cmcSessions: { "blue/ada": null } });
  expect(await (await open("/Cloudian/", first)).text()).toContain("Please log in.");
  const second = await loggedIn(logIn({ timestamp: Date.now() - 1 }));
  await call("DELETE", "/user?groupId=blue&userId=ada");
  expect(await (await open("/Cloudian/", second)).text()).toContain("Please log in.");
  expect((await control.state()).cloudian).toMatchObject({ cmcSessions: {} });
});

test("what the console has and the lab has not is 501; the signature is not recorded", async () => {
  expect((await open("/Cloudian/groups.htm")).status).toBe(501);
  expect((await open("/")).status).toBe(404);
  await open(logIn());
  const [, , request] = await control.requests("cloudian-cmc");
  expect(request).toMatchObject({ path: "/Cloudian/ssosecurelogin.htm", status: 302 });
  expect(request?.query).toMatchObject({ user: "ada", group: "blue", signature: "[secret]", redirect: "/" });
});
