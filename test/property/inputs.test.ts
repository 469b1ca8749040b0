import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import {
  ecsBucketArgs,
  ecsBucketInputs,
  ecsUserArgs,
  ecsUserInputs,
  s3BucketArgs,
  s3BucketInputs,
} from "./bucket-inputs.ts";
import {
  poolArgs,
  poolInputs,
  rosterArgs,
  rosterInputs,
  settingArgs,
  settingInputs,
  stagingArgs,
  stagingInputs,
  storeArgs,
  storeInputs,
} from "./cloudstack-inputs.ts";
import {
  groupArgs,
  groupInputs,
  type Kinds,
  kinds,
  type Properties,
  password,
  TEXT,
  text,
  unsendable,
  unwrapped,
  userArgs,
  userInputs,
} from "./support.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SETTINGS = {
  cloudianEndpoint: "http://127.0.0.1:1",
  cloudianUsername: "u",
  cloudianPassword: "Zq9~login",
  ecsEndpoint: "http://127.0.0.1:1",
  ecsUsername: "u",
  ecsPassword: "Zq9~login",
  ecsNamespace: "ns-of-settings",
  cloudstackEndpoint: "http://127.0.0.1:1/client/api",
  cloudstackApiKey: "k",
  cloudstackSecretKey: "Zq9~login",
};

interface KindCase {
  readonly kind: keyof Kinds;
  readonly args: fc.Arbitrary<Properties>;
  readonly inputs: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** Inputs whose change replaces, each with another value. */
  readonly ids: Readonly<Record<string, unknown>>;
}

const KINDS: readonly KindCase[] = [
  { kind: "group", args: groupArgs, inputs: groupInputs, ids: { groupId: "another id" } },
  { kind: "user", args: userArgs, inputs: userInputs, ids: { groupId: "another id", userId: "another id" } },
  {
    kind: "ecsUser",
    args: ecsUserArgs,
    inputs: ecsUserInputs,
    ids: { userName: "another/id", namespace: "another-id" },
  },
  {
    kind: "ecsBucket",
    args: ecsBucketArgs,
    inputs: ecsBucketInputs,
    ids: { bucketName: "another-id", namespace: "another-id" },
  },
  {
    kind: "s3Bucket",
    args: s3BucketArgs,
    inputs: s3BucketInputs,
    ids: { bucketName: "another-id", endpoint: "https://another.example" },
  },
  {
    kind: "store",
    args: storeArgs,
    inputs: storeInputs,
    ids: {
      endpoint: "https://another.example.test",
      bucket: "another-bucket",
      accessKeyId: "another-key",
      secretAccessKey: "Zq9~another~",
      s3Signer: "v2",
      connectionTimeoutMs: 77,
      socketTimeoutMs: 77,
      maxErrorRetry: 77,
      connectionTtlMs: 77,
      useTcpKeepAlive: true,
    },
  },
  {
    kind: "staging",
    args: stagingArgs,
    inputs: stagingInputs,
    ids: { zoneId: "another-id", server: "another.example.test", path: "/another" },
  },
  { kind: "pool", args: poolArgs, inputs: poolInputs, ids: {} },
  {
    kind: "setting",
    args: settingArgs,
    inputs: settingInputs,
    ids: { settingName: "another.name", scope: { type: "zone", id: "another-id" } },
  },
  { kind: "roster", args: rosterArgs, inputs: rosterInputs, ids: { rosterName: "another id" } },
];

/** Every check in a process of its own: one process takes two for two resources, and a setting is for one only. */
const checkOf = (kind: keyof Kinds, olds: Properties, news: Properties) => kinds(SETTINGS)[kind].check(olds, news);

beforeAll(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});

