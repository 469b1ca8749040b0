import { beforeEach, describe, expect, test } from "vitest";
import type { AnyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { jarHandler, jars } from "./jar-handler.ts";

let ledger: Ledger;

beforeEach(() => {
  ledger = new Ledger();
});

const jar = (more: Partial<AnyHandler> = {}) => new Lifecycle(jarHandler(more), ledger);

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

/** A kind whose objects say themselves where they are: one cupboard for each color. */
const inCupboards: Partial<AnyHandler> = {
  connect: (_settings, { color }) => ({ ...jars, endpoint: `https://${color}.example:443` }),
};

describe("a check of what the state holds", () => {
  test("notes that the program declares it, also where it is always there", async () => {
    await jar().check(recorded(), { name: "a", size: 6 });
    await jar({ alwaysThere: true }).check(recorded({ name: "b" }), { name: "b" });
    for (const name of ["a", "b"]) {
      expect(ledger.isDeclared("Jar", jars.endpoint, name)).toBe(true);
      expect(ledger.isRecorded("Jar", jars.endpoint, name)).toBe(true);
      expect(ledger.isClaimed("Jar", jars.endpoint, name)).toBe(false);
    }
  });

  test("notes it where it is, not where the program wants the next one", async () => {
    const moved = { name: "a", color: "blue" };
    expect(await jar(inCupboards).check(recorded({ color: "red" }), moved)).toMatchObject({ failures: [] });
    expect(ledger.isDeclared("Jar", "https://red.example:443", "a")).toBe(true);
    expect(ledger.isDeclared("Jar", "https://blue.example:443", "a")).toBe(false);
  });

  test.each([
    ["made or taken over", () => ledger.take("Jar", jars.endpoint, "a")],
    ["claimed as what is always there", () => ledger.claim("Jar", jars.endpoint, "a")],
  ])("fails where another resource of the run has just %s it", async (_, note) => {
    note();
    const news = { name: "a", size: 6 };
    expect(await jar().check(recorded(), news)).toEqual({
      inputs: news,
      failures: [
        {
          property: "",
          reason: "jar a has just been made or taken over by another resource of this run; remove one of the two",
        },
      ],
    });
    expect(ledger.isDeclared("Jar", jars.endpoint, "a")).toBe(false);
  });
});

test("what is always there is claimed where the program declares it", async () => {
  const lid = jar({ alwaysThere: true, ...inCupboards });
  for (const color of ["red", "blue"])
    expect(await lid.check({}, { name: "a", color })).toMatchObject({ failures: [] });
  expect(await lid.check({}, { name: "a", color: "red" })).toMatchObject({ failures: [{ property: "" }] });
});

test("an address that is recorded in another spelling is the system that it names", async () => {
  const spelled = recorded({ systemEndpoint: "HTTPS://Jars.Example/" });
  ledger.noteDeclared("Jar", jars.endpoint, "a");
  expect(await jar().diff("a", spelled, recorded())).toEqual({ changes: false });
  expect(ledger.isKept("Jar", jars.endpoint, "a")).toBe(true);
});

test("an input that is recorded as null is one that nobody manages", async () => {
  const read: AnyHandler["read"] = async () => ({ state: { name: "a", size: 6, color: "red" } });
  const { inputs, props } = await jar({ read }).read("a", recorded({ size: null }));
  expect(inputs).toEqual({ name: "a", adopt: false });
  expect(props).toEqual({ name: "a", adopt: false, systemEndpoint: jars.endpoint });
});
