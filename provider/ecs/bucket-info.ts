import { z } from "zod";
import { documentOf, type EcsAnswer, flag, listOf, wholeNumber } from "./answers.ts";

/** In GiB; undefined for none. */
export interface Quota {
  readonly hard: number | undefined;
  readonly notify: number | undefined;
}

export interface BucketInfo {
  readonly owner: string;
  readonly vpool: string;
  readonly encrypted: boolean;
  readonly quota: Quota;
  readonly retentionSeconds: number;
  readonly accessDuringOutage: boolean;
  readonly tags: Record<string, string>;
  /** Undefined before release 4, which does not say. */
  readonly versioning: boolean | undefined;
  readonly objectLock: boolean;
  readonly emptying: boolean;
  /** Milliseconds since 1970. */
  readonly created: number | undefined;
  readonly ageMs: number | undefined;
}

/** For what is only shown: whatever it is, it must not keep a bucket from being read. */
const lenient = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "string" || typeof value === "number" ? String(value) : ""));
const tag = z.looseObject({ Key: z.string(), Value: lenient });
const size = wholeNumber
  .nullish()
  .transform((value) => (value === null || value === undefined || value < 0 ? undefined : value));
const seconds = wholeNumber.nullish().transform((value) => Math.max(0, value ?? 0));
const off = flag.nullish().transform((value) => value ?? false);
const infoSchema = z.looseObject({
  name: z.string(),
  owner: z.string().min(1),
  vpool: lenient,
  created: lenient,
  block_size: size,
  notification_size: size,
  is_encryption_enabled: off,
  is_stale_allowed: off,
  retention: seconds,
  default_retention: seconds,
  TagSet: listOf(tag).optional(),
  tags: listOf(tag).optional(),
  versioning_status: z.string().nullish(),
  is_object_lock_enabled: off,
  is_empty_bucket_in_progress: off,
});

/** What the array says of a bucket; releases differ in fields, numbers and flags (reference: ECS management API, 5.3). */
export function infoIn(answer: EcsAnswer, what: string): BucketInfo {
  const info = documentOf(answer, what, "bucket_info", infoSchema);
  const created = Date.parse(info.created);
  return {
    owner: info.owner,
    vpool: info.vpool,
    encrypted: info.is_encryption_enabled,
    quota: { hard: info.block_size, notify: info.notification_size },
    // Releases differ in which of the two fields holds the period.
    retentionSeconds: Math.max(info.retention, info.default_retention),
    accessDuringOutage: info.is_stale_allowed,
    tags: Object.fromEntries((info.TagSet ?? info.tags ?? []).map(({ Key, Value }) => [Key, Value])),
    versioning:
      info.versioning_status === null || info.versioning_status === undefined
        ? undefined
        : isOn(info.versioning_status),
    objectLock: info.is_object_lock_enabled,
    emptying: info.is_empty_bucket_in_progress,
    created: Number.isNaN(created) ? undefined : created,
    ageMs: answer.date === undefined || Number.isNaN(created) ? undefined : answer.date - created,
  };
}

export function isOn(status: string): boolean {
  return status.toLowerCase() === "enabled";
}
