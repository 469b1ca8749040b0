import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { remainingMs, whenIdle, withinLongerOperation, withinOperation } from "../../provider/core/operation.ts";

/** Milliseconds; only the tests move it. */
let clock: number;
beforeEach(() => {
  clock = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the time of an operation", () => {
  test("is shared by all that it does, and can be used up", async () => {
    const left = await withinOperation(2.5, async () => {
      const before = remainingMs();
      clock += 400;
      await Promise.resolve();
      const after = remainingMs();
      clock += 3000;
      return [before, after, remainingMs()];
    });
    expect(left).toEqual([2500, 2100, -900]);
  });

  test("is each operation's own", async () => {
    const both = await Promise.all([2, 3].map((seconds) => withinOperation(seconds, async () => remainingMs())));
    expect(both).toEqual([2000, 3000]);
  });

  test("is without limit outside of operations", async () => {
    expect(remainingMs()).toBe(Number.POSITIVE_INFINITY);
    await withinOperation(1, async () => {});
    expect(remainingMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("work that may take longer than its operation", () => {
  const leftWithin = (seconds: number) => withinLongerOperation(seconds, async () => remainingMs());

  test("has the longer time of the two", async () => {
    await withinOperation(10, async () => {
      expect(await leftWithin(60)).toBe(60_000);
      expect(await leftWithin(5)).toBe(10_000);
      expect(remainingMs()).toBe(10_000);
    });
  });

  test("has its own time outside of operations", async () => {
    expect(await leftWithin(5)).toBe(5000);
  });
});

describe("who waits for idleness", () => {
  test("is called at once where no operation runs", () => {
    const listener = vi.fn();
    whenIdle(listener);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("is called when the last operation has ended, well or not", async () => {
    const listener = vi.fn();
    let finish = () => {};
    let fail = () => {};
    const first = withinOperation(1, () => new Promise<void>((done) => (finish = done)));
    const second = withinOperation(1, () => new Promise<void>((_, reject) => (fail = () => reject(new Error("no")))));
    whenIdle(listener);
    finish();
    await first;
    expect(listener).not.toHaveBeenCalled();
    fail();
    await expect(second).rejects.toThrow("no");
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
