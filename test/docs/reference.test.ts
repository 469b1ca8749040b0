import { expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { bucketHandler as ecsBucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import { bucketHandler as s3BucketHandler } from "../../provider/s3/bucket.handler.ts";
import { outdatedPages } from "../harness/reference.ts";
import { type Field, type Kind, readSurface } from "../harness/surface.ts";

const { kinds, shapes } = readSurface();
const handlers = [groupHandler, userHandler, ecsBucketHandler, objectUserHandler, s3BucketHandler];

test("docs/reference is what the doc comments say (npm run reference)", () => {
  expect(outdatedPages()).toEqual([]);
});

test("the surface is seen at all", () => {
  expect(kinds.map(({ name }) => name)).toEqual([
    "CloudianGroup",
    "CloudianUser",
    "EcsBucket",
    "EcsObjectUser",
    "Provider",
    "S3Bucket",
  ]);
  expect(kinds.map(({ inputs }) => inputs.length)).toEqual([10, 15, 16, 8, 29, 13]);
  expect(shapes.map(({ name }) => name)).toContain("Limits");
});

test("every public field and type has a description", () => {
  const bare = [
    ...kinds.flatMap((kind) => [
      ...(kind.text === "" ? [kind.name] : []),
      ...(kind.argsText === "" ? [`${kind.name}Args`] : []),
      ...without(kind.name, [...kind.inputs, ...kind.outputs], "text"),
    ]),
    ...shapes.flatMap((shape) => [
      ...(shape.text === "" ? [shape.name] : []),
      ...without(shape.name, shape.members, "text"),
    ]),
  ];
  expect(bare).toEqual([]);
});

test("every input and every member of a shape says what removing it leaves", () => {
  const bare = [
    ...kinds.flatMap((kind) => without(kind.name, kind.inputs, "removing")),
    ...shapes.flatMap((shape) => without(shape.name, shape.members, "removing")),
  ];
  expect(bare).toEqual([]);
});

test("every input of a resource and every member of a shape says whether a change replaces", () => {
  const bare = [
    ...kinds.filter(isResource).flatMap((kind) => without(kind.name, kind.inputs, "replaces")),
    ...shapes.flatMap((shape) => without(shape.name, shape.members, "replaces")),
  ];
  expect(bare).toEqual([]);
});

test("every resource tells its id", () => {
  expect(kinds.filter(isResource).map(({ name, id }) => [name, id])).toEqual([
    ["CloudianGroup", "groupId"],
    ["CloudianUser", "groupId/userId"],
    ["EcsBucket", "namespace/bucketName"],
    ["EcsObjectUser", "namespace/userName"],
    ["S3Bucket", "bucketName@host:port"],
  ]);
});

test.each(handlers)("$kind: marks and comments agree with what the handler does", (handler) => {
  const kind = kinds.find(({ name }) => name === handler.kind);
  const inputs = kind?.inputs ?? [];
  expect(inputs.map(({ name }) => name)).toEqual(Object.keys(handler.args.shape));
  const replacing = inputs.filter(({ replaces }) => replaces === "yes").map(({ name }) => name);
  expect(replacing.toSorted()).toEqual(handler.replaces.toSorted());
  const secret = [...inputs, ...(kind?.outputs ?? [])].filter((field) => field.secret);
  expect(secret.map(({ name }) => name)).toEqual(handler.secrets.filter((name) => !name.startsWith("__")));
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
    ecsInsecure: false,
    ecsS3Insecure: false,
    s3Insecure: false,
  });
});

function isResource(kind: Kind): boolean {
  return kind.type !== undefined;
}

function without(owner: string, fields: readonly Field[], part: "text" | "removing" | "replaces"): string[] {
  return fields.filter((field) => !field[part]).map((field) => `${owner}.${field.name}`);
}

/** The default that a comment names as a value; a described one, such as a derived name, is none. */
function documentedDefault({ name, initial }: Field): [string, unknown][] {
  const text = initial?.replaceAll("`", "") ?? "";
  return /^(?:".*"|true|false|\d+)$/.test(text) ? [[name, JSON.parse(text)]] : [];
}

function defaultsOf(shape: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape as Record<string, { safeParse(value: unknown): { success: boolean; data?: unknown } }>)
      .map(([name, property]) => [name, property.safeParse(undefined).data] as const)
      .filter(([, value]) => value !== undefined),
  );
}
