import { beforeEach, describe, expect, test, vi } from "vitest";
import { Refused, SettingsError } from "../../provider/core/errors.ts";
import type { AnyHandler, Twin } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { jarHandler, jars, sizeRule } from "./jar-handler.ts";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let ledger: Ledger;
let warnings: string[];

beforeEach(() => {
  ledger = new Ledger();
  warnings = [];
  vi.spyOn(console, "error").mockImplementation((text) => warnings.push(String(text)));
});

const provider = (more: Partial<AnyHandler> = {}) => new Lifecycle(jarHandler(more), ledger);

const failing = (error: Error) => () => {
  throw error;
};

/** What the state holds of a jar. */
const recorded = (more: object = {}) => ({
  name: "a",
  size: 5,
  keyGeneration: 1,
  adopt: false,
  systemEndpoint: jars.endpoint,
  __provider: "text",
  ...more,
});

describe("what a component has found wrong", () => {
  test("fails the check in its own words, beside what else is wrong, and names no property", async () => {
    const news = { name: "a", size: 0, __refusal: "two accounts are called ada" };
    expect(await provider().check({}, news)).toEqual({
      inputs: news,
      failures: [
        { property: "", reason: "two accounts are called ada" },
        { property: "", reason: `size: ${sizeRule}` },
      ],
    });
  });

  test.each([unknown, undefined, null, 7])("is nothing while it is %s", async (refusal) => {
    expect(await provider().check({}, { name: "a", __refusal: refusal })).toEqual({
      inputs: { name: "a", keyGeneration: 1, adopt: false },
      failures: [],
    });
  });
});

describe("a check needs no system", () => {
  test("missing settings are worth a warning", async () => {
    const connect = failing(new SettingsError("jarsEndpoint is missing."));
    expect(await provider({ connect }).check({}, { name: "a" })).toMatchObject({ failures: [] });
    expect(warnings).toEqual(["warning: jarsEndpoint is missing."]);
  });

  test("whatever else is wrong with them is an error", async () => {
    const connect = failing(new Refused("jarsEndpoint is plain HTTP."));
    await expect(provider({ connect }).check({}, { name: "a" })).rejects.toMatchObject({
      name: "Refused",
      message: "jarsEndpoint is plain HTTP.",
    });
    expect(warnings).toEqual([]);
  });
});

describe("what is always there", () => {
  const lid = (more: Partial<AnyHandler> = {}) => provider({ alwaysThere: true, ...more });

  test("is declared by one resource of a program", async () => {
    expect(await lid().check({}, { name: "a" })).toMatchObject({ failures: [] });
    expect(await lid().check({}, { name: "b" })).toMatchObject({ failures: [] });
    expect(await lid().check({}, { name: "a" })).toMatchObject({
      failures: [
        {
          property: "",
          reason:
            "jar a is declared by another resource of this program as well, or would replace itself (it cannot be replaced, only " +
            "changed): remove one of the two, or give a resource that was only renamed its old name in the resource option aliases",
        },
      ],
    });
  });

  test("is nobody's while its name is unknown", async () => {
    for (const _ of ["first", "second"])
      expect(await lid().check({}, { name: unknown })).toMatchObject({ failures: [] });
    expect(await lid().check({}, { name: "undefined" })).toMatchObject({ failures: [] });
  });

  test("is no rule for other kinds, whose creation looks first", async () => {
    for (const _ of ["first", "second"])
      expect(await provider().check({}, { name: "a" })).toMatchObject({ failures: [] });
  });
});

describe("the derived name of a successor", () => {
  const calls: unknown[] = [];
  /** Another name for each color, as far as the program holds it already. */
  const successorName: AnyHandler["successorName"] = (derived, before, after, hidden, isHeld) => {
    calls.push({ derived, before, color: after["color"], hidden });
    const name = `${derived}-${after["color"]}`;
    return isHeld(name) ? `${name}-2` : name;
  };
  const painted = (more: Partial<AnyHandler> = {}) =>
    provider({ makesIds: true, replaces: ["name", "color"], successorName, ...more });
  const nameAfter = async (olds: object, news: object, more: Partial<AnyHandler> = {}) =>
    (await painted(more).check({ ...olds }, { __defaultName: "d", ...news })).inputs["name"];

  beforeEach(() => {
    calls.length = 0;
  });

  test("follows from what is declared", async () => {
    expect(await nameAfter({}, { color: "red", __secrets: ["color"] })).toBe("d-red");
    expect(calls).toEqual([{ derived: "d", before: undefined, color: "red", hidden: ["token", "color"] }]);
  });

  test("follows from the recorded name, where there is one", async () => {
    const olds = { name: "old", color: "red", keyGeneration: 1, adopt: false };
    expect(await nameAfter({ ...olds, __derived: true }, { color: "blue" })).toBe("old-blue");
    expect(calls).toEqual([{ derived: "old", before: olds, color: "blue", hidden: ["token"] }]);
  });

  test("is not known while anything is unknown that it may depend on", async () => {
    expect(await nameAfter({}, { color: unknown })).toBe(unknown);
    expect(await nameAfter({}, { color: "red", size: unknown })).toBe("d-red");
    expect(calls).toHaveLength(1);
  });

  test("is left alone where the program gives one, or the derived one is unknown", async () => {
    expect(await nameAfter({}, { name: "given", color: "red" })).toBe("given");
    for (const replaces of [["color"], ["color", "name"]])
      expect(await nameAfter({}, { __defaultName: unknown, color: "red" }, { replaces })).toBe(unknown);
    expect(calls).toEqual([]);
  });

  test("is held by the resource itself, or by another one of this run", async () => {
    expect(await nameAfter({ name: "old-red", color: "red", __derived: true }, { color: "red" })).toBe("old-red-red");
    const own = { name: "d", color: "red", __derived: true };
    expect(
      await nameAfter(own, {}, { successorName: (...[derived, , , , isHeld]) => `${derived} ${isHeld("d")}` }),
    ).toBe("d true");
    ledger.noteDeclared("Jar", jars.endpoint, "e-red");
    expect(await nameAfter({}, { __defaultName: "e", color: "red" })).toBe("e-red-2");
    expect(await nameAfter({}, { __defaultName: "f", color: "red" })).toBe("f-red");
  });

  test("is held by nobody that could be known without settings", async () => {
    ledger.noteDeclared("Jar", jars.endpoint, "e-red");
    const connect = failing(new SettingsError("jarsEndpoint is still missing."));
    const isHeldAtAll: AnyHandler["successorName"] = (...[derived, , , , isHeld]) => `${derived} ${isHeld("e-red")}`;
    const more = { connect, successorName: isHeldAtAll };
    expect(await nameAfter({}, { __defaultName: "e", color: "red" }, more)).toBe("e false");
  });

  test("stays as it is for a kind without successors", async () => {
    const { successorName: _name, ...plain } = jarHandler({ replaces: ["name", "color"] });
    const checked = await new Lifecycle(plain, ledger).check({}, { __defaultName: "d", color: unknown });
    expect(checked.inputs["name"]).toBe("d");
  });
});

