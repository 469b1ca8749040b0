import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { SDKS } from "../harness/sdks.ts";
import { roster, textOf } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret, UNKNOWN } from "./support.ts";

const CHANGED = { changes: "UNKNOWN", replaces: [], deleteBeforeReplace: false };
const NONE = { ...CHANGED, changes: "NONE" };
const WAYS =
  "Nothing was changed. If CloudStack's list is short by mistake, mend that; if they are really gone, set maxRemovals:";

/** So many tenants, `account 001` first: the wire sorts what has no order. */
function tenants(count: number): Record<string, string> {
  const numbers = Array.from({ length: count }, (_, index) => `${index + 1}`.padStart(3, "0"));
  return Object.fromEntries(numbers.map((number) => [`uuid-${number}`, `account ${number}`]));
}

const recorded = (members: Record<string, string>, more: Properties = {}) =>
  roster(members, { systemEndpoint: "", ...more });

// A roster is in no system: none of these processes has a setting of any.
describe.each(SDKS)("TenancyRoster in the $sdk SDK's server", ({ sdk }) => {
  let server: DynamicServer;
  /** What a run has made it does not delete. */
  let destroying: DynamicServer;

  beforeAll(async () => {
    [server, destroying] = await Promise.all([startDynamicServer({ sdk }), startDynamicServer({ sdk })]);
  });
  afterAll(() => Promise.all([server.close(), destroying.close()]));

  const reasons = async (olds: Properties, news: Properties) => {
    const { failures } = await server.check(olds, news);
    return failures.map(({ property, reason }) => `${property}|${reason}`);
  };

  test("lives without settings, and answers from what it was told", async () => {
    const { rosterName: _derived, ...unnamed } = roster(tenants(3));
    const canonical = roster(tenants(3), { rosterName: "tenants-01234567", __derived: true });
    expect(await server.check({}, { ...unnamed, __defaultName: "tenants-01234567" })).toEqual({
      inputs: canonical,
      failures: [],
    });
    const { id, properties } = await server.create(canonical);
    expect(id).toBe("tenants-01234567");
    expect(properties).toEqual({ ...canonical, systemEndpoint: "" });
    expect(await server.diff(id, properties, canonical)).toEqual(NONE);
    const read = await server.read(id, properties);
    expect(read).toMatchObject({ id, inputs: canonical, properties });
    const news = roster(tenants(2), { rosterName: id, maxRemovals: 5 });
    expect(await server.diff(id, properties, news)).toEqual(CHANGED);
    expect(await server.update(id, properties, news)).toEqual({ ...news, systemEndpoint: "" });
    await destroying.delete(id, properties);
    expect([...server.warnings, ...destroying.warnings]).toEqual([]);
  });

  test("refuses a removal above the cap, and says who would go", async () => {
    expect(await reasons(recorded(tenants(3)), roster(tenants(1)))).toEqual([
      `|members: 2 of 3 recorded members would go, and at most 1 may in one run: account 002 (uuid-002), account 003 (uuid-003). ${WAYS} 2 for this run`,
    ]);
  });
});

