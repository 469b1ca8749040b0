import { describe, expect, test } from "vitest";
import { Settings } from "../../provider/core/settings.ts";
import { bucketHandler } from "../../provider/s3/bucket.handler.ts";
import { bucketId } from "../../provider/s3/bucket-name.ts";
import { bucketStage, listWith, noObjectLock } from "./s3-bucket-stage.ts";

const stage = bucketStage();
const { service } = stage;

test.each([
  ["https://s3.example.test:443", "box@s3.example.test:443"],
  ["http://192.0.2.1:9000", "box@192.0.2.1:9000"],
  ["https://[2001:db8::1]:443", "box@[2001:db8::1]:443"],
  ["https://gate.example.test:443/s", "box@gate.example.test:443"],
  ["https://gate.example.test:443/s3/api", "box@gate.example.test:443"],
  ["no address", "box@"],
  [undefined, "box@"],
])("the id of a bucket at %s has its host and port, and no path", (endpoint, id) => {
  expect(bucketId("box", endpoint)).toBe(id);
});

describe("what else may hold the bucket", () => {
  const twinOf = (values: object) => {
    const client = bucketHandler.connect(new Settings({ get: () => undefined }, {}), values);
    return bucketHandler.twin?.(client, values);
  };
  const place = { endpoint: "https://s3.example.test/s3", bucketName: "box" };

  test("is told by its name, whatever the address; the resource by the whole address", () => {
    expect(twinOf(place)).toMatchObject({
      label: "bucket box",
      name: "S3 bucket box at https://s3.example.test:443/s3",
      kind: "S3Bucket",
      hasAddressInId: true,
    });
  });

  test.each([
    [true, true],
    [false, false],
    [undefined, false],
  ])("adopt: %s says whether it may have been taken over: %s", (adopt, mayAdopt) => {
    expect(twinOf({ ...place, ...(adopt === undefined ? {} : { adopt }) })).toMatchObject({ mayAdopt });
  });

  test("is not told while its name or its place is unknown", () => {
    expect(twinOf({ endpoint: place.endpoint })).toBeUndefined();
    expect(twinOf({ bucketName: "box" })).toBeUndefined();
    expect(twinOf({ ...place, endpoint: "no address" })).toBeUndefined();
    expect(twinOf({})).toBeUndefined();
  });

  test("is as old as the service says, if it says so", async () => {
    const keys = { accessKeyId: "AKLITERAL", secretAccessKey: "Canary-s3-secret" };
    const twin = twinOf({ ...keys, endpoint: service.endpoint, bucketName: "box" });
    service.replies = [listWith("box"), listWith("another")];
    expect(await twin?.created()).toBe(1704067210000);
    expect(await twin?.created()).toBeUndefined();
  });
});

describe("an endpoint of which only the path or the scheme changes", () => {
  const failuresOf = async (from: Record<string, unknown>, to: Record<string, unknown>) => {
    const { failures = [] } = await stage.kind.check(stage.inputs({ adopt: true, ...from }), stage.inputs(to));
    return failures.map(({ reason }) => reason);
  };

  test("is refused: the successor would have the id of the bucket that is deleted as the old one", async () => {
    const from = { endpoint: "https://gate.example.test/s3" };
    expect(await failuresOf(from, { endpoint: "https://gate.example.test" })).toEqual([
      "endpoint: cannot be changed from https://gate.example.test:443/s3 to https://gate.example.test:443 under the same bucketName: both " +
        "have one host and port, so that the new bucket would have the id of the old one, and deleting that could delete both. If both " +
        "lead to the same bucket, take the resource out of the state (pulumi state delete) and declare it with adopt: true; if not, " +
        "change bucketName in the same update",
    ]);
    expect(await failuresOf(from, { endpoint: "http://gate.example.test:443/s3" })).toHaveLength(1);
  });

  test("may change together with the name, or with host or port", async () => {
    const from = { endpoint: "https://gate.example.test/s3" };
    expect(await failuresOf(from, { endpoint: "https://gate.example.test", bucketName: "next" })).toEqual([]);
    expect(await failuresOf(from, { endpoint: "https://another.example.test/s3" })).toEqual([]);
    expect(await failuresOf(from, { endpoint: "https://gate.example.test:9000/s3" })).toEqual([]);
  });
});

test("a bucket that a renamed resource has taken over under another path of its service is not deleted as the old one", async () => {
  service.always = (line) => {
    if (line.startsWith("HEAD ")) return { status: 200 };
    return line.includes("object-lock") ? noObjectLock : listWith("box");
  };
  const old = stage.recorded({
    forceDestroy: true,
    endpoint: `${service.endpoint}/s3`,
    systemEndpoint: `${service.endpoint}/s3`,
  });
  await stage.kind.check({}, stage.inputs({ adopt: true }));
  expect((await stage.kind.create(stage.inputs({ adopt: true }))).id).toBe(stage.id());
  await stage.kind.delete(stage.id(), old);
  expect(service.lines().filter((line) => !/^(HEAD|GET) /.test(line))).toEqual([]);
  expect(stage.told.at(-1)).toBe(
    `warning: S3 bucket ${stage.id()} is not deleted: S3 bucket box at ${service.endpoint}, which this program declares, has the same name and date, so that it is taken to be the same one.`,
  );
});
