import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { type FuzzedKind, fuzzedKinds, prepare } from "../harness/battery/hostile/kinds.ts";
import { Relays } from "../harness/battery/hostile/relays.ts";
import { type Mutated, mutated } from "../harness/battery/hostile/values.ts";
import { headerNames, memberNames, requestsIn, textsOf } from "../harness/battery/hostile/wire.ts";
import type { Properties } from "../harness/provider-client.ts";
import { firstSeed, many } from "../harness/soak.ts";

const declarations = many(1000, 10_000);
/** So many of those that a check lets pass go to a system. */
const sendings = many(20, 2000);
const atOnce = 20;

/** Every message is searched for every secret that a process has seen. */
const checksOfOneProcess = 40;

let arena: Arena;
let relays: Relays;
const rejections: unknown[] = [];
const noteRejection = (reason: unknown) => rejections.push(reason);

beforeAll(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  process.on("unhandledRejection", noteRejection);
  arena = await Arena.open();
  relays = await Relays.open(arena.lab.addresses);
});
afterAll(async () => {
  process.off("unhandledRejection", noteRejection);
  await relays.close();
  await arena.close();
});

interface Passed extends Mutated {
  readonly index: number;
  /** As `create` is given it. */
  readonly checked: Properties;
}

test.each(fuzzedKinds)(
  "whatever a program writes into a $kind is refused in words, or on the wire as exactly that",
  async (fuzzed) => {
    const written = fuzzed.written.map((inputs) => ({ ...inputs, ...fuzzed.given(relays.s3Endpoint) }));
    const all = fc.sample(mutated(written), { numRuns: declarations, seed: firstSeed() });
    const passed = await checkedOf(fuzzed, all);
    expect(passed.length).toBeGreaterThan(declarations / 20);
    expect(passed.length).toBeLessThan(declarations / 2);
    const sent = passed.filter(({ property }) => !fuzzed.unsent?.includes(property)).slice(0, sendings);
    const texts = sent.filter((each) => isSentAsText(fuzzed, each));
    let arrived = 0;
    for (let at = 0; at < sent.length; at += atOnce) arrived += await sendAndRead(fuzzed, sent.slice(at, at + atOnce));
    expect(texts.length).toBeGreaterThanOrEqual(fuzzed.sent.length === 0 ? 0 : sent.length / 4);
    // A look before the creation, or what is sent first, may have refused the others.
    expect(arrived).toBeGreaterThanOrEqual(texts.length / 2);
    expect(({} as Properties)["polluted"]).toBeUndefined();
    expect(rejections).toEqual([]);
  },
);

/** Those that a check lets pass; of all others the reasons are good ones. */
async function checkedOf(fuzzed: FuzzedKind, all: readonly Mutated[]): Promise<Passed[]> {
  const passed: Passed[] = [];
  let kinds = await freshKinds();
  for (const [index, each] of all.entries()) {
    if (index % checksOfOneProcess === 0) {
      // The lab lives in this process, too.
      await turn();
      kinds = await freshKinds();
    }
    const check = kinds(relays.settings)[fuzzed.kind].check({}, { ...each.inputs, __provider: "text" });
    const { inputs, failures = [] } = await check;
    for (const failure of failures) refusedWell(fuzzed, each, failure, titleOf(each, index));
    if (failures.length === 0) passed.push({ ...each, index, checked: unwrapped(inputs as Properties) });
  }
  return passed;
}

function refusedWell(
  { secrets }: FuzzedKind,
  { property, value, isName }: Mutated,
  failure: { readonly property: string; readonly reason: string },
  title: string,
): void {
  expect(failure.property, title).toBe("");
  expect(failure.reason, title).not.toMatch(/^$|unexpected failure/);
  expect(failure.reason.length, title).toBeLessThan(1000);
  const isSecret = !isName && secrets.includes(property) && typeof value === "string" && value.length > 8;
  if (isSecret) expect(failure.reason, title).not.toContain(value);
}

/** Creates them all at once; how many of the texts in them were found on the wire. */
async function sendAndRead(fuzzed: FuzzedKind, batch: readonly Passed[]): Promise<number> {
  await prepare(arena);
  const kinds = await freshKinds();
  const errors = await Promise.all(
    batch.map(async ({ checked }) => {
      try {
        await kinds(relays.settings)[fuzzed.kind].create({ ...checked, __provider: "text" });
        return undefined;
      } catch (error) {
        return error as Error;
      }
    }),
  );
  const texts = textsOnTheWire(batch);
  const arrived = batch.filter((each, index) => {
    const error = errors[index];
    if (error) expect(error.message, titleOf(each, each.index)).not.toMatch(/unexpected failure|UND_ERR|ERR_INVALID/);
    const isText = isSentAsText(fuzzed, each);
    const isThere = isText && texts.has(each.value as string);
    if (isText && (!error || fuzzed.isRefused)) expect(isThere, `${titleOf(each, each.index)} on the wire`).toBe(true);
    return isThere;
  });
  return arrived.length;
}

/** CloudStack trims values and takes one word for none, so that the provider does. */
function isSentAsText(fuzzed: FuzzedKind, { property, value, isName }: Mutated): boolean {
  const isVerbatim = typeof value === "string" && value.trim() === value && value !== "null";
  return isVerbatim && !isName && fuzzed.sent.includes(property);
}

/** All of them are requests, with no header and no name that they should not have. */
function textsOnTheWire(batch: readonly Passed[]): Set<string> {
  const requests = relays.take().flatMap(requestsIn);
  const title = batch.map((each) => titleOf(each, each.index)).join("\n");
  const read = requests.map(textsOf);
  const names = new Set(read.flatMap((request) => request.names.map((name) => name.replace(/\[\d\]/, "[0]"))));
  expect(
    [...names].filter((name) => !memberNames.has(name)),
    title,
  ).toEqual([]);
  for (const { headers } of requests) {
    const present = headers.map(([name]) => name);
    expect(
      present.filter((name) => !headerNames.has(name)),
      title,
    ).toEqual([]);
    expect(new Set(present).size, title).toBe(present.length);
  }
  return new Set(read.flatMap((request) => request.texts));
}

/** The modules of a process that has seen nothing yet. */
async function freshKinds() {
  vi.resetModules();
  return (await import("../property/support.ts")).kinds;
}

function unwrapped(values: Properties): Properties {
  const plain = (value: unknown) =>
    typeof value === "object" && value !== null && secretKey in value && "value" in value ? value.value : value;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, plain(value)]));
}

const secretKey = "4dabf18193072939515e22adb298388d";

function titleOf({ property, value, isName }: Mutated, index: number): string {
  const text = JSON.stringify(value)?.slice(0, 80);
  return `SEED=${firstSeed()}, declaration ${index}: ${text} as ${isName ? "a name in" : ""} ${property}`;
}
