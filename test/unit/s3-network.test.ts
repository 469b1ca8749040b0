import { beforeEach, expect, test, vi } from "vitest";
import { bucketNameFailure, leadingTo, s3NetworkOf } from "../../provider/cli/s3-network.ts";
import { isPrivateAddress, isWithin } from "../../provider/core/networks.ts";
import { addressesOf } from "../../provider/core/probe.ts";

vi.mock("../../provider/core/probe.ts", () => ({ addressesOf: vi.fn() }));

const names = new Map<string, string[]>([
  ["s3.example.test", ["10.1.2.3", "203.0.113.9"]],
  ["bucket.s3.example.test", ["10.1.2.3"]],
  ["10.1.2.3", ["10.1.2.3"]],
  ["localhost", ["127.0.0.1"]],
]);

beforeEach(() => {
  vi.mocked(addressesOf).mockImplementation(async (host) => names.get(host) ?? { failure: "ENOTFOUND" });
});

const patience = { milliseconds: 1000, signal: new AbortController().signal };

test("an address is private and listed, or not", async () => {
  expect(await s3NetworkOf("https://s3.example.test:443", ["10.1.3.0/24"], patience)).toEqual({
    host: "s3.example.test",
    addresses: ["10.1.2.3", "203.0.113.9"],
    outside: ["10.1.2.3"],
    listed: [],
  });
  expect(await s3NetworkOf("https://s3.example.test:443", ["10.1.2.0/24"], patience)).toMatchObject({
    outside: [],
    listed: ["10.1.2.3"],
  });
  expect(await s3NetworkOf("https://nowhere.test", [], patience)).toEqual({
    host: "nowhere.test",
    failure: "ENOTFOUND",
    addresses: [],
    outside: [],
    listed: [],
  });
});

test("what stands before a place is the name with its addresses, or the address", () => {
  expect(leadingTo("s3.example.test", ["10.1.2.3"])).toBe("s3.example.test is 10.1.2.3,");
  expect(leadingTo("10.1.2.3", ["10.1.2.3"])).toBe("10.1.2.3 is");
});

test.each([
  ["https://s3.example.test", "bucket", undefined],
  ["https://s3.example.test", "other", { name: "other.s3.example.test", failure: "ENOTFOUND" }],
  ["https://10.1.2.3", "other", undefined],
  ["http://localhost:9000", "other", undefined],
  ["https://nowhere.test", "other", undefined],
])("%s with the bucket %s in front of it", async (endpoint, bucket, expected) => {
  expect(await bucketNameFailure(endpoint, bucket, patience)).toEqual(expected);
});

test.each([
  ["10.255.0.1", true],
  ["172.32.0.1", false],
  ["192.168.0.1", true],
  ["127.0.0.1", true],
  ["8.8.8.8", false],
  ["fd00::1", true],
  ["::1", true],
  ["2001:db8::1", false],
  ["no address", false],
])("%s is private: %s", (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected);
});

test.each([
  ["10.1.2.3", ["10.1.2.0/24"], true],
  ["10.1.2.3", ["10.1.2.3"], true],
  ["10.1.2.3", ["10.1.2.0/33", "10.1.2.x", "", "10.1.2.0/", "fd00::/8"], false],
  ["fd00::7", ["10.0.0.0/8", "fd00::/8"], true],
  ["10.1.2.3", [], false],
])("%s within %j: %s", (address, networks, expected) => {
  expect(isWithin(address, networks)).toBe(expected);
});
