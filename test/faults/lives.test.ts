import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { type Ended, LittleEngine } from "../harness/battery/little-engine.ts";
import { changed, derivedInputs, fillMade, type Specimen, titleOf } from "../harness/battery/specimen.ts";
import { everySpecimen } from "../harness/battery/specimens/all.ts";
import { calls } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";

const titled = everySpecimen.map((specimen) => [titleOf(specimen), specimen] as const);

/** Without faults: what the rest of the battery compares with. */
describe.each(titled)("%s", (_title, specimen: Specimen) => {
  let arena: Arena;
  let engine: LittleEngine;
  let seeded: unknown;

  beforeAll(async () => {
    arena = await Arena.open();
  });
  afterAll(() => arena.close());
  beforeEach(async () => {
    await arena.control.reset();
    await specimen.seed(arena);
    seeded = await arena.live();
    engine = new LittleEngine();
  });

  const given = () => specimen.inputs(arena);
  const up = async (inputs: Properties): Promise<Ended> =>
    await engine.up(await arena.process(), [{ name: "it", kind: specimen.kind, inputs }]);
  /** It is made, and then others fill it. */
  const make = async (inputs: Properties): Promise<Ended> => {
    const made = await up(inputs);
    await fillMade(specimen, arena, engine);
    return made;
  };
  const refresh = async () => await engine.refresh(await arena.process());
  const destroy = async () => await engine.destroy(await arena.process());
  const done = (...steps: string[]) => ({ errors: [], steps });

  /** Nothing is to be done, before and after everything was read anew, and nothing is asked. */
  const isSettled = async (inputs: Properties) => {
    const sent = await arena.requestsOf(async () => expect(await up(inputs)).toEqual(done()));
    expect(calls(sent)).toEqual([]);
    expect(await refresh()).toEqual(done());
    expect(await up(inputs)).toEqual(done());
  };

  test("is made as declared, read as declared, and leaves nothing", async () => {
    expect(await make(given())).toEqual(done("create it"));
    expect(await arena.live()).toMatchObject(specimen.shown);
    await isSettled(given());
    expect(await destroy()).toEqual(done("delete it"));
    expect(await arena.live()).toEqual(seeded);
  });

  if (specimen.derivable !== undefined)
    test("has a name of its own where none is given", async () => {
      const inputs = derivedInputs(specimen, arena) ?? {};
      expect(await make(inputs)).toEqual(done("create it"));
      await isSettled(inputs);
      expect(await destroy()).toEqual(done("delete it"));
      expect(await arena.live()).toEqual(seeded);
    });

  test.each(specimen.updates.map((change) => [change.aspect, change] as const))(
    "changes %s alone",
    async (_aspect, change) => {
      await make(given());
      const next = changed(given(), change);
      expect(await up(next)).toEqual(done("update it"));
      await isSettled(next);
    },
  );

  test.each(specimen.byHand.map((hand) => [hand.input, hand] as const))(
    "shows %s changed by hand, and repairs it",
    async (_input, hand) => {
      await make(given());
      const declared = await arena.live();
      await hand.change(arena);
      expect(await refresh()).toEqual(done());
      expect(await up(given())).toEqual(done("update it"));
      expect(await arena.live()).toEqual(declared);
      await isSettled(given());
    },
  );

  const { replacement, removeByHand } = specimen;
  if (replacement)
    test("is replaced, the new one first", async () => {
      await make(given());
      const next = changed(given(), replacement);
      expect(await up(next)).toEqual(done("replace it", "delete old it"));
      await isSettled(next);
      expect(await destroy()).toEqual(done("delete it"));
      expect(await arena.live()).toEqual(seeded);
    });

  if (removeByHand)
    test("is made anew where somebody deleted it, and its deletion is a success", async () => {
      await up(given());
      const declared = await arena.live();
      await removeByHand(arena, given());
      expect(await refresh()).toEqual(done("gone it"));
      expect(await up(given())).toEqual(done("create it"));
      expect(await arena.live()).toEqual(declared);
      await removeByHand(arena, given());
      expect(await destroy()).toEqual(done("delete it"));
      expect(await arena.live()).toEqual(seeded);
    });
});
