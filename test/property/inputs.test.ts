import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import {
  groupArgs,
  groupInputs,
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
const SETTINGS = { cloudianEndpoint: "http://127.0.0.1:1", cloudianUsername: "u", cloudianPassword: "Zq9~login" };
const KINDS = [
  {
    kind: "group",
    args: groupArgs,
    inputs: groupInputs as Record<string, fc.Arbitrary<unknown>>,
    replaces: ["groupId"],
  },
  {
    kind: "user",
    args: userArgs,
    inputs: userInputs as Record<string, fc.Arbitrary<unknown>>,
    replaces: ["groupId", "userId"],
  },
] as const;

beforeAll(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});

test.each(KINDS)("check(check(x)) = check(x) for a $kind, new or not, and both can be sent", async ({ kind, args }) => {
  const process = kinds(SETTINGS)[kind];
  await fc.assert(
    fc.asyncProperty(args, fc.boolean(), async (written, isNew) => {
      const first = await process.check({}, { ...written, ...TEXT });
      expect(first.failures).toEqual([]);
      expect(unsendable(first.inputs)).toEqual([]);
      const plain = unwrapped(first.inputs as Properties);
      const second = await process.check(isNew ? {} : plain, { ...plain, ...TEXT });
      expect(second).toEqual(first);
    }),
  );
});

test.each(KINDS)(
  "diff(outs(x), x) = none for a $kind, and one changed key is exactly that key",
  async ({ kind, args, inputs, replaces }) => {
    const process = kinds(SETTINGS)[kind];
    const ids = Object.fromEntries(replaces.map((key) => [key, fc.constant("another id")]));
    const change = fc
      .constantFrom(...Object.keys({ ...inputs, ...ids }))
      .chain((key) =>
        fc.record({ key: fc.constant(key), value: { ...inputs, ...ids }[key] ?? fc.constant(undefined) }),
      );
    await fc.assert(
      fc.asyncProperty(args, change, async (written, { key, value }) => {
        const checked = async (news: Properties) =>
          unwrapped((await process.check({}, { ...news, ...TEXT })).inputs as Properties);
        const before = await checked(written);
        const after = await checked({ ...written, [key]: value });
        const outs = { ...before, ...TEXT, systemEndpoint: "http://127.0.0.1:1", accessKeyId: "k" };
        expect(await process.diff("id", outs, { ...before, ...TEXT })).toEqual({ changes: false });
        const changed = JSON.stringify(sorted(before)) !== JSON.stringify(sorted(after));
        expect(await process.diff("id", outs, { ...after, ...TEXT })).toEqual(
          changed ? { replaces: replaces.filter((id) => id === key) } : { changes: false },
        );
      }),
    );
  },
);

test.each(KINDS)(
  "an unknown in any place of a $kind stays where it is, and the rest is checked all the same",
  async ({ kind, args }) => {
    const process = kinds(SETTINGS)[kind];
    await fc.assert(
      fc.asyncProperty(args, fc.nat(), async (written, pick) => {
        const places = leaves(written);
        const place = places[pick % places.length] ?? [];
        const news = withUnknown(written, place) as Properties;
        const known = (await process.check({}, { ...written, ...TEXT })).inputs as Properties;
        const { inputs, failures } = await process.check({}, { ...news, ...TEXT });
        expect(failures).toEqual([]);
        const [key = ""] = place;
        expect(inputs).toEqual({ ...known, [key]: news[key] });
      }),
    );
  },
);

test.each(KINDS)(
  "whatever is recorded or declared of a $kind, check gives words and diff never throws and never says yes",
  async ({ kind, args }) => {
    const process = kinds(SETTINGS)[kind];
    const junk = fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          ...Object.keys(kind === "group" ? groupInputs : userInputs),
          "groupId",
          "userId",
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
    );
  },
);

test("a property that the kind does not have is refused by its name, whatever it is called", async () => {
  const { group } = kinds(SETTINGS);
  const names = fc.oneof(
    text,
    fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "__defaultname"),
  );
  const foreign = names.filter(
    (name) =>
      name !== "" &&
      !["groupId", ...Object.keys(groupInputs), "__provider", "__defaultName", "__derived"].includes(name),
  );
  await fc.assert(
    fc.asyncProperty(foreign, fc.constantFrom("x", UNKNOWN), async (name, value) => {
      const news = Object.fromEntries([
        ["groupId", "blue"],
        [name, value],
        ["__provider", "text"],
      ]);
      const { failures } = await group.check({}, news);
      expect(failures).toEqual([{ property: "", reason: `${name}: there is no such property` }]);
    }),
  );
});

test("no reason of a check shows a secret, wherever it was written", async () => {
  const { user } = kinds(SETTINGS);
  await fc.assert(
    fc.asyncProperty(
      password,
      fc.constantFrom(...Object.keys(userInputs), "groupId", "userId"),
      async (secret, key) => {
        const declared = { groupId: "g/", userId: "", keyGeneration: 0, password: secret, [key]: secret };
        const { failures } = await user.check({ ...declared, userType: "User" }, { ...declared, ...TEXT });
        expect(failures?.length).toBeGreaterThan(0);
        expect(JSON.stringify(failures)).not.toContain(JSON.stringify(secret).slice(1, -1));
      },
    ),
  );
});

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
