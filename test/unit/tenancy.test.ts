import { describe, expect, test } from "vitest";
import type { Account, Domain } from "../../provider/cloudstack/shapes.ts";
import { connectorCaution, connectorObjection } from "../../provider/components/connector-caution.ts";
import { cloudianTenants, groupNameOf, membersOf } from "../../provider/components/tenancy.ts";

const ROOT: Domain = { id: "d-root", name: "ROOT", path: "/", level: 0, state: "Active" };
const BLUE: Domain = { id: "d-blue", name: "blue", path: "/blue/", parentId: "d-root", level: 1, state: "Active" };
const GOING: Domain = {
  id: "d-going",
  name: "going",
  path: "/going/",
  parentId: "d-root",
  level: 1,
  state: "Inactive",
};
const ADA: Account = {
  id: "a-ada",
  name: "ada",
  domainId: "d-blue",
  type: "user",
  state: "enabled",
  users: [
    { id: "u-1", username: "ada", firstName: "Ada", lastName: "King", email: "ada@example.test" },
    { id: "u-2", username: "byron", firstName: "Anne", lastName: "Byron", email: "byron@example.test" },
  ],
};
const ADMIN: Account = { ...ADA, id: "a-admin", name: "admin", domainId: "d-root", type: "rootAdmin" };

describe("cloudianTenants", () => {
  test("domains become groups, accounts become users of them, named after their first user", () => {
    expect(cloudianTenants([ROOT, BLUE], [ADA])).toEqual({
      groups: [
        { groupId: "d-root", groupName: "/" },
        { groupId: "d-blue", groupName: "/blue/" },
      ],
      users: [
        {
          groupId: "d-blue",
          userId: "a-ada",
          fullName: "Ada King (ada)",
          email: "ada@example.test",
          active: true,
        },
      ],
      administrators: [],
      members: { "d-root": "domain /", "d-blue": "domain /blue/", "a-ada": "account ada of /blue/" },
    });
  });

  test.each([
    { what: "no users", users: [], user: { fullName: "ada" } },
    {
      what: "a user without mail",
      users: [{ id: "u", username: "a", firstName: "Ada", lastName: "King" }],
      user: { fullName: "Ada King (ada)" },
    },
    {
      what: "a user without names, written as the connector would",
      users: [{ id: "u", username: "a", firstName: "", lastName: "", email: "" }],
      user: { fullName: "  (ada)", email: "" },
    },
  ])("an account with $what", ({ users, user }) => {
    const mapped = cloudianTenants([BLUE], [{ ...ADA, users }]);
    expect(mapped.users).toEqual([{ groupId: "d-blue", userId: "a-ada", active: true, ...user }]);
  });

  test.each([
    ["enabled", true],
    ["disabled", false],
    ["locked", false],
  ] as const)("the user of an account that is %s: active %s", (state, active) => {
    expect(cloudianTenants([BLUE], [{ ...ADA, state }]).users).toMatchObject([{ active }]);
  });

  test("a domain that is being deleted is a member with its accounts as long as it is listed", () => {
    const going = { ...ADA, id: "a-going", domainId: "d-going" };
    const mapped = cloudianTenants([ROOT, GOING], [going]);
    expect(mapped.groups).toEqual([
      { groupId: "d-root", groupName: "/" },
      { groupId: "d-going", groupName: "/going/" },
    ]);
    expect(mapped.users).toMatchObject([{ groupId: "d-going", userId: "a-going", active: true }]);
    expect(mapped.members).toEqual({
      "d-root": "domain /",
      "d-going": "domain /going/",
      "a-going": "account ada of /going/",
    });
  });

  test("admin of the root administrators is the CMC's administrator: no user, no member", () => {
    const { users, administrators, members } = cloudianTenants([ROOT, BLUE], [ADMIN, ADA]);
    expect(users.map(({ userId }) => userId)).toEqual(["a-ada"]);
    expect(administrators).toEqual(["a-admin"]);
    expect(Object.keys(members)).toEqual(["d-root", "d-blue", "a-ada"]);
  });

  test.each([
    { what: "a root administrator of another name", change: { name: "root2" } },
    { what: "an admin who is administrator of a domain", change: { type: "domainAdmin" as const } },
    { what: "an admin who is an ordinary user", change: { type: "user" as const } },
    { what: "an Admin of another spelling", change: { name: "Admin" } },
  ])("$what is an ordinary user", ({ change }) => {
    const mapped = cloudianTenants([ROOT], [{ ...ADMIN, ...change }]);
    expect(mapped.users.map(({ userId }) => userId)).toEqual(["a-admin"]);
    expect(mapped.administrators).toEqual([]);
  });

  test("accounts of unknown domains are an error that names ten of them", () => {
    const lost = (n: number): Account => ({ ...ADA, id: `a-${n}`, name: `lost${n}`, domainId: "d-unknown" });
    expect(() => cloudianTenants([ROOT], [lost(1), lost(2)])).toThrow(
      "The list of domains lacks those of the accounts lost1 (a-1), lost2 (a-2). Both lists have to be complete",
    );
    const twelve = Array.from({ length: 12 }, (_, index) => lost(index + 1));
    expect(() => cloudianTenants([ROOT], twelve)).toThrow(/lost9 \(a-9\), lost10 \(a-10\) and 2 more\. Both/);
  });

  test("what is listed twice is an error: the pages of a list moved while they were read", () => {
    expect(() => cloudianTenants([ROOT, BLUE, BLUE], [])).toThrow(
      "The lists of domains and accounts name blue (d-blue) more than once",
    );
    expect(() => cloudianTenants([BLUE], [ADA, ADA])).toThrow(/name ada \(a-ada\) more than once/);
  });
});

