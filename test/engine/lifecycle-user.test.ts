import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, shownOf, stepsOf, updatedPaths } from "../harness/stack-run.ts";
import { limitsCall, unlimited } from "./limits-call.ts";
import {
  byHand,
  drift,
  first,
  fresh,
  limitsByHand,
  names,
  programOf,
  second,
  setByHand,
  third,
  unmanaged,
} from "./user-estate.ts";

const user = (userId: string) => `groupId=home&userId=${userId}`;
const read = (userId: string) => `GET /user?${user(userId)}`;
const listKeys = (userId: string) => `GET /user/credentials/list?groupId=home&isRootAccountOnly=true&userId=${userId}`;
const listBuckets = (userId: string) => `GET /system/bucketusage?${user(userId)}`;
const setPassword = (userId: string) => `POST /user/password?groupId=home&password=[secret]&userId=${userId}`;
const liveIds = (names: readonly string[]) => names.map((name) => (name === "moving" ? "moving-2" : name));

describe("Cloudian users, each property alone", { shuffle: false }, () => {
  let stack: TestStack;
  const live = async () => (await stack.lab.state()).cloudian;
  const users = async () =>
    Object.fromEntries(Object.entries((await live()).users).map(([id, fields]) => [id.replace("home/", ""), fields]));
  const keysOf = async (userId: string) =>
    Object.values((await live()).credentials)
      .filter((key) => key["userId"] === userId)
      .toSorted((a, b) => Number(a["createDate"]) - Number(b["createDate"]));
  const onlyKeyOf = async (userId: string) => {
    const [key, ...more] = await keysOf(userId);
    if (!key || more.length > 0) throw new Error(`${userId} has not one key`);
    return key;
  };
  let lost: Record<string, unknown> = {};
  let off: Record<string, unknown> = {};

  beforeAll(async () => {
    stack = await TestStack.open("users");
    await stack.lab.patch("cloudian", { groups: { home: {} } });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("a preview of the creation sends nothing", async () => {
    const run = await stack.preview(programOf(first));
    expect(changesOf(run)).toEqual({ create: 14 });
    expect(run.calls).toEqual([]);
  });

  test("up makes each with two requests, and one for limits and one for a password", async () => {
    const run = await stack.up(programOf(first));
    expect(run.calls.toSorted()).toEqual([
      ...names.map((name) => listKeys(name === "moving" ? "moving-1" : name)).toSorted(),
      limitsCall("home", "limited", { hlStorageQuotaKBytes: 1000, wlStorageQuotaKBytes: 900 }),
      setPassword("password"),
      ...Array(13).fill("PUT /user"),
    ]);
    expect(await users()).toMatchObject({
      admin: { ...fresh, userType: "GroupAdmin", fullName: "Ada Admin (aadmin)" },
      mail: { ...fresh, emailAddr: "a@example.com" },
      address: { ...fresh, address1: "1 Main St", city: "Reno" },
      phone: { ...fresh, phone: "+1 555 0100" },
      website: { ...fresh, website: "https://example.com/?a=b" },
      active: fresh,
      limited: fresh,
      password: fresh,
      switched: fresh,
      "moving-1": { ...fresh, fullName: "Stays" },
    });
    expect((await live()).passwords).toEqual({ "home/password": "First-Pass-1" });
    expect(shownOf(run, ["First-Pass-1"])).toEqual([]);
  });

  test("what is declared stays declared: an unchanged up sends nothing", async () => {
    const run = await stack.up(programOf(first));
    expect(changesOf(run)).toEqual({ same: 14 });
    expect(run.calls).toEqual([]);
  });

  test("a change of one property leaves its neighbors alone on a server that replaces", async () => {
    await setByHand(stack);
    const before = await live();
    const run = await stack.up(programOf(second));
    expect(updatedPaths(run)).toEqual({
      admin: ["fullName"],
      mail: ["email"],
      address: ["address.city", "address.country", "address.line1"],
      phone: ["phone"],
      website: ["website"],
      active: ["active"],
      limited: ["limits.objectCount", "limits.storageKiB"],
      password: ["password"],
      switched: ["adopt", "onDestroy", "previousKeys"],
      rotated: ["keyGeneration"],
    });
    const documents = ["active", "address", "admin", "mail", "phone", "website"];
    expect(run.calls.toSorted()).toEqual(
      [
        `DELETE /user?${user("moving-1")}`,
        listBuckets("moving-1"),
        ...documents.map(read),
        listKeys("moving-2"),
        listKeys("rotated"),
        limitsCall("home", "limited", { wlStorageQuotaCount: 0 }),
        ...Array(6).fill("POST /user"),
        setPassword("password"),
        "PUT /user",
        `PUT /user/credentials?${user("rotated")}`,
      ].toSorted(),
    );
    expect(await users()).toMatchObject({
      admin: { ...byHand, userType: "GroupAdmin", fullName: "Åsa & Co" },
      mail: { ...byHand, userType: "User", emailAddr: "" },
      address: { ...byHand, address1: "1 Main St", city: "Elko", country: "US" },
      phone: { ...byHand, phone: "2" },
      website: { ...byHand, website: "3" },
      active: { ...byHand, active: "false" },
      limited: byHand,
      password: byHand,
      switched: byHand,
      rotated: byHand,
    });
    const after = await live();
    expect(after.limits).toEqual({
      "home/limited": { ...unlimited, wlStorageQuotaCount: 0 },
      "home/mail": limitsByHand,
    });
    expect(after.passwords).toEqual({ "home/password": "Second+Pass/2 &", "home/mail": "By-Hand-123" });
    const kept = Object.entries(before.credentials).filter(([, key]) => key["userId"] !== "moving-1");
    expect(after.credentials).toMatchObject(Object.fromEntries(kept));
    for (const [id, { canonicalUserId }] of Object.entries(before.users))
      if (id !== "home/moving-1") expect(after.users[id]).toMatchObject({ canonicalUserId });
  });

  test("another id makes the new user before it deletes the old one", async () => {
    await stack.lab.patch("cloudian", { groups: { other: {} } });
    const run = await stack.up(programOf({ ...second, moving: { ...second.moving, groupId: "other" } }));
    expect(run.calls).toEqual([
      "PUT /user",
      "GET /user/credentials/list?groupId=other&isRootAccountOnly=true&userId=moving-2",
      listBuckets("moving-2"),
      `DELETE /user?${user("moving-2")}`,
    ]);
    expect(stepsOf(run).map(({ op }) => op)).toEqual(["create-replacement", "replace", "delete-replaced"]);
    expect((await live()).users).toHaveProperty(["other/moving-2"]);
    await stack.up(programOf(second));
  });

  test("a change of one property leaves its neighbors alone on a server that merges", async () => {
    await stack.lab.patch("cloudian", { options: { updateMode: "merge" } });
    const [one, two] = await keysOf("rotated");
    const run = await stack.up(programOf(third));
    const documents = ["active", "address", "admin", "mail", "phone", "website"];
    expect(run.calls.toSorted()).toEqual(
      [
        `DELETE /user/credentials?accessKey=${two?.["accessKey"]}`,
        ...documents.map(read),
        listKeys("rotated"),
        limitsCall("home", "limited", { hlRequestRate: 60, hlDataKBytesIn: 1, wlDataKBytesIn: 1 }),
        ...Array(6).fill("POST /user"),
        setPassword("password"),
        `PUT /user/credentials?${user("rotated")}`,
      ].toSorted(),
    );
    expect(await users()).toMatchObject({
      admin: { ...byHand, userType: "GroupAdmin", fullName: "" },
      mail: { ...byHand, emailAddr: "b@example.com" },
      address: {
        ...byHand,
        ...{ address1: "l1", address2: "l2", city: "c", state: "s", zip: "z", country: "y" },
      },
      phone: { ...byHand, phone: "" },
      website: { ...byHand, website: "" },
      active: { ...byHand, active: "true" },
    });
    const keys = await keysOf("rotated");
    expect(keys).toHaveLength(2);
    expect(keys).toContainEqual(one);
    expect(keys).not.toContainEqual(two);
  });

  test("a property that the program no longer gives is left as it is, without a request", async () => {
    const before = await stack.lab.state();
    const run = await stack.up(programOf(unmanaged));
    expect(changesOf(run)).toEqual({ same: 5, update: 9 });
    expect(run.calls).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);
  });

  test("the gate finds drift of every property that can be read, and nothing else", async () => {
    await stack.up(programOf(third));
    lost = await onlyKeyOf("lost-key");
    off = await onlyKeyOf("off-key");
    await drift(stack, String(lost["accessKey"]), String(off["accessKey"]));
    const run = await stack.gate(programOf(third));
    expect(changesOf(run)).toEqual({ create: 1, same: 4, update: 9 });
    expect(updatedPaths(run)).toEqual({
      admin: ["fullName"],
      mail: ["email"],
      address: ["address.city", "address.country", "address.line1", "address.line2", "address.state", "address.zip"],
      phone: ["phone"],
      website: ["website"],
      active: ["active"],
      limited: ["limits.requestsPerMinute.hard", "limits.uploadKiBPerMinute.warning"],
      "lost-key": ["keyGeneration"],
      "off-key": ["keyGeneration"],
    });
    expect(run.calls.toSorted()).toEqual(
      [
        ...liveIds(names).map(read),
        ...names.filter((name) => name !== "moving").map(listKeys),
        `GET /qos/limits?${user("limited")}`,
      ].toSorted(),
    );
  });

  test("up --refresh repairs it, keys as the same pair, and makes again what was deleted", async () => {
    const run = await stack.up(programOf(third), { refresh: true });
    expect(run.calls.filter((call) => !call.startsWith("GET ")).toSorted()).toEqual(
      [
        ...Array(6).fill("POST /user"),
        `POST /user/credentials/status?accessKey=${off["accessKey"]}&isActive=true`,
        `POST /user/credentials?accessKey=${lost["accessKey"]}&groupId=home&secretKey=[secret]&userId=lost-key`,
        limitsCall("home", "limited", { hlRequestRate: 60, hlDataKBytesIn: 1, wlDataKBytesIn: 1 }),
        "PUT /user",
      ].toSorted(),
    );
    expect(await users()).toMatchObject({
      admin: { fullName: "" },
      mail: { emailAddr: "b@example.com" },
      address: { address1: "l1", address2: "l2", city: "c", state: "s", zip: "z", country: "y" },
      active: { active: "true" },
      "moving-2": { ...fresh, fullName: "Stays" },
    });
    expect(await onlyKeyOf("lost-key")).toMatchObject({ ...lost, createDate: expect.any(Number) });
    expect(await onlyKeyOf("off-key")).toEqual(off);
    const gate = await stack.gate(programOf(third));
    expect(changesOf(gate)).toEqual({ same: 14 });
  });

  test("destroy deletes or deactivates; what is gone already is no error", async () => {
    await stack.lab.patch("cloudian", { users: { "home/mail": null, "home/switched": { active: "true" } } });
    const run = await stack.destroy();
    const declared = liveIds(names).filter((name) => name !== "switched");
    expect(run.calls.toSorted()).toEqual(
      [
        ...declared.filter((name) => name !== "mail").map((name) => `DELETE /user?${user(name)}`),
        ...declared.map(listBuckets),
        read("mail"),
        read("switched"),
        "POST /user",
      ].toSorted(),
    );
    const left = await users();
    expect(Object.keys(left).toSorted()).toEqual(["0/admin", "switched"]);
    expect(left["switched"]).toMatchObject({ ...byHand, fullName: "not managed" });
  });
});
