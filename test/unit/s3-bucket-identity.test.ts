import { describe, expect, test } from "vitest";
import { Settings } from "../../provider/core/settings.ts";
import { bucketHandler } from "../../provider/s3/bucket.handler.ts";
import { bucketId } from "../../provider/s3/bucket-name.ts";
import { listWith } from "./s3-bucket-stage.ts";
import { s3Service } from "./s3-service.ts";

const service = s3Service();

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

  test("is told by its name, whatever the address", () => {
    expect(twinOf(place)).toMatchObject({
      label: "bucket box",
      name: "S3 bucket box@s3.example.test:443",
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
