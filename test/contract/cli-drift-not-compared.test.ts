import { expect, test } from "vitest";
import { handlerOf } from "../../provider/handlers.ts";

function unseen(kind: string, recorded: Record<string, unknown>): readonly string[] | undefined {
  return handlerOf(kind)?.unseenIn?.(recorded);
}

test.each([
  ["Secure", ["value"]],
  ["Hidden", ["value"]],
  ["Advanced", []],
  [undefined, []],
])("a setting of the category %s does not show %j", (__category, properties) => {
  expect(unseen("GlobalSetting", { settingName: "a", value: "b", __category })).toEqual(properties);
});

test.each([
  [{ url: "https://s3.example.test/secondary", protocol: "https" }, []],
  [{ url: "http://s3.example.test:9000/secondary", protocol: "http" }, []],
  [{ url: "https://s3.example.test/secondary" }, ["useHttps"]],
  [{ url: "s3://secondary", protocol: "https" }, ["endpoint", "bucket"]],
  [{ url: "https://s3.example.test/one/two", protocol: "https" }, ["endpoint", "bucket"]],
  [{ protocol: "https" }, ["endpoint", "bucket"]],
])("a store that is recorded with %j does not show %j", (recorded, properties) => {
  expect(unseen("S3SecondaryStorage", recorded)).toEqual(properties);
});

test("other kinds show all that they take, but for what no call returns", () => {
  const kinds = ["CloudianGroup", "CloudianUser", "EcsBucket", "EcsObjectUser", "ObjectStoragePool", "S3Bucket"];
  expect(kinds.map((kind) => unseen(kind, {}))).toEqual(kinds.map(() => undefined));
});