describe("groupNameOf", () => {
  // 64 characters stay, of more the last 63 do.
  test.each([
    ["/", "/"],
    ["/blue/team/", "/blue/team/"],
    [`/${"a".repeat(62)}/`, `/${"a".repeat(62)}/`],
    [`/${"a".repeat(63)}/`, `…${"a".repeat(62)}/`],
    [`/${"a".repeat(100)}/last/`, `…${"a".repeat(57)}/last/`],
    [`/${"😀".repeat(62)}/`, `/${"😀".repeat(62)}/`],
    [`/${"😀".repeat(63)}/`, `…${"😀".repeat(62)}/`],
  ])("%j is %j", (path, name) => {
    expect(groupNameOf(path)).toBe(name);
  });
});

describe("membersOf", () => {
  test("every account is a member, project accounts and administrators too", () => {
    expect(
      membersOf([ADMIN, ADA, { ...ADA, id: "a-project", name: "PrjAcct-x-1", type: "project", users: [] }]),
    ).toEqual({
      "a-admin": "account admin",
      "a-ada": "account ada",
      "a-project": "account PrjAcct-x-1",
    });
  });

  test("an account that is listed twice is an error", () => {
    expect(() => membersOf([ADA, ADA])).toThrow(/name ada \(a-ada\) more than once/);
  });
});

describe("the connector", () => {
  const wishes = [
    { onRemoval: "deactivate", deleteDespiteConnector: false },
    { onRemoval: "delete", deleteDespiteConnector: false },
    { onRemoval: "delete", deleteDespiteConnector: true },
  ] as const;

  test.each([
    { state: "off", refused: [false, false, false], warned: false },
    { state: "on", refused: [false, true, false], warned: true },
    { state: "unknown", refused: [false, true, false], warned: false },
  ] as const)("$state", ({ state, refused, warned }) => {
    expect(wishes.map((wish) => connectorObjection(state, wish) !== undefined)).toEqual(refused);
    expect(connectorCaution(state) !== undefined).toBe(warned);
  });

  test("the words", () => {
    expect(connectorObjection("on", wishes[1])).toMatch(
      /^onRemoval: "delete" is refused, because CloudStack's Cloudian connector is on\..* deleteDespiteConnector: true\.$/,
    );
    expect(connectorObjection("unknown", wishes[1])).toContain(
      "because nothing tells whether CloudStack's Cloudian connector is on (give the CloudStack settings)",
    );
    expect(connectorCaution("on")).toContain("it deletes all users of the domain's group");
  });
});
