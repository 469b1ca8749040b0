import { describe, expect, test } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { Secrecy } from "../../provider/core/secrecy.ts";
import { Settings } from "../../provider/core/settings.ts";
import { bucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { handlerOf } from "../../provider/handlers.ts";
import { bucketInfo, ecsArray, messageOf, processOf, RG1, RG2 } from "./ecs-array.ts";

const array = ecsArray();
const { client } = array;
const handler = anyHandler(bucketHandler);

const BOX = { namespace: "ns1", bucketName: "box" };
const FULL = { ...BOX, owner: "ada", allowNonDnsName: false, forceDestroy: false, adopt: false };

test("the class and its id: a bucket is one in its namespace", () => {
  expect(handlerOf("EcsBucket")).toBe(bucketHandler);
  expect(bucketHandler.idOf(FULL)).toBe("ns1/box");
});

test("the address and the password come from the settings", () => {
  const settings = {
    "cloudstack-storage:ecsEndpoint": "https://ecs.example.test:4443/",
    "cloudstack-storage:ecsUsername": "pulumi",
    "cloudstack-storage:ecsPassword": "Canary-ecs-password",
  } as Record<string, string>;
  const { endpoint } = bucketHandler.connect(new Settings({ get: (key) => settings[key] }, {}), {});
  expect(endpoint).toBe("https://ecs.example.test:4443");
});

test.each(["box", "ns1/", "/box", ""])("an id of another form is refused: %j", async (id) => {
  const text = `"${id}" is no id of an ECS bucket; it has the form namespace/bucketName.`;
  expect(() => bucketHandler.read(client, id, undefined)).toThrow(text);
  expect(() => bucketHandler.delete(client, id, FULL)).toThrow(text);
  expect(await messageOf(bucketHandler.update(client, id, FULL, FULL, () => {}, []))).toBe(text);
  expect(array.sent).toEqual([]);
});

describe("what else may hold the bucket, because an ECS bucket is an S3 bucket, too", () => {
  test("is told by its name; nothing of the address is in the id", () => {
    expect(bucketHandler.twin?.(client, BOX)).toMatchObject({
      label: "bucket box",
      name: "ECS bucket ns1/box",
      kind: "EcsBucket",
      hasAddressInId: false,
    });
  });

  test.each([
    [true, true],
    [false, false],
    [undefined, false],
  ])("adopt: %s says whether it may have been taken over: %s", (adopt, mayAdopt) => {
    expect(bucketHandler.twin?.(client, { ...BOX, ...(adopt === undefined ? {} : { adopt }) })).toMatchObject({
      mayAdopt,
    });
  });

  test("is not told while name or namespace is unknown", () => {
    for (const known of [{ namespace: "ns1" }, { bucketName: "box" }, {}])
      expect(bucketHandler.twin?.(client, known)).toBeUndefined();
  });

  test("is as old as the array says, if there is such a bucket", async () => {
    const twin = bucketHandler.twin?.(client, BOX);
    expect(await twin?.created()).toBeUndefined();
    array.buckets = { "ns1/box": bucketInfo({ created: 1704067210000 }) };
    expect(await twin?.created()).toBe(1704067210000);
    expect(array.sent).toEqual([
      ["GET bucket", "ns1/box"],
      ["GET bucket", "ns1/box"],
    ]);
  });
});

describe("an update or a replacement", () => {
  const recorded = (more: object = {}) => ({ __provider: "text", ...FULL, ...more });
  const diff = (olds: object, news: object) =>
    processOf({ ...handler, connect: () => client }).kind.diff("ns1/box", recorded(olds), recorded(news));

  test("another name or namespace replaces, the owner does not", async () => {
    expect(await diff({}, { bucketName: "next" })).toEqual({ replaces: ["bucketName"] });
    expect(await diff({}, { namespace: "ns2" })).toEqual({ replaces: ["namespace"] });
    expect(await diff({}, { owner: "bob" })).toEqual({ replaces: [] });
  });

  const forms = { __replicationGroupForms: [RG1, "rg1"] };

  test.each([
    ["rg1", RG1],
    [RG1, "rg1"],
  ])("the same replication group in its other form is no change: %s as %s", async (before, after) => {
    expect(await diff({ ...forms, replicationGroup: before }, { replicationGroup: after })).toEqual({ changes: false });
  });

  test.each([
    { what: "another group", olds: { ...forms, replicationGroup: "rg1" }, news: { replicationGroup: RG2 } },
    { what: "a group of unknown forms", olds: { replicationGroup: "rg1" }, news: { replicationGroup: RG1 } },
    {
      what: "a group instead of another",
      olds: { ...forms, replicationGroup: RG2 },
      news: { replicationGroup: "rg1" },
    },
    { what: "a group on a bucket that declared none", olds: forms, news: { replicationGroup: "rg1" } },
    { what: "none any more", olds: { ...forms, replicationGroup: "rg1" }, news: {} },
    {
      what: "an owner who is called as a group",
      olds: { ...forms, replicationGroup: "rg1" },
      news: { owner: "rg1", replicationGroup: "rg1" },
    },
  ])("$what is a change", async ({ olds, news }) => {
    expect(await diff(olds, news)).toEqual({ replaces: [] });
  });
});

test("outputs are as secret as the inputs that they show", () => {
  const outputs = {
    replicationGroup: "rg1",
    __replicationGroupForms: [RG1, "rg1"],
    bucketName: "box",
    publicUrl: "https://objects.example.test/box",
    encryption: true,
    encrypted: true,
  };
  const secretIn = (input: string) =>
    Object.entries(new Secrecy(handler).wired({ ...outputs, __secrets: [input] })).flatMap(([key, value]) =>
      Object.hasOwn(value as object, "4dabf18193072939515e22adb298388d") ? [key] : [],
    );
  expect(secretIn("replicationGroup")).toEqual(["replicationGroup", "__replicationGroupForms"]);
  expect(secretIn("bucketName")).toEqual(["bucketName", "publicUrl"]);
  expect(secretIn("encryption")).toEqual(["encryption", "encrypted"]);
  expect(secretIn("owner")).toEqual([]);
});

test("a refresh carries over what is only ours, and nothing that the program leaves unmanaged", async () => {
  array.buckets = { "ns1/box": bucketInfo({ owner: "bob", quota: { hard: 3, notify: 2 } }) };
  const olds = { ...FULL, allowNonDnsName: true, forceDestroy: true, adopt: true, quotaGiB: 5 };
  const { kind } = processOf({ ...handler, connect: () => client });
  expect((await kind.read("ns1/box", olds)).inputs).toEqual({ ...olds, owner: "bob", quotaGiB: 3 });
});
