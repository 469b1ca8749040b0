import { describe, expect, test, vi } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";

const DEFAULTS = { groupId: "blue", onDestroy: "delete", forceDestroy: false, adopt: false };

/** Without settings, which a preview does not need. */
const check = async (news: object) => {
  vi.spyOn(console, "error").mockReturnValue();
  return await new Lifecycle(anyHandler(groupHandler), new Ledger()).check(
    {},
    { __provider: "text", groupId: "blue", ...news },
  );
};
const reasonsOf = async (news: object) => (await check(news)).failures?.map(({ reason }) => reason);

test("what a program leaves out: deleted with the resource, users stay, nothing taken over, the rest unmanaged", async () => {
  expect(await check({})).toEqual({ inputs: DEFAULTS, failures: [] });
});

test("what a program gives stays as it is given", async () => {
  const given = {
    groupName: "/ROOT/blue",
    active: false,
    ldap: {
      enabled: true,
      group: "cn=blue",
      serverUrl: "ldap://directory.example.test",
      userDnTemplate: "uid={userId}",
      search: "(uid={userId})",
      searchUserBase: "dc=example",
      matchAttribute: "mail",
    },
    s3Endpoints: { http: ["a.example"], https: ["b.example"], website: [] },
    limits: { storageKiB: { hard: 2, warning: 1 } },
    userLimits: { objectCount: { hard: 0 } },
    onDestroy: "deactivate",
    forceDestroy: true,
    adopt: true,
  };
  expect(await check(given)).toEqual({ inputs: { ...DEFAULTS, ...given }, failures: [] });
  expect(await check({ groupName: "" })).toEqual({ inputs: { ...DEFAULTS, groupName: "" }, failures: [] });
});

test("members of ldap that are empty are as good as absent", async () => {
  const ldap = { enabled: false, group: "", serverUrl: "", userDnTemplate: "", search: "", matchAttribute: "" };
  expect((await check({ ldap })).inputs).toEqual({ ...DEFAULTS, ldap: { enabled: false } });
});

test("endpoints are sets: neither order nor repetition counts", async () => {
  const s3Endpoints = { http: ["c", "a", "b", "a"], https: ["z", "y"], website: ["z", "z"] };
  expect((await check({ s3Endpoints })).inputs).toEqual({
    ...DEFAULTS,
    s3Endpoints: { http: ["a", "b", "c"], https: ["y", "z"], website: ["z"] },
  });
});

describe("refused before anything is sent", () => {
  test.each([
    ["blue/ada", "must not contain /, which separates group and user in ids"],
    [" ", "must not be blank"],
    ["ALL", 'must not be "0", "ALL" or "*", which HyperStore keeps for itself'],
    ["a".repeat(257), "must not be longer than 256 characters"],
  ])("the group id %j", async (groupId, reason) => {
    expect(await reasonsOf({ groupId })).toEqual([`groupId: ${reason}`]);
  });

  test("an endpoint without a name", async () => {
    const s3Endpoints = { http: ["a", ""], https: [""], website: ["", "a"] };
    expect(await reasonsOf({ s3Endpoints })).toEqual([
      "s3Endpoints.http.1: must not hold an empty text",
      "s3Endpoints.https.0: must not hold an empty text",
      "s3Endpoints.website.0: must not hold an empty text",
    ]);
  });

  test("members that nobody knows", async () => {
    expect(await reasonsOf({ ldap: { enabled: true, filter: "x" }, s3Endpoints: { htp: [] } })).toEqual([
      "ldap.filter: there is no such property; there are enabled, group, serverUrl, userDnTemplate, search, searchUserBase, matchAttribute",
      "s3Endpoints.htp: there is no such property; did you mean http?",
    ]);
  });

  test("a way to be destroyed that there is not", async () => {
    expect(await reasonsOf({ onDestroy: "keep" })).toEqual([
      'onDestroy: Invalid option: expected one of "delete"|"deactivate"',
    ]);
  });
});
