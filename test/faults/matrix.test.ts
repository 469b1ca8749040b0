import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { everyLife, plansOf, randomFrom, someLife } from "../harness/battery/matrix/campaign.ts";
import { faultKinds } from "../harness/battery/matrix/fault-kinds.ts";
import { Range, type Task } from "../harness/battery/matrix/range.ts";
import { referenceOf } from "../harness/battery/matrix/reference.ts";
import { Tally } from "../harness/battery/matrix/tally.ts";
import { type Specimen, titleOf } from "../harness/battery/specimen.ts";
import { everySpecimen } from "../harness/battery/specimens/all.ts";
import { firstSeed, soak } from "../harness/soak.ts";
import { tell } from "../harness/telling.ts";

/** Most of them wait for a deadline; what is to be quick shall not become late for all the others. */
const abreast = 10;

const seed = firstSeed();
const tally = new Tally();
const redirected: string[] = [];
let range: Range;
let elsewhere: Server;

beforeAll(async () => {
  // The provider warns of what it takes over, and of what it only believes to be its own.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  elsewhere = createServer((incoming, outgoing) => {
    redirected.push(`${incoming.method} ${incoming.url} ${JSON.stringify(incoming.headers)}`);
    outgoing.end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  range = await Range.open(abreast, tally, `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
});

afterAll(async () => {
  await range.close();
  elsewhere.close();
  tally.write(join(import.meta.dirname, "../../build/fault-matrix.md"));
  tell(`fault matrix, SEED=${seed}: ${tally.summary()}`);
});

test.concurrent.each(everySpecimen.map((specimen) => [titleOf(specimen), specimen] as const))(
  "whatever fault hits whichever request of %s, nothing is lost, doubled or left",
  async (title, specimen) => {
    await range.liveAll(await tasksOf(specimen));
    expect(tally.bad(title), `SEED=${seed}`).toEqual([]);
    expect(redirected).toEqual([]);
  },
);

async function tasksOf(specimen: Specimen): Promise<Task[]> {
  const plans = plansOf(specimen);
  const lives = await Promise.all(
    plans.map(async (plan) => ({ plan, reference: await range.inArena((arena) => referenceOf(arena, plan)) })),
  );
  if (soak)
    return lives.flatMap(({ plan, reference }, index) =>
      everyLife(plans, index, reference).map((shots) => ({ plan, reference, shots })),
    );
  const place = everySpecimen.indexOf(specimen);
  const random = randomFrom(seed + place);
  // A quarter of the faults for each: those of one system have all of them together.
  const own = faultKinds.filter((_, index) => (index + place) % 4 === 0);
  return own.map((kind, index) => {
    const { plan, reference } = lives[index % lives.length] as (typeof lives)[number];
    return { plan, reference, shots: someLife(kind, reference, random) };
  });
}
