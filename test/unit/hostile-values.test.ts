import { beforeAll, expect, test, vi } from "vitest";
import type { Properties } from "../harness/provider-client.ts";
import { type Kinds, kinds, TEXT } from "../property/support.ts";

const settings = { ecsNamespace: "ns1" };

beforeAll(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});

async function reasonsOf(kind: keyof Kinds, inputs: Properties): Promise<string[]> {
  const { failures = [] } = await kinds(settings)[kind].check({}, { ...inputs, ...TEXT });
  return failures.map(({ reason }) => reason);
}

const bucket = {
  endpoint: "https://s3.example.test",
  bucketName: "box",
  accessKeyId: "key",
  secretAccessKey: "Zq9~secret",
};
const pool = { poolName: "pool", url: "https://pool.example.test", providerName: "MinIO" };

test.each([
  ["group", { groupId: "blue\ud800" }, "groupId: must not hold one half of a surrogate pair"],
  [
    "group",
    { groupId: "blue", ldap: { enabled: true, group: "\udfff" } },
    "ldap.group: must not hold one half of a surrogate pair",
  ],
  ["ecsUser", { userName: "ada", tags: { "a\ud800": "b" } }, "tags.a\ufffd: cannot have this name"],
  ["s3Bucket", { ...bucket, tags: { "a\ud800": "b" } }, "tags.a\ufffd: cannot have this name"],
] as const)("a text of a %s that UTF-8 cannot carry is refused", async (kind, inputs, reason) => {
  expect(await reasonsOf(kind, inputs)).toEqual([reason]);
});

test("the name of a member in a reason is cut where nobody would read it to its end", async () => {
  const [reason = ""] = await reasonsOf("group", { groupId: "blue", limits: { ["x".repeat(1_000_000)]: {} } });
  expect(reason).toMatch(/^limits\.x{193}…: there is no such property; there are storageKiB, /);
});

test.each([
  ["setting", { settingName: { toString: "yes" }, value: "7" }, /^settingName: /],
  ["setting", { settingName: [{}], value: "7" }, /^settingName: /],
  ["pool", { ...pool, s3: { accessKeyId: "key", secretAccessKey: 7 } }, /^s3\.secretAccessKey: /],
  [
    "pool",
    { ...pool, s3: { accessKeyId: "key", secretAccessKey: "half\ud800" } },
    /^s3\.secretAccessKey: must not hold/,
  ],
  ["s3Bucket", { ...bucket, secretAccessKey: "half\ud800" }, /^secretAccessKey: must not hold/],
] as const)(
  "what a %s keeps secret may be of any kind, and the check has words for it",
  async (kind, inputs, reason) => {
    const reasons = await reasonsOf(kind, inputs);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(reason);
  },
);

test.each([
  ["storagePolicy", "gold\r\nx-injected: yes"],
  ["storagePolicy", "öffentlich"],
  ["accessKeyId", "key\nx"],
])("%s of an S3 bucket travels in a header, and has to fit into one", async (property, value) => {
  expect(await reasonsOf("s3Bucket", { ...bucket, [property]: value })).toEqual([
    `${property}: must hold visible ASCII characters only`,
  ]);
});

test.each([
  ["tags", { tags: { team: "a\u0000" } }],
  ["tags", { tags: { "team\u001b": "a" } }],
  ["cors", { cors: [{ allowedMethods: ["GET"], allowedOrigins: ["https://a\u0008"] }] }],
  ["cors", { cors: [{ allowedMethods: ["GET"], allowedOrigins: ["*"], exposeHeaders: ["\uffff"] }] }],
])("%s of a bucket travel as XML, which does not carry every character", async (property, inputs) => {
  const [reason = "", ...more] = await reasonsOf("s3Bucket", { ...bucket, ...inputs });
  expect(more).toEqual([]);
  expect(reason).toMatch(new RegExp(`^${property}\\b.*: must not hold characters that XML cannot carry$`));
});
