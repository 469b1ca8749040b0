import { cloudianLogoutUrl, cloudianSsoUrl } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";
import { expiry, post, signed } from "../unit/lab-cloudstack-stage.ts";

const userId = "f1c0a2de-0b1e-4d0e-9a53-7f1f0f3c9a11";
const groupId = "5d9a7c44-2f0f-4c1c-8b3e-0c6a1e5b7d22";
let lab: Lab;
let control: LabControl;

/** Keeps cookies by the path that they are for, as a browser does. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.#cookies].flatMap(([path, value]) => (pathname.startsWith(path) ? [value] : [])).join("; ");
    const reply = await fetch(url, { ...init, redirect: "manual", headers: cookie === "" ? {} : { cookie } });
    const [, value = "", path = ""] = /^([^;]*); Path=([^;]*)/.exec(reply.headers.get("set-cookie") ?? "") ?? [];
    if (path !== "") this.#cookies.set(path, value);
    return reply;
  }

  /** Follows redirects; where it ends, and what it shows there. */
  async visit(url: string): Promise<{ status: number; url: string; text: string }> {
    const reply = await this.open(url);
    const location = reply.headers.get("location");
    if (location !== null) return await this.visit(new URL(location, url).href);
    return { status: reply.status, url, text: await reply.text() };
  }
}

const cmc = () => lab.addresses.cloudian.cmcEndpoint;
const cmcHome = () => `${cmc()}/Cloudian/`;
const api = () => lab.addresses.cloudstack.endpoint;
const ssoUrl = (more: Partial<Parameters<typeof cloudianSsoUrl>[0]> = {}) =>
  cloudianSsoUrl({ cmcEndpoint: cmc(), userId, groupId, ssoKey: lab.addresses.cloudian.ssoKey, ...more });

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
});
beforeEach(async () => {
  await control.reset();
  await control.patch("cloudian", { groups: { [groupId]: {} }, users: { [`${groupId}/${userId}`]: {} } });
});
afterAll(() => lab?.close());

describe("a single-sign-on URL that the function makes", () => {
  test("opens the console for its user, once", async () => {
    const browser = new Browser();
    const url = ssoUrl();
    const page = await browser.visit(url);
    expect(page).toMatchObject({ status: 200, url: cmcHome() });
    expect(page.text).toContain(`Logged in as <b>${userId}</b> of group <b>${groupId}</b>`);
    expect((await browser.visit(cmcHome())).text).toContain("Logged in as");
    expect((await new Browser().visit(url)).status).toBe(403);
  });

  test.each([
    ["the administrator", { userId: "admin", groupId: "0", redirect: "admin.htm" }],
    ["a user", { redirect: "explorer.htm" }],
  ] as const)("leads %s to the page that older consoles want", async (_, more) => {
    const page = await new Browser().visit(ssoUrl(more));
    expect(page).toMatchObject({ status: 200, url: `${cmcHome()}${more.redirect}` });
    expect(page.text).toContain("Logged in as");
  });

  test("is the one that CloudStack's own connector makes", async () => {
    const { cloudian, cloudstack } = lab.addresses;
    const { hostname, port } = new URL(cloudian.cmcEndpoint);
    await control.patch("cloudstack", {
      settings: {
        "cloudian.connector.enabled": "true",
        "cloudian.sso.key": cloudian.ssoKey,
        ...{ "cloudian.cmc.host": hostname, "cloudian.cmc.port": port, "cloudian.cmc.protocol": "http" },
      },
      connector: { restarts: 1 },
    });
    const parameters = { command: "cloudianSsoLogin", response: "json", apikey: cloudstack.apiKey };
    const { value } = await post(
      cloudstack.endpoint,
      signed({ ...parameters, signatureversion: "3", expires: expiry(600) }, cloudstack),
    );
    const { url } = value["cloudianssologin"] as { url: string };
    const timestampMs = Number(new URL(url).searchParams.get("timestamp"));
    // The root administrator is the administrator of the console.
    expect(ssoUrl({ userId: "admin", groupId: "0", timestampMs })).toBe(url);
    expect((await new Browser().visit(url)).text).toContain("Logged in as <b>admin</b>");
  });

  test.each([
    ["another user", (url: string) => url.replace(userId, "admin")],
    ["another group", (url: string) => url.replace(groupId, "0")],
    ["another time", (url: string) => url.replace(/(?<=timestamp=\d+)\d/, (digit) => `${9 - Number(digit)}`)],
    ["another signature", (url: string) => url.replace(/(?<=signature=)./, (first) => (first === "A" ? "B" : "A"))],
    ["a further parameter", (url: string) => `${url}&more=1`],
    ["a way out of the console", (url: string) => url.replace("redirect=/", "redirect=https://example.test/")],
  ])("is refused with %s", async (_, altered) => {
    const browser = new Browser();
    const page = await browser.visit(altered(ssoUrl()));
    expect(page.status).toBe(403);
    expect((await browser.visit(cmcHome())).text).toContain("Please log in.");
  });

  test("is refused with another key, when it is stale, and when it is of tomorrow", async () => {
    const now = Date.now();
    for (const more of [{ ssoKey: "ss0sh5r3dk3y" }, { timestampMs: now - 301_000 }, { timestampMs: now + 86_400_000 }])
      expect((await new Browser().visit(ssoUrl(more))).status).toBe(403);
    const kept = ssoUrl();
    await control.advance(301);
    expect((await new Browser().visit(kept)).status).toBe(403);
  });
});

