import { describe, expect, test } from "vitest";
import { stagingStage } from "./cloudstack-staging-stage.ts";

const stage = stagingStage();

const check = (news: object = {}, olds: object = {}) => stage.another().check({ ...olds }, stage.inputs({ ...news }));
const reasonsOf = async (news: object, olds: object = {}) =>
  (await check(news, olds)).failures?.map(({ property, reason }) => `${property}${reason}`);

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("what a program leaves out: nothing is taken over", async () => {
  const { adopt: _default, ...least } = stage.inputs();
  expect(await stage.kind.check({}, least)).toEqual({
    inputs: { zoneId: "z1", server: "nfs.example.test", path: "/export/a", adopt: false },
    failures: [],
  });
});

describe("one spelling", () => {
  test.each([
    ["server", "NFS.Example.TEST", "nfs.example.test"],
    ["server", "[2001:DB8::7]", "[2001:db8::7]"],
    ["server", "192.0.2.7", "192.0.2.7"],
    ["path", "/export/a/", "/export/a"],
    ["path", "/export/a///", "/export/a"],
    ["path", "/Export//A", "/Export//A"],
    ["path", "/e", "/e"],
    ["path", "/é", "/é"],
    ["zoneId", "Z1", "Z1"],
  ])("of %s: %j is %j", async (property, given, canonical) => {
    expect((await check({ [property]: given })).inputs).toMatchObject({ [property]: canonical });
  });

  test("makes no difference to what is recorded", async () => {
    const news = stage.inputs({ server: "NFS.example.test", path: "/export/a/" });
    expect(await stage.kind.diff("s1", stage.recorded(), news)).toEqual({ changes: false });
  });
});

describe("refused before anything is sent", () => {
  const host = "must be a host name or an address (IPv6 in brackets), without scheme, port and path";
  const path = "must begin with / and must not hold spaces, ?, # or %";

  test.each([
    ...["", "nfs://nfs1", "nfs1:2049", "nfs1/export", "ada@nfs1", "nfs 1", " nfs1", "nfs1 ", "nfs%20", "nfs?", "#nfs"],
    ...[
      "2001:db8::7",
      "[2001:db8::7",
      "2001:db8::7]",
      "[]",
      "[nfs1]",
      "[2001:db8::7]:2049",
      "x[2001:db8::7]",
      "nfs1\n",
    ],
  ])("the server %j", async (server) => {
    expect(await reasonsOf({ server })).toEqual([`server: ${host}`]);
  });

  test.each(["", "export", "x/export", "/", "/ex port", "/export ", "/a?x", "/a#x", "/a%20x", "/a\u0007", "/a\n"])(
    "the path %j",
    async (given) => {
      expect(await reasonsOf({ path: given })).toEqual([`path: ${path}`]);
    },
  );

  test.each(["//", "///"])("the path %j, which names nothing", async (given) => {
    expect(await reasonsOf({ path: given })).toEqual(["path: must name an export below /"]);
  });

  test("a zone that is no UUID", async () => {
    expect(await reasonsOf({ zoneId: "" })).toEqual(["zoneId: must not be empty"]);
    expect(await reasonsOf({ zoneId: "x".repeat(256) })).toEqual(["zoneId: must be the UUID of a zone"]);
    expect(await reasonsOf({ zoneId: "x".repeat(255) })).toEqual([]);
  });

  test.each(["zoneId", "server", "path"])("a store without %s, which is never derived", async (property) => {
    expect(await reasonsOf({ [property]: undefined, __defaultName: "a-0123abcd" })).toEqual([
      `${property}: is required`,
    ]);
  });

  test("what is no property", async () => {
    expect(await reasonsOf({ onDestroy: "keep" })).toEqual([
      "onDestroy: there is no such property; there are zoneId, server, path, adopt",
    ]);
  });
});

describe("another zone", () => {
  const text =
    "zoneId: cannot be changed from z1 to z2 under the same URL: CloudStack keeps one store a URL, so that the new one would " +
    "be the old one, and deleting that would delete both. Give the new zone another path, or destroy this store first";

  test("under the same URL is refused, in whatever spelling", async () => {
    expect(await reasonsOf({ zoneId: "z2" }, stage.recorded())).toEqual([text]);
    const spelled = { zoneId: "z2", server: "NFS.example.test", path: "/export/a/" };
    expect(await reasonsOf(spelled, stage.recorded())).toEqual([text]);
  });

  test.each([{ path: "/export/b" }, { server: "other.example.test" }])(
    "with another %j is a new store",
    async (news) => {
      expect(await reasonsOf({ zoneId: "z2", ...news }, stage.recorded())).toEqual([]);
    },
  );

  test.each(["zoneId", "server", "path"])("is let pass while %s is unknown", async (property) => {
    expect(await reasonsOf({ zoneId: "z2", [property]: UNKNOWN }, stage.recorded())).toEqual([]);
  });

  test("is none where the zone stays, whatever else changes", async () => {
    expect(await reasonsOf({}, stage.recorded())).toEqual([]);
    expect(await reasonsOf({ path: "/export/b" }, stage.recorded())).toEqual([]);
    expect(await reasonsOf({ path: UNKNOWN }, stage.recorded())).toEqual([]);
    expect(await reasonsOf({ server: UNKNOWN }, stage.recorded())).toEqual([]);
  });
});

describe("a difference", () => {
  const diff = (more: object) => stage.kind.diff("s1", stage.recorded(), stage.inputs({ ...more }));

  test.each([
    ["zoneId", "z2"],
    ["server", "other.example.test"],
    ["path", "/export/b"],
  ])("of %s is another store, and replaces", async (property, value) => {
    expect(await diff({ [property]: value })).toEqual({ replaces: [property] });
  });

  test("of adopt is an update", async () => {
    expect(await diff({ adopt: true })).toEqual({ replaces: [] });
  });
});
