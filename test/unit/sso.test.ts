import { describe, expect, test } from "vitest";
import { cloudianLogoutUrl, cloudianSsoUrl } from "../../provider/cloudian/sso.ts";

// The vectors of the reference (Cloudian Admin API, 6.2): A and B computed with Python, Node and Java, C from upstream's tests.
const CMC = "https://cmc.example.test:8443";
const A = {
  cmcEndpoint: CMC,
  userId: "f1c0a2de-0b1e-4d0e-9a53-7f1f0f3c9a11",
  groupId: "5d9a7c44-2f0f-4c1c-8b3e-0c6a1e5b7d22",
  ssoKey: "example-shared-key",
  timestampMs: 1700000000015,
};

describe("cloudianSsoUrl", () => {
  test("vector A: a signature with +, / and =", () => {
    expect(cloudianSsoUrl(A)).toBe(
      "https://cmc.example.test:8443/Cloudian/ssosecurelogin.htm?user=f1c0a2de-0b1e-4d0e-9a53-7f1f0f3c9a11&group=5d9a7c44-2f0f-4c1c-8b3e-0c6a1e5b7d22&timestamp=1700000000015&signature=BWdn5FBNVYzR9OoFVWLLD5%2FY6%2Bs%3D&redirect=/",
    );
  });

  test("vector B: the CMC's administrator", () => {
    expect(cloudianSsoUrl({ ...A, userId: "admin", groupId: "0", timestampMs: 1700000000000 })).toBe(
      "https://cmc.example.test:8443/Cloudian/ssosecurelogin.htm?user=admin&group=0&timestamp=1700000000000&signature=gwslfzNQ%2BEZr4XMXWdAHVI%2Bm8OM%3D&redirect=/",
    );
  });

  test("vector C: upstream's sample", () => {
    const sample = { ssoKey: "randomkey", userId: "abc-def-ghi", groupId: "uvw-xyz", timestampMs: 1725937474949 };
    const url = cloudianSsoUrl({ cmcEndpoint: CMC, ...sample });
    expect(new URL(url).searchParams.get("signature")).toBe("Wu1hjafeyE82mGwd1MIwrp5hPt4=");
  });

  test.each([
    ["https://cmc.example.test:8443/", "https://cmc.example.test:8443/Cloudian/"],
    ["https://cmc.example.test:8443/Cloudian", "https://cmc.example.test:8443/Cloudian/"],
    ["https://cmc.example.test:8443/Cloudian/", "https://cmc.example.test:8443/Cloudian/"],
    ["https://cmc.example.test", "https://cmc.example.test:443/Cloudian/"],
    ["http://127.0.0.1/Cloudian/", "http://127.0.0.1:80/Cloudian/"],
    ["https://[::1]:8443/Cloudian", "https://[::1]:8443/Cloudian/"],
  ])("the base of %j is %j, its port always written", (cmcEndpoint, base) => {
    expect(cloudianSsoUrl({ ...A, cmcEndpoint })).toMatch(base);
    expect(cloudianSsoUrl({ ...A, cmcEndpoint }).indexOf("ssosecurelogin.htm?user=")).toBe(base.length);
  });

  test.each(["/", "admin.htm", "explorer.htm"] as const)("%j may be behind the log-in, unsigned", (redirect) => {
    expect(cloudianSsoUrl({ ...A, redirect })).toMatch(
      new RegExp(`&signature=BWdn5FBNVYzR9OoFVWLLD5%2FY6%2Bs%3D&redirect=${redirect}$`),
    );
  });

  test("without a time it is now", () => {
    const { timestampMs: _time, ...untimed } = A;
    const before = Date.now();
    const made = Number(new URL(cloudianSsoUrl(untimed)).searchParams.get("timestamp"));
    expect(made).toBeGreaterThanOrEqual(before);
    expect(made).toBeLessThanOrEqual(Date.now());
  });

  const breaking = ["a&b", "a=b", "a+b", "a%20b", "a#b", "a?b", "a b", "a\tb", "a\nb", "a\u0000b", "adä", "a\u200bb"];
  test.each([...breaking, 'a"b', "a'b", "a<b", "a\\b", "a|b", "a;b", ""])("the id %j is refused", (id) => {
    expect(() => cloudianSsoUrl({ ...A, userId: id })).toThrow(/^cloudianSsoUrl: userId (may hold|must be) /);
    expect(() => cloudianSsoUrl({ ...A, groupId: id })).toThrow(/^cloudianSsoUrl: groupId (may hold|must be) /);
  });

  test("the administrator of older releases has an address as its name", () => {
    expect(cloudianSsoUrl({ ...A, userId: "admin@cloudian.com", groupId: "0" })).toContain(
      "?user=admin@cloudian.com&group=0&",
    );
  });

  test.each([
    ["ssoKey", { ssoKey: "" }],
    ["ssoKey", { ssoKey: undefined }],
    ["redirect", { redirect: "https://evil.example.test/" }],
    ["timestampMs", { timestampMs: 1.5 }],
    ["timestampMs", { timestampMs: -1 }],
    ["timestampMs", { timestampMs: Number.NaN }],
    ["cmcEndpoint", { cmcEndpoint: "cmc.example.test:8443" }],
    ["cmcEndpoint", { cmcEndpoint: "https://cmc.example.test/other/Cloudian" }],
    ["cmcEndpoint", { cmcEndpoint: "https://cmc.example.test/cloudian" }],
    ["cmcEndpoint", { cmcEndpoint: "https://cmc.example.test/?x=1" }],
    ["cmcEndpoint", { cmcEndpoint: undefined }],
    ["userId", { userId: undefined }],
  ])("a wrong %s is refused, without the key in the message", (argument, change) => {
    const make = () => cloudianSsoUrl({ ...A, ssoKey: "Canary-Key", ...change } as typeof A);
    expect(make).toThrow(`cloudianSsoUrl: ${argument} must be`);
    expect(make).not.toThrow(/Canary/);
  });
});

describe("cloudianLogoutUrl", () => {
  test("the page to go to is encoded once", () => {
    const redirect = "https://cloud.example.test/client/?a=1&b=ö#/user/login";
    expect(cloudianLogoutUrl({ cmcEndpoint: "https://cmc.example.test", redirect })).toBe(
      "https://cmc.example.test:443/Cloudian/logout.htm?redirect=https%3A%2F%2Fcloud.example.test%2Fclient%2F%3Fa%3D1%26b%3D%C3%B6%23%2Fuser%2Flogin",
    );
  });

  test.each(["", "/client", "javascript:alert(1)", "https://", "https://x.example.test/\ud800"])(
    "%j is no page to go to",
    (redirect) => {
      expect(() => cloudianLogoutUrl({ cmcEndpoint: CMC, redirect })).toThrow(
        "cloudianLogoutUrl: redirect must be an http or https URL.",
      );
    },
  );

  test("a wrong endpoint is refused", () => {
    expect(() => cloudianLogoutUrl({ cmcEndpoint: "", redirect: "https://cloud.example.test/" })).toThrow(
      /^cloudianLogoutUrl: cmcEndpoint must be /,
    );
  });
});
