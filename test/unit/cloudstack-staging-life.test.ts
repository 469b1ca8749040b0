import { describe, expect, test } from "vitest";
import { ApiFailure } from "../../provider/cloudstack/answers.ts";
import { stagingStoreHandler } from "../../provider/cloudstack/staging-store.handler.ts";
import { FailedHalfway, NoAnswer } from "../../provider/core/errors.ts";
import { failureOf, wrapped } from "./cloudstack-setting-stage.ts";
import { stagingStage } from "./cloudstack-staging-stage.ts";

const stage = stagingStage();

const URL_OF_IT = "nfs://nfs.example.test/export/a";
const SYSTEM = "https://cloud.example.test:443/client/api";
const OUTS = {
  zoneId: "z1",
  server: "nfs.example.test",
  path: "/export/a",
  adopt: false,
  url: URL_OF_IT,
  systemEndpoint: SYSTEM,
};

const create = (more: object = {}) => stage.kind.create(stage.inputs({ ...more }));
const messageOf = async (work: Promise<unknown>) => (await failureOf(work)).message;

describe("a creation", () => {
  test("makes the store in its zone, under the id that CloudStack gives", async () => {
    stage.staging = [{ id: "s9", url: "nfs://nfs.example.test/export/other", zoneId: "z1" }];
    stage.image = [{ name: "main", url: "https://s3.example.test/main" }];
    expect(await create()).toEqual({ id: "made", outs: OUTS });
    expect(stage.sent).toEqual([["create", URL_OF_IT, "z1"]]);
    expect(stage.told).toEqual([]);
  });

  test("has set all of it at once", async () => {
    const declared = { zoneId: "z1", server: "nfs.example.test", path: "/export/a", adopt: false };
    expect(await stagingStoreHandler.create(stage.client, declared, [])).toEqual({
      id: "made",
      state: { ...declared, url: URL_OF_IT },
    });
  });

  test.each([
    { name: URL_OF_IT },
    { name: "nfs-main", url: URL_OF_IT },
    { name: "nfs-main", url: "nfs://NFS.example.test/export/a/" },
    { name: "NFS://nfs.example.test/export/a//" },
  ])("of an export that is secondary storage is refused: %j", async (store) => {
    stage.image = [{ name: "other" }, store];
    for (const adopt of [false, true])
      expect(await messageOf(stage.another().create(stage.inputs({ adopt })))).toBe(
        `Staging store ${URL_OF_IT} is not made: CloudStack has secondary storage of this URL and would answer with that instead. Give another path, or take that store out of use first.`,
      );
    expect(stage.sent).toEqual([]);
  });

  test.each([
    { name: "nfs.example.test/export/a" },
    { name: "xnfs://nfs.example.test/export/a" },
    { name: "nfs://nfs.example.test/export/A" },
    { name: "nfs://nfs.example.test/export" },
    { name: "nfs://nfs.example.test" },
    { name: "nfs://nfs.example.test/export/a\nb" },
    { name: "nfs://other.example.test/export/a" },
    { name: "", url: "" },
    { name: "cifs", url: "cifs://nfs.example.test/export/a" },
  ])("is none of the business of other secondary storage: %j", async (store) => {
    stage.image = [store];
    expect((await create()).id).toBe("made");
  });

  test("that somebody else was faster with, in another zone, has not made the store", async () => {
    stage.made = { id: "theirs", zoneId: "z2" };
    expect(await messageOf(create())).toBe(
      `Staging store ${URL_OF_IT} was made by somebody else at the same moment, in zone z2. Give another path.`,
    );
  });

  test("that fails and has made the store all the same has made ours, with a warning", async () => {
    stage.failure = new FailedHalfway("Could not make the staging store: 530.");
    stage.halfway = [{ id: "half", url: URL_OF_IT, zoneId: "z1" }];
    expect(await create()).toEqual({ id: "half", outs: OUTS });
    expect(stage.told).toEqual([
      "warning: Could not make the staging store: 530. It exists as declared and is taken to be ours; nothing in this system proves who made it.",
    ]);
  });
});

