import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { withinOperation } from "../../provider/core/operation.ts";
import { mayRepeat, nextAttempt, RetryBudget, retryAfterMs } from "../../provider/core/retry.ts";

vi.mock("node:timers/promises", () => ({ setTimeout: vi.fn(() => Promise.resolve()) }));
const waits = vi.mocked(wait);
const waited = () => waits.mock.calls.map(([ms]) => ms);

afterEach(() => {
  vi.restoreAllMocks();
  waits.mockClear();
});

test.each([
  ["read", "not-sent", true],
  ["read", "throttled", true],
  ["read", "unknown", true],
  ["read", "timeout", true],
  ["repeatable", "not-sent", true],
  ["repeatable", "throttled", true],
  ["repeatable", "unknown", true],
  ["repeatable", "timeout", true],
  ["once", "not-sent", true],
  ["once", "throttled", true],
  ["once", "unknown", false],
  ["once", "timeout", false],
  ["once", "server-error", false],
  ["read", "server-error", true],
  ["repeatable", "server-error", true],
  ["log-in", "not-sent", true],
  ["log-in", "throttled", true],
  ["log-in", "server-error", true],
  ["log-in", "unknown", false],
  ["log-in", "timeout", false],
] as const)("a %s request after %s: may be repeated %j", (effect, failure, expected) => {
  expect(mayRepeat(effect, failure)).toBe(expected);
});

const NOW = Date.parse("2026-01-31T12:00:00Z");

test.each([
  [undefined, undefined],
  ["0", 0],
  ["3", 3000],
  [" 3 ", 3000],
  ["Sat, 31 Jan 2026 12:00:07 GMT", 7000],
  ["Sat, 31 Jan 2026 11:00:00 GMT", 0],
  ["120", 120_000],
  ["soon", undefined],
  ["7 days", undefined],
  ["in7", undefined],
  ["", undefined],
])("Retry-After %j is %j ms", (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});

test("a budget pays 5 for a retry and 10 after a timeout, gets 1 back for a success, and never more than it had", () => {
  const budget = new RetryBudget(16);
  budget.refund();
  expect(budget.take("unknown")).toBe(true);
  expect(budget.take("timeout")).toBe(true);
  expect(budget.take("not-sent")).toBe(false);
  for (let success = 0; success < 4; success += 1) budget.refund();
  expect(budget.take("timeout")).toBe(false);
  expect(budget.take("throttled")).toBe(true);
  expect(budget.take("throttled")).toBe(false);
});

describe("nextAttempt", () => {
  const rich = () => new RetryBudget(1000);

  test.each([
    [1, 100],
    [0, 50],
  ])("waits twice as long each time, and longer for a system that is too busy (luck %d)", async (luck, first) => {
    vi.spyOn(Math, "random").mockReturnValue(luck);
    for (const attempt of [1, 2, 3, 4]) await nextAttempt(attempt, "unknown", undefined, rich());
    for (const attempt of [1, 2, 3, 4]) await nextAttempt(attempt, "throttled", undefined, rich());
    const times = [1, 2, 4, 8, 5, 10, 20, 40];
    expect(waited()).toEqual(times.map((time) => time * first));
  });

  test("waits as long as the system asks, and not less than it would by itself", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    expect(await nextAttempt(1, "unknown", 300, rich())).toBe(true);
    expect(await nextAttempt(1, "unknown", 30, rich())).toBe(true);
    expect(waited()).toEqual([300, 100]);
  });

  test("gives up at once after five attempts, without a budget, or where the time is too short", async () => {
    for (const work of [
      () => nextAttempt(5, "unknown", undefined, rich()),
      () => nextAttempt(1, "unknown", undefined, new RetryBudget(4)),
      () => withinOperation(1, () => nextAttempt(1, "throttled", 1500, rich())),
    ])
      expect(await work()).toBe(false);
    expect(waited()).toEqual([]);
  });

  test("takes what would begin at the very end of the time for too late", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    vi.spyOn(performance, "now").mockReturnValue(5000);
    expect(await withinOperation(1, () => nextAttempt(1, "unknown", 1000, rich()))).toBe(false);
    expect(await withinOperation(1, () => nextAttempt(1, "unknown", 999, rich()))).toBe(true);
    expect(waited()).toEqual([999]);
  });

  test("does not pay for an attempt that does not fit into the time", async () => {
    const budget = new RetryBudget(5);
    await withinOperation(1, () => nextAttempt(1, "unknown", 60_000, budget));
    expect(budget.take("unknown")).toBe(true);
  });
});
