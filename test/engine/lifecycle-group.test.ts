import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, stepsOf, updatedPaths } from "../harness/stack-run.ts";
import {
  byHand,
  drift,
  first,
  fresh,
  limitsByHand,
  names,
  noDirectory,
  programOf,
  second,
  setByHand,
  third,
  unmanaged,
} from "./group-estate.ts";
import { limitsCall, unlimited } from "./limits-call.ts";

function listUsers(groupId: string): string {
  return `GET /user/list?groupId=${groupId}&limit=100&userStatus=all&userType=all`;
}

describe("Cloudian groups, each property alone", { shuffle: false }, () => {
  let stack: TestStack;
  const groups = async () => (await stack.lab.state()).cloudian.groups;
  const limits = async () => (await stack.lab.state()).cloudian.limits;

  beforeAll(async () => {
    stack = await TestStack.open("groups");
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("a preview of the creation sends nothing", async () => {
    const run = await stack.preview(programOf(first));
    expect(changesOf(run)).toEqual({ create: 9 });
    expect(run.calls).toEqual([]);
  });

  test("up makes each with one request, one for each set of limits, and a look at endpoints", async () => {
    const run = await stack.up(programOf(first));
    expect(run.calls.toSorted()).toEqual([
      "GET /group?groupId=endpoints",
      limitsCall("limited", "*", { hlStorageQuotaKBytes: 1000, wlStorageQuotaKBytes: 900, hlStorageQuotaCount: 5 }),
      limitsCall("user-limited", "ALL", { wlDataKBytesIn: 7 }),
      ...Array(8).fill("PUT /group"),
    ]);
    expect(await groups()).toMatchObject({
      named: { ...fresh, groupName: "/cust/" },
      active: fresh,
      ldap: {
        ...fresh,
        ...noDirectory,
        ldapEnabled: true,
        ldapGroup: "cn=cust",
        ldapServerURL: "ldaps://dc1.example.com",
        ldapSearch: "(uid={userId})",
      },
      endpoints: { ...fresh, s3endpointshttp: ["a", "b"] },
      limited: fresh,
      "user-limited": fresh,
      switched: fresh,
      "moving-1": { ...fresh, groupName: "stays" },
    });
  });

  test("what is declared stays declared: an unchanged up sends nothing", async () => {
    const run = await stack.up(programOf(first));
    expect(changesOf(run)).toEqual({ same: 9 });
    expect(run.calls).toEqual([]);
  });

  test("a change of one property leaves its neighbors alone on a server that replaces", async () => {
    await setByHand(stack, "moving-1");
    const run = await stack.up(programOf(second));
    expect(updatedPaths(run)).toEqual({
      named: ["groupName"],
      active: ["active"],
      ldap: ["ldap.group", "ldap.search", "ldap.serverUrl"],
      endpoints: ["s3Endpoints.http[0]", "s3Endpoints.http[1]"],
      limited: ["limits.objectCount.hard", "limits.requestsPerMinute", "limits.storageKiB"],
      "user-limited": ["userLimits.uploadKiBPerMinute"],
      switched: ["adopt", "forceDestroy", "onDestroy"],
    });
    expect(run.calls.toSorted()).toEqual([
      "DELETE /group?groupId=moving-1",
      "GET /group?groupId=active",
      "GET /group?groupId=endpoints",
      "GET /group?groupId=ldap",
      "GET /group?groupId=named",
      "GET /system/bucketusage?groupId=moving-1",
      listUsers("moving-1"),
      ...Array(4).fill("POST /group"),
      limitsCall("limited", "*", { hlStorageQuotaCount: 0, hlRequestRate: 60 }),
      limitsCall("user-limited", "ALL", {}),
      "PUT /group",
    ]);
    expect(await groups()).toMatchObject({
      named: { ...byHand, groupName: "" },
      active: { ...byHand, active: "false" },
      ldap: {
        ...byHand,
        ldapGroup: "cn=other",
        ldapServerURL: "",
        ldapUserDNTemplate: "",
        ldapSearch: "",
        ldapSearchUserBase: "",
        ldapMatchAttribute: "",
      },
      endpoints: { ...byHand, s3endpointshttp: ["c"] },
      limited: byHand,
      "user-limited": byHand,
      switched: byHand,
      "moving-2": { ...fresh, groupName: "stays" },
    });
    expect(await limits()).toEqual({
      "limited/*": { ...unlimited, hlStorageQuotaCount: 0, hlRequestRate: 60 },
      "limited/ALL": limitsByHand,
      "user-limited/ALL": unlimited,
      "user-limited/*": limitsByHand,
    });
  });

  test("another groupId makes the new group before it deletes the old one", async () => {
    const run = await stack.up(programOf({ ...second, moving: { groupId: "moving-3", groupName: "stays" } }));
    expect(run.calls).toEqual([
      "PUT /group",
      listUsers("moving-2"),
      "GET /system/bucketusage?groupId=moving-2",
      "DELETE /group?groupId=moving-2",
    ]);
    const steps = stepsOf(run).map(({ op }) => op);
    expect(steps).toEqual(["create-replacement", "replace", "delete-replaced"]);
    await stack.up(programOf(second));
    expect(Object.keys(await groups())).toEqual(expect.arrayContaining(["moving-2"]));
  });

  test("a change of one property leaves its neighbors alone on a server that merges", async () => {
    await stack.lab.patch("cloudian", { options: { updateMode: "merge" } });
    const run = await stack.up(programOf(third));
    expect(run.calls.toSorted()).toEqual([
      "GET /group?groupId=active",
      "GET /group?groupId=endpoints",
      "GET /group?groupId=ldap",
      "GET /group?groupId=named",
      ...Array(4).fill("POST /group"),
      limitsCall("limited", "*", {
        hlStorageQuotaKBytes: 1,
        wlStorageQuotaKBytes: 2,
        hlStorageQuotaCount: 3,
        wlStorageQuotaCount: 4,
        hlRequestRate: 5,
        wlRequestRate: 6,
        hlDataKBytesIn: 7,
        wlDataKBytesIn: 8,
        hlDataKBytesOut: 9,
        wlDataKBytesOut: 10,
      }),
      limitsCall("user-limited", "ALL", { hlDataKBytesOut: 11 }),
    ]);
    expect(await groups()).toMatchObject({
      named: { ...byHand, groupName: 'é "/" & ~' },
      active: { ...byHand, active: "true" },
      ldap: { ...byHand, ldapEnabled: false, ...noDirectory },
      endpoints: { ...byHand, s3endpointshttp: [], s3endpointshttps: ["h"], s3websiteendpoints: ["w"] },
      limited: byHand,
      "user-limited": byHand,
      switched: byHand,
    });
  });

  test("a property that the program no longer gives is left as it is, without a request", async () => {
    const before = await stack.lab.state();
    const run = await stack.up(programOf(unmanaged));
    expect(changesOf(run)).toEqual({ same: 1, update: 8 });
    expect(run.calls).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);
  });

  test("declared again as it is, a document is looked at and not written; limits are set without a look", async () => {
    const run = await stack.up(programOf(third));
    expect(run.calls.toSorted()).toEqual([
      "GET /group?groupId=active",
      "GET /group?groupId=endpoints",
      "GET /group?groupId=ldap",
      "GET /group?groupId=moving-2",
      "GET /group?groupId=named",
      expect.stringContaining("POST /qos/limits?groupId=limited&"),
      expect.stringContaining("POST /qos/limits?groupId=user-limited&"),
    ]);
  });

  test("the gate finds drift of every property, and nothing else", async () => {
    await drift(stack);
    const run = await stack.gate(programOf(third));
    expect(changesOf(run)).toEqual({ create: 1, same: 2, update: 6 });
    expect(updatedPaths(run)).toEqual({
      named: ["groupName"],
      active: ["active"],
      ldap: [
        "ldap.enabled",
        "ldap.group",
        "ldap.matchAttribute",
        "ldap.search",
        "ldap.searchUserBase",
        "ldap.serverUrl",
        "ldap.userDnTemplate",
      ],
      endpoints: ["s3Endpoints.http[0]", "s3Endpoints.https[0]", "s3Endpoints.website[0]"],
      limited: [
        "limits.downloadKiBPerMinute.hard",
        "limits.downloadKiBPerMinute.warning",
        "limits.objectCount.hard",
        "limits.objectCount.warning",
        "limits.requestsPerMinute.hard",
        "limits.requestsPerMinute.warning",
        "limits.storageKiB.hard",
        "limits.storageKiB.warning",
        "limits.uploadKiBPerMinute.hard",
        "limits.uploadKiBPerMinute.warning",
      ],
      "user-limited": ["userLimits.downloadKiBPerMinute", "userLimits.storageKiB"],
    });
    expect(stepsOf(run).filter(({ op }) => op === "create")).toMatchObject([{ name: "moving" }]);
    expect(run.calls.toSorted()).toEqual([
      ...names.map((name) => `GET /group?groupId=${name === "moving" ? "moving-2" : name}`).toSorted(),
      "GET /qos/limits?groupId=limited&userId=*",
      "GET /qos/limits?groupId=user-limited&userId=ALL",
    ]);
  });

  test("up --refresh repairs it and makes again what was deleted", async () => {
    const run = await stack.up(programOf(third), { refresh: true });
    expect(run.calls.filter((call) => !call.startsWith("GET ")).toSorted()).toEqual([
      ...Array(4).fill("POST /group"),
      expect.stringContaining("POST /qos/limits?groupId=limited&"),
      expect.stringContaining("POST /qos/limits?groupId=user-limited&"),
      "PUT /group",
    ]);
    expect(await groups()).toMatchObject({
      named: { groupName: 'é "/" & ~' },
      active: { active: "true" },
      ldap: { ldapEnabled: false, ...noDirectory },
      endpoints: { s3endpointshttp: [], s3endpointshttps: ["h"], s3websiteendpoints: ["w"] },
      "moving-2": { ...fresh, groupName: "stays" },
    });
    expect(await limits()).toMatchObject({
      "limited/*": { hlStorageQuotaKBytes: 1, wlDataKBytesOut: 10 },
      "user-limited/ALL": { ...unlimited, hlDataKBytesOut: 11 },
    });
    const gate = await stack.gate(programOf(third));
    expect(changesOf(gate)).toEqual({ same: 9 });
  });

  test("destroy deletes or deactivates; what is gone already is no error", async () => {
    await stack.lab.patch("cloudian", { groups: { named: null, switched: { active: "true" } } });
    const run = await stack.destroy();
    const deleted = ["active", "endpoints", "ldap", "limited", "moving-2", "user-limited"];
    const lookedAt = ["active", "endpoints", "ldap", "limited", "moving-2", "named", "user-limited"];
    expect(run.calls.toSorted()).toEqual([
      ...deleted.map((groupId) => `DELETE /group?groupId=${groupId}`),
      "GET /group?groupId=named",
      "GET /group?groupId=switched",
      ...lookedAt.map((groupId) => `GET /system/bucketusage?groupId=${groupId}`),
      ...lookedAt.map(listUsers),
      "POST /group",
    ]);
    const left = await groups();
    expect(Object.keys(left)).toEqual(["0", "switched"]);
    expect(left["switched"]).toEqual({ groupId: "switched", ...byHand });
  });
});
