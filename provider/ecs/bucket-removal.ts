import { setTimeout as wait } from "node:timers/promises";
import { messageOf, Refused } from "../core/errors.ts";
import { inform } from "../core/log.ts";
import { remainingMs } from "../core/operation.ts";
import type { S3Client } from "../s3/client.ts";
import { contentsOf, describeContents } from "../s3/contents.ts";
import { emptyBucket } from "../s3/emptying.ts";
import type { EcsAnswer } from "./answers.ts";
import type { BucketState } from "./bucket-state.ts";
import { type BucketKey, named } from "./buckets.ts";
import type { EcsClient } from "./client.ts";
import type { UserKey } from "./users.ts";

interface Last extends Partial<BucketState> {
  readonly owner?: string;
  readonly forceDestroy?: boolean;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;
const reportMs = 10_000;

/** Deletes an empty bucket; empties one that is not only where `forceDestroy` says so. */
export async function removeBucket(client: EcsClient, bucket: BucketKey, last: Last): Promise<void> {
  const answer = await client.buckets.deactivate(bucket, false);
  if (await isGone(client, bucket, answer)) return;
  const info = await client.buckets.info(bucket);
  if (!info) return client.owned.noteDeleted(bucket.namespace, bucket.bucketName);
  if (!saysNotEmpty(answer) && !info.emptying) throw client.buckets.refusal(`delete ${named(bucket)}`, answer);
  const owner = { namespace: bucket.namespace, userName: info.owner };
  if (last.forceDestroy !== true) throw await notEmpty(client, bucket, owner, answer);
  if (info.objectLock)
    throw new Refused(
      `${named(bucket)} is not emptied: it has object lock, and what it holds may be kept on purpose. Nothing was deleted. ` +
        `Empty it with the vendor's own tools once its retention allows that.`,
    );
  if (!info.emptying) {
    const begun = await client.buckets.deactivate(bucket, true);
    if (begun.status !== 202 && (await isGone(client, bucket, begun))) return;
    if (saysNotEmpty(begun)) return await emptyThroughS3(client, bucket, owner);
    if (begun.status !== 202) await requireBegun(client, bucket, begun);
  }
  await waitForEmptying(client, bucket);
}

/** Where the reply to the request that began it was lost, the repeated one is refused. */
async function requireBegun(client: EcsClient, bucket: BucketKey, refused: EcsAnswer): Promise<void> {
  const info = await client.buckets.info(bucket);
  if (info && !info.emptying) throw client.buckets.refusal(`empty ${named(bucket)}`, refused);
}

/** Releases before 3.8 know no background task and answer as if it had not been asked for. */
async function emptyThroughS3(client: EcsClient, bucket: BucketKey, owner: UserKey): Promise<void> {
  await client.owners.as(owner, `empty ${named(bucket)}`, (s3) => emptyBucket(s3, bucket.bucketName, named(bucket)));
  const answer = await client.buckets.deactivate(bucket, false);
  if (!(await isGone(client, bucket, answer)))
    throw client.buckets.refusal(`delete ${named(bucket)}`, answer, "It was emptied. Does somebody write to it?");
}

async function isGone(client: EcsClient, bucket: BucketKey, answer: EcsAnswer): Promise<boolean> {
  const gone = answer.error === undefined || (await client.buckets.saysAbsent(bucket, answer));
  if (gone) client.owned.noteDeleted(bucket.namespace, bucket.bucketName);
  return gone;
}

async function waitForEmptying(client: EcsClient, bucket: BucketKey): Promise<void> {
  let reported = performance.now();
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 2)) {
    const status = await client.buckets.emptyingStatus(bucket);
    const name = status?.status ?? "NOT_FOUND";
    if (name === "DONE" || name === "NOT_FOUND") {
      if (!(await client.buckets.info(bucket))) return client.owned.noteDeleted(bucket.namespace, bucket.bucketName);
      if (name === "NOT_FOUND")
        throw new Refused(
          `${named(bucket)} is still there, but ECS is not emptying it any more. Run the same command again.`,
        );
    }
    if (/FAILED|ABORT/.test(name))
      throw new Refused(
        `ECS could not empty ${named(bucket)} (${name}): ${status?.entries_deleted ?? 0} entries were deleted, ` +
          `${status?.failed_to_delete_due_to_retention ?? 0} are under retention, ${status?.failed_to_delete_due_to_dangling ?? 0} dangling, ` +
          `${status?.failed_to_delete_due_to_other ?? 0} failed otherwise.${status?.message ? ` It says: ${status.message}` : ""}`,
      );
    if (performance.now() - reported >= reportMs) {
      reported = performance.now();
      await inform(`ECS is emptying ${named(bucket)}: ${name}, ${status?.entries_deleted ?? 0} entries deleted.`);
    }
    if (remainingMs() < pause + reportMs / 10)
      throw new Refused(
        `ECS goes on emptying ${named(bucket)} in the background (${name}); operationTimeoutSeconds is used up. Run the same command again later.`,
      );
    await wait(pause);
  }
}

/** Status and text differ by release; code 60019 is the one number that is known (reference: 5.10). */
function saysNotEmpty({ status, error, body }: EcsAnswer): boolean {
  if (status !== 400 && status !== 409) return false;
  return error?.code === 60019 || /not empty/i.test(body);
}

function count({ bucketName }: BucketKey): (s3: S3Client) => Promise<string> {
  return async (s3) => describeContents(await contentsOf(s3, bucketName));
}

async function notEmpty(client: EcsClient, bucket: BucketKey, owner: UserKey, answer: EcsAnswer): Promise<Refused> {
  const contents = await client.owners
    .as(owner, `count what is in ${named(bucket)}`, count(bucket), "none")
    .then((words) => `It holds ${words}.`)
    .catch((error: unknown) => `What it holds could not be counted (${messageOf(error)}).`);
  return new Refused(
    `${named(bucket)} is not deleted, because it is not empty: ${client.endpoint} answered ${answer.said()}. ${contents} ` +
      `forceDestroy: true would delete all of it; switch it on with a pulumi up first (destroy reads the state, not the program).`,
  );
}
