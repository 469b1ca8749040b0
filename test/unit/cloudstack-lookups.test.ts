import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import type { LookupArgs } from "../../provider/cloudstack/lookups.ts";
import { LabControl } from "../harness/lab.ts";
import { capabilities, cloudStackServer, errorOf, keys, says } from "./cloudstack-server.ts";

const ROOT = "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40";
const ADMIN = "a1d4c8f2-7b35-4e09-8c6a-52e9f0b3d716";
/** What every process asks first: its key and the release, and whether values are URL-encoded. */
const FIRST = ["GET listCapabilities", "GET listConfigurations"];
const ROOT_DOMAIN = { id: ROOT, name: "ROOT", path: "/", level: 0, state: "Active" };
const NAMESPACE = "cloudstack-storage";

/** A program of its own: the package remembers clouds and keys for the life of a process. */
async function program() {
  vi.resetModules();
  const { getAccounts, getDomains, getZones } = await import("../../provider/index.ts");
  return { getAccounts, getDomains, getZones };
}

const configure = (settings: Record<string, string>) =>
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${NAMESPACE}:${key}`, value])),
  );

beforeEach(() => {
  configure({});
  for (const name of ["CLOUDSTACK_API_URL", "CLOUDSTACK_API_KEY", "CLOUDSTACK_SECRET_KEY"]) vi.stubEnv(name, "");
});

describe("in the lab", () => {
  let lab: Lab;
  let control: LabControl;
  let own: LookupArgs;

  beforeAll(async () => {
    lab = await startLab({ portBase: 0 });
    control = new LabControl(lab.addresses.control);
    const { endpoint, apiKey, secretKey } = lab.addresses.cloudstack;
    own = { cloudstackEndpoint: endpoint, cloudstackApiKey: apiKey, cloudstackSecretKey: secretKey };
  });
  afterAll(() => lab.close());
  beforeEach(() => control.reset());

  const lines = async () =>
    (await control.requests("cloudstack")).map(({ method, query: { command, page, pagesize } }) =>
      [method, command, page, pagesize].filter((part) => part !== undefined).join(" "),
    );
  const options = (values: object) => control.patch("cloudstack", { options: values });

  test("domains come in the order of their paths, as CloudStack keeps them, with those that are going away", async () => {
    await control.patch("cloudstack", {
      domains: {
        "d-b": { name: "b" },
        "d-a": { name: "a" },
        "d-ab": { name: "b", parentId: "d-a", state: "Inactive" },
        "d-odd": { name: "ROOT", parentId: "d-b" },
      },
    });
    const { getDomains } = await program();
    expect(await getDomains(own)).toEqual({
      domains: [
        ROOT_DOMAIN,
        { id: "d-a", name: "a", path: "/a/", parentId: ROOT, level: 1, state: "Active" },
        { id: "d-ab", name: "b", path: "/a/b/", parentId: "d-a", level: 2, state: "Inactive" },
        { id: "d-b", name: "b", path: "/b/", parentId: ROOT, level: 1, state: "Active" },
        { id: "d-odd", name: "ROOT", path: "/b/ROOT/", parentId: "d-b", level: 2, state: "Active" },
      ],
      complete: true,
    });
    expect(await lines()).toEqual([...FIRST, "GET getUser", "GET listDomains"]);
  });

  test("accounts come with type, state and users", async () => {
    const users = (username: string, email: string | null) => [
      { username, firstName: "Grace", lastName: "Hopper", email },
    ];
    await control.patch("cloudstack", {
      domains: { "d-a": { name: "a" } },
      accounts: {
        user: { name: "user", domainId: "d-a", type: 0, users: users("grace", "grace@example.test") },
        locked: { name: "locked", domainId: "d-a", type: 2, state: "locked", users: users("hopper", null) },
        off: { name: "off", domainId: "d-a", type: 5, state: "disabled" },
        three: { name: "three", domainId: "d-a", type: 3 },
      },
    });
    const { getAccounts } = await program();
    const { accounts, complete } = await getAccounts(own);
    expect(complete).toBe(true);
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const name = { firstName: "Grace", lastName: "Hopper" };
    expect(accounts).toEqual([
      {
        id: ADMIN,
        name: "admin",
        domainId: ROOT,
        type: "rootAdmin",
        state: "enabled",
        users: [
          {
            id: "c93e5d70-18af-4b62-b7d4-0e6f2a9c8b15",
            username: "admin",
            firstName: "Admin",
            lastName: "User",
            email: "admin@example.test",
          },
        ],
      },
      {
        id: "locked",
        name: "locked",
        domainId: "d-a",
        type: "domainAdmin",
        state: "locked",
        users: [{ id: uuid, username: "hopper", ...name }],
      },
      { id: "off", name: "off", domainId: "d-a", type: "project", state: "disabled", users: [] },
      { id: "three", name: "three", domainId: "d-a", type: "other", state: "enabled", users: [] },
      {
        id: "user",
        name: "user",
        domainId: "d-a",
        type: "user",
        state: "enabled",
        users: [{ id: uuid, username: "grace", ...name, email: "grace@example.test" }],
      },
    ]);
    // Keys of users are nobody's business.
    expect(JSON.stringify(accounts)).not.toContain(lab.addresses.cloudstack.apiKey);
  });

  test("zones come in the order of their names, the disabled ones as well", async () => {
    const { zoneId } = lab.addresses.cloudstack;
    await control.patch("cloudstack", {
      zones: { "z-b": { name: "b", allocationState: "Disabled" }, "z-a": { name: "a" } },
    });
    const { getZones } = await program();
    expect(await getZones(own)).toEqual({
      zones: [
        { id: "z-a", name: "a", state: "enabled" },
        { id: "z-b", name: "b", state: "disabled" },
        { id: zoneId, name: "lab-zone", state: "enabled" },
      ],
      complete: true,
    });
    expect(await lines()).toEqual([...FIRST, "GET listZones"]);
  });

  test("lists that the server cuts are read in pages, to their counted end", async () => {
    const numbered = (prefix: string) => Array.from({ length: 7 }, (_, n) => `${prefix}${n}`);
    await options({ defaultPageSize: 3 });
    await control.patch("cloudstack", {
      domains: Object.fromEntries(numbered("d").map((id) => [id, {}])),
      accounts: Object.fromEntries(numbered("a").map((id) => [id, { domainId: "d0" }])),
      zones: Object.fromEntries(numbered("z").map((id) => [id, {}])),
    });
    const { getAccounts, getDomains, getZones } = await program();
    expect((await getDomains(own)).domains.map(({ id }) => id)).toEqual([ROOT, ...numbered("d")]);
    expect((await getAccounts(own)).accounts.map(({ id }) => id)).toEqual([ADMIN, ...numbered("a")]);
    expect((await getZones(own)).zones).toHaveLength(8);
    const pages = (command: string) => [`GET ${command}`, `GET ${command} 2 3`, `GET ${command} 3 3`];
    expect(await lines()).toEqual([
      ...FIRST,
      "GET getUser",
      // An absence has consequences there, so that two readings have to agree.
      ...pages("listDomains"),
      ...pages("listDomains"),
      ...pages("listAccounts"),
      ...pages("listAccounts"),
      ...pages("listZones"),
    ]);
  });

  test.each([
    [0, "user"],
    [2, "domain administrator"],
  ])("the key of an account of type %i (%s) is refused before any list is taken for whole", async (type) => {
    const keysOfGrace = { apiKey: "grace-api-key", secretKey: "grace-secret-key-Canary" };
    await control.patch("cloudstack", {
      domains: { "d-a": { name: "a" } },
      accounts: { grace: { name: "grace", domainId: "d-a", type, users: [] } },
      users: { u: { accountId: "grace", username: "grace", ...keysOfGrace } },
    });
    const hers = { ...own, cloudstackApiKey: keysOfGrace.apiKey, cloudstackSecretKey: keysOfGrace.secretKey };
    const { getAccounts, getDomains, getZones } = await program();
    for (const work of [getDomains, getAccounts]) {
      const error = await errorOf(work(hers));
      expect(error.name).toBe("Refused");
      expect(error.message).toMatch(/root administrator/);
      expect(error.message).not.toContain("Canary");
    }
    expect(await lines()).not.toContain("GET listDomains");
    expect(await lines()).not.toContain("GET listAccounts");
    // Zones are for everybody.
    expect((await getZones(hers)).zones).toHaveLength(1);
  });

  test("a wrong key says so, once and for the whole program", async () => {
    const { getAccounts, getDomains } = await program();
    const wrong = { ...own, cloudstackSecretKey: "Canary-Wrong-Key" };
    for (const work of [getDomains, getAccounts, getDomains]) {
      const error = await errorOf(work(wrong));
      expect(error.message).toMatch(/^Could not read the capabilities of CloudStack: .* Check cloudstackApiKey/);
      expect(error.message).not.toContain("Canary");
    }
    expect(await lines()).toEqual(["GET listCapabilities"]);
  });

  test("stack configuration serves, the environment where that is silent", async () => {
    const { endpoint, apiKey, secretKey } = lab.addresses.cloudstack;
    configure({ cloudstackEndpoint: endpoint, cloudstackApiKey: apiKey, cloudstackSecretKey: secretKey });
    expect((await (await program()).getZones()).zones).toHaveLength(1);
    configure({ cloudstackEndpoint: endpoint });
    vi.stubEnv("CLOUDSTACK_API_URL", "http://127.0.0.1:1/client/api");
    vi.stubEnv("CLOUDSTACK_API_KEY", apiKey);
    vi.stubEnv("CLOUDSTACK_SECRET_KEY", secretKey);
    expect((await (await program()).getZones()).zones).toHaveLength(1);
    configure({});
    vi.stubEnv("CLOUDSTACK_API_URL", endpoint);
    expect((await (await program()).getDomains()).domains).toEqual([ROOT_DOMAIN]);
  });

  test("arguments stand alone: nothing of configuration or environment fills their gaps", async () => {
    const { endpoint, apiKey, secretKey } = lab.addresses.cloudstack;
    configure({ cloudstackApiKey: apiKey, cloudstackSecretKey: secretKey, cloudstackInsecure: "nonsense" });
    vi.stubEnv("CLOUDSTACK_API_KEY", apiKey);
    vi.stubEnv("CLOUDSTACK_SECRET_KEY", secretKey);
    const { getDomains, getZones } = await program();
    expect((await errorOf(getDomains({ cloudstackEndpoint: endpoint }))).message).toBe(
      `The CloudStack settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - cloudstackApiKey is missing (such as …). Give it as the argument cloudstackApiKey of the look-up; no other source is read beside it.
  - cloudstackSecretKey is missing (such as …). Give it as the argument cloudstackSecretKey, or by name as cloudstackSecretKeyEnv, of the look-up; no other source is read beside it.`,
    );
    expect(await lines()).toEqual([]);
    expect((await getZones(own)).zones).toHaveLength(1);
  });

  test("arguments may name the variable that holds the secret key", async () => {
    const { endpoint, apiKey, secretKey } = lab.addresses.cloudstack;
    vi.stubEnv("BLUE_SECRET_KEY", secretKey);
    const byName = {
      cloudstackEndpoint: endpoint,
      cloudstackApiKey: apiKey,
      cloudstackSecretKeyEnv: "BLUE_SECRET_KEY",
    };
    expect((await (await program()).getZones(byName)).zones).toHaveLength(1);
  });
});

describe("without settings", () => {
  test("every one that is missing is named, with the ways to give it", async () => {
    const { getDomains } = await program();
    expect((await errorOf(getDomains())).message).toBe(
      `The CloudStack settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - cloudstackEndpoint is missing (such as https://cloud.example.com/client/api). Give it with \`pulumi config set cloudstack-storage:cloudstackEndpoint\`, in the environment as CLOUDSTACK_API_URL, or as the argument cloudstackEndpoint of an explicit Provider.
  - cloudstackApiKey is missing (such as …). Give it with \`pulumi config set cloudstack-storage:cloudstackApiKey\`, in the environment as CLOUDSTACK_API_KEY, or as the argument cloudstackApiKey of an explicit Provider.
  - cloudstackSecretKey is missing (such as …). Give it with \`pulumi config set --secret cloudstack-storage:cloudstackSecretKey\`, in the environment as CLOUDSTACK_SECRET_KEY, or as the argument cloudstackSecretKey, or by name as cloudstackSecretKeyEnv, of an explicit Provider.`,
    );
  });

  test.each([
    { cloudstackApiKey: "a" },
    { cloudstackSecretKey: "Canary-Key-1", cloudstackApiKey: "a" },
    { cloudstackCaFile: "/ca.pem" },
    { cloudstackInsecure: true },
  ])("the keys of one cloud are never sent to another: %j", async (args) => {
    configure({ cloudstackEndpoint: "http://127.0.0.1:1", cloudstackApiKey: "b", cloudstackSecretKey: "c" });
    const { getAccounts, getDomains, getZones } = await program();
    for (const work of [getAccounts, getDomains, getZones]) {
      const { message } = await errorOf(work(args as LookupArgs));
      expect(message).toBe(
        `Give cloudstackEndpoint beside ${Object.keys(args).join(", ")}: the keys of one cloud are never sent to another.`,
      );
    }
  });

  test.each([undefined, null])("arguments that are %s are none", async (absent) => {
    const { getZones } = await program();
    const nothing = { cloudstackEndpoint: absent, cloudstackApiKey: absent } as unknown as LookupArgs;
    expect((await errorOf(getZones(nothing))).message).toContain("cloudstackEndpoint is missing");
    const keyless = { ...nothing, cloudstackSecretKey: absent, cloudstackEndpoint: "https://cloud.example/client/api" };
    const { message } = await errorOf(getZones(keyless as unknown as LookupArgs));
    expect(message).toContain("cloudstackApiKey is missing");
    expect(message).toContain("cloudstackSecretKey is missing");
  });
});

