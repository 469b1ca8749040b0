import { describe, expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { blue, cloudianSystem, type GroupArgs, LDAP, LDAP_FIELDS, messageOf } from "./cloudian-system.ts";

const system = cloudianSystem();
const { client } = system;

const create = (more: Partial<GroupArgs> = {}) => groupHandler.create(client, blue(more), []);

test("a new group has no name, is active, has no directory, every endpoint and no limits", () => {
  const s3Endpoints = { http: ["a"], website: [] };
  expect(groupHandler.creationDefaults(blue({ s3Endpoints }))).toEqual({
    groupName: "",
    active: true,
    ldap: { enabled: false },
    s3Endpoints: { http: ["ALL"], website: ["ALL"] },
    limits: {},
    userLimits: {},
  });
  expect(groupHandler.creationDefaults(blue())).toMatchObject({ s3Endpoints: {} });
});

describe("the creation", () => {
  test("sends what is declared, every member of ldap with it", async () => {
    const declared = {
      groupName: "/ROOT/blue",
      active: false,
      ldap: LDAP,
      s3Endpoints: { http: ["a"], https: ["b"], website: ["c"] },
    };
    const { s3Endpoints: _unsure, ...made } = declared;
    expect(await create({ ...declared, limits: {}, userLimits: {} })).toEqual({ id: "blue", state: blue(made) });
    expect(system.sent).toEqual([
      [
        "PUT group",
        {
          groupId: "blue",
          groupName: "/ROOT/blue",
          active: "false",
          ...LDAP_FIELDS,
          s3endpointshttp: ["a"],
          s3endpointshttps: ["b"],
          s3websiteendpoints: ["c"],
        },
      ],
    ]);
  });

  test.each([
    [{ http: ["ALL"], https: ["ALL"], website: ["ALL"] }, true],
    [{ https: ["ALL"] }, true],
    [{}, true],
    [{ http: ["ALL"], website: ["a"] }, false],
    [{ http: ["ALL", "a"] }, false],
    [{ https: [] }, false],
  ])("has made the endpoints %j: %j; an older release drops all but every", async (s3Endpoints, isMade) => {
    const { state } = await create({ s3Endpoints });
    expect(state.s3Endpoints).toEqual(isMade ? s3Endpoints : undefined);
  });

  test("empties what ldap does not declare", async () => {
    await create({ ldap: { enabled: false } });
    expect(system.sent).toEqual([
      [
        "PUT group",
        {
          groupId: "blue",
          ldapEnabled: false,
          ldapGroup: "",
          ldapServerURL: "",
          ldapUserDNTemplate: "",
          ldapSearch: "",
          ldapSearchUserBase: "",
          ldapMatchAttribute: "",
        },
      ],
    ]);
  });

  test("meets a group of this id: the status may say so, or the group itself", async () => {
    system.next = { outcome: "exists" };
    expect(await messageOf(create())).toBe("Cloudian group blue exists already.");
    expect(system.sent).toHaveLength(1);
    system.next = { outcome: "rejected" };
    system.groups = { blue: {} };
    expect(await messageOf(create())).toBe("Cloudian group blue exists already.");
  });

  test("is refused without a group being there: the error says what the system said", async () => {
    system.next = { outcome: "rejected" };
    expect(await messageOf(create())).toBe(
      'Could not create Cloudian group blue: https://admin.example.test:19443 answered 409, "Not now.".',
    );
  });
});
