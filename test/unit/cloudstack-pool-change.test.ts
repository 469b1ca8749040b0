import { beforeEach, describe, expect, test } from "vitest";
import { poolStage, S3, URL } from "./cloudstack-pool-stage.ts";
import { fails, says } from "./cloudstack-server.ts";

const stage = poolStage();
const { cloud, inputs, lists, live, recorded } = stage;

const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

beforeEach(() => lists(live()));

describe("read", () => {
  const read = (olds: object) => stage.kind.read("id-1", { ...olds });

  test("shows what is live, and carries over the details, which no call returns", async () => {
    lists(live({ name: "by-hand", url: "https://moved.example.test" }));
    const { __provider, ...shown } = inputs({ poolName: "by-hand", url: "https://moved.example.test" });
    expect((await read(recorded())).inputs).toEqual({ ...shown, s3: wrapped(S3) });
  });

  test.each([
    ["ecs", "ECS"],
    ["cloudian", "Cloudian HyperStore"],
  ])("carries over the details in %s", async (key, providerName) => {
    lists(live({ providername: providerName }));
    const { s3: _s3, ...rest } = recorded({ providerName, [key]: { username: "u" } });
    expect((await read(rest)).inputs).toMatchObject({ providerName, [key]: wrapped({ username: "u" }) });
  });

  test("of nothing but an id shows everything that CloudStack shows", async () => {
    expect(await stage.kind.read("id-1", {})).toMatchObject({
      inputs: { poolName: "main", url: URL, providerName: "MinIO" },
    });
  });

  test("of a pool that somebody has renamed by hand keeps its derived name in mind", async () => {
    lists(live({ name: "by-hand" }));
    expect((await read(recorded({ __derived: true }))).inputs).toMatchObject({
      poolName: "by-hand",
      __derivedName: "main",
    });
  });

  test("finds nothing where CloudStack says that there is no such pool", async () => {
    cloud.answers["listObjectStoragePools"] = [says("r", {}), fails(431, "entity does not exist")];
    expect(await read(recorded())).toEqual({});
  });

  test("keeps the program's spelling of an address while it means the same", async () => {
    lists(live({ url: "HTTPS://Pool.example.test:9000/" }));
    expect((await read(recorded())).inputs).toMatchObject({ url: URL });
  });
});

describe("two spellings of an address", () => {
  const isSame = async (providerName: string, one: string, other: string) =>
    (await stage.kind.diff("id-1", recorded({ providerName, url: one }), recorded({ providerName, url: other })))
      .changes === false;

  test.each([
    ["https://a.example.test", "https://a.example.test:443", true],
    ["https://a.example.test", "https://A.example.test/", true],
    ["http://a.example.test", "http://a.example.test:80", true],
    ["https://a.example.test", "https://a.example.test:19443", false],
    ["https://a.example.test", "http://a.example.test", false],
    ["https://a.example.test/x", "https://a.example.test/y", false],
    ["no address", "no address either", false],
  ])("of MinIO, %s and %s, are one: %s", async (one, other, same) => {
    expect(await isSame("MinIO", one, other)).toBe(same);
    expect(await isSame("MinIO", other, one)).toBe(same);
  });

  // CloudStack takes the port of the Admin API where none is written.
  test.each([
    ["https://a.example.test", "https://a.example.test:19443", true],
    ["https://a.example.test", " HTTPS://a.example.test:19443/ ", true],
    [" HTTPS://a.example.test ", "https://a.example.test:19443", true],
    ["https://a.example.test/x", "https://a.example.test:19443/x", true],
    ["http://a.example.test", "http://a.example.test:19443", true],
    ["http://a.example.test", "http://a.example.test:80", false],
    ["https://a.example.test", "https://a.example.test:443", false],
    ["https://a.example.test:443", "https://a.example.test:19443", false],
    ["https://a.example.test:443/", "https://a.example.test:443", true],
    ["http://A.example.test:8080", "http://a.example.test:8080", true],
    ["https://a.example.test/http://b:8", "https://a.example.test:19443/http://b:8", true],
    ["https://a.example.test:8/x:9", "https://a.example.test:8/x:9/", true],
    ["https://a.example.test/x:9/", "https://a.example.test:19443/x:9", true],
    ["https://a.example.test/x:9", "https://a.example.test:443/x:9", false],
    ["https://[2001:db8::1]", "https://[2001:db8::1]:19443", true],
  ])("of a HyperStore, %s and %s, are one: %s", async (one, other, same) => {
    expect(await isSame("Cloudian HyperStore", one, other)).toBe(same);
    expect(await isSame("Cloudian HyperStore", other, one)).toBe(same);
  });

  test("no other property is spelled in two ways", async () => {
    expect(await stage.kind.diff("id-1", recorded(), recorded({ poolName: "other" }))).toEqual({ replaces: [] });
    // Not even with a value that is the recorded address.
    expect(await stage.kind.diff("id-1", recorded(), recorded({ poolName: URL }))).toEqual({ replaces: [] });
  });
});

