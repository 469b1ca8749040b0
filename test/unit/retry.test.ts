import { describe, expect, test } from "vitest";
import { withinOperation } from "../../provider/core/operation.ts";
import { mayRepeat, nextAttempt, RetryBudget, retryAfterMs } from "../../provider/core/retry.ts";

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
  ["soon", undefined],
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
  const waited = async (work: () => Promise<boolean>) => {
    const started = performance.now();
    const again = await work();
    return { again, ms: performance.now() - started };
  };

  test("waits longer each time, and as long as the system asks", async () => {
    const first = await waited(() => nextAttempt(1, "unknown", undefined, rich()));
    expect(first.again).toBe(true);
    expect(first.ms).toBeGreaterThan(48);
    const third = await waited(() => nextAttempt(3, "unknown", undefined, rich()));
    expect(third.ms).toBeGreaterThan(198);
    const asked = await waited(() => nextAttempt(1, "unknown", 300, rich()));
    expect(asked.ms).toBeGreaterThan(298);
  });

  test("gives up at once after five attempts, without a budget, or where the time is too short", async () => {
    for (const work of [
      () => nextAttempt(5, "unknown", undefined, rich()),
      () => nextAttempt(1, "unknown", undefined, new RetryBudget(4)),
      () => withinOperation(1, () => nextAttempt(1, "throttled", 1500, rich())),
    ]) {
      const { again, ms } = await waited(work);
      expect(again).toBe(false);
      expect(ms).toBeLessThan(48);
    }
  });

  test("does not pay for an attempt that does not fit into the time", async () => {
    const budget = new RetryBudget(5);
    await withinOperation(1, () => nextAttempt(1, "unknown", 60_000, budget));
    expect(budget.take("unknown")).toBe(true);
  });
});
