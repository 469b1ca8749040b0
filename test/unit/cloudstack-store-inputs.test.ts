import { describe, expect, test, vi } from "vitest";
import { secondaryStorageHandler } from "../../provider/cloudstack/secondary-storage.handler.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { Secrecy } from "../../provider/core/secrecy.ts";
import { LEAST, SWITCHES, wrapped } from "./cloudstack-store-stage.ts";

const handler = anyHandler(secondaryStorageHandler);
const wire = (more: object = {}) => ({ ...LEAST, ...SWITCHES, secretAccessKey: wrapped("Canary-store-1"), ...more });

let told: string[] = [];
/** Without settings, which a preview does not need. */
const check = async (news: object, olds: object = {}) => {
  told = [];
  vi.spyOn(console, "error").mockImplementation((text) => told.push(String(text)));
  return await new Lifecycle(handler, new Ledger()).check({ ...olds }, { ...LEAST, ...news, __provider: "text" });
};
const reasonsOf = async (news: object, olds?: object) => {
  const { failures = [] } = await check(news, olds);
  return failures.map(({ property, reason }) => property + reason);
};

test("what a program leaves out: TLS, the bucket looked up, deleted with the resource, nothing taken over, the rest unmanaged", async () => {
  expect(await check({})).toEqual({ inputs: wire(), failures: [] });
});

test("what a program gives stays as it is given", async () => {
  const given = {
    s3Signer: "v2",
    connectionTimeoutMs: 0,
    socketTimeoutMs: 2_147_483_647,
    maxErrorRetry: 3,
    connectionTtlMs: 4,
    useTcpKeepAlive: false,
    readOnly: true,
    verifyBucket: false,
    requireStagingStores: true,
    waitForTemplates: { set: "all", timeoutMinutes: 1440 },
    onDestroy: "readOnly",
    adopt: true,
  };
  expect(await check(given)).toEqual({ inputs: wire(given), failures: [] });
  const others = { s3Signer: "v4", onDestroy: "delete", waitForTemplates: { set: "system", timeoutMinutes: 0.5 } };
  expect(await check(others)).toEqual({ inputs: wire(others), failures: [] });
});

test("templates are waited for an hour unless the program says for how long", async () => {
  const { inputs } = await check({ waitForTemplates: { set: "system" } });
  expect(inputs).toMatchObject({ waitForTemplates: { set: "system", timeoutMinutes: 60 } });
});

test.each([
  ["https://S3.example.test", "https://s3.example.test:443"],
  [" https://s3.example.test:8443/ ", "https://s3.example.test:8443"],
])("the endpoint %j is one spelling of %j", async (endpoint, canonical) => {
  expect((await check({ endpoint })).inputs).toEqual(wire({ endpoint: canonical }));
});

test("details that a program gives no longer stay as they are recorded", async () => {
  const recorded = {
    s3Signer: "v4",
    connectionTimeoutMs: 1,
    socketTimeoutMs: 2,
    maxErrorRetry: 3,
    connectionTtlMs: 4,
    useTcpKeepAlive: true,
  };
  const { inputs } = await check({}, { ...LEAST, ...SWITCHES, ...recorded, readOnly: true });
  expect(inputs).toEqual(wire(recorded));
});

describe("refused before anything is sent", () => {
  const noEndpoint = "must be an http or https URL without path, user, query or fragment";
  const control = "must not hold control characters";
  const noPath = "must not contain /, ? or #";
  test.each([
    ["storeName", "", "must not be empty"],
    ["storeName", "a".repeat(256), "must not be longer than 255 characters"],
    ["storeName", "\ta", control],
    ["storeName", "a\n", control],
    ["accessKeyId", "", "must not be empty"],
    ["accessKeyId", "a\u007fb", control],
    ["secretAccessKey", "", "must not be empty"],
    ["bucket", "", "must not be empty"],
    ["bucket", "/ab", noPath],
    ["bucket", "ab?", noPath],
    ["bucket", "a#b", noPath],
    ["endpoint", "", noEndpoint],
    ["endpoint", "s3.example.test", noEndpoint],
    ["endpoint", "https://s3.example.test/s3", noEndpoint],
    ["endpoint", "https://s3.example.test?a=b", noEndpoint],
    ["s3Signer", "v3", 'Invalid option: expected one of "v4"|"v2"'],
    ["onDestroy", "keep", 'Invalid option: expected one of "delete"|"readOnly"'],
  ])("as %s: %j", async (property, text, reason) => {
    expect(await reasonsOf({ [property]: text })).toEqual([`${property}: ${reason}`]);
  });

  test("a name of 255 characters is not", async () => {
    expect(await reasonsOf({ storeName: "a".repeat(255) })).toEqual([]);
  });

  test.each(["connectionTimeoutMs", "socketTimeoutMs", "maxErrorRetry", "connectionTtlMs"])(
    "as %s what CloudStack would keep and could not read",
    async (property) => {
      expect(await reasonsOf({ [property]: -1 })).toEqual([`${property}: must not be below 0`]);
      expect(await reasonsOf({ [property]: 2_147_483_648 })).toEqual([`${property}: must not be above 2147483647`]);
      expect(await reasonsOf({ [property]: 0.5 })).toEqual([`${property}: must be a whole number`]);
      expect(await reasonsOf({ [property]: "1" })).toEqual([`${property}: must be a whole number`]);
    },
  );

  test.each([
    [{ set: "user" }, 'waitForTemplates.set: Invalid option: expected one of "system"|"all"'],
    [{ set: "all", timeoutMinutes: 0 }, "waitForTemplates.timeoutMinutes: must be above 0"],
    [{ set: "all", timeoutMinutes: 1440.5 }, "waitForTemplates.timeoutMinutes: must not be above a day (1440)"],
    [{ set: "all", minutes: 1 }, "waitForTemplates.minutes: there is no such property; there are set, timeoutMinutes"],
  ])("to wait for templates so: %j", async (waitForTemplates, reason) => {
    expect(await reasonsOf({ waitForTemplates })).toEqual([reason]);
  });
});

