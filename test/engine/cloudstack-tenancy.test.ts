import {
  type Account,
  CloudianTenancy,
  type CloudianTenancyArgs,
  EcsTenancy,
  type EcsTenancyArgs,
  getAccounts,
  getDomains,
} from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, stepsOf, warningsOf } from "../harness/stack-run.ts";
import { commandsTo, writesTo } from "./cloudstack-calls.ts";

const root = "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40";
const admin = "a1d4c8f2-7b35-4e09-8c6a-52e9f0b3d716";
const domain = (digit: number) => `d0000000-aaaa-4aaa-8aaa-00000000000${digit}`;
const account = (digit: number) => `a0000000-aaaa-4aaa-8aaa-00000000000${digit}`;
const user = (username: string, firstName: string, lastName: string) => ({
  ...{ username, firstName, lastName, email: `${username}@example.test` },
});

/** Two domains, one in the other, and accounts of each sort; ROOT and its administrator are there from the start. */
const tenants = {
  domains: { [domain(1)]: { name: "blue" }, [domain(2)]: { name: "lab", parentId: domain(1) } },
  accounts: {
    [account(1)]: { name: "ada", domainId: domain(1), users: [user("ada", "Ada", "L"), user("second", "S", "U")] },
    [account(2)]: { name: "grace", domainId: domain(2), state: "disabled", users: [user("grace", "Grace", "H")] },
    [account(3)]: { name: "project", domainId: domain(1), type: 5 },
    [account(4)]: { name: "root-two", domainId: root, type: 1, users: [user("root-two", "R", "T")] },
  },
};

interface Options {
  readonly cloudian?: Partial<CloudianTenancyArgs>;
  readonly ecs?: Partial<EcsTenancyArgs>;
  /** What the program makes of the accounts before it declares them. */
  readonly accountsOf?: (accounts: Account[]) => Account[];
}

