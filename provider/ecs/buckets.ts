import { z } from "zod";
import { UnexpectedAnswer } from "../core/errors.ts";
import { documentOf, type EcsAnswer, listOf, wholeNumber } from "./answers.ts";
import { type EcsApi, segment } from "./api.ts";
import { type BucketInfo, infoIn, isOn, type Quota } from "./bucket-info.ts";

export interface BucketKey {
  readonly namespace: string;
  readonly bucketName: string;
}

/** What a new bucket can be given at once. */
export interface BucketCreation {
  readonly owner: string;
  /** URN of the replication group. */
  readonly vpool?: string;
  readonly encryption?: boolean;
  /** `"none"` overrules the namespace's default. */
  readonly quotaGiB?: number | "none";
  readonly notifyAtGiB?: number | "none";
  readonly retentionSeconds?: number;
  readonly accessDuringOutage?: boolean;
  readonly tags?: Record<string, string>;
}

/** An answer without any sign of a list is not believed to be an empty one: users are deleted on its word. */
const isPage = (document: unknown) =>
  typeof document === "object" &&
  document !== null &&
  ["object_bucket", "MaxBuckets", "Filter"].some((member) => member in document);
const pageSchema = z
  .unknown()
  .refine(isPage)
  .pipe(
    z.looseObject({
      object_bucket: listOf(z.looseObject({ name: z.string(), owner: z.string() })),
      NextMarker: z
        .string()
        .nullish()
        .transform((value) => value ?? ""),
    }),
  );
const statusSchema = z.looseObject({
  status: z.string(),
  entries_deleted: wholeNumber.nullish(),
  failed_to_delete_due_to_retention: wholeNumber.nullish(),
  failed_to_delete_due_to_dangling: wholeNumber.nullish(),
  failed_to_delete_due_to_other: wholeNumber.nullish(),
  message: z.string().nullish(),
});

export type EmptyingStatus = z.output<typeof statusSchema>;

const none = -1;

/** Buckets, one method a call (reference: ECS management API, 5). */
export class BucketCalls {
  readonly #api: EcsApi;

  constructor(api: EcsApi) {
    this.#api = api;
  }

