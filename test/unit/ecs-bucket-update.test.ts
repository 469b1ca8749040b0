import { expect, test } from "vitest";
import { bucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { bucketInfo, ecsArray, messageOf, RG1, RG2 } from "./ecs-array.ts";

type Args = Parameters<typeof bucketHandler.create>[1];
type State = Parameters<typeof bucketHandler.update>[2];

const array = ecsArray();
const { client } = array;

const SWITCHES = { allowNonDnsName: false, forceDestroy: false, adopt: false };
const box = (more: Partial<Args> = {}): Args => ({
  namespace: "ns1",
  bucketName: "box",
  owner: "ada",
  ...SWITCHES,
  ...more,
});
const GET = ["GET bucket", "ns1/box"];
const MADE = { encrypted: false, objectLock: false };
const update = (from: Partial<State>, to: Partial<Args>) =>
  bucketHandler.update(client, "ns1/box", { ...box(), ...from }, box(to), () => {}, []);

test("an update that changes nothing asks nothing, and keeps what the bucket was made with", async () => {
  array.shown = "https://objects.example.test:443";
  const made = { ...MADE, created: "2026-03-04T12:00:00Z", __replicationGroupForms: [RG1, "rg1"] };
  const same = { encryption: false, replicationGroup: "rg1" } as const;
  expect(await update({ ...made, ...same }, { ...same, forceDestroy: true })).toStrictEqual({
    ...box({ ...same, forceDestroy: true }),
    ...made,
    s3Endpoint: "https://objects.example.test:443",
    publicUrl: "https://objects.example.test:443/box",
  });
  array.shown = undefined;
  expect(await update({ encrypted: true, objectLock: true }, {})).toStrictEqual({
    ...box(),
    encrypted: true,
    objectLock: true,
  });
  expect(array.sent).toEqual([]);
});

test("an update that only declares less asks nothing", async () => {
  const forms = { __replicationGroupForms: [RG1, "rg1"] };
  await update({ ...MADE, ...forms, encryption: false, replicationGroup: "rg1", quotaGiB: 5, versioning: true }, {});
  expect(array.sent).toEqual([]);
});

test("an update writes what differs", async () => {
  await update({ ...MADE, quotaGiB: 5, notifyAtGiB: 4 }, { quotaGiB: 6, notifyAtGiB: 4 });
  expect(array.sent).toEqual([["PUT quota", "ns1/box", { hard: 6, notify: 4 }]]);
});

test.each([{}, { encrypted: false }, { objectLock: false }])(
  "an update of a state that an import wrote and that says little asks the bucket: %j",
  async (from) => {
    array.buckets = { "ns1/box": bucketInfo({ encrypted: true, objectLock: true }) };
    expect(await update(from, {})).toStrictEqual({ ...box(), encrypted: true, objectLock: true });
    expect(array.sent).toEqual([GET]);
  },
);

test("an update of a bucket that is gone says so", async () => {
  expect(await messageOf(update({}, {}))).toBe("ECS bucket ns1/box is gone. Run pulumi up --refresh to make it anew.");
});

const fixedText = (property: string, change: string, what: string) =>
  `ECS bucket ns1/box: ${property} is ${change}: ECS fixes the ${what} of a bucket when it is made, and a bucket that ` +
  "replaced it under the same name would delete the live one with its objects. Declare a new bucket beside it and move " +
  "the objects, or change bucketName in the same update: then the bucket is replaced, the new one first. Nothing was changed.";

test("an update may declare later how the bucket is encrypted, as long as it is so", async () => {
  array.buckets = { "ns1/box": bucketInfo({ encrypted: true }) };
  expect(await update(MADE, { encryption: true })).toMatchObject({ encryption: true, encrypted: true });
  expect(await messageOf(update({ ...MADE, encryption: true }, { encryption: false, quotaGiB: 9 }))).toBe(
    fixedText("encryption", "true and cannot become false", "encryption"),
  );
  expect(array.sent).toEqual([GET, GET]);
});

test.each(["rg1", RG1])(
  "an update may declare the replication group later, or in its other form: %s",
  async (group) => {
    array.buckets = { "ns1/box": bucketInfo({ vpool: RG1 }) };
    expect(await update(MADE, { replicationGroup: group })).toStrictEqual({
      ...box({ replicationGroup: group }),
      ...MADE,
      __replicationGroupForms: [RG1, "rg1"],
    });
    expect(array.sent).toEqual([GET, ["GET group", group]]);
  },
);

test("an update may declare a replication group later that the answer leaves out", async () => {
  array.buckets = { "ns1/box": bucketInfo({ vpool: "" }) };
  expect(await update(MADE, { replicationGroup: "rg2" })).toMatchObject({ __replicationGroupForms: [RG2, "rg2"] });
});

test("an update cannot give the bucket another replication group, which only the array can tell from the recorded one", async () => {
  array.buckets = { "ns1/box": bucketInfo({ vpool: RG1 }) };
  const from = { ...MADE, replicationGroup: "rg1", __replicationGroupForms: [RG1, "rg1"] };
  expect(await messageOf(update(from, { replicationGroup: RG2, quotaGiB: 9 }))).toBe(
    fixedText("replicationGroup", `"${RG1}" and cannot become "${RG2}"`, "replication group"),
  );
  expect(array.sent).toEqual([GET, ["GET group", RG2]]);
});