describe("a store of this URL that is there already", () => {
  const conflict = `CloudStack staging store ${URL_OF_IT} exists already.
  zoneId: live "z1", declared "z1" (equal)
  server: live "nfs.example.test", declared "nfs.example.test" (equal)
  path: live "/export/a", declared "/export/a" (equal)
Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it over; choose another path; or delete the existing one.`;

  test.each([URL_OF_IT, "nfs://NFS.Example.test/export/a", "nfs://nfs.example.test/export/a//"])(
    "is found and taken over where the program says so: %s",
    async (url) => {
      const other = { id: "s2", url: "nfs://nfs.example.test/export/b", zoneId: "z1" };
      stage.staging = [other, { id: "s1", url, zoneId: "z1" }];
      expect(await create({ adopt: true })).toEqual({ id: "s1", outs: { ...OUTS, adopt: true } });
      expect(await messageOf(stage.another().create(stage.inputs()))).toBe(conflict);
      expect(stage.sent).toEqual([]);
    },
  );

  test("that cannot be looked at is said to be there, and not taken over", async () => {
    stage.staging = [{ id: "s1", url: URL_OF_IT, zoneId: "z1" }];
    stage.listing = new NoAnswer("Could not list staging stores: no answer.");
    expect(await messageOf(create({ adopt: true }))).toBe(
      `Staging store ${URL_OF_IT} exists already. Looking it up failed, too: Could not list staging stores: no answer.`,
    );
  });

  test("of another zone cannot become the declared one", async () => {
    stage.staging = [{ id: "s1", url: URL_OF_IT, zoneId: "z2" }];
    expect(await messageOf(create({ adopt: true }))).toBe(
      `CloudStack staging store ${URL_OF_IT} exists and cannot become the declared one: zoneId from "z2" to "z1". That cannot be changed under the same name; declare what exists, or choose another name.`,
    );
  });

  test("belongs to one resource of a run", async () => {
    await create();
    expect(await messageOf(create({ adopt: true }))).toBe(
      `CloudStack staging store ${URL_OF_IT} is declared by another resource of this run as well; give one of them another path.`,
    );
  });
});

describe("a read", () => {
  test.each([
    ["nfs://nfs.example.test/export/a", "nfs.example.test", "/export/a"],
    ["NFS://NFS.example.test/Export/b//", "nfs.example.test", "/Export/b"],
    ["nfs://[2001:db8::7]/e", "[2001:db8::7]", "/e"],
    ["nfs://nfs.example.test", "nfs.example.test", ""],
    ["main", "", ""],
  ])("shows zone, server and path of %s", async (url, server, path) => {
    stage.staging = [
      { id: "s0", url: "nfs://other.example.test/x", zoneId: "z0" },
      { id: "s1", url, zoneId: "z2" },
    ];
    expect(await stage.kind.read("s1", stage.recorded({ adopt: true }))).toEqual({
      id: "s1",
      inputs: { zoneId: "z2", server, path, adopt: true },
      props: { zoneId: "z2", server, path, adopt: true, url, systemEndpoint: SYSTEM },
    });
    expect((await stage.kind.read("s1", {})).inputs).toEqual({ zoneId: "z2", server, path });
  });

  test("of a store that CloudStack does not have says that it is gone", async () => {
    expect(await stage.kind.read("s1", stage.recorded())).toEqual({});
  });
});

test("an update, which can only be of adopt, sends nothing", async () => {
  expect(await stage.kind.update("s1", stage.recorded(), stage.inputs({ adopt: true }))).toEqual({
    outs: { ...OUTS, adopt: true },
  });
  expect(stage.sent).toEqual([]);
});

test.each(["server", "path"])("the URL is a secret where the program has made the %s one", async (property) => {
  const place = { server: "canary-host.example.test", path: "/canary-export" };
  const { outs } = await create({ ...place, __secrets: [property] });
  expect(outs).toMatchObject({ url: wrapped("nfs://canary-host.example.test/canary-export"), zoneId: "z1" });
});

describe("a deletion", () => {
  test("deletes the store by its id", async () => {
    await stage.kind.delete("s1", stage.recorded());
    expect(stage.sent).toEqual([["delete", "s1"]]);
  });

  test("that CloudStack refuses says why and what to do", async () => {
    stage.deletion = new ApiFailure("Could not delete staging store s1: in use.", 431, "in use");
    const advice =
      "Something is being copied through it at this moment, or the zone uses it. Wait for it, delete the S3 secondary storage first, and run the same command again.";
    expect(await messageOf(stage.kind.delete("s1", stage.recorded()))).toBe(
      `Staging store ${URL_OF_IT} is not deleted: Could not delete staging store s1: in use. ${advice}`,
    );
    expect(await messageOf(stage.another().delete("s1", { systemEndpoint: SYSTEM, __provider: "text" }))).toBe(
      `Staging store s1 is not deleted: Could not delete staging store s1: in use. ${advice}`,
    );
  });

  test("of the store that the program declares under another name is left out", async () => {
    stage.staging = [{ id: "s1", url: URL_OF_IT, zoneId: "z1" }];
    await create({ adopt: true });
    await stage.kind.delete("s1", stage.recorded());
    expect(stage.sent).toEqual([]);
    expect(stage.told.at(-1)).toBe(
      `warning: CloudStack staging store ${URL_OF_IT} is not deleted: another resource of this run holds the object of this name.`,
    );
  });
});
