import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { command } from "../harness/battery/interruption/patience.ts";
import { type Declaration, LittleEngine } from "../harness/battery/little-engine.ts";
import type { ProviderProcess } from "../harness/battery/provider-process.ts";
import { owner, pair } from "../harness/battery/specimens/s3.ts";
import { firstSeed, many } from "../harness/soak.ts";

let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

const numbers = [...Array(20).keys()];

/** A hundred of all systems. */
const declarations = (): Declaration[] =>
  numbers.flatMap((n) => [
    { name: `group-${n}`, kind: "CloudianGroup", inputs: { groupId: `group-${n}` } },
    { name: `user-${n}`, kind: "EcsObjectUser", inputs: { userName: `user-${n}`, tags: { n: String(n) } } },
    { name: `bucket-${n}`, kind: "EcsBucket", inputs: { bucketName: `bucket-${n}`, owner: "own", quotaGiB: n + 1 } },
    {
      name: `s3-${n}`,
      kind: "S3Bucket",
      inputs: { endpoint: arena.lab.addresses.cloudian.s3Endpoint, ...pair, bucketName: `s3-${n}` },
    },
    {
      name: `staging-${n}`,
      kind: "SecondaryStagingStore",
      inputs: { zoneId: arena.lab.addresses.cloudstack.zoneId, server: "nfs.example.test", path: `/${n}` },
    },
  ]);

const systems = ["cloudian", "cloudian-s3", "ecs", "ecs-s3", "cloudstack"] as const;
const delays = fc.array(
  fc.record({ system: fc.constantFrom(...systems), delayMs: fc.nat(30), times: fc.integer({ min: 1, max: 9 }) }),
  { minLength: 60, maxLength: 60 },
);

test("a hundred objects, sixteen at a time, in any order and with any delay: each once, and one log-in", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const all = declarations();
  const orders = fc.shuffledSubarray([...all.keys()], { minLength: all.length });
  await fc.assert(
    fc.asyncProperty(orders, delays, async (order, delays) => {
      await seed();
      for (const delay of delays) await arena.control.fault({ kind: "delay", ...delay });
      const engines = await command(arena, (process) =>
        inParallel(
          order.map((index) => all[index] as Declaration),
          process,
        ),
      );
      await arena.control.clearFaults();
      await expectEachOnce();
      for (const engine of engines) expect(engine.entries).toHaveLength(1);
    }),
    { seed: firstSeed(), numRuns: many(5, 200), endOnFailure: true },
  );
});

async function seed(): Promise<void> {
  await arena.control.reset();
  await arena.control.patch("cloudian", owner);
  const keys = [{ secret: "owner000000000000000000000000000000owner", created: "2026-01-01T00:00:00Z" }];
  await arena.control.patch("ecs", { users: { "ns1/own": { keys } } });
}

/** One process serves all of them, sixteen at a time, as the engine's `--parallel 16` asks it to. */
async function inParallel(declared: readonly Declaration[], process: ProviderProcess): Promise<LittleEngine[]> {
  const waiting = [...declared];
  const engines: LittleEngine[] = [];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const engine = new LittleEngine();
      engines.push(engine);
      expect(await engine.up(process, [next])).toMatchObject({ errors: [], steps: [`create ${next.name}`] });
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  return engines;
}

async function expectEachOnce(): Promise<void> {
  const { cloudian, ecs, cloudstack } = await arena.control.state();
  expect(ecs.sessions).toMatchObject({ logins: 1, failures: 0, live: 0 });
  const numbered = (prefix: string, before = "") => numbers.map((n) => `${before}${prefix}-${n}`).toSorted();
  expect(Object.keys(cloudian.groups).toSorted()).toEqual(["0", ...numbered("group"), "own"].toSorted());
  expect(Object.keys(cloudian.s3Buckets).toSorted()).toEqual([...numbered("s3"), "theirs"].toSorted());
  expect(Object.keys(ecs.users).toSorted()).toEqual(["ns1/own", ...numbered("user", "ns1/")].toSorted());
  expect(Object.keys(ecs.buckets).toSorted()).toEqual(numbered("bucket", "ns1/"));
  const keys = Object.entries(ecs.users).map(([, { keys }]) => keys.filter((key) => key !== null).length);
  expect(keys).toEqual(numbers.map(() => 1).concat(1));
  const stores = Object.values(cloudstack.imageStores).filter(({ role }) => role === "ImageCache");
  expect(stores).toHaveLength(numbers.length);
}
