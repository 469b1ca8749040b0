import { describe, expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { stagingStoreHandler } from "../../provider/cloudstack/staging-store.handler.ts";
import { refusals, sentenceOf, withName, withoutForeign } from "../../provider/core/checking.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { bucketHandler as ecsBucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import { bucketHandler as s3BucketHandler } from "../../provider/s3/bucket.handler.ts";

const cloudianGroup = anyHandler(groupHandler);
const cloudianUser = anyHandler(userHandler);
const ecsBucket = anyHandler(ecsBucketHandler);
const ecsUser = anyHandler(objectUserHandler);
const s3Bucket = anyHandler(s3BucketHandler);

describe("withName", () => {
  const defaults = { namespace: "of-settings" };

  test.each([
    { what: "given", olds: { namespace: "old" }, news: { namespace: "new" }, namespace: "new" },
    { what: "as it was", olds: { namespace: "old" }, news: {}, namespace: "old" },
    { what: "of the settings", olds: {}, news: {}, namespace: "of-settings" },
    { what: "null, which is not given", olds: {}, news: { namespace: null }, namespace: "of-settings" },
  ])("an input that settings give is $what", ({ olds, news, namespace }) => {
    expect(withName(ecsBucket, olds, { bucketName: "b", ...news }, defaults).inputs).toEqual({
      bucketName: "b",
      namespace,
    });
  });

  test("a setting that gives nothing leaves the input out", () => {
    expect(withName(ecsBucket, {}, { bucketName: "b" }, { namespace: undefined }).inputs).toEqual({
      bucketName: "b",
      namespace: undefined,
    });
  });

  test.each([
    {
      what: "given",
      olds: { bucketName: "old" },
      news: { bucketName: "new", __defaultName: "d" },
      name: "new",
      derived: false,
    },
    { what: "derived for a new object", olds: {}, news: { __defaultName: "d" }, name: "d", derived: true },
    {
      what: "given, and was said to be derived",
      olds: {},
      news: { bucketName: "d", __derived: true },
      name: "d",
      derived: true,
    },
    {
      what: "derived, and kept as derived",
      olds: { bucketName: "d", __derived: true },
      news: { __defaultName: "other" },
      name: "d",
      derived: true,
    },
    {
      what: "once given, and kept as given",
      olds: { bucketName: "old" },
      news: { __defaultName: "d" },
      name: "old",
      derived: false,
    },
  ])("the name is $what", ({ olds, news, name, derived }) => {
    expect(withName(ecsBucket, olds, news, {})).toEqual({ inputs: { bucketName: name }, derived });
  });
});

describe("withoutForeign", () => {
  const lock = ["objectLock", "objectLocking", "objectLockEnabled", "objectLockConfiguration"];
  const otherLanguages = ["objectLockEnabledForBucket", "isObjectLockEnabled", "object_lock", "object_lock_enabled"];

  test.each([...lock, ...otherLanguages])("%s is refused with any value but false, by both kinds of bucket", (name) => {
    for (const value of [true, "Enabled", {}, { mode: "GOVERNANCE" }, 0, ""]) {
      const { own, refused } = withoutForeign(ecsBucket, { owner: "ada", [name]: value });
      expect(own).toEqual({ owner: "ada" });
      expect(refused).toEqual([
        {
          property: name,
          reason:
            "object lock is not managed by this provider. On ECS it takes an IAM user (not an object user) as the owner, a mode " +
            "(GOVERNANCE or COMPLIANCE), a retention period, and access during outage off, and it can never be removed from a " +
            "bucket. Remove the property; a bucket that needs object lock is made with the vendor's own tools",
        },
      ]);
      expect(withoutForeign(s3Bucket, { [name]: value }).refused.map(({ property }) => property)).toEqual([name]);
    }
    for (const kind of [ecsBucket, s3Bucket])
      expect(withoutForeign(kind, { [name]: false })).toEqual({ own: {}, refused: [] });
  });

  test("what nobody refuses by name stays, for the schema to refuse", () => {
    const odd = { objectlock: true, OBJECT_LOCK: true, lock: true };
    expect(withoutForeign(ecsBucket, odd)).toEqual({ own: odd, refused: [] });
    expect(withoutForeign(ecsUser, { objectLock: true })).toEqual({ own: { objectLock: true }, refused: [] });
  });

  test("what is not given is not looked at", () => {
    const nothing = { objectLock: null, objectLocking: undefined };
    expect(withoutForeign(ecsBucket, nothing)).toEqual({ own: nothing, refused: [] });
  });

  test("a property called __proto__ is one like any other", () => {
    const { own } = withoutForeign(ecsBucket, JSON.parse('{"__proto__": {"owner": "ada"}}'));
    expect(Object.keys(own)).toEqual(["__proto__"]);
    expect(own["owner"]).toBeUndefined();
  });
});

describe("refusals", () => {
  const RG = "urn:storageos:ReplicationGroupInfo:1:global";
  const OTHER = "urn:storageos:ReplicationGroupInfo:2:global";
  const bucket = { namespace: "ns1", bucketName: "box", owner: "ada", encryption: true, replicationGroup: "rg1" };
  const of = (known: object, before: object = bucket, unknown: object = {}) =>
    refusals(ecsBucket, before as never, known as never, unknown as never, []).map(sentenceOf);
  const waysOut =
    "and a bucket that replaced it under the same name would delete the live one with its objects. Declare a new bucket beside it " +
    "and move the objects, or change bucketName in the same update: then the bucket is replaced, the new one first";

  test.each([true, false])("encryption from %s to the other", (encryption) => {
    expect(of({ ...bucket, encryption: !encryption }, { ...bucket, encryption })).toEqual([
      `encryption: cannot be changed from ${encryption} to ${!encryption}: ECS fixes the encryption of a bucket when it is made, ${waysOut}`,
    ]);
  });

  test("a replication group by another name, or another URN", () => {
    expect(of({ ...bucket, replicationGroup: "rg2" })).toEqual([
      `replicationGroup: cannot be changed from "rg1" to "rg2": ECS fixes the replication group of a bucket when it is made, ${waysOut}`,
    ]);
    expect(of({ ...bucket, replicationGroup: OTHER }, { ...bucket, replicationGroup: RG })).toHaveLength(1);
  });

  test("a name in place of a URN may be the same group, which only the array can tell", () => {
    expect(of({ ...bucket, replicationGroup: RG })).toEqual([]);
    expect(of(bucket, { ...bucket, replicationGroup: RG })).toEqual([]);
  });

  test("both at once are both told", () => {
    expect(of({ ...bucket, encryption: false, replicationGroup: "rg2" })).toHaveLength(2);
  });

  test("what is declared anew, or not any more, is no change", () => {
    const { encryption: _encryption, replicationGroup: _group, ...plain } = bucket;
    expect(of(bucket, plain)).toEqual([]);
    expect(of(plain)).toEqual([]);
  });

  test("a name or namespace that changes, or may change, makes it another bucket", () => {
    const { bucketName: _name, ...nameless } = bucket;
    expect(of({ ...bucket, encryption: false, bucketName: "box-2" })).toEqual([]);
    expect(of({ ...bucket, encryption: false, namespace: "ns2" })).toEqual([]);
    expect(of({ ...nameless, encryption: false }, bucket, { bucketName: "unknown" })).toEqual([]);
  });

  test("a bucket name outside DNS is refused for a new bucket, and stays where it is", () => {
    const odd = { ...bucket, bucketName: "Under_Score" };
    const reason =
      "bucketName: must hold only lower case letters, digits, . and -; such a bucket cannot be addressed by host name. " +
      "allowNonDnsName: true takes it all the same";
    expect(refusals(ecsBucket, undefined, odd, {}, []).map(sentenceOf)).toEqual([reason]);
    expect(of(odd)).toEqual([reason]);
    expect(of({ ...odd, allowNonDnsName: true })).toEqual([]);
    expect(of(odd, odd)).toEqual([]);
  });

  test("the type of a Cloudian user, whose kind gives no reason of its own", () => {
    const ada = { groupId: "blue", userId: "ada", userType: "User" };
    expect(refusals(cloudianUser, ada, { ...ada, userType: "GroupAdmin" }, {}, []).map(sentenceOf)).toEqual([
      'userType: cannot be changed from "User" to "GroupAdmin" under the same groupId and userId: a replacement of the same name ' +
        'would delete the live object. Declare "User", or give the new object another userId',
    ]);
  });

  test("a kind that refuses nothing refuses nothing of a new object either", () => {
    expect(refusals(cloudianGroup, undefined, { groupId: "blue" }, {}, [])).toEqual([]);
  });

  test("the storage policy of an S3 bucket", () => {
    const box = { endpoint: "https://s3.example:443", bucketName: "box", storagePolicy: "p-1" };
    expect(refusals(s3Bucket, box, { ...box, storagePolicy: "p-2" }, {}, []).map(sentenceOf)).toEqual([
      'storagePolicy: cannot be changed from "p-1" to "p-2": HyperStore takes it when a bucket is made, and no S3 call tells or ' +
        "changes it. Declare what it was made with, or give the new bucket another bucketName",
    ]);
  });

  test("a fixed value that the program has made secret is not shown", () => {
    const box = { endpoint: "https://s3.example:443", bucketName: "box", storagePolicy: "Canary-p-1" };
    const hidden = refusals(s3Bucket, box, { ...box, storagePolicy: "Canary-p-2" }, {}, ["storagePolicy"]).map(
      sentenceOf,
    );
    expect(hidden).toEqual([
      "storagePolicy: cannot be changed from [secret] to [secret]: HyperStore takes it when a bucket is made, and no S3 call tells " +
        "or changes it. Declare what it was made with, or give the new bucket another bucketName",
    ]);
  });

  test.each([
    { before: 2, after: 1, reason: "can only be raised; it is 2 and was to become 1" },
    { before: 1, after: 0, reason: "must be a whole number from 1" },
  ])("keyGeneration from $before to $after", ({ before, after, reason }) => {
    const user = { namespace: "ns1", userName: "ada" };
    const found = refusals(ecsUser, { ...user, keyGeneration: before }, { ...user, keyGeneration: after }, {}, []);
    expect(found).toEqual([{ property: "keyGeneration", reason }]);
  });

  test.each([
    [1, 2],
    [0, 1],
    [0, 0],
  ])("keyGeneration from %i to %i passes: a lost pair reads 0", (before, after) => {
    const user = { namespace: "ns1", userName: "ada" };
    expect(refusals(ecsUser, { ...user, keyGeneration: before }, { ...user, keyGeneration: after }, {}, [])).toEqual(
      [],
    );
  });
});

describe("a refusal's sentence", () => {
  test("has the path in front of the reason, and no more of it than can be read", () => {
    expect(sentenceOf({ property: "", reason: "is wrong" })).toBe("is wrong");
    expect(sentenceOf({ property: "tags.a", reason: "is wrong" })).toBe("tags.a: is wrong");
    expect(sentenceOf({ property: "a".repeat(200), reason: "is wrong" })).toBe(`${"a".repeat(200)}: is wrong`);
    expect(sentenceOf({ property: "a".repeat(201), reason: "is wrong" })).toBe(`${"a".repeat(200)}…: is wrong`);
    expect(sentenceOf({ property: "a\ud800", reason: "is wrong" })).toBe("a\ufffd: is wrong");
  });
});

test("a kind whose name is always given has none derived, and none given is none", () => {
  const store = anyHandler(stagingStoreHandler);
  expect(withName(store, {}, { zoneId: "z" }, {})).toEqual({ inputs: { zoneId: "z" }, derived: false });
  expect(withName(ecsBucket, {}, { owner: "ada" }, {})).toEqual({ inputs: { owner: "ada" }, derived: false });
});

describe("cautions", () => {
  test.each([
    {
      handler: ecsBucket,
      bucket: { namespace: "ns1", bucketName: "box" },
      id: "ECS bucket ns1/box",
      cost: "count against the quota",
    },
    {
      handler: s3Bucket,
      bucket: { bucketName: "box" },
      id: "S3 bucket box",
      cost: "take space, new ones are not kept",
    },
  ])("$id: versioning turned off is suspended, and that is worth a sentence", ({ handler, bucket, id, cost }) => {
    const of = (before: boolean | undefined, after: boolean | undefined) =>
      handler.cautions?.({ ...bucket, versioning: before } as never, { ...bucket, versioning: after } as never);
    expect(of(true, false)).toEqual([
      `Versioning of ${id} is suspended, not removed: versions that exist stay and ${cost}.`,
    ]);
    for (const [before, after] of [
      [undefined, false],
      [false, false],
      [false, true],
      [true, undefined],
      [true, true],
    ] as const)
      expect(of(before, after)).toEqual([]);
  });
});