describe("the log-out chain", () => {
  const loginPage = () => `${new URL(api()).origin}/client/#/user/login`;
  const interfacePage = () => `${new URL(api()).origin}/client/`;

  /** A browser with a session in CloudStack and one in the console. */
  async function loggedIn(): Promise<Browser> {
    const browser = new Browser();
    const form = { command: "login", username: "admin", password: "password", domain: "/", response: "json" };
    expect((await browser.open(api(), { method: "POST", body: new URLSearchParams(form) })).status).toBe(200);
    expect((await browser.visit(ssoUrl())).status).toBe(200);
    expect((await browser.visit(interfacePage())).text).toContain("Logged in as <b>admin</b>");
    return browser;
  }

  /** What CloudStack's user interface does: it logs out of CloudStack, and goes on to the console only after that. */
  async function logOut(browser: Browser) {
    const next = cloudianLogoutUrl({ cmcEndpoint: cmc(), redirect: loginPage() });
    const form = { command: "logout", response: "json" };
    const reply = await browser.open(api(), { method: "POST", body: new URLSearchParams(form) });
    return reply.ok ? await browser.visit(next) : undefined;
  }

  test("ends both sessions and comes back to CloudStack's log-in page", async () => {
    const browser = await loggedIn();
    await control.clearRequests();
    const page = await logOut(browser);
    expect(page).toMatchObject({ status: 200, url: loginPage() });
    expect(page?.text).toContain("Please log in.");
    expect((await control.requests()).map(({ system, path, status }) => [system, path, status])).toEqual([
      ["cloudstack", "/client/api", 200],
      ["cloudian-cmc", "/Cloudian/logout.htm", 302],
      ["cloudstack", "/client/", 200],
    ]);
    expect((await browser.visit(cmcHome())).text).toContain("Please log in.");
    expect((await control.state()).cloudian).toMatchObject({ cmcSessions: {} });
  });

  test("leaves the console open where the log-out of CloudStack fails", async () => {
    const browser = await loggedIn();
    await control.fault({ system: "cloudstack", kind: "status", path: "/client/api", status: 530 });
    expect(await logOut(browser)).toBeUndefined();
    expect((await browser.visit(cmcHome())).text).toContain(`Logged in as <b>${userId}</b>`);
    expect((await browser.visit(interfacePage())).text).toContain("Logged in as <b>admin</b>");
  });
});