describe("update", () => {
  const update = (news: object, olds: object = {}) => stage.kind.update("id-1", recorded(olds), inputs(news));

  test.each([
    [{ poolName: "new" }, { name: "new" }],
    [{ url: "https://new.example.test" }, { url: "https://new.example.test" }],
    [
      { poolName: "new", url: "https://new.example.test" },
      { name: "new", url: "https://new.example.test" },
    ],
  ])("sends what changes alone: %j", async (news, sent) => {
    const { outs } = await update(news);
    expect(stage.changes()).toEqual([{ command: "updateObjectStoragePool", id: "id-1", ...sent }]);
    expect(outs).toMatchObject(news);
  });

  test("of another spelling, or of our own switch, sends nothing and asks nobody", async () => {
    const { outs } = await update({ url: `${URL.toUpperCase()}/`, adopt: true });
    expect(outs).toMatchObject({ adopt: true });
    expect(cloud.commands()).toEqual([]);
  });

  test("compares as the declared provider does", async () => {
    const own = { providerName: "Cloudian HyperStore", url: "https://a.example.test" };
    await update({ ...own, url: "https://a.example.test:19443" }, own);
    expect(cloud.commands()).toEqual([]);
    await update({ ...own, url: "https://a.example.test:443" }, own);
    expect(stage.changes()).toHaveLength(1);
  });

  test.each([
    [{ poolName: "taken" }, "the name", "poolName"],
    [{ url: "https://taken.example.test" }, "the url https://taken.example.test/", "url"],
  ])("to what another pool has is refused before it is asked for: %j", async (news, has, other) => {
    lists(live(), live({ id: "id-2", name: "taken", url: "https://taken.example.test/" }));
    const { poolName } = inputs(news);
    expect(await stage.messageOf(update(news))).toBe(
      `Object storage pool ${poolName} is not changed: pool taken has ${has}, and CloudStack tells pools apart by both. ` +
        `Declare that pool, or give another ${other}.`,
    );
    expect(stage.changes()).toEqual([]);
  });
});

describe("delete", () => {
  const remove = (more: object = {}) => stage.kind.delete("id-1", recorded(more));
  const advice =
    "Move what is in them, or delete the buckets that nobody needs any more, in CloudStack, and run the same command again.";
  const said =
    'Could not delete object storage pool id-1: CLOUD answered 431, "Unable to delete, there are 1 associated bucket(s)".';
  const buckets = (...names: string[]) => {
    const bucket = names.map((name, index) => ({ id: `b-${index}`, name, account: "ada" }));
    cloud.answers["deleteObjectStoragePool"] = [fails(431, "Unable to delete, there are 1 associated bucket(s)")];
    cloud.answers["listBuckets"] = [says("r", { count: bucket.length, bucket })];
  };

  test("is one command, and what is gone already is gone", async () => {
    await remove();
    expect(stage.changes()).toEqual([{ command: "deleteObjectStoragePool", id: "id-1" }]);
    cloud.answers["deleteObjectStoragePool"] = [fails(431, "entity does not exist")];
    await remove();
  });

  test.each([
    [["logs"], "It has the bucket logs (ada). "],
    [["logs", "media"], "It has 2 buckets: logs (ada), media (ada). "],
    [[], ""],
  ])("that CloudStack refuses names the buckets %j", async (names, held) => {
    buckets(...names);
    expect(await stage.messageOf(remove())).toBe(`Object storage pool main is not deleted: ${said} ${held}${advice}`);
  });

  test("is refused in the same words where nobody can list buckets", async () => {
    buckets("logs");
    cloud.answers["listBuckets"] = [fails(431, "No")];
    expect(await stage.messageOf(remove())).toBe(`Object storage pool main is not deleted: ${said} ${advice}`);
  });

  test("of a pool whose name is not recorded calls it by its id", async () => {
    buckets();
    const { poolName: _name, ...nameless } = recorded();
    expect(await stage.messageOf(stage.kind.delete("id-1", nameless))).toBe(
      `Object storage pool id-1 is not deleted: ${said} ${advice}`,
    );
  });
});
