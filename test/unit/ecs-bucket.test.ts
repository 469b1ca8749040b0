import { describe, expect, test } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { bucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { bucketInfo, ecsArray, messageOf, ok, processOf, RG1, refusal } from "./ecs-array.ts";

type Args = Parameters<typeof bucketHandler.create>[1];

const array = ecsArray();
const { client } = array;

const PLACE = { namespace: "ns1", bucketName: "box" };
const SWITCHES = { allowNonDnsName: false, forceDestroy: false, adopt: false };
const box = (more: Partial<Args> = {}): Args => ({ ...PLACE, owner: "ada", ...SWITCHES, ...more });
const create = (more: Partial<Args> = {}) => bucketHandler.create(client, box(more), []);
const find = (more: Partial<Args> = {}) => bucketHandler.find(client, box(more));
const GET = ["GET bucket", "ns1/box"];

test("a new bucket has no versions, no limits, no policy, no tags, no retention and no CORS rules", () => {
  expect(bucketHandler.creationDefaults(box())).toEqual({
    versioning: false,
    quotaGiB: "none",
    notifyAtGiB: "none",
    policy: "private",
    tags: {},
    retentionSeconds: 0,
    cors: [],
  });
});

describe("the creation", () => {
  test("sends the owner and nothing that is not declared", async () => {
    array.encryptsByDefault = true;
    const { id, state } = await create();
    expect(id).toBe("ns1/box");
    expect(state).toStrictEqual({
      ...box(),
      versioning: false,
      policy: "private",
      cors: [],
      encrypted: true,
      objectLock: false,
    });
    expect(array.sent).toStrictEqual([
      ["GET namespace", "ns1"],
      ["POST bucket", "ns1/box", { owner: "ada" }],
      ["note owner", "ns1/box", "ada"],
    ]);
  });

  test("sends what is declared and can be sent at once; what follows later is not recorded yet", async () => {
    const sentAtOnce = {
      encryption: false,
      quotaGiB: 5,
      notifyAtGiB: "none",
      retentionSeconds: 60,
      accessDuringOutage: true,
      tags: { tier: "gold" },
    } as const;
    array.encryptsByDefault = true;
    array.shown = "https://objects.example.test:443";
    array.next = [ok(Date.parse("2026-03-04T12:00:00.000Z"))];
    const later: Partial<Args> = { versioning: true, policy: { Version: "2012-10-17", Statement: [] }, cors: [] };
    expect((await create({ ...sentAtOnce, ...later, replicationGroup: "rg1" })).state).toStrictEqual({
      ...box(sentAtOnce),
      replicationGroup: "rg1",
      __replicationGroupForms: [RG1, "rg1"],
      versioning: false,
      policy: "private",
      cors: [],
      encrypted: false,
      objectLock: false,
      created: "2026-03-04T12:00:00Z",
      s3Endpoint: "https://objects.example.test:443",
      publicUrl: "https://objects.example.test:443/box",
    });
    expect(array.sent).toStrictEqual([
      ["GET group", "rg1"],
      ["POST bucket", "ns1/box", { owner: "ada", vpool: RG1, ...sentAtOnce }],
      ["note owner", "ns1/box", "ada"],
    ]);
  });

  test("meets a bucket of this name: whatever the array answers, the bucket itself says so", async () => {
    array.buckets = { "ns1/box": bucketInfo() };
    array.next = [refusal()];
    expect(await messageOf(create())).toBe("ECS bucket ns1/box exists already.");
    expect(array.sent.slice(1)).toEqual([["POST bucket", "ns1/box", { owner: "ada" }], GET]);
  });

  test("is refused without a bucket being there: the error says what the array said, and what to check", async () => {
    array.next = [refusal()];
    expect(await messageOf(create())).toBe(
      'Could not create ECS bucket ns1/box: 400, code 1008, "Not now". Check that owner ada is an object user of namespace ' +
        "ns1 (declare it as an EcsObjectUser and use its userName).",
    );
    expect(array.sent).not.toContainEqual(["note owner", "ns1/box", "ada"]);
  });
});

describe("a bucket that is there already", () => {
  test("is looked for by its name", async () => {
    expect(await find()).toBeUndefined();
    array.buckets = { "ns1/box": bucketInfo({ owner: "bob" }) };
    expect(await find()).toMatchObject({ state: { ...PLACE, owner: "bob" }, ageMs: 60_000 });
    expect(array.sent).toEqual([GET, GET]);
  });

  test("says what the answer leaves out, so that nobody takes it for compared", async () => {
    array.buckets = { "ns1/box": bucketInfo({ vpool: "" }) };
    expect((await find({ replicationGroup: "rg1" }))?.unseen).toContain("replicationGroup");
    array.buckets = { "ns1/box": bucketInfo() };
    expect((await find({ replicationGroup: "rg1" }))?.unseen).not.toContain("replicationGroup");
  });

  test("is taken over as it is where it is as declared; our own switches are not compared", async () => {
    array.buckets = { "ns1/box": bucketInfo() };
    array.next = [refusal()];
    const { kind, printed } = processOf({ ...anyHandler(bucketHandler), connect: () => client });
    const { id, outs } = await kind.create({ ...box({ allowNonDnsName: true, forceDestroy: true, adopt: true }) });
    expect(id).toBe("ns1/box");
    expect(outs).toMatchObject({ forceDestroy: true, encrypted: false, objectLock: false });
    expect(printed).toEqual(["warning: ECS bucket ns1/box exists and is taken over."]);
  });

  test("is not taken over where it has object lock", async () => {
    array.buckets = { "ns1/box": bucketInfo({ objectLock: true }) };
    expect(await messageOf(find())).toBe(
      "ECS bucket ns1/box exists and has object lock, which this provider does not manage; it is not taken over. Choose another bucketName.",
    );
  });
});

test("a refresh reads what is managed, of a bucket that is there", async () => {
  array.buckets = { "ns1/box": bucketInfo({ versioning: true }) };
  const read = async (last: Args) => (await bucketHandler.read(client, "ns1/box", last))?.state;
  expect(await read(box())).not.toHaveProperty("versioning");
  expect(await read(box({ versioning: false }))).toMatchObject({ ...PLACE, versioning: true });
  array.buckets = {};
  expect(await read(box())).toBeUndefined();
});

test("a removal is told to the array, and to what this process knows of owners", async () => {
  await bucketHandler.delete(client, "ns1/box", box());
  expect(array.sent).toEqual([
    ["DELETE bucket", "ns1/box"],
    ["note deleted", "ns1/box"],
  ]);
});
