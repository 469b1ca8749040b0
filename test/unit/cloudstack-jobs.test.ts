import { setTimeout as wait } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Change } from "../../provider/cloudstack/api.ts";
import { resultOf } from "../../provider/cloudstack/jobs.ts";
import { withinOperation } from "../../provider/core/operation.ts";
import { cloudStackServer, errorOf, fails, says } from "./cloudstack-server.ts";

const actual = await vi.importActual<typeof import("node:timers/promises")>("node:timers/promises");
vi.mock("node:timers/promises", () => ({ setTimeout: vi.fn() }));
beforeEach(() => {
  vi.mocked(wait).mockImplementation(actual.setTimeout as typeof wait);
});

const JOB = "6f0c9a4e-1d2b-4c3a-9e8f-7a6b5c4d3e2f";
const running = { jobid: JOB, jobstatus: 0, jobprocstatus: 0 };
const done = (jobresult: object) => ({
  jobid: JOB,
  jobstatus: 1,
  jobresultcode: 0,
  jobresulttype: "object",
  jobresult,
});

describe("the wait for a job", () => {
  test("asks at once, and then less and less often", async () => {
    const asked: number[] = [];
    const query = async () => {
      asked.push(performance.now());
      return asked.length > 3 ? done({ success: true }) : running;
    };
    const started = performance.now();
    expect(await resultOf(JOB, "do it", "https://cloud.example.test/client/api", query)).toEqual({ success: true });
    const pauses = asked.map((at, index) => at - (asked[index - 1] ?? started));
    expect(asked).toHaveLength(4);
    expect(pauses[0]).toBeLessThan(100);
    for (const [index, least] of [240, 365, 552].entries()) expect(pauses[index + 1]).toBeGreaterThan(least);
  });

  test.each([
    [1, 20],
    [2, 30],
  ])("of %i minutes asks at most %i times, and never pauses longer than 15 s", async (minutes, most) => {
    // The clock of the operation alone moves: each pause is noted and skipped.
    const pauses: number[] = [];
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    vi.mocked(wait).mockImplementation(async (ms = 0) => {
      pauses.push(ms);
      now += ms;
    });
    try {
      const work = () => resultOf(JOB, "do it", "https://cloud.example.test", async () => running);
      await expect(withinOperation(minutes * 60, work)).rejects.toMatchObject({ name: "OutcomeUnknown" });
    } finally {
      clock.mockRestore();
    }
    expect(pauses.slice(0, 3)).toEqual([250, 375, 562.5]);
    expect(pauses.length).toBeLessThanOrEqual(most);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15_000);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  });
});

describe("a job", () => {
  const cloud = cloudStackServer();
  const CHANGE: Change = { what: "do it", command: "doThing", effect: "once" };
  const key = "queryasyncjobresultresponse";
  const begin = (...polls: object[]) => {
    cloud.answers["doThing"] = [says("dothingresponse", { jobid: JOB })];
    cloud.answers["queryAsyncJobResult"] = polls.map((poll) => says(key, poll));
  };

  test.each([
    [{ bucket: { id: "b" } }, { bucket: { id: "b" } }],
    [{ success: true }, { success: true }],
    [
      { success: "true", displaytext: "x" },
      { success: "true", displaytext: "x" },
    ],
    ["done", {}],
    [undefined, {}],
  ])("that is done answers with its result: %j", async (jobresult, expected) => {
    begin(running, { jobid: JOB, jobstatus: 1, ...(jobresult === undefined ? {} : { jobresult }) });
    expect(await cloud.api().order(CHANGE)).toEqual(expected);
    expect(cloud.commands()).toEqual(["listCapabilities", "doThing", "queryAsyncJobResult", "queryAsyncJobResult"]);
    const [, order, poll] = cloud.asked;
    expect([order?.method, poll?.method, poll?.params["jobid"]]).toEqual(["POST", "GET", JOB]);
  });

  test("of a creation has the object's id beside its own, and is waited for all the same", async () => {
    begin(done({ bucket: { id: "b" } }));
    cloud.answers["doThing"] = [says("dothingresponse", { jobid: JOB, id: "b" })];
    expect(await cloud.api().order(CHANGE)).toEqual({ bucket: { id: "b" } });
  });

  test("may tell its status as text", async () => {
    begin({ ...running, jobstatus: "0" }, { ...done({ ok: 1 }), jobstatus: "1" });
    expect(await cloud.api().order(CHANGE)).toEqual({ ok: 1 });
    begin({ jobid: JOB, jobstatus: "2", jobresult: { errorcode: "530", errortext: "No" } });
    await expect(cloud.api().order(CHANGE)).rejects.toMatchObject({ name: "ApiFailure", status: 530, text: "no" });
  });

  test("that has failed tells why, under HTTP 200", async () => {
    begin({
      jobid: JOB,
      jobstatus: 2,
      jobresultcode: 530,
      jobresult: { errorcode: 530, errortext: "Failed to do it" },
    });
    const error = await errorOf(cloud.api().order(CHANGE));
    expect(error.message).toBe(`Could not do it: ${cloud.endpoint} answered 530, "Failed to do it".`);
    expect(error).toMatchObject({ name: "ApiFailure", status: 530 });
  });

  test.each([
    [2, undefined, "has failed"],
    [2, "no object", "has failed"],
    [3, undefined, "was cancelled"],
    [7, undefined, "has failed"],
  ])("of status %i and result %j has failed, too", async (jobstatus, jobresult, how) => {
    begin({ jobid: JOB, jobstatus, ...(jobresult === undefined ? {} : { jobresult }) });
    const error = await errorOf(cloud.api().order(CHANGE));
    expect([error.name, error.message]).toEqual([
      "ApiFailure",
      `Could not do it: the job on ${cloud.endpoint} ${how}.`,
    ]);
  });

  test("whose result is lost may have done its work", async () => {
    begin(running);
    cloud.answers["queryAsyncJobResult"] = [
      says(key, running),
      fails(431, "Unable to execute API command queryasyncjobresult due to invalid value. Entity does not exist.", key),
    ];
    const error = await errorOf(cloud.api().order(CHANGE));
    expect([error.name, error.message]).toEqual([
      "OutcomeUnknown",
      `Could not do it to its end: job ${JOB} is no longer known. It may have been carried out. Run the same command again.`,
    ]);
  });

  test("that runs longer than there is time may do its work yet", async () => {
    begin(running);
    const api = cloud.api();
    const started = performance.now();
    const error = await errorOf(withinOperation(1.5, () => api.order(CHANGE)));
    expect([error.name, error.message]).toEqual([
      "OutcomeUnknown",
      `Could not do it to its end: job ${JOB} was still running when the time was up. It may have been carried out. Run the same command again.`,
    ]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("is asked for again after an answer that was lost", async () => {
    begin(running);
    cloud.answers["queryAsyncJobResult"] = [
      { cut: true },
      says(key, running),
      { status: 502, body: "" },
      says(key, done({ a: 1 })),
    ];
    expect(await cloud.api().order(CHANGE)).toEqual({ a: 1 });
    expect(cloud.commands().filter((command) => command === "doThing")).toHaveLength(1);
  });
});
