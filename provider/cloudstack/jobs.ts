import { setTimeout as wait } from "node:timers/promises";
import { OutcomeUnknown } from "../core/errors.ts";
import { remainingMs } from "../core/operation.ts";
import { ApiFailure, failureIn, type Item, textIn } from "./answers.ts";

const firstPauseMs = 250;
const longestPauseMs = 15_000;

/** `jobstatus`; 3 is a job that somebody has cancelled, and unknown to most clients. */
const running = "0";
const done = "1";

/**
 * The result of an asynchronous job, asked for less and less often. A job whose result CloudStack no longer knows may
 * have done its work: `OutcomeUnknown`.
 */
export async function resultOf(
  jobId: string,
  what: string,
  endpoint: string,
  query: (jobId: string) => Promise<Item>,
): Promise<Item> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const job = await query(jobId).catch((error: unknown) => {
      if (error instanceof ApiFailure && error.status === 431) throw unknownOutcome(what, jobId, "is no longer known");
      throw error;
    });
    const status = textIn(job, "jobstatus");
    if (status === done) return resultIn(job);
    if (status !== running) throw failed(job, what, endpoint, status === "3" ? "was cancelled" : "has failed");
    if (remainingMs() <= pauseMs) throw unknownOutcome(what, jobId, "was still running when the time was up");
    await wait(pauseMs);
  }
}

function resultIn(job: Item): Item {
  const result = job["jobresult"];
  return typeof result === "object" && result !== null ? (result as Item) : {};
}

function failed(job: Item, what: string, endpoint: string, how: string): ApiFailure {
  const said = failureIn(job["jobresult"], what, endpoint);
  return said ?? new ApiFailure(`Could not ${what}: the job on ${endpoint} ${how}.`, 530, "");
}

function unknownOutcome(what: string, jobId: string, how: string): OutcomeUnknown {
  return new OutcomeUnknown(
    `Could not ${what} to its end: job ${jobId} ${how}. It may have been carried out. Run the same command again.`,
  );
}