  async create(bucket: BucketKey, wanted: BucketCreation): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `create ${named(bucket)}`,
      method: "POST",
      path: "/object/bucket",
      json: {
        name: bucket.bucketName,
        namespace: bucket.namespace,
        owner: wanted.owner,
        head_type: "s3",
        vpool: wanted.vpool,
        is_encryption_enabled: wanted.encryption,
        blockSize: sizeOf(wanted.quotaGiB),
        notificationSize: sizeOf(wanted.notifyAtGiB),
        retention: wanted.retentionSeconds,
        is_stale_allowed: wanted.accessDuringOutage,
        TagSet: wanted.tags === undefined ? undefined : tagSet(wanted.tags),
      },
      effect: "once",
    });
  }

  /** Undefined where the array says that the namespace has no such bucket. */
  async info(bucket: BucketKey): Promise<BucketInfo | undefined> {
    const what = `read ${named(bucket)}`;
    const answer = await this.#api.ask({
      what,
      method: "GET",
      path: path(bucket, "info"),
      query: ns(bucket),
      effect: "read",
    });
    if (await this.saysAbsent(bucket, answer)) return undefined;
    if (answer.error) throw this.#api.refusal(what, answer);
    return infoIn(answer, what);
  }

  /**
   * A missing bucket is 404, or 400 with code 1004, which a wrong namespace gives as well: then the namespace must be
   * there (reference: 1.6). What the details name is not looked at: any word may be the name of a bucket.
   */
  async saysAbsent({ namespace }: BucketKey, { error }: EcsAnswer): Promise<boolean> {
    if (error?.code === undefined) return false;
    if (error.status === 404) return true;
    if (error.status !== 400 || error.code !== 1004) return false;
    const what = `read ECS namespace ${namespace}`;
    const looked = await this.#api.ask({ what, method: "GET", path: namespacePath(namespace), effect: "read" });
    return looked.error === undefined;
  }

  async setOwner(bucket: BucketKey, owner: string): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `give ${named(bucket)} to ${owner}`,
      method: "POST",
      path: path(bucket, "owner"),
      json: { namespace: bucket.namespace, new_owner: owner, reset_previous_owners: true },
      effect: "repeatable",
    });
  }

  /** Both limits go together; without any, the quota is removed, because ECS refuses to set two times none. */
  async setQuota(bucket: BucketKey, { hard, notify }: Quota): Promise<void> {
    const what = `set the quota of ${named(bucket)}`;
    const at = { what, path: path(bucket, "quota"), effect: "repeatable" } as const;
    if (hard === undefined && notify === undefined)
      await this.#api.order({ ...at, method: "DELETE", query: ns(bucket) });
    else
      await this.#api.order({
        ...at,
        method: "PUT",
        json: { blockSize: hard ?? none, notificationSize: notify ?? none, namespace: bucket.namespace },
      });
  }

  async setRetention(bucket: BucketKey, period: number): Promise<void> {
    await this.#api.order({
      what: `set the retention of ${named(bucket)}`,
      method: "PUT",
      path: path(bucket, "retention"),
      json: { period, namespace: bucket.namespace },
      effect: "repeatable",
    });
  }

  async setAccessDuringOutage(bucket: BucketKey, allowed: boolean): Promise<void> {
    await this.#api.order({
      what: `set the access during outage of ${named(bucket)}`,
      method: "POST",
      path: path(bucket, "isstaleallowed"),
      json: { is_stale_allowed: allowed, namespace: bucket.namespace },
      effect: "repeatable",
    });
  }

  /** POST adds, PUT changes values of tags that exist, DELETE removes tags that exist. */
  async writeTags(
    bucket: BucketKey,
    method: "POST" | "PUT" | "DELETE",
    tags: Record<string, string>,
  ): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `change the tags of ${named(bucket)}`,
      method,
      path: path(bucket, "tags"),
      json: { TagSet: tagSet(tags), namespace: bucket.namespace },
      effect: "repeatable",
    });
  }

  /** The policy as JSON text; undefined where there is none, which is an empty answer here and 404 on S3. */
  async policy(bucket: BucketKey): Promise<string | undefined> {
    const what = `read the policy of ${named(bucket)}`;
    const answer = await this.#api.ask({
      what,
      method: "GET",
      path: path(bucket, "policy"),
      query: ns(bucket),
      effect: "read",
    });
    if (answer.error) throw this.#api.refusal(what, answer);
    const text = answer.body.trim();
    return text === "" || text === "{}" || text === "null" ? undefined : text;
  }

  async setPolicy(bucket: BucketKey, document: unknown): Promise<void> {
    const what = `set the policy of ${named(bucket)}`;
    const at = { what, path: path(bucket, "policy"), query: ns(bucket), effect: "repeatable" } as const;
    await this.#api.order(
      document === undefined ? { ...at, method: "DELETE" } : { ...at, method: "PUT", json: document },
    );
  }

  /**
   * Whether this release has the calls for versioning (4.x). One that lacks them says so by the method, by code 1007 or
   * by a 404. That, or an answer without a document, may be anybody's; then the bucket itself shows it, which tells its
   * versioning in 4.x.
   */
  async offersVersioning(bucket: BucketKey): Promise<boolean> {
    const what = `read the versioning of ${named(bucket)}`;
    const answer = await this.#askVersioning(bucket, what);
    const { status, error, body } = answer;
    if (status === 405 || status === 501 || error?.code === 1007) return false;
    const isClear = error ? status !== 404 : body.trim() !== "";
    const offers = isClear ? !error : (await this.info(bucket))?.versioning !== undefined;
    if (error && (isClear || offers)) throw this.#api.refusal(what, answer);
    return offers;
  }

  async versioning(bucket: BucketKey): Promise<boolean> {
    const what = `read the versioning of ${named(bucket)}`;
    const answer = await this.#askVersioning(bucket, what);
    if (answer.error) throw this.#api.refusal(what, answer);
    const schema = z.looseObject({ Status: z.string().nullish() });
    return isOn(documentOf(answer, what, "VersioningConfiguration", schema).Status ?? "");
  }

  async #askVersioning(bucket: BucketKey, what: string): Promise<EcsAnswer> {
    const at = path(bucket, "versioning");
    return await this.#api.ask({ what, method: "GET", path: at, query: ns(bucket), effect: "read" });
  }

  async setVersioning(bucket: BucketKey, on: boolean): Promise<void> {
    await this.#api.order({
      what: `set the versioning of ${named(bucket)}`,
      method: "PUT",
      path: path(bucket, "versioning"),
      query: ns(bucket),
      json: { Status: on ? "Enabled" : "Suspended" },
      effect: "repeatable",
    });
  }

  /** With `emptyBucket` the array deletes what is in it first, in the background, where the release can (3.8). */
  async deactivate(bucket: BucketKey, emptyBucket: boolean): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `delete ${named(bucket)}`,
      method: "POST",
      path: path(bucket, "deactivate"),
      query: { ...ns(bucket), ...(emptyBucket ? { emptyBucket: "true" } : {}) },
      effect: "repeatable",
    });
  }

  /** Undefined where the array knows neither the bucket nor the task. */
  async emptyingStatus(bucket: BucketKey): Promise<EmptyingStatus | undefined> {
    const what = `see how far the emptying of ${named(bucket)} is`;
    const at = path(bucket, "empty-bucket-status");
    const answer = await this.#api.ask({ what, method: "GET", path: at, query: ns(bucket), effect: "read" });
    return answer.error ? undefined : documentOf(answer, what, "empty_bucket_status", statusSchema);
  }

  /** Name and owner of every bucket of the namespace. */
  async owners(namespace: string): Promise<Map<string, string>> {
    const what = `list the buckets of ECS namespace ${namespace}`;
    const found = new Map<string, string>();
    const seen = new Set<string>();
    for (let marker = ""; ; ) {
      const query = { namespace, limit: "1000", ...(marker === "" ? {} : { marker }) };
      const answer = await this.#api.ask({ what, method: "GET", path: "/object/bucket", query, effect: "read" });
      if (answer.error) throw this.#api.refusal(what, answer);
      const page = documentOf(answer, what, "object_buckets", pageSchema);
      for (const { name, owner } of page.object_bucket) found.set(name, owner);
      marker = page.NextMarker;
      if (marker === "") return found;
      if (seen.has(marker)) throw new UnexpectedAnswer(`Could not ${what}: the pages do not end.`, 200);
      seen.add(marker);
    }
  }

  refusal(what: string, answer: EcsAnswer, advice?: string): UnexpectedAnswer {
    return this.#api.refusal(what, answer, advice);
  }
}

export function named({ namespace, bucketName }: BucketKey): string {
  return `ECS bucket ${namespace}/${bucketName}`;
}

export function namespacePath(namespace: string): string {
  return `/object/namespaces/namespace/${segment(namespace)}`;
}

function path({ bucketName }: BucketKey, aspect: string): string {
  return `/object/bucket/${segment(bucketName)}/${aspect}`;
}

function ns({ namespace }: BucketKey): { namespace: string } {
  return { namespace };
}

function tagSet(tags: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function sizeOf(limit: number | "none" | undefined): number | undefined {
  return limit === "none" ? none : limit;
}
