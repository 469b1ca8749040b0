import { describe, expect, test, vi } from "vitest";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";

const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

const DEFAULTS = {
  groupId: "blue",
  userId: "ada",
  userType: "User",
  keyGeneration: 1,
  previousKeys: "keep",
  onDestroy: "delete",
  adopt: false,
};

/** Without settings, which a preview does not need. */
const check = async (news: object, olds: object = {}) => {
  vi.spyOn(console, "error").mockReturnValue();
  return await new Lifecycle(anyHandler(userHandler), new Ledger()).check(
    { ...olds },
    { __provider: "text", groupId: "blue", userId: "ada", ...news },
  );
};
const reasonsOf = async (news: object, olds: object = {}) =>
  (await check(news, olds)).failures?.map(({ reason }) => reason);

test("what a program leaves out: no administrator, one key pair, deleted with the resource, nothing taken over", async () => {
  expect(await check({})).toEqual({ inputs: DEFAULTS, failures: [] });
});

test("what a program gives stays as it is given, and the password is kept as a secret", async () => {
  const given = {
    userType: "GroupAdmin",
    fullName: "Ada",
    email: "ada@example.test",
    address: { line1: "1 Road", line2: "Yard", city: "York", state: "Yorkshire", zip: "1", country: "UK" },
    phone: "1",
    website: "w",
    active: false,
    limits: { storageKiB: { hard: 2 } },
    keyGeneration: 2,
    previousKeys: "delete",
    onDestroy: "deactivate",
    adopt: true,
  };
  expect(await check({ ...given, password: "Canary-Passw0rd" })).toEqual({
    inputs: { ...DEFAULTS, ...given, password: wrapped("Canary-Passw0rd") },
    failures: [],
  });
});

test("a text that is given as empty is managed, and not the same as none", async () => {
  const given = { fullName: "", email: "", phone: "", website: "", address: { line1: "", zip: "" } };
  expect(await check(given)).toEqual({ inputs: { ...DEFAULTS, ...given }, failures: [] });
});

describe("a password", () => {
  const rule = "password: must hold at least three of: lower case, upper case, digit, special character";

  test.each(["abcdefgH1", "abcdefg-1", "ABCDEFG-1", "abcdEFGH-", "aB1-".repeat(16), "äöüäöüaB1"])(
    "%j is long enough and of enough kinds of characters",
    async (password) => {
      expect(await reasonsOf({ password })).toEqual([]);
    },
  );

  test.each(["abcdefghi", "ABCDEFGHI", "123456789", "---------", "abcdefgh1", "ABCDEFGH1", "abcdefgh-", "1234567-8"])(
    "%j is of too few kinds of characters",
    async (password) => {
      expect(await reasonsOf({ password })).toEqual([rule]);
    },
  );

  test.each(["aB1-aB1-", `${"aB1-".repeat(16)}x`])("%j is too short or too long", async (password) => {
    expect(await reasonsOf({ password })).toEqual(["password: must have 9 to 64 characters"]);
  });
});

describe("refused before anything is sent", () => {
  test("a group id that would read as one of a group and a user; a user id may have such a character", async () => {
    expect(await reasonsOf({ groupId: "blue/red" })).toEqual([
      "groupId: must not contain /, which separates group and user in ids",
    ]);
    expect(await reasonsOf({ userId: "ada/eve" })).toEqual([]);
  });

  test("ids that HyperStore keeps for itself", async () => {
    const reason = 'must not be "0", "ALL" or "*", which HyperStore keeps for itself';
    expect(await reasonsOf({ groupId: "0", userId: "*" })).toEqual([`groupId: ${reason}`, `userId: ${reason}`]);
  });

  test("choices that there are not", async () => {
    expect(await reasonsOf({ userType: "Root", previousKeys: "hide", onDestroy: "keep" })).toEqual([
      'userType: Invalid option: expected one of "User"|"GroupAdmin"',
      'previousKeys: Invalid option: expected one of "keep"|"delete"',
      'onDestroy: Invalid option: expected one of "delete"|"deactivate"',
    ]);
  });

  test("a member of the address that nobody knows", async () => {
    expect(await reasonsOf({ address: { street: "x" } })).toEqual([
      "address.street: there is no such property; there are line1, line2, city, state, zip, country",
    ]);
  });

  test("a key generation that is lower than before", async () => {
    expect(await reasonsOf({ keyGeneration: 2 }, { ...DEFAULTS, keyGeneration: 3 })).toEqual([
      "keyGeneration: can only be raised; it is 3 and was to become 2",
    ]);
    expect(await reasonsOf({ keyGeneration: 0 })).toEqual(["keyGeneration: must be a whole number from 1"]);
  });

  test("another type under the same ids", async () => {
    expect(await reasonsOf({ userType: "GroupAdmin" }, DEFAULTS)).toEqual([
      'userType: cannot be changed from "User" to "GroupAdmin" under the same groupId and userId: a replacement of the same ' +
        'name would delete the live object. Declare "User", or give the new object another userId',
    ]);
    expect(await reasonsOf({ userType: "GroupAdmin", userId: "eve" }, DEFAULTS)).toEqual([]);
    expect(await reasonsOf({ userType: "GroupAdmin", groupId: "red" }, DEFAULTS)).toEqual([]);
  });
});