describe("a diff", () => {
  test("is never in the way of a refresh, whatever fails", async () => {
    const sameValue = failing(new Error("boom"));
    expect(await provider({ sameValue }).diff("a", recorded(), recorded({ size: 6 }))).toEqual({});
  });

  test("takes an object to be where it is recorded, where no settings say how to reach it", async () => {
    const connect = failing(new SettingsError("jarsEndpoint is missing."));
    expect(await provider({ connect }).diff("a", recorded(), recorded({ size: 6 }))).toEqual({ replaces: [] });
    expect(ledger.isRecorded("Jar", jars.endpoint, "a")).toBe(true);
  });
});

describe("the name of an object that somebody has renamed", () => {
  /** What a refresh hands to the next check. */
  async function inputsAfter(live: string, olds: object, more: Partial<AnyHandler> = {}) {
    const read = () => Promise.resolve({ state: { name: live, size: 5 } });
    const { inputs } = await provider({ makesIds: true, read, ...more }).read("id-1", recorded(olds));
    return inputs;
  }
  const own = { size: 5, adopt: false };

  test("is kept beside the live one if it was derived, and only then", async () => {
    const derived = { name: "a", __derived: true };
    expect(await inputsAfter("b", derived)).toEqual({ name: "b", ...own, __derived: true, __derivedName: "a" });
    expect(await inputsAfter("a", derived)).toEqual({ name: "a", ...own, __derived: true });
    expect(await inputsAfter("b", { name: "a" })).toEqual({ name: "b", ...own });
  });

  test("stays the first one through several refreshes, and is forgotten where it is the live one again", async () => {
    const renamed = { name: "b", __derived: true, __derivedName: "a" };
    expect(await inputsAfter("c", renamed)).toMatchObject({ name: "c", __derivedName: "a" });
    expect(await inputsAfter("a", renamed)).toEqual({ name: "a", ...own, __derived: true });
  });

  test("cannot differ where the name is the id", async () => {
    const { makesIds: _ids, ...plain } = jarHandler({
      read: () => Promise.resolve({ state: { name: "b", size: 5 } }),
    });
    const { inputs } = await new Lifecycle(plain, ledger).read("a", recorded({ __derived: true }));
    expect(inputs).not.toHaveProperty("__derivedName");
  });
});

describe("an object that another resource of the program may hold", () => {
  const twin = (name: string): Twin => ({
    label: "glass a",
    name,
    kind: name,
    hasAddressInId: true,
    mayAdopt: true,
    created: () => Promise.resolve(1000),
  });

  test("is not deleted while the program declares that one", async () => {
    await provider({ twin: () => twin("bottle a") }).check({}, { name: "a" });
    await provider({ twin: () => twin("jar a") }).delete("a", recorded());
    expect(warnings).toEqual([
      "warning: jar a is not deleted: bottle a, which this program declares, has the same name and date, so that it is taken to be the same one.",
    ]);
  });

  test("is deleted where nothing declares it", async () => {
    const deleted: string[] = [];
    await provider({
      twin: () => twin("jar a"),
      delete: (_client, id) => {
        deleted.push(id);
        return Promise.resolve();
      },
    }).delete("a", recorded());
    expect(deleted).toEqual(["a"]);
    expect(warnings).toEqual([]);
  });
});

describe("a creation", () => {
  test("of what is not known yet is not begun", async () => {
    await expect(provider().create({ name: "a", limits: { hard: unknown } })).rejects.toMatchObject({
      name: "StorageError",
      message: "jar: an input is still unknown, and no object can be made of that.",
    });
  });

  test("of what no check has let pass is refused, every reason told", async () => {
    await expect(provider().create({ name: "", size: 0, __provider: "text" })).rejects.toMatchObject({
      name: "Refused",
      message: `jar: name: must not be empty; size: ${sizeRule}.`,
    });
  });
});

test("what nobody has foreseen is told as such, without the secrets that the process has seen", async () => {
  const read = failing(Object.assign(new Error("cannot parse Canary-Lifecycle-1"), { code: 5, id: "x" }));
  const failed = provider({ read }).read("a", recorded({ token: "Canary-Lifecycle-1" }));
  const error = await failed.catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    name: "StorageError",
    message: "jar: unexpected failure, please report it: cannot parse [secret]",
  });
  expect(error).not.toHaveProperty("code");
  expect(error).not.toHaveProperty("id");
});
