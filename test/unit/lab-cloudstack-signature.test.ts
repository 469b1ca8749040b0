import { expect, test } from "vitest";
import { expiryOf, isSignature, javaEncoded, signatureOf } from "../../lab/cloudstack-signature.ts";

const apiKey = "Test-Api_Key.001";
const secretKey = "Test-Secret_Key.001";
const usual = { apikey: apiKey, expires: "2030-01-02T03:04:05+0000", response: "json", signatureversion: "3" };

function signature(params: Record<string, string>): string {
  return signatureOf(new Map(Object.entries(params)), secretKey);
}

function addition(secret: string): Record<string, string> {
  const details = [
    ["accesskey", "AKIA+Test/Key=01"],
    ["secretkey", secret],
    ["bucket", "cs-secondary"],
    ["endpoint", "https://s3.example.test:443"],
    ["usehttps", "true"],
  ];
  const pairs = details.flatMap(([key = "", value = ""], index) => [
    [`details[${index}].key`, key],
    [`details[${index}].value`, value],
  ]);
  return {
    ...usual,
    command: "addImageStore",
    name: "Cloudian S3 (main)",
    provider: "S3",
    ...Object.fromEntries(pairs),
  };
}

test("a list", () => {
  const params = { ...usual, command: "listImageStores", page: "1", pagesize: "500", provider: "S3" };
  expect(signature(params)).toBe("XHrDIG1lgQNdVLiJ//4PcHj3vGs=");
  expect(signature({ ...params, signature: "is no part of it" })).toBe("XHrDIG1lgQNdVLiJ//4PcHj3vGs=");
});

test("values with marks, blanks and letters outside ASCII", () => {
  expect(signature(addition("s3cr3t/+!*() é"))).toBe("QSVclEchPvNzIkYej/3i1NjEai4=");
});

test("a tilde is encoded; clients that leave it are refused", () => {
  const params = new Map(Object.entries(addition("s3cr3t/+~!*() é")));
  expect(signatureOf(params, secretKey)).toBe("rAbibG0+54X3CL+p+GHpkH7+po0=");
  expect(isSignature("rAbibG0+54X3CL+p+GHpkH7+po0=", params, secretKey)).toBe(true);
  expect(isSignature("OB99zGHEJ5BcQfAsUqyjvKsrURU=", params, secretKey)).toBe(false);
});

test("names are sorted as they were sent, not in lower case", () => {
  const mixed = { apiKey, apiZone: "a", apifoo: "b", command: "listZones", response: "json" };
  expect(signature(mixed)).toBe("eSb2OOVY1avSs/Hv6IZ0JZyrCe8=");
  expect(isSignature("Q4frwxyP3effKmBRoim+KV0uFJM=", new Map(Object.entries(mixed)), secretKey)).toBe(false);
});

test("of the marks only four stay", () => {
  expect(javaEncoded("aZ0.-*_ ~!'()@")).toBe("aZ0.-*_%20%7E%21%27%28%29%40");
});

test.each([
  ["2030-01-02T03:04:05+0000", 1_893_553_445_000],
  ["2030-01-02T03:04:05Z", 1_893_553_445_000],
  ["2030-01-02T03:04:05.678Z", 1_893_553_445_000],
  ["2030-01-02T05:04:05+02:00", 1_893_553_445_000],
  ["2030-01-01T21:34:05-0530", 1_893_553_445_000],
  ["2030-01-02T03:04:05", undefined],
  ["2030-01-02T03:04:05 0000", undefined],
  ["2030-13-02T03:04:05Z", undefined],
  ["soon", undefined],
])("the expiry %s", (text, time) => {
  expect(expiryOf(text)).toBe(time);
});