describe("a list that is short", () => {
  const cloud = cloudStackServer();
  const args = () => ({
    cloudstackEndpoint: cloud.endpoint,
    cloudstackApiKey: keys.apiKey,
    cloudstackSecretKey: keys.secretKey,
  });
  const root = { id: "r", name: "ROOT", path: "ROOT", level: 0, state: "Active" };
  const account = { id: "a", name: "a", domainid: "r", accounttype: 1, state: "enabled" };
  const asRoot = () => {
    cloud.answers["getUser"] = [
      says("getuserresponse", { user: { username: "admin", account: "admin", accountid: "a", accounttype: 1 } }),
    ];
  };

  test("throws, whichever list it is", async () => {
    asRoot();
    cloud.answers["listDomains"] = [says("listdomainsresponse", { count: 2, domain: [root] }), says("x", { count: 2 })];
    cloud.answers["listAccounts"] = [
      says("listaccountsresponse", { count: 9, account: [account] }),
      says("x", { count: 9 }),
    ];
    cloud.answers["listZones"] = [
      says("listzonesresponse", { count: 2, zone: [{ id: "z", name: "z" }] }),
      says("x", { count: 2 }),
    ];
    const { getAccounts, getDomains, getZones } = await program();
    for (const [work, what] of [
      [getDomains, "list domains"],
      [getAccounts, "list accounts"],
      [getZones, "list zones"],
    ] as const) {
      const error = await errorOf(work(args()));
      expect(error.message).toMatch(
        new RegExp(
          `^Could not ${what}: the list says that it has \\d items, its pages hold \\d, and 4 readings did not agree`,
        ),
      );
    }
  });

  test("throws where it lacks the ROOT domain, or is empty", async () => {
    asRoot();
    const below = { id: "d", name: "d", path: "ROOT/d", level: 1, parentdomainid: "r", state: "Active" };
    for (const answer of [{ count: 1, domain: [below] }, {}]) {
      cloud.answers["listDomains"] = [says("listdomainsresponse", answer)];
      const { getDomains } = await program();
      expect((await errorOf(getDomains(args()))).message).toBe(
        `Could not list domains: ${cloud.endpoint} lists no ROOT domain, so that the list is short.`,
      );
    }
  });

  test("of accounts without the caller's own throws", async () => {
    asRoot();
    for (const answer of [{}, { count: 1, account: [{ ...account, id: "b" }] }]) {
      cloud.answers["listAccounts"] = [says("listaccountsresponse", answer)];
      const { getAccounts } = await program();
      expect((await errorOf(getAccounts(args()))).message).toBe(
        `Could not list accounts: ${cloud.endpoint} does not list the caller's own, so that the list is short.`,
      );
    }
  });

  test.each([
    ["id", { ...root, id: undefined }],
    ["name", { ...root, name: "" }],
  ])("throws where an object has no %s", async (field, item) => {
    asRoot();
    cloud.answers["listDomains"] = [says("listdomainsresponse", { count: 1, domain: [item] })];
    const { getDomains } = await program();
    expect((await errorOf(getDomains(args()))).message).toBe(
      `CloudStack lists an object without ${field}, so that the list cannot be used.`,
    );
  });

  test("does not come about from fields that older releases lack or write in another way", async () => {
    asRoot();
    cloud.answers["listCapabilities"] = [capabilities("4.9.3.0")];
    cloud.answers["listDomains"] = [
      says("listdomainsresponse", { count: 1, domain: [{ ...root, level: "0", state: undefined }] }),
    ];
    cloud.answers["listAccounts"] = [
      says("listaccountsresponse", { count: 1, account: [{ ...account, accounttype: "0", state: "Locked" }] }),
    ];
    const { getAccounts, getDomains } = await program();
    expect((await getDomains(args())).domains).toEqual([{ ...ROOT_DOMAIN, id: "r" }]);
    expect((await getAccounts(args())).accounts).toEqual([
      { id: "a", name: "a", domainId: "r", type: "user", state: "locked", users: [] },
    ]);
  });
});