describe("TenancyRoster", () => {
  let server: DynamicServer;

  beforeAll(async () => {
    server = await startDynamicServer({ sdk: "newest" });
  });
  afterAll(() => server.close());

  const reasons = async (olds: Properties, news: Properties) => {
    const { failures } = await server.check(olds, news);
    return failures.map(({ property, reason }) => `${property}|${reason}`);
  };
  /** How many refusals a shrinking of the members meets. */
  const refusals = async (before: number, after: number, more: Properties = {}) =>
    (await reasons(recorded(tenants(before)), roster(tenants(after), more))).length;

  describe("its cap", () => {
    test.each([
      { before: 1, fits: 0 },
      { before: 2, fits: 1 },
      { before: 19, fits: 18 },
      { before: 20, fits: 18 },
      { before: 29, fits: 27 },
      { before: 300, fits: 270 },
    ])("of $before is a tenth, and one at least: $fits may be left", async ({ before, fits }) => {
      expect(await refusals(before, before)).toBe(0);
      expect(await refusals(before, fits)).toBe(0);
      if (fits > 0) expect(await refusals(before, fits - 1)).toBe(1);
    });

    test.each([
      { maxRemovals: 0, fits: 20 },
      { maxRemovals: 1, fits: 19 },
      { maxRemovals: 15, fits: 5 },
      { maxRemovals: 20, fits: 0 },
    ])("is what the program says, more or less than a tenth: $maxRemovals of 20", async ({ maxRemovals, fits }) => {
      expect(await refusals(20, fits, { maxRemovals })).toBe(0);
      if (fits > 0) expect(await refusals(20, fits - 1, { maxRemovals })).toBe(1);
    });

    test("is not the one that was recorded, nor one of null", async () => {
      expect(await reasons(recorded(tenants(5), { maxRemovals: 5 }), roster({}))).toHaveLength(1);
      expect(await reasons(recorded(tenants(5)), roster({}, { maxRemovals: null }))).toHaveLength(1);
    });

    test("counts whom the members lack, whoever is new in their place", async () => {
      const others = Object.fromEntries(Object.keys(tenants(5)).map((id) => [`new-${id}`, "account"]));
      expect(await reasons(recorded(tenants(5)), roster(others))).toHaveLength(1);
      expect(await reasons(recorded(tenants(5)), roster({ ...tenants(4), ...others }))).toEqual([]);
    });

    test("counts ids, not names: who is renamed stays", async () => {
      const renamed = Object.fromEntries(Object.keys(tenants(5)).map((id) => [id, "renamed"]));
      expect(await reasons(recorded(tenants(5)), roster(renamed))).toEqual([]);
    });

    test("does not count for a new roster, which removes nobody", async () => {
      expect(await reasons({}, roster({}))).toEqual([]);
      expect(await reasons({}, roster(tenants(3), { maxRemovals: 0 }))).toEqual([]);
    });

    test.each(["constructor", "toString", "hasOwnProperty"])("counts a member called %s as any other", async (id) => {
      const before = { ...tenants(1), [id]: "odd" };
      expect(await reasons(recorded(before), roster(tenants(1), { maxRemovals: 0 }))).toEqual([
        `|members: 1 of 2 recorded members would go, and at most 0 may in one run: odd (${id}). ${WAYS} 1 for this run`,
      ]);
    });
  });

  describe("its refusal", () => {
    test("of everybody", async () => {
      expect(await reasons(recorded(tenants(1)), roster({}, { maxRemovals: 0 }))).toEqual([
        `|members: 1 of 1 recorded member would go, and at most 0 may in one run: account 001 (uuid-001). ${WAYS} 1 for this run`,
      ]);
    });

    test("names twenty, and how many more there are", async () => {
      const [said = ""] = await reasons(recorded(tenants(40)), roster({}));
      expect(said).toMatch(
        /^\|members: 40 of 40 recorded members would go, and at most 4 may in one run: account 001 \(uuid-001\), /,
      );
      expect(said).toContain("account 020 (uuid-020) and 20 more. Nothing was changed.");
      expect(said).not.toContain("uuid-021");
      const [twenty = ""] = await reasons(recorded(tenants(20)), roster({}));
      expect(twenty).toContain("account 020 (uuid-020). Nothing was changed.");
    });

    test("is there in an update that no preview went before, and changes nothing", async () => {
      const olds = recorded(tenants(5));
      expect(await reasons(olds, roster({}))).toHaveLength(1);
      expect((await server.read("tenancy", olds)).inputs).toEqual(roster(tenants(5)));
    });

    test("shows no name that the program has made secret", async () => {
      const before = { "uuid-1": "Canary-tenant-one", "uuid-2": "Canary-tenant-two" };
      const olds = recorded(before, { __secrets: ["members"] });
      const [said = "", ...others] = await reasons(olds, roster({}, { __secrets: ["members"] }));
      expect(others).toEqual([]);
      expect(said).toContain("2 of 2 recorded members would go");
      expect(said).not.toContain("Canary");
    });
  });

  describe("members that are not known yet", () => {
    test.each<{ what: string; members: unknown }>([
      { what: "all of them", members: UNKNOWN },
      { what: "one name", members: { ...tenants(1), "uuid-9": UNKNOWN } },
    ])("are neither refused nor lost at preview: $what", async ({ members }) => {
      const news = { ...roster({}), members };
      expect(await server.check(recorded(tenants(9)), news)).toEqual({ inputs: news, failures: [] });
      expect(await server.check({}, news)).toEqual({ inputs: news, failures: [] });
      // In the update itself they are known.
      expect(await refusals(9, 1)).toBe(1);
    });

    test("leave what else is wrong to be said", async () => {
      const news = roster({}, { members: UNKNOWN, maxRemovals: -1 });
      expect(await reasons(recorded(tenants(9)), news)).toEqual(["|maxRemovals: must be a whole number from 0"]);
    });

    test("with a cap that is not known yet wait for the update", async () => {
      expect(await reasons(recorded(tenants(9)), roster({}, { maxRemovals: UNKNOWN }))).toEqual([]);
    });
  });

  describe("check", () => {
    test("keeps what is canonical, and fills nothing in", async () => {
      expect(await server.check({}, roster(tenants(2), { maxRemovals: 0 }))).toEqual({
        inputs: roster(tenants(2), { maxRemovals: 0 }),
        failures: [],
      });
      expect(await server.check(recorded(tenants(2)), roster(tenants(2)))).toEqual({
        inputs: roster(tenants(2)),
        failures: [],
      });
    });

    test("says what a component has found wrong, before anything else", async () => {
      const olds = recorded(tenants(2));
      expect(await reasons(olds, roster(tenants(2), { __refusal: "deletion beside the connector" }))).toEqual([
        "|deletion beside the connector",
      ]);
      expect(await server.check(olds, roster(tenants(2), { __refusal: UNKNOWN }))).toEqual({
        inputs: roster(tenants(2)),
        failures: [],
      });
    });

    const whole = "must be a whole number from 0";
    test.each<[string, unknown, string]>([
      ["rosterName", "", "must not be empty"],
      ["maxRemovals", -1, whole],
      ["maxRemovals", 1.5, whole],
      ["maxRemovals", "3", "Invalid input: expected number, received string"],
      ["members", "all", "Invalid input: expected record, received string"],
      ["members", ["uuid-1"], "Invalid input: expected record, received array"],
      ["members.uuid-1", { "uuid-1": 5 }, "Invalid input: expected string, received number"],
      ["members.", { "": "nobody" }, "must not have an empty key"],
    ])("refuses %s: %j", async (path, value, reason) => {
      const [key = ""] = path.split(".");
      const [said = "", ...others] = await reasons({}, roster(tenants(1), { [key]: value }));
      expect(others).toEqual([]);
      expect(said).toMatch(/^\|/);
      expect(said.slice(1).replace(/^members\.?: /, "members.: ")).toContain(reason);
    });

    test("refuses members that are missing, or dropped", async () => {
      const { members: _missing, ...rest } = roster({});
      expect(await reasons({}, rest)).toEqual(["|members: is required"]);
      expect(await reasons(recorded(tenants(3)), { ...rest, members: null })).toEqual(["|members: is required"]);
    });

    test.each([
      ["maxremovals", "; did you mean maxRemovals?"],
      ["adopt", "; there are rosterName, members, maxRemovals"],
    ])("refuses the unknown property %s", async (key, suggestion) => {
      expect(await reasons({}, roster(tenants(1), { [key]: 1 }))).toEqual([
        `|${key}: there is no such property${suggestion}`,
      ]);
    });
  });

  describe("diff", () => {
    test("sees each member and each name, and the number; replaces with the name of the roster only", async () => {
      const olds = recorded(tenants(2), { maxRemovals: 1 });
      const news = roster(tenants(2), { maxRemovals: 1 });
      expect(await server.diff("tenancy", olds, news)).toEqual(NONE);
      for (const change of [
        { members: tenants(1) },
        { members: tenants(3) },
        { members: { ...tenants(2), "uuid-002": "renamed" } },
        { members: UNKNOWN },
        { maxRemovals: 2 },
        { maxRemovals: null },
      ])
        expect(await server.diff("tenancy", olds, { ...news, ...change })).toEqual(CHANGED);
      expect(await server.diff("tenancy", olds, { ...news, rosterName: "other" })).toEqual({
        ...CHANGED,
        replaces: ["rosterName"],
      });
    });
  });

  describe("refresh", () => {
    test("carries everything over, whatever there is of it", async () => {
      for (const more of [{}, { maxRemovals: 0 }, { __derived: true }]) {
        const olds = recorded(tenants(3), more);
        expect(await server.read("tenancy", olds)).toMatchObject({
          id: "tenancy",
          properties: olds,
          inputs: roster(tenants(3), more),
        });
        expect(await server.diff("tenancy", olds, roster(tenants(3), more))).toEqual(NONE);
      }
    });

    test("of a roster without members is no loss of the roster", async () => {
      expect(await server.read("tenancy", recorded({}))).toMatchObject({ id: "tenancy", inputs: roster({}) });
    });

    test("keeps members secret that the program has made so", async () => {
      // Of no other test: a process shows a secret nowhere from then on.
      const members = { "uuid-of-one": "tenant one", "uuid-of-two": "tenant two" };
      const olds = recorded(members, { __secrets: ["members"] });
      const { properties, inputs } = await server.read("tenancy", olds);
      expect(properties["members"]).toEqual(secret(members));
      expect(plain(inputs ?? {})).toEqual(roster(members, { __secrets: ["members"] }));
    });

    test("of nothing but an id finds no roster anywhere", async () => {
      const { id } = await server.read("tenancy", undefined, { __provider: textOf("TenancyRoster") });
      expect(id).toBe("");
    });
  });

  test("two rosters of one name in one run are refused", async () => {
    await server.create(roster(tenants(1), { rosterName: "twice" }));
    expect((await failureOf(server.create(roster(tenants(2), { rosterName: "twice" })))).message).toBe(
      "Tenancy roster twice is declared by another resource of this run as well; give one of them another rosterName.",
    );
  });
});