// First: every message is searched for all secrets that the process has seen, and later there are thousands.
test.each(KINDS)(
  "whatever is recorded or declared of a $kind, check gives words and diff never throws and never says yes",
  async ({ kind, args, inputs, ids }) => {
    const process = kinds(SETTINGS)[kind];
    const junk = fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          ...Object.keys({ ...inputs, ...ids }),
          "owner",
          "accessKeyId",
          "secretAccessKey",
          "objectLock",
          "__replicationGroupForms",
          "systemEndpoint",
          "__derived",
          "constructor",
          "__proto__",
          "toString",
        ),
        text,
      ),
      fc.oneof(fc.jsonValue(), fc.constant(UNKNOWN)),
    );
    await fc.assert(
      fc.asyncProperty(junk, junk, args, async (olds, news, written) => {
        for (const declared of [news, { ...written, ...news }]) {
          const result = await process.check(olds, { ...declared, ...TEXT });
          for (const { property, reason } of result.failures ?? []) {
            expect(property).toBe("");
            expect(reason).not.toBe("");
          }
        }
        const diff = await process.diff("id", { ...olds, ...TEXT }, { ...news, ...TEXT });
        expect(diff.changes ?? false).toBe(false);
        expect(diff.deleteBeforeReplace).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  },
);

test.each(KINDS)("check(check(x)) = check(x) for a $kind, new or not, and both can be sent", async ({ kind, args }) => {
  await fc.assert(
    fc.asyncProperty(args, fc.boolean(), async (written, isNew) => {
      const first = await checkOf(kind, {}, { ...written, ...TEXT });
      expect(first.failures).toEqual([]);
      expect(unsendable(first.inputs)).toEqual([]);
      const plain = unwrapped(first.inputs as Properties);
      const second = await checkOf(kind, isNew ? {} : plain, { ...plain, ...TEXT });
      expect(second).toEqual(first);
    }),
  );
});

test.each(KINDS)(
  "diff(outs(x), x) = none for a $kind, and one changed key is exactly that key",
  async ({ kind, args, inputs, ids }) => {
    const process = kinds(SETTINGS)[kind];
    const change = fc
      .constantFrom(...Object.keys({ ...inputs, ...ids }))
      .chain((key) => fc.record({ key: fc.constant(key), value: inputs[key] ?? fc.constant(ids[key]) }));
    await fc.assert(
      fc.asyncProperty(args, change, async (written, { key, value }) => {
        const checked = async (news: Properties) =>
          unwrapped((await checkOf(kind, {}, { ...news, ...TEXT })).inputs as Properties);
        const before = await checked(written);
        const after = await checked({ ...written, [key]: value });
        const outs = { accessKeyId: "k", ...before, ...TEXT, systemEndpoint: "http://127.0.0.1:1" };
        expect(await process.diff("id", outs, { ...before, ...TEXT })).toEqual({ changes: false });
        const changed = JSON.stringify(sorted(before)) !== JSON.stringify(sorted(after));
        expect(await process.diff("id", outs, { ...after, ...TEXT })).toEqual(
          changed ? { replaces: Object.keys(ids).filter((id) => id === key) } : { changes: false },
        );
      }),
    );
  },
);

test.each(KINDS)(
  "an unknown in any place of a $kind stays where it is, and the rest is checked all the same",
  async ({ kind, args }) => {
    await fc.assert(
      fc.asyncProperty(args, fc.nat(), async (written, pick) => {
        const places = leaves(written);
        const place = places[pick % places.length] ?? [];
        const news = withUnknown(written, place) as Properties;
        const known = unwrapped((await checkOf(kind, {}, { ...written, ...TEXT })).inputs as Properties);
        const { inputs, failures } = await checkOf(kind, {}, { ...news, ...TEXT });
        expect(failures).toEqual([]);
        const [key = ""] = place;
        expect(unwrapped(inputs as Properties)).toEqual({ ...known, [key]: news[key] });
      }),
    );
  },
);

test.each(KINDS)(
  "a property that a $kind does not have is refused by its name, whatever it is called",
  async ({ kind, args }) => {
    const process = kinds(SETTINGS)[kind];
    const [declared = {}] = fc.sample(args, { numRuns: 1, seed: 1 });
    const names = fc.oneof(
      text,
      fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "__defaultname", "Objectlock"),
    );
    const foreign = names.filter((name) => name !== "");
    await fc.assert(
      fc.asyncProperty(foreign, fc.constantFrom("x", UNKNOWN), async (name, value) => {
        const news = Object.fromEntries([...Object.entries({ ...declared, ...TEXT }), [name, value]]);
        const { failures = [] } = await process.check({}, news);
        expect(failures.map(({ property }) => property)).toEqual([""]);
        expect(failures[0]?.reason).toMatch(/: there is no such property; (did you mean \w+\?|there are \w+, )/);
        expect(failures[0]?.reason.startsWith(`${name}: `)).toBe(true);
      }),
    );
  },
);

const LOCKS = [
  "objectLock",
  "objectLocking",
  "objectLockEnabled",
  "objectLockConfiguration",
  "objectLockEnabledForBucket",
  "isObjectLockEnabled",
  "object_lock",
  "object_lock_enabled",
];
const BUCKETS = KINDS.filter(({ kind }) => kind === "ecsBucket" || kind === "s3Bucket");

test.each(BUCKETS)("object lock of a $kind is refused in any form with any value but false", async ({ kind, args }) => {
  const process = kinds(SETTINGS)[kind];
  const value = fc.oneof(
    fc.constantFrom(false, true, UNKNOWN, { mode: UNKNOWN }, {}, []),
    fc.jsonValue().filter((json) => json !== null),
  );
  await fc.assert(
    fc.asyncProperty(args, fc.constantFrom(...LOCKS), value, async (written, name, lock) => {
      const { failures = [], inputs } = await process.check({}, { ...written, [name]: lock, ...TEXT });
      if (lock === false) {
        expect(failures).toEqual([]);
        expect(Object.keys(inputs)).not.toContain(name);
        return;
      }
      expect(failures).toHaveLength(1);
      expect(failures[0]?.property).toBe("");
      expect(failures[0]?.reason).toContain(`${name}: object lock is not managed by this provider.`);
    }),
    { numRuns: 60 },
  );
});

test.each([
  {
    kind: "user" as const,
    keys: ["groupId", "userId", ...Object.keys(userInputs)],
    declared: { groupId: "g/", userId: "", keyGeneration: 0, userType: "User" },
    secretKey: "password",
  },
  {
    kind: "s3Bucket" as const,
    keys: ["bucketName", "endpoint", "accessKeyId", ...Object.keys(s3BucketInputs)],
    declared: { endpoint: "ftp://x", bucketName: "A", accessKeyId: "", region: "" },
    secretKey: "secretAccessKey",
  },
])(
  "no reason of a check of a $kind shows a secret, wherever it was written",
  async ({ kind, keys, declared, secretKey }) => {
    const process = kinds(SETTINGS)[kind];
    await fc.assert(
      fc.asyncProperty(password, fc.constantFrom(...keys, "another"), async (secret, key) => {
        const written = { ...declared, [secretKey]: secret, [key]: secret };
        const { failures } = await process.check(written, { ...written, ...TEXT });
        expect(failures?.length).toBeGreaterThan(0);
        expect(JSON.stringify(failures)).not.toContain(JSON.stringify(secret).slice(1, -1));
      }),
      { numRuns: 50 },
    );
  },
);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

/** The paths of everything that is not an object, and of empty ones; lists count as one place. */
function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [path];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
}

function withUnknown(value: unknown, [key, ...rest]: string[]): unknown {
  if (key === undefined) return UNKNOWN;
  const object = value as Properties;
  return { ...object, [key]: withUnknown(object[key], rest) };
}
