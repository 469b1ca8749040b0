import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Account, Domain } from "../../provider/cloudstack/shapes.ts";
import { CloudianTenancy, type CloudianTenancyArgs } from "../../provider/components/cloudian-tenancy.ts";
import { EcsTenancy, type EcsTenancyArgs } from "../../provider/components/ecs-tenancy.ts";
import { declaredBy, mockEngine, settled } from "./component-stage.ts";

const lookups = vi.hoisted(() => ({ connectorState: vi.fn() }));
vi.mock("../../provider/cloudstack/lookups.ts", () => lookups);

const DOMAINS: Domain[] = [
  { id: "d-root", name: "ROOT", path: "/", level: 0, state: "Active" },
  { id: "d-blue", name: "blue", path: "/blue/", parentId: "d-root", level: 1, state: "Active" },
];
const user = { id: "u", username: "ada", firstName: "Ada", lastName: "King", email: "ada@example.test" };
const ACCOUNTS: Account[] = [
  { id: "a-admin", name: "admin", domainId: "d-root", type: "rootAdmin", state: "enabled", users: [user] },
  { id: "a-ada", name: "ada", domainId: "d-blue", type: "user", state: "enabled", users: [user] },
  { id: "a-off", name: "off", domainId: "d-blue", type: "user", state: "disabled", users: [] },
];

let warnings: string[];

beforeAll(mockEngine);
afterAll(() => pulumi.runtime.disconnect());
beforeEach(() => {
  lookups.connectorState.mockReset().mockResolvedValue("off");
  warnings = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation((text) => {
    warnings.push(text);
    return Promise.resolve();
  });
});
afterEach(() => vi.restoreAllMocks());

/** What a program hands over where it has nothing: in YAML, or as an output that another stack does not have. */
const nothing: [string, unknown][] = [
  ["null", null],
  ["an output without a value", pulumi.output(undefined)],
  ["an output of null", pulumi.output(null)],
  ["a promise of nothing", Promise.resolve(undefined)],
];