describe("the scheme of the endpoint and useHttps have to agree", () => {
  const endpoint = "http://s3.example.test";
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const plain =
    "endpoint: is plain HTTP, but useHttps is true (its default). Give an https:// endpoint, or declare useHttps: false; templates and snapshots then travel in the clear";

  test("plain HTTP without a word on it is refused", async () => {
    expect(await reasonsOf({ endpoint })).toEqual([plain]);
    expect(await reasonsOf({ endpoint, useHttps: true })).toEqual([plain]);
    expect((await check({ endpoint, useHttps: false })).inputs).toEqual(
      wire({ endpoint: "http://s3.example.test:80", useHttps: false }),
    );
  });

  test("and so is TLS that is switched off beside an https:// endpoint", async () => {
    expect(await reasonsOf({ useHttps: false })).toEqual([
      "endpoint: is https://, but useHttps is false. CloudStack lets the scheme of the endpoint win, so that the two must agree",
    ]);
  });

  test("while one of the two is unknown nothing can be said", async () => {
    expect(await reasonsOf({ endpoint, useHttps: unknown })).toEqual([]);
    expect(await reasonsOf({ endpoint: unknown, useHttps: false })).toEqual([]);
  });
});

describe("another detail", () => {
  const recorded = { ...LEAST, ...SWITCHES };

  test("under the same name is refused", async () => {
    expect(await reasonsOf({ bucket: "other" }, recorded)).toEqual([
      "bucket: cannot be changed under the same storeName: CloudStack edits no S3 details, so a new store has to be added beside main before " +
        "that one goes. Give another storeName, or declare what the live store has",
    ]);
  });

  test("is a replacement, of which a warning says what it means", async () => {
    expect(await reasonsOf({ storeName: "next", bucket: "other" }, recorded)).toEqual([]);
    expect(told).toContain(
      "warning: S3 secondary storage next is replaced, and the old store is deleted as soon as the new one is added, before any template is on it. Declare waitForTemplates to keep the old one until then.",
    );
    const kind = new Lifecycle(handler, new Ledger());
    const news = { ...recorded, storeName: "next", bucket: "other", readOnly: true };
    const { replaces } = await kind.diff("id-1", { ...recorded, __provider: "text" }, news);
    expect(replaces).toEqual(["bucket"]);
  });

  test("gives a derived name another end, so that the successor can stand beside the old store", async () => {
    const { storeName: _given, ...unnamed } = LEAST;
    const derive = async (news: object, olds: object = {}) => {
      const derived = { ...unnamed, ...news, __provider: "text", __defaultName: "main-01234567" };
      const { inputs } = await new Lifecycle(handler, new Ledger()).check({ ...olds }, derived);
      return String(inputs["storeName"]);
    };
    const first = await derive({});
    expect(first).toMatch(/^main-01234567-[0-9a-f]{8}$/);
    const olds = { ...recorded, storeName: first, __derived: true };
    expect(await derive({}, olds)).toBe(first);
    const next = await derive({ bucket: "other" }, olds);
    expect(next).toMatch(/^main-01234567-[0-9a-f]{8}$/);
    expect(next).not.toBe(first);
  });
});

test("an endpoint, bucket or useHttps that the program made secret is one as well where outputs show it", () => {
  const secrecy = new Secrecy(handler);
  const outputs = { url: "https://s3.example.test/box", protocol: "https" };
  const hidden = (name: string) => {
    const { __secrets, ...shown } = secrecy.wired({ ...outputs, __secrets: [name] });
    return shown;
  };
  for (const name of ["endpoint", "bucket"])
    expect(hidden(name), name).toEqual({ ...outputs, url: wrapped("https://s3.example.test/box") });
  expect(hidden("useHttps")).toEqual({ ...outputs, protocol: wrapped("https") });
  expect(hidden("readOnly")).toEqual(outputs);
});
