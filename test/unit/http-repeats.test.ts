import { setTimeout as wait } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Call } from "../../provider/core/http.ts";
import { ENDPOINT, httpStage } from "./http-stage.ts";

vi.mock("node:timers/promises", () => ({ setTimeout: vi.fn(() => Promise.resolve()) }));
const waits = vi.mocked(wait);

const stage = httpStage();
beforeEach(() => {
  waits.mockClear();
});

const read: Call = { what: "read it", method: "GET", path: "/thing", effect: "read", answers: [200] };
const make: Call = { what: "make it", method: "PUT", path: "/thing", effect: "once", answers: [200] };
const busy = { status: 503 };
const done = { status: 200 };

const later = "Run the same command again; if it stays so, see what the system's own log says.";

describe("a system that fails", () => {
  test("is asked five times for what can be asked again, and the error tells how often", async () => {
    stage.replies = Array(5).fill(busy);
    expect(await stage.outcomeOf(stage.client().send(read))).toBe(
      `UnexpectedAnswer: Could not read it: ${ENDPOINT} answered 503 after 5 attempts. ${later}`,
    );
    expect(stage.sent).toHaveLength(5);
  });

  test("is asked again after as long as it says", async () => {
    stage.replies = [
      { status: 503, headers: { "retry-after": "3" } },
      { status: 429, headers: { "retry-after": ["7", "1"] } },
      done,
    ];
    expect(await stage.outcomeOf(stage.client().send(read))).toBe(200);
    expect(waits.mock.calls).toEqual([[3000], [7000]]);
  });

  test("is asked once for what may make a second object", async () => {
    stage.replies = [busy];
    expect(await stage.outcomeOf(stage.client().send(make))).toBe(
      `OutcomeUnknown: Could not make it: ${ENDPOINT} answered 503. The request may have been carried out. Run the same command again.`,
    );
    expect(stage.sent).toHaveLength(1);
  });
});

describe("the retries that all calls of a client share", () => {
  test("are earned by calls that succeed at the first attempt, and by no others", async () => {
    const client = stage.client(ENDPOINT, 5);
    const outcome = () => stage.outcomeOf(client.send(read));
    const failed = `UnexpectedAnswer: Could not read it: ${ENDPOINT} answered 503. ${later}`;
    stage.replies = [busy, done];
    expect(await outcome()).toBe(200);
    for (let success = 0; success < 4; success += 1) expect(await outcome()).toBe(200);
    stage.replies = [busy, done];
    expect(await outcome()).toBe(failed);
    expect(await outcome()).toBe(200);
    stage.replies = [busy, done];
    expect(await outcome()).toBe(200);
    expect(stage.replies).toEqual([]);
  });
});
