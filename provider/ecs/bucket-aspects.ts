import { same } from "../core/values.ts";
import { policyText } from "../s3/policy.ts";
import type { EcsAnswer } from "./answers.ts";
import type { BucketArgs } from "./bucket-args.ts";
import { type BucketState, requireInfo } from "./bucket-state.ts";
import { type BucketKey, named } from "./buckets.ts";
import type { EcsClient } from "./client.ts";
import { bringTags, type TagCalls } from "./tags.ts";

type State = BucketArgs & BucketState;
type Done = (state: Partial<State>) => void;

/** One request for each aspect that differs, each reported before the next. */
export async function updateAspects(
  client: EcsClient,
  bucket: BucketKey,
  from: Partial<State>,
  to: BucketArgs,
  done: Done,
): Promise<void> {
  const owner = { namespace: bucket.namespace, userName: to.owner };
  const differs = (property: keyof BucketArgs) => to[property] !== undefined && !same(from[property], to[property]);
  if (differs("owner")) {
    await changeOwner(client, bucket, to.owner);
    done({ owner: to.owner });
  }
  if (differs("quotaGiB") || differs("notifyAtGiB")) done(await changeQuota(client, bucket, to));
  if (differs("retentionSeconds")) {
    await client.buckets.setRetention(bucket, to.retentionSeconds ?? 0);
    done({ retentionSeconds: to.retentionSeconds ?? 0 });
  }
  if (differs("accessDuringOutage")) {
    await client.buckets.setAccessDuringOutage(bucket, to.accessDuringOutage ?? false);
    done({ accessDuringOutage: to.accessDuringOutage ?? false });
  }
  if (to.tags !== undefined && differs("tags"))
    await bringTags(tagCalls(client, bucket), from.tags, to.tags, (tags) => done({ tags }));
  if (to.policy !== undefined && differs("policy")) {
    const text = policyText(to.policy, bucket.bucketName);
    await client.buckets.setPolicy(bucket, text === undefined ? undefined : JSON.parse(text));
    done({ policy: to.policy });
  }
  if (to.versioning !== undefined && differs("versioning")) {
    // A bucket that never had versions is not suspended: that could not be taken back.
    const isOn = async () => from.versioning ?? (await client.versioning.read(bucket, owner, "for new keys"));
    if (to.versioning || (await isOn())) await client.versioning.write(bucket, owner, to.versioning);
    done({ versioning: to.versioning });
  }
  if (to.cors !== undefined && differs("cors")) {
    const { cors } = to;
    await client.owners.as(owner, `set the CORS rules of ${named(bucket)}`, (s3) =>
      cors.length === 0 ? s3.deleteCors(bucket.bucketName) : s3.putCors(bucket.bucketName, cors),
    );
    done({ cors });
  }
}

async function changeOwner(client: EcsClient, bucket: BucketKey, owner: string): Promise<void> {
  const answer = await client.buckets.setOwner(bucket, owner);
  if (answer.error)
    throw client.buckets.refusal(
      `give ${named(bucket)} to ${owner}`,
      answer,
      `The new owner must be an object user of namespace ${bucket.namespace}.`,
    );
  client.owned.noteOwner(bucket.namespace, bucket.bucketName, owner);
}

/** One call sets both limits, so one that is not declared is read first and sent as it is. */
async function changeQuota(client: EcsClient, bucket: BucketKey, to: BucketArgs): Promise<Partial<State>> {
  const neighbor =
    to.quotaGiB === undefined || to.notifyAtGiB === undefined ? (await requireInfo(client, bucket)).quota : undefined;
  await client.buckets.setQuota(bucket, {
    hard: to.quotaGiB === undefined ? neighbor?.hard : sizeOf(to.quotaGiB),
    notify: to.notifyAtGiB === undefined ? neighbor?.notify : sizeOf(to.notifyAtGiB),
  });
  return {
    ...(to.quotaGiB === undefined ? {} : { quotaGiB: to.quotaGiB }),
    ...(to.notifyAtGiB === undefined ? {} : { notifyAtGiB: to.notifyAtGiB }),
  };
}

function sizeOf(limit: number | "none"): number | undefined {
  return limit === "none" ? undefined : limit;
}

function tagCalls(client: EcsClient, bucket: BucketKey): TagCalls {
  return {
    write: (method, tags) => client.buckets.writeTags(bucket, method, tags),
    read: async () => (await requireInfo(client, bucket)).tags,
    refusal: (answer: EcsAnswer) => client.buckets.refusal(`change the tags of ${named(bucket)}`, answer),
  };
}