describe("the tenants of a cloud on both systems", { shuffle: false }, () => {
  let stack: TestStack;
  const program =
    ({ cloudian, ecs, accountsOf = (all) => all }: Options = {}) =>
    async () => {
      const { domains } = await getDomains();
      const accounts = accountsOf((await getAccounts()).accounts);
      const { identities } = new CloudianTenancy("cloud", { domains, accounts, ...cloudian });
      const { userNames } = new EcsTenancy("ecs", { accounts, ...ecs });
      return { identities, userNames };
    };
  const live = async () => {
    const { cloudian, ecs } = await stack.lab.state();
    return { groups: cloudian.groups, users: cloudian.users, objectUsers: ecs.users };
  };
  const writes = async () => (await writesTo(stack)).filter((line) => !/^\S+ \/(login|logout)/.test(line));

  beforeAll(async () => {
    stack = await TestStack.open("cloudstack-tenancy");
    await stack.lab.patch("cloudstack", tenants);
    // Somebody has made a group and a user there without CloudStack.
    await stack.lab.patch("cloudian", { groups: { by: {} }, users: { "by/hand": {}, [`by/${account(9)}`]: {} } });
    await stack.lab.patch("ecs", { users: { "ns1/by-hand": {} } });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("every domain becomes a group and every account a user, as the connector and the ECS plugin map them", async () => {
    const run = await stack.up(program());
    // The stack, two components, two rosters, three groups, four users (the administrator has none) and five object users.
    expect(changesOf(run)).toEqual({ create: 17 });
    expect(
      [...new Set((await commandsTo(stack)).map((line) => line.split(" ").slice(0, 2).join(" ")))].toSorted(),
    ).toEqual([
      "GET cloudianIsEnabled",
      "GET getUser",
      "GET listAccounts",
      "GET listCapabilities",
      "GET listConfigurations",
      "GET listDomains",
    ]);
    const { groups, users, objectUsers } = await live();
    expect(groups).toMatchObject({
      [root]: { groupName: "/", active: "true" },
      [domain(1)]: { groupName: "/blue/", active: "true" },
      [domain(2)]: { groupName: "/blue/lab/", active: "true" },
    });
    expect(users).toMatchObject({
      [`${domain(1)}/${account(1)}`]: { fullName: "Ada L (ada)", emailAddr: "ada@example.test", active: "true" },
      [`${domain(2)}/${account(2)}`]: { fullName: "Grace H (grace)", active: "false" },
      [`${domain(1)}/${account(3)}`]: { fullName: "project", active: "true" },
      [`${root}/${account(4)}`]: { fullName: "R T (root-two)", userType: "User" },
    });
    expect(Object.keys(users)).not.toContain(`${root}/${admin}`);
    expect(objectUsers).toMatchObject({
      [`ns1/cs-${account(1)}`]: { locked: false },
      [`ns1/cs-${account(2)}`]: { locked: true },
      [`ns1/cs-${account(3)}`]: { locked: false },
      [`ns1/cs-${account(4)}`]: { locked: false },
      [`ns1/cs-${admin}`]: { locked: false },
    });
    const { identities, userNames } = await stack.outputs();
    expect(identities?.value).toEqual({
      [account(1)]: { groupId: domain(1), userId: account(1) },
      [account(2)]: { groupId: domain(2), userId: account(2) },
      [account(3)]: { groupId: domain(1), userId: account(3) },
      [account(4)]: { groupId: root, userId: account(4) },
      [admin]: { groupId: "0", userId: "admin" },
    });
    expect(userNames?.value).toMatchObject({ [admin]: `cs-${admin}`, [account(1)]: `cs-${account(1)}` });
  });

  test("an unchanged up asks for the lists alone", async () => {
    const run = await stack.up(program());
    expect(changesOf(run)).toEqual({ same: 17 });
    expect((await stack.requests()).filter(({ system }) => system !== "cloudstack")).toEqual([]);
  });

  test("a list that lacks most accounts removes nobody: preview and up refuse and name who would go", async () => {
    const before = await live();
    const truncated = program({ accountsOf: (accounts) => accounts.filter(({ name }) => name === "ada") });
    const preview = await stack.tryPreview(truncated);
    expect(preview.code).toBe(1);
    const errors = errorsOf(preview).join("\n");
    expect(errors).toMatch(/\d of \d recorded members would go, and at most 1 may in one run: /);
    expect(errors).toContain(`grace`);
    expect(errors).toContain(account(2));
    expect(errors).toContain("Nothing was changed.");
    // Going on after the error must not take the members for removed either.
    const up = await stack.tryUp(truncated, { continueOnError: true });
    expect([up.code, await writes()]).toEqual([1, []]);
    expect(await live()).toEqual(before);
  });

  test("who comes is made, who goes is deactivated, and who was made by hand stays as it is", async () => {
    const keys = (await live()).objectUsers[`ns1/cs-${account(2)}`]?.keys;
    await stack.lab.patch("cloudstack", {
      domains: { [domain(2)]: null, [domain(3)]: { name: "green" } },
      accounts: { [account(5)]: { name: "new", domainId: domain(3), users: [user("new", "N", "W")] } },
    });
    const limits = { cloudian: { maxRemovals: 2 } };
    const run = await stack.up(program(limits));
    expect(
      stepsOf(run)
        .flatMap(({ name, op }) => (op === "update" ? [] : [`${op} ${name}`]))
        .toSorted(),
    ).toEqual([
      `create cloud-${account(5)}`,
      `create cloud-${domain(3)}`,
      `create ecs-${account(5)}`,
      `delete cloud-${account(2)}`,
      `delete cloud-${domain(2)}`,
      `delete ecs-${account(2)}`,
    ]);
    const { groups, users, objectUsers } = await live();
    expect(groups).toMatchObject({
      [domain(2)]: { active: "false" },
      [domain(3)]: { groupName: "/green/", active: "true" },
      by: { active: "true" },
    });
    expect(users).toMatchObject({
      [`${domain(2)}/${account(2)}`]: { active: "false" },
      [`${domain(3)}/${account(5)}`]: { fullName: "N W (new)", active: "true" },
      "by/hand": { active: "true" },
      [`by/${account(9)}`]: { active: "true" },
    });
    expect(objectUsers).toMatchObject({
      [`ns1/cs-${account(2)}`]: { locked: true, keys },
      [`ns1/cs-${account(5)}`]: { locked: false },
      "ns1/by-hand": { locked: false },
    });
    expect((await writes()).filter((line) => line.startsWith("DELETE ") || line.includes("deactivate"))).toEqual([]);
  });

  test("while the connector is on, deleting is refused; what it has made is taken over where that is asked for", async () => {
    await stack.lab.patch("cloudstack", {
      settings: { "cloudian.connector.enabled": "true" },
      connector: { restarts: 1 },
      domains: { [domain(4)]: { name: "made-by-connector" } },
    });
    await stack.lab.patch("cloudian", { groups: { [domain(4)]: { groupName: "/made-by-connector/" } } });
    const refused = await stack.tryPreview(program({ cloudian: { onRemoval: "delete" } }));
    expect(refused.code).toBe(1);
    expect(errorsOf(refused).join("\n")).toContain(
      `CloudianTenancy cloud: onRemoval: "delete" is refused, because CloudStack's Cloudian connector is on.`,
    );
    const adopted = await stack.up(program({ cloudian: { adopt: true } }));
    const warnings = warningsOf(adopted);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^CloudianTenancy cloud: CloudStack's Cloudian connector is on\. When a domain is deleted /,
      ),
    );
    expect(warnings).toContain(`Cloudian group ${domain(4)} exists and is taken over.`);
    // It meets what is there, and then leaves it as it is.
    expect(await writes()).toEqual(["PUT /group"]);
  });

  test("destroy deactivates everybody and deletes nobody", async () => {
    const before = await live();
    await stack.destroy();
    const { groups, users, objectUsers } = await live();
    const ours = (id: string) => !/^(0|by|ns1\/by-hand)(\/|$)/.test(id);
    const inactive = (all: Record<string, object>) =>
      Object.fromEntries(Object.entries(all).map(([id, one]) => [id, ours(id) ? { ...one, active: "false" } : one]));
    expect(groups).toEqual(inactive(before.groups));
    expect(users).toEqual(inactive(before.users));
    const locked = Object.entries(objectUsers).filter(([id]) => ours(id));
    expect(locked.map(([, { locked }]) => locked)).toEqual(Array(6).fill(true));
    expect(Object.keys(objectUsers)).toEqual(Object.keys(before.objectUsers));
  });
});
