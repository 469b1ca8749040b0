import type { LabClock } from "./clock.ts";
import { attributesOf, bucketOfQuery } from "./ecs-bucket.ts";
import { answer, type Members, type Operation, param, queryNamespace } from "./ecs-call.ts";
import { EcsRefused } from "./ecs-error.ts";
import type { EcsStore, EmptyTask } from "./ecs-store.ts";
import { counts, removeContents, type S3Bucket, type S3Store } from "./s3-store.ts";

/** Begins to empty a bucket in the background; until that ends it is read-only. */
export function emptyBucket({ options }: EcsStore, bucket: S3Bucket, now: number): void {
  const { versions, markers, uploads } = counts(bucket);
  const task: EmptyTask = {
    created: now,
    seconds: options.emptyBucketSeconds,
    fails: options.emptyBucketFails,
    approximate: versions + markers + uploads,
    polls: 0,
    status: "RUNNING",
    deleted: 0,
    retained: 0,
  };
  attributesOf(bucket).task = task;
  bucket.readOnly = true;
}

/** Ends the background emptyings whose time is over: the bucket goes, or becomes writable again. */
export function settleEmptying(store: EcsStore, buckets: S3Store, now: number): void {
  for (const bucket of buckets.buckets()) {
    const { task } = attributesOf(bucket);
    if (task?.status !== "RUNNING" || task.polls < store.options.emptyBucketPolls) continue;
    if (now < task.created + task.seconds * 1000) continue;
    if (!task.fails) Object.assign(task, removeContents(bucket, now));
    bucket.readOnly = false;
    if (!task.fails && buckets.delete(bucket)) {
      store.emptied.set(`${bucket.namespace}/${bucket.name}`, { ...task, status: "DONE" });
    } else task.status = "FAILED";
  }
}

export const readEmptyStatus: Operation = (call) => {
  const { store, clock } = call;
  if (store.options.release === "3.6") throw new EcsRefused(404, 1019, "There is no such path");
  const gone = store.emptied.get(`${queryNamespace(call)}/${param(call, 0)}`);
  const there = call.buckets.bucket(queryNamespace(call), param(call, 0));
  const shownGone = there === undefined && store.options.emptiedBucketStatus === "DONE";
  const task = shownGone && gone !== undefined ? gone : attributesOf(bucketOfQuery(call)).task;
  if (task !== null) task.polls += 1;
  return answer(call, "empty_bucket_status", task === null ? noTask : statusDocument(task, clock));
};

const noTask: Members = {
  status: "NOT_FOUND",
  created: null,
  last_updated: null,
  entries_deleted: null,
  failed_to_delete_due_to_retention: null,
  failed_to_delete_due_to_dangling: null,
  failed_to_delete_due_to_other: null,
  approx_object_count: null,
  message: null,
};

function statusDocument(task: EmptyTask, clock: LabClock): Members {
  const passed = Math.min(clock.now() - task.created, task.seconds * 1000);
  const created = new Date(task.created).toISOString();
  const status =
    task.status === "RUNNING" ? phase(task.seconds === 0 ? 1 : passed / (task.seconds * 1000)) : task.status;
  return {
    status,
    created,
    last_updated: status === "PENDING" ? created : new Date(task.created + passed).toISOString(),
    entries_deleted: task.deleted,
    failed_to_delete_due_to_retention: task.retained,
    failed_to_delete_due_to_dangling: 0,
    failed_to_delete_due_to_other: task.fails && task.status === "FAILED" ? task.approximate : 0,
    approx_object_count: task.approximate,
    message: task.status === "FAILED" ? "Some entries could not be deleted" : "",
  };
}

/** A task waits for the next round of the array first. */
function phase(share: number): string {
  if (share < 0.25) return "PENDING";
  return share < 0.75 ? "IN_PROGRESS" : "POST_PROCESSING";
}
