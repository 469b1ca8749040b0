import { expect, test } from "vitest";
import { nearestName } from "../../provider/core/spelling.ts";

const NAMES = ["bucketName", "namespace", "owner", "quotaGiB", "notifyAtGiB", "policy", "tags", "cors", "adopt"];

test.each([
  ["bucketname", "bucketName"],
  ["bucket_name", "bucketName"],
  ["BUCKET-NAME", "bucketName"],
  ["buketNmae", "bucketName"],
  ["nameSpace", "namespace"],
  ["quotaGB", "quotaGiB"],
  ["quota_gib", "quotaGiB"],
  ["polcy", "policy"],
  ["tag", "tags"],
  ["Cors", "cors"],
  ["adop", "adopt"],
  ["onwer", "owner"],
])("%s was probably meant to be %s", (written, meant) => {
  expect(nearestName(written, NAMES)).toBe(meant);
});

test.each(["encryption", "versioning", "retentionSeconds", "__proto__", "constructor", "x".repeat(60), "😀😀😀😀😀"])(
  "%s is like none of them",
  (written) => {
    expect(nearestName(written, NAMES)).toBeUndefined();
  },
);

test("of two that are equally near the first is taken, and of nothing none", () => {
  expect(nearestName("abcd", ["abce", "abcf"])).toBe("abce");
  expect(nearestName("owner", [])).toBeUndefined();
});

test("of two that are near the nearer is taken, wherever it stands", () => {
  expect(nearestName("abcd", ["abxy", "abce"])).toBe("abce");
  expect(nearestName("abcd", ["abce", "abxy"])).toBe("abce");
});

test("a name is compared as long as a name may be", () => {
  const names = [`${"x".repeat(199)}y`];
  expect(nearestName("x".repeat(200), names)).toBe(names[0]);
  expect(nearestName("x".repeat(201), names)).toBeUndefined();
});
