import { expect, test } from "vitest";
import { openLab } from "./lab-stage.ts";

const { control, call } = await openLab();

const defaults = {
  groupId: "g",
  groupName: "",
  active: "true",
  ldapEnabled: false,
  ldapGroup: null,
  ldapServerURL: null,
  ldapUserDNTemplate: null,
  ldapSearch: null,
  ldapSearchUserBase: null,
  ldapMatchAttribute: null,
  s3endpointshttp: ["ALL"],
  s3endpointshttps: ["ALL"],
  s3websiteendpoints: ["ALL"],
};

test("creating answers 200 without a body, and the defaults are filled in", async () => {
  expect(await call("PUT", "/group", { groupId: "g" })).toMatchObject({ status: 200, text: "" });
  expect((await call("GET", "/group?groupId=g")).json()).toEqual(defaults);
});

test("creating what exists is 409, or 400", async () => {
  await call("PUT", "/group", { groupId: "g", groupName: "first" });
  expect(await call("PUT", "/group", { groupId: "g", groupName: "second" })).toMatchObject({ status: 409 });
  await control.patch("cloudian", { options: { existingGroupStatus: 400 } });
  expect(await call("PUT", "/group", { groupId: "g" })).toMatchObject({ status: 400 });
  expect((await call("GET", "/group?groupId=g")).json()).toMatchObject({ groupName: "first" });
});

test("a missing, empty or reserved id is 400", async () => {
  for (const body of [{}, { groupId: "" }, { groupId: 7 }, { groupId: "ALL" }, { groupId: "*" }, { groupId: "a/b" }]) {
    expect(await call("PUT", "/group", body)).toMatchObject({ status: 400 });
  }
});

test("a field of the wrong kind is 400, null is the default, an unknown field is ignored", async () => {
  for (const field of [{ groupName: 1 }, { active: "yes" }, { ldapEnabled: "on" }, { s3endpointshttp: "ALL" }]) {
    expect(await call("PUT", "/group", { groupId: "g", ...field })).toMatchObject({ status: 400 });
  }
  await call("PUT", "/group", { groupId: "g", groupName: null, s3endpointshttp: null, color: "red" });
  expect((await call("GET", "/group?groupId=g")).json()).toEqual(defaults);
});

test.each([
  [true, "true"],
  [false, "false"],
  ["true", "true"],
  ["True", "true"],
  ["False", "false"],
])("active %j is answered as %j", async (sent, answered) => {
  await call("PUT", "/group", { groupId: "g", active: sent });
  expect((await call("GET", "/group?groupId=g")).json()).toMatchObject({ active: answered });
});

test("reading an absent group is 204 without a body, reading none is 400", async () => {
  expect(await call("GET", "/group?groupId=g")).toMatchObject({ status: 204, text: "" });
  expect(await call("GET", "/group")).toMatchObject({ status: 400 });
  expect(await call("GET", "/group?groupId=")).toMatchObject({ status: 400 });
});

test("the list is 200 with a zero-length body, or an array", async () => {
  expect(await call("GET", "/group/list")).toMatchObject({ status: 200, text: "" });
  await call("PUT", "/group", { groupId: "g" });
  expect((await call("GET", "/group/list")).json()).toEqual([defaults]);
});

test("a name over 64 characters is 400, or as long as configured", async () => {
  expect(await call("PUT", "/group", { groupId: "g", groupName: "x".repeat(65) })).toMatchObject({ status: 400 });
  expect(await call("PUT", "/group", { groupId: "g", groupName: "x".repeat(64) })).toMatchObject({ status: 200 });
  expect(await call("POST", "/group", { groupId: "g", groupName: "x".repeat(65) })).toMatchObject({ status: 400 });
  await control.patch("cloudian", { options: { maxGroupNameLength: 0 } });
  expect(await call("POST", "/group", { groupId: "g", groupName: "x".repeat(500) })).toMatchObject({ status: 200 });
});

test("updating resets what is not named, and with the other mode keeps it", async () => {
  const full = { groupId: "g", groupName: "n", active: false, ldapGroup: "l", s3endpointshttp: ["a"] };
  await call("PUT", "/group", full);
  expect(await call("POST", "/group", { groupId: "g", ldapSearch: "s" })).toMatchObject({ status: 200, text: "" });
  expect((await call("GET", "/group?groupId=g")).json()).toEqual({ ...defaults, ldapSearch: "s" });
  await control.patch("cloudian", { options: { updateMode: "merge" } });
  await call("POST", "/group", full);
  await call("POST", "/group", { groupId: "g", ldapGroup: null });
  expect((await call("GET", "/group?groupId=g")).json()).toEqual({
    ...defaults,
    groupName: "n",
    active: "false",
    ldapSearch: "s",
    s3endpointshttp: ["a"],
  });
});

test("updating an absent group is 400", async () => {
  expect(await call("POST", "/group", { groupId: "g" })).toMatchObject({ status: 400 });
});

test("deleting answers 200 without a body; an absent group is 400", async () => {
  await call("PUT", "/group", { groupId: "g" });
  expect(await call("DELETE", "/group?groupId=g")).toMatchObject({ status: 200, text: "" });
  expect(await call("DELETE", "/group?groupId=g")).toMatchObject({ status: 400 });
  expect(await call("DELETE", "/group")).toMatchObject({ status: 400 });
});

test("deleting a group with users is 409, or 400", async () => {
  await call("PUT", "/group", { groupId: "g" });
  await call("PUT", "/user", { groupId: "g", userId: "u", userType: "User" });
  expect(await call("DELETE", "/group?groupId=g")).toMatchObject({ status: 409 });
  await control.patch("cloudian", { options: { groupWithUsersStatus: 400 } });
  expect(await call("DELETE", "/group?groupId=g")).toMatchObject({ status: 400 });
  expect(await call("GET", "/user?groupId=g&userId=u")).toMatchObject({ status: 200 });
});

test("the administrators' group is there from the start and stays", async () => {
  expect(await call("GET", "/group?groupId=0")).toMatchObject({ status: 200 });
  expect(await call("DELETE", "/group?groupId=0")).toMatchObject({ status: 400 });
  await control.patch("cloudian", { users: { "0/admin": null } });
  expect(await call("DELETE", "/group?groupId=0")).toMatchObject({ status: 400 });
});

test("an old release has no endpoint arrays", async () => {
  await call("PUT", "/group", { groupId: "g" });
  await control.patch("cloudian", { options: { endpointArrays: false } });
  const { s3endpointshttp: _, s3endpointshttps: __, s3websiteendpoints: ___, ...old } = defaults;
  expect((await call("GET", "/group?groupId=g")).json()).toEqual(old);
  expect((await call("GET", "/group/list")).json()).toEqual([old]);
});

test("the limits of a deleted group do not come back with its name", async () => {
  await call("PUT", "/group", { groupId: "g" });
  await control.patch("cloudian", {
    limits: { "g/*": { hlRequestRate: 1 }, "g/ALL": { hlRequestRate: 2 }, "g/ALL?region=eu": { hlRequestRate: 3 } },
  });
  await call("DELETE", "/group?groupId=g");
  expect((await control.state()).cloudian.limits).toEqual({});
});
