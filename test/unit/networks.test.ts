import { expect, test } from "vitest";
import { isPrivateAddress, isWithin } from "../../provider/core/networks.ts";

test.each([
  ["10.0.0.0", "9.255.255.255"],
  ["10.255.255.255", "11.0.0.0"],
  ["172.16.0.0", "172.15.255.255"],
  ["172.31.255.255", "172.32.0.0"],
  ["192.168.0.0", "192.167.255.255"],
  ["192.168.255.255", "192.169.0.0"],
  ["100.64.0.0", "100.63.255.255"],
  ["100.127.255.255", "100.128.0.0"],
  ["169.254.0.0", "169.253.255.255"],
  ["127.255.255.255", "128.0.0.0"],
  ["fc00::", "fbff::1"],
  ["fdff::1", "fe00::"],
  ["fe80::1", "fe7f::1"],
  ["febf::1", "fec0::"],
  ["::1", "::2"],
])("%s is private, and %s is not", (inside, outside) => {
  expect(isPrivateAddress(inside)).toBe(true);
  expect(isPrivateAddress(outside)).toBe(false);
});

test.each<[address: string, network: string, expected: boolean]>([
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.8", "192.0.2.7", false],
  ["192.0.2.7", "192.0.2.7/32", true],
  ["192.0.2.8", "192.0.2.7/32", false],
  ["198.51.100.1", "0.0.0.0/0", true],
  ["2001:db8::7", "2001:db8::7", true],
  ["2001:db8::7", "2001:db8::/32", true],
  ["2001:db9::7", "2001:db8::/32", false],
  ["2001:db8::7", "2001:db8::7/128", true],
  ["2001:db8::7", "0.0.0.0/0", false],
  ["192.0.2.7", "192.0.2.0/33", false],
  ["192.0.2.7", "192.0.2.0/24x", false],
  ["192.0.2.7", "192.0.2.0/2e1", false],
  ["192.0.2.7", "192.0.2.0/", false],
  ["192.0.2.7", "192.0.2.0/-1", false],
  ["2001:db8::7", "2001:db8::/129", false],
  ["192.0.2.7", "storage.example.test/24", false],
  ["192.0.2.7", "", false],
  ["storage.example.test", "0.0.0.0/0", false],
])("%s is within %j: %s", (address, network, expected) => {
  expect(isWithin(address, [network])).toBe(expected);
});

test("one of several networks is enough, and none holds nothing", () => {
  expect(isWithin("192.0.2.7", ["198.51.100.0/24", "192.0.2.0/24"])).toBe(true);
  expect(isWithin("192.0.2.7", [])).toBe(false);
});
