import { beforeEach, expect, test } from "vitest";
import { openLab } from "./lab-stage.ts";

const { lab, control, call } = await openLab();

beforeEach(async () => {
  const b = { bucketName: "b", byteCount: 1024, objectCount: 3 };
  const c = { bucketName: "c", byteCount: 6, objectCount: 1 };
  await control.patch("cloudian", {
    options: { bucketStatistics: true },
    groups: { g: {}, empty: {} },
    users: { "g/u": {}, "g/v": {} },
    buckets: { "g/u": [b], "g/v": [c] },
  });
  const clock = { now: "2026-03-15T10:20:30Z", running: false };
  await fetch(`${lab.addresses.control}/clock`, { method: "POST", body: JSON.stringify(clock) });
});

test("the bytes of one bucket are a bare number", async () => {
  const target = "/system/bytecount?groupId=g&userId=u&bucketName=b";
  expect(await call("GET", target)).toMatchObject({ status: 200, text: "1024" });
  expect(await call("GET", "/system/bytecount?groupId=g&userId=u&bucketName=c")).toMatchObject({ status: 400 });
  expect(await call("GET", "/system/bytecount?groupId=x&userId=u&bucketName=b")).toMatchObject({ status: 400 });
  expect(await call("GET", "/system/bytecount?groupId=g&userId=u")).toMatchObject({ status: 400 });
  await control.patch("cloudian", { options: { bucketStatistics: false } });
  expect(await call("GET", target)).toMatchObject({ text: "0" });
});

test("a report has one row for now, all numbers as texts", async () => {
  const target = "/usage?id=g%7Cu&operation=SB&startTime=202603010000&endTime=202604010000&granularity=raw";
  expect((await call("GET", target)).json()).toEqual([
    {
      groupId: "g",
      userId: "u",
      region: "",
      operation: "SB",
      uri: "",
      ip: "",
      timestamp: "1773570030000",
      value: "1024",
      count: "1",
      maxValue: "1024",
      averageValue: "1024",
      whitelistValue: "0",
      whitelistCount: "0",
      whitelistMaxValue: "0",
      whitelistAverageValue: "0",
    },
  ]);
});

test.each([
  ["hour", "1773568800000"],
  ["day", "1773532800000"],
  ["month", "1772323200000"],
])("the row of granularity %s begins with it", async (granularity, timestamp) => {
  const target = `/usage?id=g%7C*&operation=SO&startTime=202603010000&endTime=202604010000&granularity=${granularity}`;
  expect((await call("GET", target)).json()).toMatchObject([{ userId: "*", operation: "SO", value: "4", timestamp }]);
});

test("a time that does not reach until now has no rows", async () => {
  const past = "/usage?id=g%7Cu&operation=SB&startTime=202601010000&endTime=202602010000&granularity=day";
  expect((await call("GET", past)).text).toBe("[]");
});

test("a group without users stores nothing", async () => {
  const target = "/usage?id=empty%7C*&operation=SB&startTime=202603010000&endTime=202604010000&granularity=day";
  expect((await call("GET", target)).json()).toMatchObject([{ value: "0" }]);
});

test.each([
  ["no user in the id", "id=g"],
  ["an unknown group", "id=x%7Cu"],
  ["an unknown user", "id=g%7Cx"],
  ["an unknown operation", "operation=XX"],
  ["an unknown granularity", "granularity=week"],
  ["a day in another form", "startTime=2026-03-01"],
  ["a month that does not exist", "endTime=202613010000"],
])("%s is 400", async (_, change) => {
  const [name = ""] = change.split("=");
  const query = new URLSearchParams({
    id: "g|u",
    operation: "SB",
    startTime: "202603010000",
    endTime: "202604010000",
    granularity: "raw",
  });
  query.delete(name);
  expect(await call("GET", `/usage?${query}&${change}`)).toMatchObject({ status: 400 });
  expect(await call("GET", `/usage?${query}`)).toMatchObject({ status: 400 });
});

test.each(["HG", "HP", "HD"])("requests are not counted: %s is 501, as are repair and billing", async (operation) => {
  const target = `/usage?id=g%7Cu&operation=${operation}&startTime=202603010000&endTime=202604010000&granularity=raw`;
  expect(await call("GET", target)).toMatchObject({ status: 501 });
  expect(await call("POST", "/usage/repair/bucket?bucket=b")).toMatchObject({ status: 501 });
  expect(await call("GET", "/billing?groupId=g&billingPeriod=202603")).toMatchObject({ status: 501 });
});
