import { randomUUID } from "node:crypto";
import { type Answer, list } from "./cloudstack-answer.ts";
import { type Call, type Commands, required, stamp } from "./cloudstack-call.ts";
import { ApiError, invalid } from "./cloudstack-error.ts";
import type { Job } from "./cloudstack-job.ts";
import { membersOf } from "./cloudstack-reply.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";

/** Queues the work of an answer; what the caller gets at once. */
export function beginJob(call: Call, answer: Extract<Answer, { kind: "job" }>): object {
  const { store, clock, command, caller } = call;
  const id = randomUUID();
  store.jobs.set(id, {
    id,
    command,
    accountId: caller.account.id,
    userId: caller.user.id,
    created: clock.now(),
    instanceId: answer.instanceId ?? answer.id,
    work: () => resultOf(call, answer.work()),
    status: 0,
    completed: undefined,
    result: undefined,
    resultCode: 0,
    polls: 0,
  });
  return { jobid: id, ...(answer.id === undefined ? {} : { id: answer.id }) };
}

/** Does the work of the jobs whose time is over. */
export function settleJobs({ jobs, options }: CloudStackStore, now: number): void {
  for (const job of jobs.values()) {
    if (job.status === 0 && now >= job.created + options.jobSeconds * 1000) finish(job, options.cancelJobs, now);
  }
}

function finish(job: Job, cancelled: boolean, now: number): void {
  job.completed = now;
  if (cancelled) {
    Object.assign(job, { status: 3, resultCode: 530, result: { errorcode: 530, errortext: "Job is cancelled" } });
    return;
  }
  try {
    job.result = job.work();
    job.status = 1;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const code = error.status;
    Object.assign(job, { status: 2, resultCode: code, result: { errorcode: code, errortext: error.message } });
  }
}

function resultOf(call: Call, answer: Answer): object {
  if (answer.kind === "job") throw new Error(`The job of ${call.command} ends in another job.`);
  return membersOf(call, answer);
}

function pollJob(call: Call): Answer {
  const { store } = call;
  const id = required(call, "jobid");
  const job = store.options.loseJobs ? undefined : store.jobs.get(id);
  if (job === undefined) throw invalid(`Unable to find a job by id ${id}`);
  if (job.status === 0) return { kind: "raw", value: jobDocument(job) };
  job.polls += 1;
  const late = job.polls <= store.options.jobPolls;
  return { kind: "raw", value: jobDocument(late ? { ...job, status: 0 } : job) };
}

function jobDocument(job: Job): object {
  const over = job.status !== 0;
  return {
    accountid: job.accountId,
    userid: job.userId,
    cmd: `org.apache.cloudstack.api.command.${job.command.replace(/^./, (first) => first.toUpperCase())}Cmd`,
    jobstatus: job.status,
    jobprocstatus: 0,
    jobresultcode: over ? job.resultCode : 0,
    ...(over ? { jobresulttype: "object", jobresult: job.result } : {}),
    ...(job.instanceId === undefined ? {} : { jobinstanceid: job.instanceId }),
    created: stamp(job.created),
    ...(over && job.completed !== undefined ? { completed: stamp(job.completed) } : {}),
    jobid: job.id,
  };
}

function listJobs({ store, caller }: Call): Answer {
  const own = [...store.jobs.values()].filter(
    (job) => caller.account.type === 1 || job.accountId === caller.account.id,
  );
  return list("asyncjobs", own.map(jobDocument));
}

export const jobCommands: Commands = {
  queryAsyncJobResult: { run: pollJob, changes: false, role: "everyone", params: "jobid!" },
  listAsyncJobs: {
    run: listJobs,
    changes: false,
    role: "everyone",
    params: "account domainid isrecursive keyword listall page pagesize startdate",
  },
};