describe("CloudianTenancy", () => {
  const declared = (more: Partial<CloudianTenancyArgs> = {}) =>
    declaredBy((options) => new CloudianTenancy("t", { domains: DOMAINS, accounts: ACCOUNTS, ...more }, options));

  test("the roster comes first, groups behind it, users behind both", async () => {
    expect((await declared()).map(({ kind, name, dependsOn }) => [kind, name, ...dependsOn])).toEqual([
      ["CloudianTenancy", "t"],
      ["TenancyRoster", "t-roster"],
      ["CloudianGroup", "t-d-root", "t-roster"],
      ["CloudianGroup", "t-d-blue", "t-roster"],
      ["CloudianUser", "t-a-ada", "t-roster", "t-d-blue"],
      ["CloudianUser", "t-a-off", "t-roster", "t-d-blue"],
    ]);
  });

  test("members are deactivated when they go, and not adopted unless asked", async () => {
    const kept = { onDestroy: "deactivate", adopt: false };
    expect(Object.fromEntries((await declared()).map(({ name, inputs }) => [name, inputs]))).toEqual({
      t: {},
      "t-roster": {
        members: {
          "d-root": "domain /",
          "d-blue": "domain /blue/",
          "a-ada": "account ada of /blue/",
          "a-off": "account off of /blue/",
        },
      },
      "t-d-root": { groupId: "d-root", groupName: "/", active: true, ...kept },
      "t-d-blue": { groupId: "d-blue", groupName: "/blue/", active: true, ...kept },
      "t-a-ada": {
        groupId: "d-blue",
        userId: "a-ada",
        fullName: "Ada King (ada)",
        email: "ada@example.test",
        active: true,
        ...kept,
      },
      "t-a-off": { groupId: "d-blue", userId: "a-off", fullName: "off", active: false, ...kept },
    });
    expect(warnings).toEqual([]);
  });

  test("what the program asks for reaches the children", async () => {
    const resources = await declared({ onRemoval: pulumi.output("delete" as const), adopt: true, maxRemovals: 7 });
    expect(resources[1]?.inputs).toMatchObject({ maxRemovals: 7 });
    for (const { inputs } of resources.slice(2)) expect(inputs).toMatchObject({ onDestroy: "delete", adopt: true });
  });

  test.each(nothing)("%s is the default", async (_name, absent) => {
    const args = { onRemoval: absent, adopt: absent, deleteDespiteConnector: absent, cmcAdminUser: absent };
    const resources = await declared(args as Partial<CloudianTenancyArgs>);
    expect(resources.slice(2)).toHaveLength(4);
    for (const { inputs } of resources.slice(2))
      expect(inputs).toMatchObject({ onDestroy: "deactivate", adopt: false });
    const { identities } = new CloudianTenancy("absent", { domains: DOMAINS, accounts: ACCOUNTS, ...args } as never);
    expect(await settled(identities)).toMatchObject({ "a-admin": { groupId: "0", userId: "admin" } });
  });

  test("identities: the administrator is HyperStore's own", async () => {
    const lists = { domains: DOMAINS, accounts: ACCOUNTS };
    const own = { groupId: "d-blue", userId: "a-ada" };
    const off = { groupId: "d-blue", userId: "a-off" };
    expect(await settled(new CloudianTenancy("usual", lists).identities)).toEqual({
      "a-ada": own,
      "a-off": off,
      "a-admin": { groupId: "0", userId: "admin" },
    });
    expect(
      await settled(new CloudianTenancy("older", { ...lists, cmcAdminUser: "admin@cloudian.com" }).identities),
    ).toMatchObject({ "a-admin": { groupId: "0", userId: "admin@cloudian.com" } });
  });

  test("groups and users can be used by their UUIDs", () => {
    const tenancy = new CloudianTenancy("used", { domains: DOMAINS, accounts: ACCOUNTS });
    expect(Object.keys(tenancy.groups)).toEqual(["d-root", "d-blue"]);
    expect(Object.keys(tenancy.users)).toEqual(["a-ada", "a-off"]);
  });

  test("lists that contradict each other end the program before anything is declared", async () => {
    await expect(declared({ domains: [] })).rejects.toThrow("The list of domains lacks those of the accounts admin");
  });

  test.each([
    { state: "on", wish: { onRemoval: "delete" as const }, because: "CloudStack's Cloudian connector is on" },
    { state: "unknown", wish: { onRemoval: "delete" as const }, because: "nothing tells whether" },
  ])("deletion is refused by the roster while the connector is $state", async ({ state, wish, because }) => {
    lookups.connectorState.mockResolvedValue(state);
    const resources = await declared(wish);
    const refused = resources.filter(({ inputs }) => inputs["__refusal"] !== undefined);
    expect(refused.map(({ name }) => name)).toEqual(["t-roster"]);
    expect(refused[0]?.inputs["__refusal"]).toContain(
      `CloudianTenancy t: onRemoval: "delete" is refused, because ${because}`,
    );
    expect(warnings).toEqual([]);
  });

  test("a state that cannot be asked for is an unknown one", async () => {
    lookups.connectorState.mockRejectedValue(new TypeError("unexpected"));
    const [, roster] = await declared({ onRemoval: "delete" });
    expect(roster?.inputs["__refusal"]).toContain("nothing tells whether");
    const [, lenient] = await declared();
    expect(lenient?.inputs).not.toHaveProperty("__refusal");
  });

  test.each([
    { state: "on", wish: {}, warned: 1 },
    { state: "on", wish: { onRemoval: "delete" as const, deleteDespiteConnector: true }, warned: 1 },
    { state: "unknown", wish: { onRemoval: "delete" as const, deleteDespiteConnector: true }, warned: 0 },
    { state: "unknown", wish: {}, warned: 0 },
    { state: "off", wish: { onRemoval: "delete" as const }, warned: 0 },
  ])("the connector is $state: $wish is not refused, warnings: $warned", async ({ state, wish, warned }) => {
    lookups.connectorState.mockResolvedValue(state);
    const [, roster] = await declared(wish);
    expect(roster?.inputs).not.toHaveProperty("__refusal");
    expect(warnings.length).toBe(warned);
    for (const text of warnings) expect(text).toMatch(/^CloudianTenancy t: CloudStack's Cloudian connector is on\. /);
    expect(lookups.connectorState).toHaveBeenCalledTimes(1);
  });
});

describe("EcsTenancy", () => {
  const declared = (more: Partial<EcsTenancyArgs> = {}) =>
    declaredBy((options) => new EcsTenancy("e", { accounts: ACCOUNTS, ...more }, options));

  test("every account has a user behind the roster, locked while the account cannot work", async () => {
    const kept = { onDestroy: "lock", adopt: false };
    expect(await declared()).toEqual([
      { name: "e", kind: "EcsTenancy", inputs: {}, dependsOn: [] },
      {
        name: "e-roster",
        kind: "TenancyRoster",
        inputs: { members: { "a-admin": "account admin", "a-ada": "account ada", "a-off": "account off" } },
        dependsOn: [],
      },
      ...[
        ["a-admin", false],
        ["a-ada", false],
        ["a-off", true],
      ].map(([id, locked]) => ({
        name: `e-${id}`,
        kind: "EcsObjectUser",
        inputs: { userName: `cs-${id}`, locked, ...kept },
        dependsOn: ["e-roster"],
      })),
    ]);
    expect(lookups.connectorState).not.toHaveBeenCalled();
  });

  test("what the program asks for reaches the children", async () => {
    const wish = { onRemoval: "delete" as const, adopt: true, namespace: "ns1", userPrefix: "acct-", maxRemovals: 2 };
    const [, roster, admin] = await declared(wish);
    expect(roster?.inputs).toMatchObject({ maxRemovals: 2 });
    expect(admin?.inputs).toEqual({
      userName: "acct-a-admin",
      locked: false,
      onDestroy: "delete",
      adopt: true,
      namespace: "ns1",
    });
  });

  test.each(nothing)("%s is the default", async (_name, absent) => {
    const args = { onRemoval: absent, adopt: absent, userPrefix: absent, namespace: absent, maxRemovals: absent };
    const [, , admin] = await declared(args as Partial<EcsTenancyArgs>);
    expect(admin?.inputs).toMatchObject({ userName: "cs-a-admin", onDestroy: "lock", adopt: false });
    const { userNames } = new EcsTenancy("absent", { accounts: ACCOUNTS, ...args } as never);
    expect(await settled(userNames)).toMatchObject({ "a-admin": "cs-a-admin" });
  });

  test("the names of the users by UUID", async () => {
    const tenancy = new EcsTenancy("named", { accounts: ACCOUNTS });
    expect(await settled(tenancy.userNames)).toEqual({
      "a-admin": "cs-a-admin",
      "a-ada": "cs-a-ada",
      "a-off": "cs-a-off",
    });
    expect(Object.keys(tenancy.users)).toEqual(["a-admin", "a-ada", "a-off"]);
  });
});
