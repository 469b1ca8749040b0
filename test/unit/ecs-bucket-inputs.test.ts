import { describe, expect, test } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { bucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { processOf, RG1, RG2 } from "./ecs-array.ts";

const LEAST = { __provider: "text", bucketName: "box", owner: "ada" };
const FULL = {
  bucketName: "box",
  namespace: "ns1",
  owner: "ada",
  allowNonDnsName: false,
  forceDestroy: false,
  adopt: false,
};
const SETTINGS = {
  "cloudstack-storage:ecsEndpoint": "https://ecs.example.test:4443",
  "cloudstack-storage:ecsUsername": "pulumi",
  "cloudstack-storage:ecsPassword": "Canary-ecs-password",
  "cloudstack-storage:ecsNamespace": "ns1",
};

const open = () => processOf(anyHandler(bucketHandler), SETTINGS);
const check = (news: object, olds: object = {}) => open().kind.check({ ...olds }, { ...LEAST, ...news });
const reasonsOf = async (news: object, olds?: object) =>
  (await check(news, olds)).failures?.map(({ reason }) => reason) ?? [];

test("what a program leaves out: the namespace of the settings, a DNS name, nothing destroyed or taken over, the rest unmanaged", async () => {
  expect(await check({})).toEqual({ inputs: FULL, failures: [] });
});

test("what a program gives stays as it is given", async () => {
  const given = {
    bucketName: "Box_1",
    namespace: "ns2",
    replicationGroup: "rg1",
    encryption: true,
    versioning: true,
    quotaGiB: 5,
    notifyAtGiB: "none",
    policy: "private",
    tags: { tier: "gold" },
    retentionSeconds: 0,
    accessDuringOutage: true,
    cors: [],
    allowNonDnsName: true,
    forceDestroy: true,
    adopt: true,
  };
  expect(await check(given)).toEqual({ inputs: { ...FULL, ...given }, failures: [] });
});

test("a bucket that names no namespace stays where it was, whatever the settings say now", async () => {
  expect((await check({}, { ...FULL, namespace: "ns2" })).inputs).toEqual({ ...FULL, namespace: "ns2" });
});

describe("the name", () => {
  const notDns = (rule: string) =>
    `bucketName: ${rule}; such a bucket cannot be addressed by host name. allowNonDnsName: true takes it all the same`;

  test.each([
    ["ab", "must have 3 to 63 characters"],
    ["Box", "must hold only lower case letters, digits, . and -"],
    ["-box", "must begin with a letter or digit"],
    ["box-", "must end with a letter or digit"],
    ["box--x-s3", "must not end with --x-s3, which clients take for another kind of bucket"],
  ])("%j is refused, because hosts cannot be called so", async (bucketName, rule) => {
    expect(await reasonsOf({ bucketName })).toEqual([notDns(rule)]);
    expect(await reasonsOf({ bucketName }, FULL)).toEqual([notDns(rule)]);
  });

  test("is as the program wants it where it says so, or where the bucket is called so already", async () => {
    expect(await reasonsOf({ bucketName: "Box", allowNonDnsName: true })).toEqual([]);
    expect(await reasonsOf({ bucketName: "Box" }, { ...FULL, bucketName: "Box" })).toEqual([]);
  });

  test("is derived where the program gives none, and is checked once it is known", async () => {
    const { bucketName: _given, ...rest } = LEAST;
    const news = { ...rest, __defaultName: "box-1234abcd" };
    expect((await open().kind.check({}, news)).inputs).toEqual({
      ...FULL,
      bucketName: "box-1234abcd",
      __derived: true,
    });
    expect(bucketHandler.refuses?.(FULL, { owner: "ada" }, ["bucketName"])).toEqual([]);
  });
});

describe("what ECS fixes when it makes a bucket", () => {
  const whyFixed = (what: string) =>
    `ECS fixes the ${what} of a bucket when it is made, and a bucket that replaced it under the same name would delete the ` +
    "live one with its objects. Declare a new bucket beside it and move the objects, or change bucketName in the same " +
    "update: then the bucket is replaced, the new one first";

  test("its encryption cannot change", async () => {
    expect(await reasonsOf({ encryption: true }, { ...FULL, encryption: false })).toEqual([
      `encryption: cannot be changed from false to true: ${whyFixed("encryption")}`,
    ]);
  });

  test.each([
    ["rg1", "rg2"],
    [RG1, RG2],
  ])("its replication group cannot change: %s to %s", async (before, after) => {
    expect(await reasonsOf({ replicationGroup: after }, { ...FULL, replicationGroup: before })).toEqual([
      `replicationGroup: cannot be changed from "${before}" to "${after}": ${whyFixed("replication group")}`,
    ]);
  });

  test.each([
    ["rg1", RG2],
    [RG1, "rg2"],
  ])("whether a name and a URN are one replication group only the array can tell: %s to %s", async (before, after) => {
    expect(await reasonsOf({ replicationGroup: after }, { ...FULL, replicationGroup: before })).toEqual([]);
  });

  test.each([{ bucketName: "box-2" }, { namespace: "ns2" }])(
    "both may be others in a new bucket, which another name or namespace makes: %j",
    async (place) => {
      const olds = { ...FULL, encryption: false, replicationGroup: "rg1" };
      expect(await reasonsOf({ ...place, encryption: true, replicationGroup: "rg2" }, olds)).toEqual([]);
    },
  );
});

test("object lock is refused with what it would take; false is no wish", async () => {
  expect(await reasonsOf({ objectLock: true })).toEqual([
    "objectLock: object lock is not managed by this provider. On ECS it takes an IAM user (not an object user) as the owner, " +
      "a mode (GOVERNANCE or COMPLIANCE), a retention period, and access during outage off, and it can never be removed " +
      "from a bucket. Remove the property; a bucket that needs object lock is made with the vendor's own tools",
  ]);
  expect(await check({ objectLock: false })).toEqual({ inputs: FULL, failures: [] });
});

describe("versioning", () => {
  const suspended =
    "Versioning of ECS bucket ns1/box is suspended, not removed: versions that exist stay and count against the quota.";

  test("that is switched off is only suspended, which a warning says", async () => {
    const { kind, printed } = open();
    await kind.check({ ...FULL, versioning: true }, { ...LEAST, versioning: false });
    expect(printed).toEqual([`warning: ${suspended}`]);
  });

  test.each([
    [{ versioning: false }, { versioning: false }],
    [{ versioning: false }, {}],
    [{ versioning: true }, { versioning: true }],
    [{ versioning: true }, { versioning: false }],
    [{}, { versioning: true }],
  ])("needs no warning: %j after %j", (news, olds) => {
    expect(bucketHandler.cautions?.({ ...FULL, ...olds }, { ...FULL, ...news })).toEqual([]);
  });
});
