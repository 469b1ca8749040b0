import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OwnedBuckets } from "../../provider/ecs/owned-buckets.ts";

type List = Record<string, string>;

let lists: string[];
let live: Record<string, List>;
let failures: number;
let owned: OwnedBuckets;

beforeEach(() => {
  lists = [];
  live = { ns1: { "b-1": "ada", "b-2": "bob", "b-3": "ada" }, ns2: { "b-1": "bob" } };
  failures = 0;
  owned = new OwnedBuckets(async (namespace) => {
    lists.push(namespace);
    if (failures > 0) {
      failures -= 1;
      throw new Error("no list");
    }
    return new Map(Object.entries(live[namespace] ?? {}));
  });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a user without buckets is known by one list, a user with buckets by a second look", async () => {
  expect(await owned.of("ns1", "eve")).toEqual([]);
  expect(lists).toEqual(["ns1"]);
  expect(await owned.of("ns1", "ada")).toEqual(["b-1", "b-3"]);
  expect(lists).toEqual(["ns1", "ns1"]);
});

test("one list serves all users that are deleted at once", async () => {
  const names = ["u-1", "u-2", "u-3", "u-4"];
  expect(await Promise.all(names.map((name) => owned.of("ns1", name)))).toEqual([[], [], [], []]);
  expect(lists).toEqual(["ns1"]);
});

test("namespaces have lists of their own", async () => {
  expect(await owned.of("ns2", "ada")).toEqual([]);
  expect(await owned.of("ns1", "eve")).toEqual([]);
  expect(lists).toEqual(["ns2", "ns1"]);
});

test("a bucket that somebody else has deleted since does not keep its owner", async () => {
  expect(await owned.of("ns1", "eve")).toEqual([]);
  live["ns1"] = {};
  expect(await owned.of("ns1", "ada")).toEqual([]);
  expect(lists).toHaveLength(2);
});

test("what this process does to buckets is entered in its list", async () => {
  expect(await owned.of("ns1", "eve")).toEqual([]);
  owned.noteDeleted("ns1", "b-1");
  owned.noteDeleted("ns1", "b-3");
  live["ns1"] = { "b-2": "eve" };
  owned.noteOwner("ns1", "b-2", "eve");
  expect(await owned.of("ns1", "ada")).toEqual([]);
  expect(lists).toHaveLength(1);
  expect(await owned.of("ns1", "eve")).toEqual(["b-2"]);
  expect(lists).toHaveLength(2);
});

test("what is noted while the list is on its way is entered in it as well", async () => {
  const first = owned.of("ns1", "eve");
  owned.noteDeleted("ns1", "b-2");
  expect(await first).toEqual([]);
  expect(await owned.of("ns1", "bob")).toEqual([]);
  expect(lists).toHaveLength(1);
});

test("a note without a list is no list", async () => {
  owned.noteOwner("ns1", "b-9", "eve");
  owned.noteDeleted("ns1", "b-1");
  expect(lists).toEqual([]);
  expect(await owned.of("ns1", "ada")).toEqual(["b-1", "b-3"]);
});

test("a list is good for five seconds: deletions that start together share it", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  expect(await owned.of("ns1", "eve")).toEqual([]);
  vi.advanceTimersByTime(4900);
  expect(await owned.of("ns1", "eve")).toEqual([]);
  expect(lists).toHaveLength(1);
  live["ns1"] = { "b-9": "eve" };
  vi.advanceTimersByTime(200);
  expect(await owned.of("ns1", "eve")).toEqual(["b-9"]);
});

test("a list that failed is an error for all who waited, and is asked for anew by the next", async () => {
  failures = 1;
  const both = await Promise.allSettled([owned.of("ns1", "eve"), owned.of("ns1", "ada")]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(lists).toHaveLength(1);
  expect(await owned.of("ns1", "eve")).toEqual([]);
  expect(lists).toHaveLength(2);
});

test("a note about a list that failed is nobody's unhandled error", async () => {
  failures = 1;
  const failing = owned.of("ns1", "eve");
  owned.noteDeleted("ns1", "b-1");
  owned.noteOwner("ns1", "b-1", "bob");
  await expect(failing).rejects.toThrow("no list");
});

test.each(["ADA", "Ada"])(
  "%s may be ada to an array that stores names in lower case, so that doubt refuses",
  async (name) => {
    expect(await owned.of("ns1", name)).toEqual(["b-1", "b-3"]);
  },
);
