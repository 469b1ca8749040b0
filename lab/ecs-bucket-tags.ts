import { bucketOfBody } from "./ecs-bucket.ts";
import {
  bodyOf,
  type Call,
  done,
  listOf,
  type Members,
  type Operation,
  optionalText,
  requiredText,
} from "./ecs-call.ts";
import { EcsRefused, missingParameter } from "./ecs-error.ts";
import type { S3Bucket } from "./s3-store.ts";

type Tags = Readonly<Record<string, string>>;

const mostTags = 10;

export const addBucketTags: Operation = (call) => {
  const { bucket, given } = tagChange(call);
  bucket.tags = assertTagCount({ ...bucket.tags, ...given });
  return done;
};

export const overwriteBucketTags: Operation = (call) => {
  const { bucket, given } = tagChange(call);
  assertPresent(bucket, given);
  bucket.tags = { ...bucket.tags, ...given };
  return done;
};

export const removeBucketTags: Operation = (call) => {
  const { bucket, given } = tagChange(call);
  assertPresent(bucket, given);
  bucket.tags = Object.fromEntries(Object.entries(bucket.tags).filter(([key]) => !Object.hasOwn(given, key)));
  return done;
};

/** The `TagSet` of a body; undefined where it has none. */
export function readTagSet(body: Members): Tags | undefined {
  const list = listOf(body, "TagSet", "Tag");
  if (list === undefined) return undefined;
  const tags = list.map((tag) => [requiredText(tag, "Key"), optionalText(tag, "Value") ?? ""] as const);
  return assertTagCount(Object.fromEntries(tags));
}

function assertTagCount(tags: Tags): Tags {
  if (Object.keys(tags).length <= mostTags) return tags;
  throw new EcsRefused(400, 1031, `A bucket may have ${mostTags} tags at most`);
}

function tagChange(call: Call): { bucket: S3Bucket; given: Tags } {
  const body = bodyOf(call, undefined);
  const bucket = bucketOfBody(call, optionalText(body, "namespace"));
  const given = readTagSet(body);
  if (given === undefined) throw missingParameter("TagSet");
  return { bucket, given };
}

function assertPresent({ tags }: S3Bucket, given: Tags): void {
  const absent = Object.keys(given).find((key) => !Object.hasOwn(tags, key));
  if (absent !== undefined) throw new EcsRefused(400, 1004, `Unable to find tag ${absent}`);
}
