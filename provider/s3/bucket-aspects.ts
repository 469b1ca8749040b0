import { same } from "../core/values.ts";
import type { S3Client } from "./client.ts";
import type { PlainCorsRule } from "./cors.ts";
import { policyFrom, policyText } from "./policy.ts";
import type { PlainPolicy } from "./policy-document.ts";

/** What can be changed of a bucket, in canonical form; what is absent is unmanaged. */
export interface Aspects {
  versioning?: boolean;
  policy?: PlainPolicy;
  cors?: PlainCorsRule[];
  tags?: Record<string, string>;
}

/** What a new bucket has. */
export const creationAspects = { versioning: false, policy: "private", cors: [], tags: {} } satisfies Aspects;

/** What `wanted` manages, all of it where it is undefined. */
export async function readAspects(s3: S3Client, bucket: string, wanted: Aspects | undefined): Promise<Aspects> {
  const isWanted = (aspect: keyof Aspects) => wanted === undefined || wanted[aspect] !== undefined;
  const [versioning, policy, cors, tags] = await Promise.all([
    isWanted("versioning") ? s3.getVersioning(bucket) : undefined,
    isWanted("policy") ? s3.getPolicy(bucket).then((live) => policyFrom(live, bucket, wanted?.policy)) : undefined,
    isWanted("cors") ? s3.getCors(bucket) : undefined,
    isWanted("tags") ? s3.getTags(bucket) : undefined,
  ]);
  return {
    ...(versioning === undefined ? {} : { versioning }),
    ...(policy === undefined ? {} : { policy }),
    ...(cors === undefined ? {} : { cors }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/**
 * Writes what differs, each reported once it is true. A policy may lock its own owner out, so that one is written when
 * everything else is, and removed before anything else.
 */
export async function writeAspects(
  s3: S3Client,
  bucket: string,
  from: Aspects,
  to: Aspects,
  done: (state: Aspects) => void,
): Promise<void> {
  const { versioning, policy, cors, tags } = to;
  const writePolicy = policy !== undefined && !same(policy, from.policy);
  if (writePolicy && policy === "private") {
    await s3.deletePolicy(bucket);
    done({ policy });
  }
  if (versioning !== undefined && versioning !== from.versioning) {
    await writeVersioning(s3, bucket, from.versioning, versioning);
    done({ versioning });
  }
  if (cors !== undefined && !same(cors, from.cors)) {
    await (cors.length === 0 ? s3.deleteCors(bucket) : s3.putCors(bucket, cors));
    done({ cors });
  }
  if (tags !== undefined && !same(tags, from.tags)) {
    await (Object.keys(tags).length === 0 ? s3.deleteTags(bucket) : s3.putTags(bucket, tags));
    done({ tags });
  }
  const text = policy === undefined ? undefined : policyText(policy, bucket);
  if (writePolicy && text !== undefined) {
    await s3.putPolicy(bucket, text);
    done({ policy });
  }
}

/** A bucket that never had versions is not suspended: that could not be taken back. */
async function writeVersioning(s3: S3Client, bucket: string, from: boolean | undefined, to: boolean): Promise<void> {
  if (to || (from ?? (await s3.getVersioning(bucket)))) await s3.putVersioning(bucket, to);
}
