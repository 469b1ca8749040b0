import { describe, expect, test } from "vitest";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { differences, type Permission, permitAdoption } from "../../provider/core/adoption.ts";
import type { AnyHandler } from "../../provider/core/handler.ts";

const handler = userHandler as unknown as AnyHandler;
const DECLARED = {
  groupId: "blue",
  userId: "ada",
  userType: "User",
  fullName: "Ada",
  email: "",
  active: true,
  keyGeneration: 1,
  previousKeys: "keep",
  onDestroy: "delete",
  adopt: true,
};
const LIVE = {
  groupId: "blue",
  userId: "ada",
  userType: "User",
  fullName: "Ada",
  email: "",
  phone: "by others",
  active: true,
  keyGeneration: 1,
};
const NOBODY: Permission = { differing: false, identical: false, hide: [] };
const IDENTICAL: Permission = { differing: false, identical: true, hide: [] };
const ALL: Permission = { differing: true, identical: true, hide: [] };
const permitted = (state: object, more: object, may = ALL) =>
  permitAdoption(handler, "blue/ada", { state }, { ...DECLARED, ...more }, may);

describe("differences", () => {
  test("our own switches, the password and what is not declared do not count", () => {
    const declared = { ...DECLARED, password: "Canary-Passw0rd", previousKeys: "delete", onDestroy: "deactivate" };
    expect(differences(handler, { state: LIVE }, declared)).toEqual([]);
  });

  test("a value that nobody has changed since the creation is marked as such", () => {
    const state = { ...LIVE, fullName: "", active: false };
    expect(differences(handler, { state }, DECLARED)).toEqual([
      { property: "fullName", live: "", declared: "Ada", atDefault: true },
      { property: "active", live: false, declared: true, atDefault: false },
    ]);
  });
});

describe("permitAdoption", () => {
  test("identical and permitted: said all the same", () => {
    for (const may of [IDENTICAL, ALL])
      expect(permitted(LIVE, {}, may)).toBe("Cloudian user blue/ada exists and is taken over.");
  });

  test("what the program calls secret is in no text", () => {
    const state = { ...LIVE, fullName: "Canary-Live" };
    const more = { fullName: "Canary-Declared" };
    expect(permitted(state, more, { ...ALL, hide: ["fullName"] })).toBe(
      "Cloudian user blue/ada exists and is taken over. It will be changed: fullName from [secret] to [secret].",
    );
    expect(() => permitted(state, more, { ...NOBODY, hide: ["fullName"] })).toThrow(
      "  fullName: live [secret], declared [secret] (differs)",
    );
  });

  test("nothing permitted: the rows, and the ways on", () => {
    expect(() => permitted({ ...LIVE, fullName: "Eve" }, {}, NOBODY)).toThrow(
      `Cloudian user blue/ada exists already.
  groupId: live "blue", declared "blue" (equal)
  userId: live "ada", declared "ada" (equal)
  userType: live "User", declared "User" (equal)
  fullName: live "Eve", declared "Ada" (differs)
  email: live "", declared "" (equal)
  active: live true, declared true (equal)
  keyGeneration: live 1, declared 1 (equal)
Ways on: set adopt: true to take it over and change what differs; choose another userId; or delete the existing one.`,
    );
  });

  test("what differs is told before it is written, what nobody can compare as well", () => {
    expect(permitted({ ...LIVE, fullName: "Eve" }, { password: "Canary-Passw0rd" })).toBe(
      'Cloudian user blue/ada exists and is taken over. It will be changed: fullName from "Eve" to "Ada". Nobody can compare password; the declared value is written.',
    );
    expect(permitted({ ...LIVE, fullName: undefined }, {})).toBe(
      'Cloudian user blue/ada exists and is taken over. It will be changed: fullName from nothing to "Ada".',
    );
  });

  test("a difference in a fixed property is never permitted", () => {
    expect(() => permitted({ ...LIVE, userType: "GroupAdmin" }, {})).toThrow(
      'Cloudian user blue/ada exists and cannot become the declared one: userType from "GroupAdmin" to "User". That cannot be changed under the same name; declare what exists, or choose another name.',
    );
  });

  test("all that differs is told, and nothing that does not", () => {
    expect(permitted({ ...LIVE, fullName: "Eve", active: false }, {})).toBe(
      'Cloudian user blue/ada exists and is taken over. It will be changed: fullName from "Eve" to "Ada"; active from false to true.',
    );
    const live = { state: { ...LIVE, groupId: "red", userType: "GroupAdmin" } };
    expect(() => permitAdoption(handler, "blue/ada", live, DECLARED, ALL)).toThrow(
      'exists and cannot become the declared one: groupId from "red" to "blue"; userType from "GroupAdmin" to "User". That cannot',
    );
  });

  test("what nobody can compare is written where that can be, and else believed", () => {
    const unseen = ["fullName", "userType", "groupId", "phone"];
    expect(permitAdoption(handler, "blue/ada", { state: LIVE, unseen }, { ...DECLARED, password: "p" }, ALL)).toBe(
      "Cloudian user blue/ada exists and is taken over. Nobody can compare password, fullName; the declared value is written." +
        " Nobody can compare or change userType, groupId; it is taken to be as declared.",
    );
  });

  test("identical, and nobody permitted it: one variable for one run is the first way on", () => {
    expect(() => permitted(LIVE, {}, NOBODY)).toThrow(
      "Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it over; choose another userId; or delete the existing one.",
    );
    expect(() => permitted({ ...LIVE, fullName: "" }, {}, NOBODY)).toThrow("set CLOUDSTACK_STORAGE_ADOPT=identical");
  });

  test("what the live object does not have, nobody has changed", () => {
    expect(permitted({ ...LIVE, fullName: undefined }, {}, IDENTICAL)).toBe(
      'Cloudian user blue/ada exists and is taken over. It will be changed: fullName from nothing to "Ada".',
    );
  });

  test("a difference that somebody made is not identical", () => {
    expect(() => permitted({ ...LIVE, active: false }, {}, IDENTICAL)).toThrow(
      "active: live false, declared true (differs)",
    );
  });
});
