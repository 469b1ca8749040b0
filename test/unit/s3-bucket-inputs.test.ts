import { describe, expect, test } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { Secrecy } from "../../provider/core/secrecy.ts";
import { bucketHandler } from "../../provider/s3/bucket.handler.ts";

const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

const LEAST = {
  endpoint: "https://s3.example.test",
  accessKeyId: "AKLITERAL",
  secretAccessKey: "Canary-input-1",
  bucketName: "box",
};
const FULL = {
  ...LEAST,
  endpoint: "https://s3.example.test:443",
  region: "us-east-1",
  pathStyle: true,
  forceDestroy: false,
  adopt: false,
};

const check = (news: object) =>
  new Lifecycle(anyHandler(bucketHandler), new Ledger()).check({}, { ...LEAST, ...news, __provider: "text" });
const reasonsOf = async (news: object) => (await check(news)).failures;

test("what a program leaves out: requests for us-east-1 by path, nothing destroyed, nothing taken over, the rest unmanaged", async () => {
  expect(await check({})).toEqual({
    inputs: { ...FULL, secretAccessKey: wrapped("Canary-input-1") },
    failures: [],
  });
});

test("what a program gives stays as it is given", async () => {
  const given = { region: "eu-x-1", pathStyle: false, forceDestroy: true, adopt: true, storagePolicy: "p-1!~" };
  const { inputs, failures } = await check(given);
  expect(failures).toEqual([]);
  expect(inputs).toEqual({ ...FULL, ...given, secretAccessKey: wrapped("Canary-input-1") });
});

describe("refused before anything is sent", () => {
  const noUrl = "endpoint: must be an http or https URL without user, query or fragment";

  test.each([
    ["", "no address"],
    ["s3.example.test", "without a scheme"],
    ["ftp://s3.example.test", "another scheme"],
    ["https://ada@s3.example.test", "with a user"],
    ["https://s3.example.test/?a=b", "with a query"],
    ["https://s3.example.test/#a", "with a fragment"],
  ])("the endpoint %j: %s", async (endpoint) => {
    expect(await reasonsOf({ endpoint })).toEqual([{ property: "", reason: noUrl }]);
  });

  test.each(["accessKeyId", "secretAccessKey", "region", "storagePolicy"])("an empty %s", async (property) => {
    expect(await reasonsOf({ [property]: "" })).toEqual([{ property: "", reason: `${property}: must not be empty` }]);
  });

  test.each(["accessKeyId", "storagePolicy"])("an %s that no header can carry", async (property) => {
    const reason = `${property}: must hold visible ASCII characters only`;
    for (const text of ["a b", " ab", "ab ", "äb", "aä", "a\nb", "a\n", "\u007f"])
      expect(await reasonsOf({ [property]: text }), JSON.stringify(text)).toEqual([{ property: "", reason }]);
  });

  test("object lock, with what it would mean", async () => {
    expect(await reasonsOf({ objectLock: true })).toEqual([
      {
        property: "",
        reason:
          "objectLock: object lock is not managed by this provider. It can never be removed from a bucket, and what it holds " +
          "cannot be deleted before its time. Remove the property; a bucket that needs object lock is made with the vendor's own tools",
      },
    ]);
  });
});

test("an endpoint that the program made secret is one as well where the provider records the system", () => {
  const outputs = { bucketName: "box", endpoint: FULL.endpoint, systemEndpoint: FULL.endpoint };
  const secrecy = new Secrecy(anyHandler(bucketHandler));
  expect(secrecy.wired({ ...outputs, __secrets: ["endpoint"] })).toEqual({
    ...outputs,
    endpoint: wrapped("https://s3.example.test:443"),
    systemEndpoint: wrapped("https://s3.example.test:443"),
    __secrets: ["endpoint"],
  });
  expect(secrecy.wired({ ...outputs, __secrets: ["bucketName"] })).toMatchObject({ systemEndpoint: FULL.endpoint });
});
