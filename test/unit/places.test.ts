import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Places } from "../../provider/core/places.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What has become of a wait by now: nothing yet is undefined. */
async function soFar(wait: Promise<boolean>): Promise<boolean | undefined> {
  return await Promise.race([wait, vi.advanceTimersByTimeAsync(0).then(() => undefined)]);
}

test("so many have a place at once, and the others get one in the order in which they came", async () => {
  const places = new Places(2);
  expect([await places.take(1000), await places.take(1000)]).toEqual([true, true]);
  const [third, fourth] = [places.take(1000), places.take(1000)];
  expect([await soFar(third), await soFar(fourth)]).toEqual([undefined, undefined]);
  places.leave();
  expect([await soFar(third), await soFar(fourth)]).toEqual([true, undefined]);
  places.leave();
  expect(await soFar(fourth)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("a place that nobody waits for is kept for the next one", async () => {
  const places = new Places(1);
  await places.take(1000);
  places.leave();
  expect(await places.take(1000)).toBe(true);
});

test("who runs out of patience gets none, and takes none from those behind", async () => {
  const places = new Places(1);
  await places.take(1000);
  const [hasty, patient] = [places.take(20), places.take(1000)];
  await vi.advanceTimersByTimeAsync(19);
  expect(await soFar(hasty)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(await hasty).toBe(false);
  places.leave();
  expect(await soFar(patient)).toBe(true);
});

test("patience may be without end", async () => {
  const places = new Places(1);
  await places.take(1000);
  const patient = places.take(Number.POSITIVE_INFINITY);
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(await soFar(patient)).toBeUndefined();
  places.leave();
  expect(await patient).toBe(true);
});
