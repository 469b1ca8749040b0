import { describe, expect, test } from "vitest";
import { rosterHandler } from "../../provider/components/roster.handler.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";

/** What stands for a value that is known only after something else is made. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const members = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`id-${index + 1}`, `account ${index + 1}`]));
const roster = (count: number, more: object = {}) => ({ rosterName: "r", members: members(count), ...more });

const lifecycle = () => new Lifecycle(anyHandler(rosterHandler), new Ledger());

async function refusalOf(olds: object, news: object): Promise<string[]> {
  const { failures } = await lifecycle().check({ ...olds }, { ...news });
  return (failures ?? []).map(({ property, reason }) => `${property}${reason}`);
}

describe("a removal of members", () => {
  test.each([
    { recorded: 1, kept: 0, allowed: true },
    { recorded: 5, kept: 4, allowed: true },
    { recorded: 5, kept: 3, allowed: false },
    { recorded: 19, kept: 18, allowed: true },
    { recorded: 19, kept: 17, allowed: false },
    { recorded: 20, kept: 18, allowed: true },
    { recorded: 20, kept: 17, allowed: false },
    { recorded: 1000, kept: 900, allowed: true },
    { recorded: 1000, kept: 899, allowed: false },
    { recorded: 1000, kept: 0, allowed: false },
    { recorded: 5, kept: 500, allowed: true },
  ])("from $recorded to $kept: $allowed", async ({ recorded, kept, allowed }) => {
    expect((await refusalOf(roster(recorded), roster(kept))).length).toBe(allowed ? 0 : 1);
  });

  test.each([
    { maxRemovals: 0, kept: 5, allowed: true },
    { maxRemovals: 0, kept: 4, allowed: false },
    { maxRemovals: 3, kept: 2, allowed: true },
    { maxRemovals: 3, kept: 1, allowed: false },
  ])("of 5 with maxRemovals: $maxRemovals to $kept: $allowed", async ({ maxRemovals, kept, allowed }) => {
    expect((await refusalOf(roster(5), roster(kept, { maxRemovals }))).length).toBe(allowed ? 0 : 1);
  });

  test("the number of the program counts, not the recorded one", async () => {
    expect(await refusalOf(roster(5, { maxRemovals: 5 }), roster(1))).toHaveLength(1);
  });

  test("who is new makes nobody's removal good", async () => {
    const others = Object.fromEntries(Object.keys(members(5)).map((id) => [`other-${id}`, "account"]));
    expect(await refusalOf(roster(5), { rosterName: "r", members: others })).toHaveLength(1);
  });

  test("a new name of a member is no removal, and a new roster removes nobody", async () => {
    const renamed = Object.fromEntries(Object.keys(members(5)).map((id) => [id, "account renamed"]));
    expect(await refusalOf(roster(5), { rosterName: "r", members: renamed })).toEqual([]);
    expect(await refusalOf({}, roster(0))).toEqual([]);
  });

  test("the refusal says who would go and what to do", async () => {
    expect(await refusalOf(roster(3), roster(1))).toEqual([
      "members: 2 of 3 recorded members would go, and at most 1 may in one run: account 2 (id-2), account 3 (id-3). Nothing was " +
        "changed. If CloudStack's list is short by mistake, mend that; if they are really gone, set maxRemovals: 2 for this run",
    ]);
  });

  test("of the only one is refused in the singular", async () => {
    const [refusal] = await refusalOf(roster(1), roster(0, { maxRemovals: 0 }));
    expect(refusal).toContain("1 of 1 recorded member would go, and at most 0 may in one run: account 1 (id-1).");
  });

  test("is judged only once it is known who stays and how many may go", async () => {
    expect(await refusalOf(roster(5), { rosterName: "r", members: UNKNOWN })).toEqual([]);
    expect(await refusalOf(roster(5), roster(0, { maxRemovals: UNKNOWN }))).toEqual([]);
  });

  test("of many, twenty are named", async () => {
    const [refusal = ""] = await refusalOf(roster(40), roster(0));
    expect(refusal).toContain("account 19 (id-19), account 20 (id-20) and 20 more. Nothing was changed.");
    expect(refusal).not.toContain("id-21");
  });
});

describe("arguments", () => {
  test.each([
    [{ maxRemovals: -1 }, "maxRemovals: must be a whole number from 0"],
    [{ maxRemovals: 1.5 }, "maxRemovals: must be a whole number from 0"],
    [{ maxRemovals: "3" }, "maxRemovals: Invalid input: expected number, received string"],
    [{ rosterName: "" }, "rosterName: must not be empty"],
    [{ members: { "": "account" } }, "members.: must not have an empty key"],
    [{ members: { "id-1": 1 } }, "members.id-1: Invalid input: expected string, received number"],
  ])("%j is refused", async (more, refusal) => {
    expect(await refusalOf({}, roster(1, more))).toEqual([refusal]);
  });

  test("members are required", async () => {
    expect(await refusalOf({}, { rosterName: "r" })).toEqual(["members: is required"]);
  });
});

describe("the life of a roster", () => {
  test("it needs no settings, and answers from what it was told", async () => {
    const life = lifecycle();
    const declared = { ...roster(2), __provider: "text" };
    expect(await life.create(declared)).toEqual({ id: "r", outs: { ...roster(2), systemEndpoint: "" } });
    const recorded = { ...declared, systemEndpoint: "" };
    expect(await life.read("r", recorded)).toEqual({
      id: "r",
      props: { ...roster(2), systemEndpoint: "" },
      inputs: roster(2),
    });
    expect(await life.diff("r", recorded, declared)).toEqual({ changes: false });
    const changed = { ...roster(1, { maxRemovals: 4 }), __provider: "text" };
    expect(await life.diff("r", recorded, changed)).toEqual({ replaces: [] });
    expect(await life.update("r", recorded, changed)).toEqual({
      outs: { ...roster(1, { maxRemovals: 4 }), systemEndpoint: "" },
    });
    await expect(lifecycle().delete("r", recorded)).resolves.toBeUndefined();
  });

  test("of what is recorded as much is read as there is", async () => {
    const read = async (last: object) => (await lifecycle().read("r", { __provider: "text", ...last })).inputs;
    expect(await read({ rosterName: "r" })).toStrictEqual({ rosterName: "r" });
    expect(await read({ maxRemovals: 4 })).toStrictEqual({ maxRemovals: 4 });
    expect(await read(roster(1, { maxRemovals: 0 }))).toStrictEqual(roster(1, { maxRemovals: 0 }));
  });

  test("another name is another roster; a name that the program does not give is derived", async () => {
    const recorded = { ...roster(2), __provider: "text", systemEndpoint: "" };
    expect(await lifecycle().diff("r", recorded, { ...roster(2), rosterName: "s", __provider: "text" })).toEqual({
      replaces: ["rosterName"],
    });
    const { inputs } = await lifecycle().check({}, { members: {}, __defaultName: "tenants-1234abcd" });
    expect(inputs).toEqual({ members: {}, rosterName: "tenants-1234abcd", __derived: true });
  });

  test("one that a run has just made is not another resource's", async () => {
    const life = lifecycle();
    const kept = async (rosterName: string) => {
      const { failures = [] } = await life.check(
        { ...roster(1), rosterName, systemEndpoint: "" },
        { ...roster(1), rosterName },
      );
      return failures.map(({ property, reason }) => `${property}${reason}`);
    };
    await life.create({ ...roster(1), __provider: "text" });
    expect(await kept("s")).toEqual([]);
    expect(await kept("r")).toEqual([
      "Tenancy roster r has just been made or taken over by another resource of this run; remove one of the two",
    ]);
  });
});
