import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { everyLife, plansOf, randomFrom, someLife } from "../harness/battery/matrix/campaign.ts";
import { faultKinds } from "../harness/battery/matrix/fault-kinds.ts";
import type { Plan } from "../harness/battery/matrix/life.ts";
import { kindOf, liveAll, type Task } from "../harness/battery/matrix/range.ts";
import { type Reference, referenceOf } from "../harness/battery/matrix/reference.ts";
import { Tally } from "../harness/battery/matrix/tally.ts";
import type { Specimen } from "../harness/battery/specimen.ts";
import { specimens } from "../harness/battery/specimens/all.ts";
import { firstSeed, soak } from "../harness/soak.ts";

/** While one waits for a deadline, the others work. */
const abreast = 8;

const seed = firstSeed();
const tally = new Tally();
const redirected: string[] = [];
let arenas: Arena[] = [];
let elsewhere: Server;

beforeAll(async () => {
  // The provider warns of what it takes over, and of what it only believes to be its own.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  arenas = await Promise.all(Array.from({ length: abreast }, () => Arena.open()));
  elsewhere = createServer((incoming, outgoing) => {
    redirected.push(`${incoming.method} ${incoming.url} ${JSON.stringify(incoming.headers)}`);
    outgoing.end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await Promise.all(arenas.map((arena) => arena.close()));
  elsewhere.close();
  tally.write(join(import.meta.dirname, "../../build/fault-matrix.md"));
  console.log(`Fault matrix, SEED=${seed}: ${tally.summary()}`);
});

test.each(specimens)(
  "whatever fault hits whichever request of $kind, nothing is lost, doubled or left",
  async (specimen) => {
    await liveAll(
      arenas,
      await tasksOf(specimen),
      tally,
      `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`,
    );
    expect(tally.bad(kindOf({ specimen } as Plan)), `SEED=${seed}`).toEqual([]);
    expect(redirected).toEqual([]);
  },
);

async function tasksOf(specimen: Specimen): Promise<Task[]> {
  const plans = plansOf(specimen);
  const references = await inTurn(plans);
  if (soak)
    return plans.flatMap((plan, index) => {
      const reference = references[index] as Reference;
      return everyLife(plans, index, reference).map((shots) => ({ plan, reference, shots }));
    });
  const random = randomFrom(seed + specimens.indexOf(specimen));
  // Half of the faults for each kind, so that two kinds of one system have all of them.
  const own = faultKinds.filter((_, index) => (index + specimens.indexOf(specimen)) % 2 === 0);
  return own.map((kind, index) => {
    const at = index % plans.length;
    const reference = references[at] as Reference;
    return { plan: plans[at] as Plan, reference, shots: someLife(kind, reference, random) };
  });
}

async function inTurn(plans: readonly Plan[]): Promise<Reference[]> {
  const references: Reference[] = [];
  for (const plan of plans) references.push(await referenceOf(arenas[0] as Arena, plan));
  return references;
}
