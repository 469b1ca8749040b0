import { describe, expect, test, vi } from "vitest";
import { poolHandler } from "../../provider/cloudstack/object-storage-pool.handler.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { redact } from "../../provider/core/redact.ts";
import { CLOUDIAN, ECS, S3 } from "./cloudstack-pool-stage.ts";

const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const PLACE = { poolName: "main", url: "https://pool.example.test:9000" };
const MINIO = { ...PLACE, providerName: "MinIO", s3: S3 };

/** Without settings, which a preview does not need. */
const check = async (news: object, olds: object = {}) => {
  vi.spyOn(console, "error").mockReturnValue();
  return await new Lifecycle(anyHandler(poolHandler), new Ledger()).check({ ...olds }, { __provider: "text", ...news });
};
const reasonsOf = async (news: object, olds?: object) => {
  const { failures = [] } = await check(news, olds);
  return failures.map(({ property, reason }) => property + reason);
};

test("nothing is taken over unless the program says so, and details are secret as a whole", async () => {
  expect(await check(MINIO)).toEqual({ inputs: { ...MINIO, adopt: false, s3: wrapped(S3) }, failures: [] });
});

test.each([
  { providerName: "MinIO", s3: S3 },
  { providerName: "Ceph", s3: S3 },
  { providerName: "ECS", ecs: ECS },
  { providerName: "ECS", ecs: { ...ECS, namespace: "ns", s3Host: "s3.example.test", userPrefix: "", insecure: true } },
  { providerName: "Cloudian HyperStore", cloudian: CLOUDIAN },
])("what a program gives stays as it is given: %j", async ({ providerName, ...details }) => {
  const given = { ...PLACE, providerName, adopt: true };
  const secret = Object.fromEntries(Object.entries(details).map(([key, value]) => [key, wrapped(value)]));
  expect(await check({ ...given, ...details })).toEqual({ inputs: { ...given, ...secret }, failures: [] });
});

test.each([
  [" https://pool.example.test/// ", "https://pool.example.test"],
  ["https://pool.example.test//a/", "https://pool.example.test//a"],
  ["http://POOL.example.test:80", "http://POOL.example.test:80"],
])("of the url %j nothing but blanks and slashes at its end goes: %j", async (url, canonical) => {
  expect((await check({ ...MINIO, url })).inputs).toMatchObject({ url: canonical });
});

describe("refused before anything is sent", () => {
  const control = "must not hold control characters";
  test.each([
    ["poolName", "", "must not be empty"],
    ["poolName", "a".repeat(256), "must not be longer than 255 characters"],
    ["poolName", "\ta", control],
    ["poolName", "a\n", control],
    ["poolName", "a\u0000b", control],
    ["url", "pool.example.test", "must be an http or https URL without user, query or fragment"],
    ["url", "https://pool.example.test?a=b", "must be an http or https URL without user, query or fragment"],
    ["providerName", "S3", 'Invalid option: expected one of "ECS"|"Cloudian HyperStore"|"MinIO"|"Ceph"'],
  ])("as %s: %j", async (property, text, reason) => {
    expect(await reasonsOf({ ...MINIO, [property]: text })).toEqual([`${property}: ${reason}`]);
  });

  test("a name of 255 characters is not", async () => {
    expect(await reasonsOf({ ...MINIO, poolName: "a".repeat(255) })).toEqual([]);
  });

  test.each([
    ["MinIO", "s3", S3, ["accessKeyId", "secretAccessKey"]],
    ["ECS", "ecs", ECS, ["managementUrl", "username", "password", "namespace", "s3Host"]],
    ["Cloudian HyperStore", "cloudian", CLOUDIAN, ["username", "password", "s3Url", "iamUrl"]],
  ] as const)("a detail of %s that is empty", async (providerName, own, details, members) => {
    for (const member of members) {
      const news = { ...PLACE, providerName, [own]: { ...details, [member]: "" } };
      expect(await reasonsOf(news)).toEqual([`${own}.${member}: must not be empty`]);
    }
  });

  test("a detail that there is not", async () => {
    expect(await reasonsOf({ ...MINIO, s3: { ...S3, region: "x" } })).toEqual([
      "s3.region: there is no such property; there are accessKeyId, secretAccessKey",
    ]);
  });

  test.each([
    ["ECS", "ecs"],
    ["Cloudian HyperStore", "cloudian"],
    ["MinIO", "s3"],
    ["Ceph", "s3"],
  ])("%s without %s, the details that it takes", async (providerName, own) => {
    const news = { ...PLACE, providerName };
    expect(await reasonsOf(news)).toEqual([`${own}: is required with providerName "${providerName}"`]);
    expect(await reasonsOf({ ...news, [own]: unknown })).toEqual([]);
  });

  test("details of other providers, one by one, beside the own ones or instead of them", async () => {
    const foreign = ["ecs", "cloudian"].map((key) => `${key}: is not for providerName "MinIO", which takes s3`);
    expect(await reasonsOf({ ...MINIO, ecs: ECS, cloudian: CLOUDIAN })).toEqual(foreign);
    expect(await reasonsOf({ ...PLACE, providerName: "MinIO", ecs: ECS, cloudian: CLOUDIAN })).toEqual([
      ...foreign,
      's3: is required with providerName "MinIO"',
    ]);
    expect(await reasonsOf({ ...PLACE, providerName: "ECS", ecs: ECS, s3: S3 })).toEqual([
      's3: is not for providerName "ECS", which takes ecs',
    ]);
    expect(await reasonsOf({ ...PLACE, providerName: unknown, ecs: ECS })).toEqual([]);
  });
});

describe("what CloudStack cannot change in a pool", () => {
  const why = (what: string) =>
    `CloudStack edits no ${what} of a pool. In two steps: declare a second pool with another poolName and url (another ` +
    "host name or port of the same service), move its buckets, then remove this one";

  test("its provider", async () => {
    expect(await reasonsOf({ ...MINIO, providerName: "Ceph" }, MINIO)).toEqual([
      `providerName: cannot be changed from "MinIO" to "Ceph": ${why("provider")}`,
    ]);
  });

  test.each([
    ["MinIO", "s3", S3, { secretAccessKey: "Canary-pool-2" }],
    ["ECS", "ecs", ECS, { insecure: true }],
    ["Cloudian HyperStore", "cloudian", CLOUDIAN, { validateSsl: true }],
  ])("details of %s, of which nothing is shown", async (providerName, own, details, change) => {
    const olds = { ...PLACE, providerName, [own]: details };
    expect(await reasonsOf({ ...olds, [own]: { ...details, ...change } }, olds)).toEqual([
      `${own}: cannot be changed from [secret] to [secret]: ${why("details")}`,
    ]);
  });
});

test.each([
  ["MinIO", "s3", "secretAccessKey", S3],
  ["ECS", "ecs", "password", ECS],
  ["Cloudian HyperStore", "cloudian", "password", CLOUDIAN],
])(
  "the secret among the details of %s is shown by no message from then on",
  async (providerName, own, key, details) => {
    const secret = `Canary-only-${own}`;
    await check({ ...PLACE, providerName, [own]: { ...details, [key]: secret } });
    expect(redact(`it was ${secret}`)).toBe("it was [secret]");
    expect(redact("AK, pulumi and sysadmin are everyday words")).toBe("AK, pulumi and sysadmin are everyday words");
  },
);
