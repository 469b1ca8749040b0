import { describe, expect, test } from "vitest";
import { derivedName, isLoopback, normalizeEndpoint, splitId, withoutDefaultPort } from "../../provider/core/names.ts";

// The hashes are of `printf … | sha256sum`.
const URN = "urn:pulumi:dev::proj::pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup::Blue Team";

describe("derivedName", () => {
  test.each([
    ["Blue Team", URN, "blue-team-94df5fa6"],
    ["blue", "urn:x", "blue-1ff30242"],
    ["--Blue__Team!!", "urn:x", "blue-team-1ff30242"],
    ["ÄÖ", "urn:x", "1ff30242"],
    ["", "urn:x", "1ff30242"],
    ["a".repeat(54), "urn:x", `${"a".repeat(54)}-1ff30242`],
    ["a".repeat(80), "urn:x", `${"a".repeat(54)}-1ff30242`],
    [`${"a".repeat(53)}-b`, "urn:x", `${"a".repeat(53)}-1ff30242`],
  ])("%j is %j", (logicalName, urn, expected) => {
    expect(derivedName(logicalName, urn)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(63);
  });
});

test.each([
  ["blue/ada", ["blue", "ada"]],
  ["blue/ada/more", ["blue", "ada/more"]],
  ["blue", ["blue", ""]],
  ["blue/", ["blue", ""]],
  ["/ada", ["", "ada"]],
  ["", ["", ""]],
])("splitId(%j) splits at the first slash", (id, expected) => {
  expect(splitId(id)).toEqual(expected);
});

test.each([
  ["https://Admin.Example.com", "https://admin.example.com:443"],
  ["http://admin.example.com/", "http://admin.example.com:80"],
  ["HTTPS://admin.example.com:19443//", "https://admin.example.com:19443"],
  ["  https://admin.example.com:443 ", "https://admin.example.com:443"],
  ["https://admin.example.com/base/", "https://admin.example.com:443/base"],
  ["http://[::1]:18081", "http://[::1]:18081"],
  ["ftp://admin.example.com", undefined],
  ["admin.example.com:19443", undefined],
  ["https://user@admin.example.com", undefined],
  ["https://user:secret@admin.example.com", undefined],
  ["https://:secret@admin.example.com", undefined],
  ["\u00a0https://admin.example.com\u00a0", "https://admin.example.com:443"],
  ["https://admin.example.com/?x=1", undefined],
  ["https://admin.example.com/#x", undefined],
  ["https://", undefined],
  ["", undefined],
])("normalizeEndpoint(%j) is %j", (text, expected) => {
  expect(normalizeEndpoint(text)).toBe(expected);
});

test.each([
  ["http://localhost:18081", true],
  ["http://127.0.0.1:18081", true],
  ["http://127.9.9.9:80", true],
  ["http://127.0.0.100:80", true],
  ["http://[::1]:80", true],
  ["http://127.0.0.1.example.com:80", false],
  ["http://localhost.example.com:80", false],
  ["http://0.0.0.0:80", false],
  ["http://10.0.0.1:80", false],
])("isLoopback(%j) is %j", (endpoint, expected) => {
  expect(isLoopback(endpoint)).toBe(expected);
});

test.each([
  ["https://admin.example.com:443", "https://admin.example.com"],
  ["http://admin.example.com:80//", "http://admin.example.com"],
  ["https://admin.example.com:19443/base//path/", "https://admin.example.com:19443/base//path"],
])("people write %s as %s", (endpoint, expected) => {
  expect(withoutDefaultPort(endpoint)).toBe(expected);
});
