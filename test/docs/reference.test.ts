import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { settingHandler } from "../../provider/cloudstack/global-setting.handler.ts";
import { poolHandler } from "../../provider/cloudstack/object-storage-pool.handler.ts";
import { secondaryStorageHandler } from "../../provider/cloudstack/secondary-storage.handler.ts";
import { stagingStoreHandler } from "../../provider/cloudstack/staging-store.handler.ts";
import { rosterHandler } from "../../provider/components/roster.handler.ts";
import { bucketHandler as ecsBucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import { bucketHandler as s3BucketHandler } from "../../provider/s3/bucket.handler.ts";
import { outdatedPages } from "../harness/reference.ts";
import { type Field, readSurface } from "../harness/surface.ts";

const { kinds, functions, shapes } = readSurface();
const resources = kinds.filter(({ form }) => form === "resource");
const handlers = [
  groupHandler,
  userHandler,
  settingHandler,
  poolHandler,
  secondaryStorageHandler,
  stagingStoreHandler,
  rosterHandler,
  ecsBucketHandler,
  objectUserHandler,
  s3BucketHandler,
];

test("docs/reference is what the doc comments say (npm run reference)", () => {
  expect(outdatedPages()).toEqual([]);
});

test("the surface is seen at all", () => {
  expect(kinds.map(({ form, name, inputs }) => [form, name, inputs.length])).toEqual([
    ["resource", "CloudianGroup", 10],
    ["resource", "CloudianUser", 15],
    ["resource", "GlobalSetting", 5],
    ["resource", "ObjectStoragePool", 7],
    ["resource", "S3SecondaryStorage", 18],
    ["resource", "SecondaryStagingStore", 4],
    ["component", "CloudianConnector", 14],
    ["component", "CloudianSecondaryStorage", 8],
    ["component", "CloudianTenancy", 8],
    ["component", "EcsTenancy", 6],
    ["resource", "TenancyRoster", 3],
    ["resource", "EcsBucket", 16],
    ["resource", "EcsObjectUser", 8],
    ["provider", "Provider", 37],
    ["resource", "S3Bucket", 13],
  ]);
  expect(functions.map(({ name, inputs, result }) => [name, inputs.length, result])).toEqual([
    ["cloudianLogoutUrl", 2, "string"],
    ["cloudianSsoUrl", 6, "string"],
    ["getAccounts", 7, "GetAccountsResult"],
    ["getDomains", 7, "GetDomainsResult"],
    ["getZones", 7, "GetZonesResult"],
  ]);
  expect(shapes.map(({ name, isInput }) => [name, isInput])).toEqual(
    expect.arrayContaining([
      ["Limits", true],
      ["StagingZone", true],
      ["Domain", false],
    ]),
  );
});

test("every public field and type has a description", () => {
  const bare = [
    ...[...kinds, ...functions].flatMap((owner) => [
      ...(owner.text === "" ? [owner.name] : []),
      ...(owner.argsText === "" ? [`arguments of ${owner.name}`] : []),
    ]),
    ...kinds.flatMap(({ name, inputs, outputs }) => without(name, [...inputs, ...outputs], "text")),
    ...functions.flatMap(({ name, inputs, results }) => without(name, [...inputs, ...results], "text")),
    ...shapes.flatMap((shape) => [
      ...(shape.text === "" ? [shape.name] : []),
      ...without(shape.name, shape.members, "text"),
    ]),
  ];
  expect(bare).toEqual([]);
});

test("every input and every member of a declared shape says what removing it leaves", () => {
  const bare = [
    ...kinds.flatMap((kind) => without(kind.name, kind.inputs, "removing")),
    ...declaredShapes().flatMap((shape) => without(shape.name, shape.members, "removing")),
  ];
  expect(bare).toEqual([]);
});

test("every optional argument of a function says what holds without it", () => {
  const optional = functions.flatMap(({ name, inputs }) => inputs.map((field) => ({ owner: name, field })));
  const bare = optional.filter(
    ({ field }) =>
      field.optional && field.initial === undefined && !/Required with |Name of the environment/.test(field.text),
  );
  expect(bare.map(({ owner, field }) => `${owner}.${field.name}`)).toEqual([]);
});

test("every input of a resource or component and every member of a declared shape says whether a change replaces", () => {
  const bare = [
    ...kinds.filter(({ form }) => form !== "provider").flatMap((kind) => without(kind.name, kind.inputs, "replaces")),
    ...declaredShapes().flatMap((shape) => without(shape.name, shape.members, "replaces")),
  ];
  expect(bare).toEqual([]);
});

test("every resource tells its id", () => {
  expect(resources.map(({ name, id }) => [name, id])).toEqual([
    ["CloudianGroup", "`groupId`"],
    ["CloudianUser", "`groupId/userId`"],
    ["GlobalSetting", "name, or `scopeType:uuid/settingName`"],
    ["ObjectStoragePool", "UUID that CloudStack gives"],
    ["S3SecondaryStorage", "UUID that CloudStack gives"],
    ["SecondaryStagingStore", "UUID that CloudStack gives"],
    ["TenancyRoster", "`rosterName`"],
    ["EcsBucket", "`namespace/bucketName`"],
    ["EcsObjectUser", "`namespace/userName`"],
    ["S3Bucket", "`bucketName@host:port`"],
  ]);
});

test("type tokens are what the classes register", () => {
  expect(kinds.filter(({ form }) => form === "component").map(({ type }) => type)).toEqual([
    "cloudstack-storage:index:CloudianConnector",
    "cloudstack-storage:index:CloudianSecondaryStorage",
    "cloudstack-storage:index:CloudianTenancy",
    "cloudstack-storage:index:EcsTenancy",
  ]);
  const unsaid = kinds.filter(({ form, file, type }) => form === "component" && !sourceOf(file).includes(`"${type}"`));
  expect(unsaid).toEqual([]);
});

test.each(handlers)("$kind: marks and comments agree with what the handler does", (handler) => {
  const kind = kinds.find(({ name }) => name === handler.kind);
  const inputs = kind?.inputs ?? [];
  expect(inputs.map(({ name }) => name)).toEqual(Object.keys(handler.args.shape));
  const replacing = inputs.filter(({ replaces }) => /^yes\b/.test(replaces ?? "")).map(({ name }) => name);
  expect(replacing.toSorted()).toEqual(handler.replaces.toSorted());
  const secret = [...inputs, ...(kind?.outputs ?? [])].filter((field) => field.secret);
  const kept = [...handler.secrets, ...(handler.confidential ?? [])];
  expect(secret.map(({ name }) => name)).toEqual(kept.filter((name) => !name.startsWith("__")));
  expect(Object.fromEntries(inputs.flatMap(documentedDefault))).toEqual(defaultsOf(handler.args.shape));
});

test("documented defaults of settings are those that hold", async () => {
  const { Settings } = await import("../../provider/core/settings.ts");
  const provider = kinds.find(({ name }) => name === "Provider");
  const documented = Object.fromEntries((provider?.inputs ?? []).flatMap(documentedDefault));
  const transport = new Settings({ get: () => undefined }, {}).transport();
  expect(documented).toEqual({
    ...transport,
    cloudianInsecure: false,
    cloudstackInsecure: false,
    ecsInsecure: false,
    ecsS3Insecure: false,
    s3Insecure: false,
  });
});

function declaredShapes() {
  return shapes.filter(({ isInput }) => isInput);
}

function sourceOf(file: string): string {
  return readFileSync(join(import.meta.dirname, "../..", file), "utf8");
}

function without(owner: string, fields: readonly Field[], part: "text" | "removing" | "replaces"): string[] {
  return fields.filter((field) => !field[part]).map((field) => `${owner}.${field.name}`);
}

/** The default that a comment names as a value, a remark in parentheses aside; a described one, such as a derived name, is none. */
function documentedDefault({ name, initial }: Field): [string, unknown][] {
  const text = initial?.replaceAll("`", "").replace(/ \(.*\)$/, "") ?? "";
  return /^(?:".*"|true|false|\d+)$/.test(text) ? [[name, JSON.parse(text)]] : [];
}

function defaultsOf(shape: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape as Record<string, { safeParse(value: unknown): { success: boolean; data?: unknown } }>)
      .map(([name, property]) => [name, property.safeParse(undefined).data] as const)
      .filter(([, value]) => value !== undefined),
  );
}
