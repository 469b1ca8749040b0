import { beforeEach, describe, expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { ada, blue, cloudianSystem, KEY, LIVE, messageOf } from "./cloudian-system.ts";

const system = cloudianSystem();
const connect = () => system.client;

const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
const systemEndpoint = "https://admin.example.test:19443";

let groups: Lifecycle;
let users: Lifecycle;
beforeEach(() => {
  groups = new Lifecycle(anyHandler({ ...groupHandler, connect }), new Ledger());
  users = new Lifecycle(anyHandler({ ...userHandler, connect }), new Ledger());
});

describe("a name that the program does not give", () => {
  test("of a group is its id", async () => {
    const { inputs } = await groups.check({}, { __defaultName: "g-1" });
    expect(inputs).toMatchObject({ groupId: "g-1" });
  });

  test("of a user is the id in its group", async () => {
    const { inputs } = await users.check({}, { __defaultName: "u-1", groupId: "blue" });
    expect(inputs).toMatchObject({ groupId: "blue", userId: "u-1" });
  });
});

describe("another resource is needed", () => {
  const __provider = "text";

  test("for another group id, and for nothing else of a group", async () => {
    const olds = { ...blue(), __provider, groupName: "a" };
    expect(await groups.diff("blue", olds, { ...olds, groupId: "red", groupName: "b" })).toEqual({
      replaces: ["groupId"],
    });
    expect(await groups.diff("blue", olds, { ...olds, groupName: "b" })).toEqual({ replaces: [] });
  });

  test("for another group or user id, and for nothing else of a user", async () => {
    const olds = { ...ada(), __provider };
    expect(await users.diff("blue/ada", olds, { ...olds, groupId: "red", userId: "eve", phone: "1" })).toEqual({
      replaces: ["groupId", "userId"],
    });
    expect(await users.diff("blue/ada", olds, { ...olds, phone: "1" })).toEqual({ replaces: [] });
  });
});

describe("a refresh keeps what no call returns", () => {
  test("of a group: how it is to be destroyed and taken over", async () => {
    system.groups = { blue: { groupId: "blue", active: "true" } };
    const recorded = { ...blue({ onDestroy: "deactivate", forceDestroy: true, adopt: true }) };
    expect(await groups.read("blue", { ...recorded })).toEqual({
      id: "blue",
      props: { ...recorded, systemEndpoint },
      inputs: recorded,
    });
  });

  test("of a user: that, what becomes of earlier keys, and the password; secrets are marked", async () => {
    system.users = { "blue/ada": LIVE };
    const recorded = { ...ada({ onDestroy: "deactivate", previousKeys: "delete", adopt: true }) };
    const inputs = { ...recorded, password: wrapped("Canary-Passw0rd") };
    expect(await users.read("blue/ada", { ...recorded, ...KEY, password: "Canary-Passw0rd" })).toEqual({
      id: "blue/ada",
      props: { ...inputs, ...KEY, secretAccessKey: wrapped("Canary-secret-1"), systemEndpoint },
      inputs,
    });
  });
});

test("two resources of one run for one group, or for one user, are told to take other ids", async () => {
  const twice = async (kind: Lifecycle, inputs: object) => {
    await kind.create({ ...inputs });
    return await messageOf(kind.create({ ...inputs }));
  };
  const rest = "is declared by another resource of this run as well; give one of them another";
  expect(await twice(groups, blue())).toBe(`Cloudian group blue ${rest} groupId.`);
  expect(await twice(users, ada())).toBe(`Cloudian user blue/ada ${rest} userId.`);
});
