import { expect, test } from "vitest";
import { type Found, OutputOf } from "../../provider/cli/import/found.ts";
import { settleReferences } from "../../provider/cli/import/references.ts";

const urn = "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/cloudstack-storage:CloudianUser::ada";

const found = (kind: string, name: string, more: Partial<Found> = {}): Found => ({
  kind,
  name,
  stem: name,
  id: name,
  way: "import",
  instead: {},
  notReturned: [],
  ...more,
});

const keys = {
  accessKeyId: new OutputOf("CloudianUser", "blue/ada", "accessKeyId"),
  secretAccessKey: new OutputOf("CloudianUser", "blue/ada", "secretAccessKey"),
};
const takeover = {
  id: "invoices",
  declared: {},
  inputs: {},
  outputs: {},
  secrets: ["secretAccessKey"],
  atDefault: [],
  unread: [],
  ignored: [],
};
const bucket = found("S3Bucket", "invoices", { takeover, instead: keys });

const verdictOf = (owner: readonly Found[]) => {
  const { way, reason } = settleReferences([...owner, bucket]).at(-1) as Found;
  return { way, reason };
};

test("a bucket whose owner is taken over takes its keys from there", () => {
  expect(settleReferences([found("CloudianUser", "blue/ada"), bucket]).at(-1)).toEqual(bucket);
});

test("a bucket whose owner the stack holds already says how it gets under Pulumi", () => {
  expect(verdictOf([found("CloudianUser", "blue/ada", { way: "none", heldBy: urn })])).toEqual({
    way: "none",
    reason: `its secretAccessKey is that of CloudianUser blue/ada, which the stack holds already, as ${urn}: declare an S3Bucket with adopt: true and the outputs of that resource`,
  });
});

test("a bucket whose owner is not taken over is left alone", () => {
  expect(verdictOf([])).toEqual({
    way: "none",
    reason: "its secretAccessKey is that of CloudianUser blue/ada, which is not among what is taken over",
  });
});
