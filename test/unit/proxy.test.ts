import { afterEach, expect, test, vi } from "vitest";
import { proxyFor } from "../../provider/core/proxy.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

function proxyOf(endpoint: string, variables: Readonly<Record<string, string>>): string | undefined {
  const all = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];
  for (const name of all) vi.stubEnv(name, variables[name]);
  return proxyFor(endpoint)?.origin;
}

const a = "http://a.example:3128";
const b = "http://b.example:3128";

test.each([
  ["https://hs.example:19443", { HTTPS_PROXY: a }, a],
  ["https://hs.example:19443", { HTTPS_PROXY: a, https_proxy: b }, b],
  ["https://hs.example:19443", { HTTP_PROXY: a }, a],
  ["http://hs.example:18081", { HTTP_PROXY: a, HTTPS_PROXY: b }, a],
  ["http://hs.example:18081", { HTTPS_PROXY: b }, undefined],
  ["https://hs.example:19443", {}, undefined],
  ["https://hs.example:19443", { HTTPS_PROXY: a, https_proxy: "" }, undefined],
  ["https://127.0.0.1:19443", { HTTPS_PROXY: a }, undefined],
  ["https://localhost:19443", { HTTPS_PROXY: a }, undefined],
])("%s with %j goes through %s", (endpoint, variables, expected) => {
  expect(proxyOf(endpoint, variables)).toBe(expected);
});

test.each([
  ["hs.example", true],
  ["HS.example", true],
  ["hs.example:19443", true],
  ["hs.example:443", false],
  ["example", true],
  [".example", true],
  ["*.example", true],
  ["*.hs.example", false],
  ["s.example", false],
  ["other.example, hs.example", true],
  ["other.example hs.example", true],
  ["*", true],
  ["*:443", false],
  ["", false],
])("NO_PROXY=%s exempts hs.example:19443: %s", (exempt, expected) => {
  expect(proxyOf("https://hs.example:19443", { HTTPS_PROXY: a, NO_PROXY: exempt }) === undefined).toBe(expected);
});

test.each([
  ["https://hs.example", "hs.example:443", true],
  ["https://hs.example", "hs.example:80", false],
  ["http://hs.example", "hs.example:80", true],
  ["http://hs.example", "hs.example:443", false],
  ["https://hs.example.", "hs.example", true],
  ["https://hs.example", "hs.example.", true],
  ["https://hs.example", "hs.example:", false],
  ["https://hs.example", "hs.example:443x", false],
  ["https://hs.example", " ,\t hs.example ,", true],
  ["https://a-hs.example", "*-hs.example", false],
])("%s with NO_PROXY=%j is exempt: %s", (endpoint, exempt, expected) => {
  const proxies = { HTTPS_PROXY: a, HTTP_PROXY: a, NO_PROXY: exempt };
  expect(proxyOf(endpoint, proxies) === undefined).toBe(expected);
});

test("a proxy that is no address is none", () => {
  expect(proxyOf("https://hs.example", { HTTPS_PROXY: "no address" })).toBeUndefined();
});

test("an IPv6 address is exempted with and without brackets", () => {
  for (const exempt of ["fd00::1", "[fd00::1]", "[fd00::1]:19443"])
    expect(proxyOf("https://[fd00::1]:19443", { HTTPS_PROXY: a, NO_PROXY: exempt })).toBeUndefined();
  expect(proxyOf("https://[fd00::a:1]:19443", { HTTPS_PROXY: a, NO_PROXY: "fd00::a:1" })).toBeUndefined();
  expect(proxyOf("https://[fd00::1]:19443", { HTTPS_PROXY: a, NO_PROXY: "[fd00::1]:443" })).toBe(a);
});
