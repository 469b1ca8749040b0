import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { declareAll, sequences } from "../harness/battery/model/commands.ts";
import { partNames, partsOf } from "../harness/battery/model/parts.ts";
import { World } from "../harness/battery/model/world.ts";
import { firstSeed, many, soak } from "../harness/soak.ts";

const runs = many(50, 500);

/** Side by side, because most of the time is spent waiting for another attempt; each with systems of its own. */
const lanes = 5;

/** A failing sequence is shrunk until then. */
const patienceMs = soak ? 6_000_000 : 220_000;

const cast = fc.subarray([...partNames], { minLength: 2, maxLength: 5 });

beforeAll(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});

describe.concurrent("in whatever order things happen, live systems and state are as the model says, and one refresh and one up settle it", () => {
  test.each(Array.from({ length: lanes }, (_, lane) => firstSeed() + lane))("SEED=%d", async (seed) => {
    const arena = await Arena.open();
    try {
      await fc.assert(
        fc.asyncProperty(cast, fc.nat(2 ** 24), sequences, async (names, bits, commands) => {
          const world = await World.begin(arena, partsOf(names));
          const strangers = world.seen.others;
          declareAll(world, bits);
          await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
          await settle(world);
          expect(world.seen.others).toEqual(strangers);
        }),
        { numRuns: runs / lanes, seed, interruptAfterTimeLimit: patienceMs, markInterruptAsFailure: true },
      );
    } finally {
      await arena.close();
    }
  });
});

/** After the last fault: an orphan is adopted or deleted, then everything is as declared, and nothing is left to do. */
async function settle(world: World): Promise<void> {
  await world.endFaults();
  const orphans = world.orphans();
  for (const part of orphans) if (!world.program.has(part.name)) await world.removeByHand(part);
  await world.refresh();
  if (!(await world.up(orphans)).ok) world.complain("it does not settle");
  world.requireDeclared();
  // The leave to adopt goes out of the program again.
  if (orphans.length > 0) await world.up();
  await world.refresh();
  await isIdle(world);
  if (!(await world.destroy()).ok || world.orphans().length > 0) world.complain("it cannot be destroyed");
}

async function isIdle(world: World): Promise<void> {
  const requests = await world.requestsOf(async () => {
    const { steps } = await world.up();
    if (steps.length > 0) world.complain(`an up after which nothing was to be done has done ${steps.join(", ")}`);
  });
  if (requests > 0) world.complain(`an up that had nothing to do has sent ${requests} requests`);
}
