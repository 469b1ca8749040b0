import { Refused, SettingsError } from "../core/errors.ts";
import type { Live } from "../core/handler.ts";
import { warn } from "../core/log.ts";
import { policyFrom } from "../s3/policy.ts";
import type { BucketArgs } from "./bucket-args.ts";
import type { BucketInfo } from "./bucket-info.ts";
import { type BucketKey, named } from "./buckets.ts";
import type { EcsClient } from "./client.ts";
import type { ReplicationGroup } from "./lookups.ts";
import { OwnerUnusable } from "./owner-access.ts";

/** What is recorded of a bucket beside its arguments. */
export interface BucketState {
  publicUrl?: string;
  s3Endpoint?: string;
  created?: string;
  encrypted: boolean;
  objectLock: boolean;
  /** URN and name of the declared replication group, either of which a program may give. */
  __replicationGroupForms?: string[];
}

type State = BucketArgs & BucketState;
type GroupState = Pick<Partial<State>, "replicationGroup" | "__replicationGroupForms">;

/** The creation answer dates a bucket by its header, so that the array's own date may differ by as much. */
const creationSlackMs = 5000;

/**
 * The bucket as it is: what `wanted` manages, or everything that can be read where it is undefined. Where the owner keeps
 * something from being read, it is what `recorded` says.
 */
export async function liveState(
  client: EcsClient,
  bucket: BucketKey,
  wanted: Partial<State> | undefined,
  recorded: Partial<State> | undefined = wanted,
): Promise<Live<State> | undefined> {
  const info = await client.buckets.info(bucket);
  if (!info) return undefined;
  const manages = (property: keyof BucketArgs) => wanted === undefined || wanted[property] !== undefined;
  const owner = { namespace: bucket.namespace, userName: info.owner };
  const patience = wanted === undefined ? "none" : "for new keys";
  const state: Partial<State> = {
    ...bucket,
    owner: info.owner,
    encryption: info.encrypted,
    quotaGiB: info.quota.hard ?? "none",
    notifyAtGiB: info.quota.notify ?? "none",
    retentionSeconds: info.retentionSeconds,
    accessDuringOutage: info.accessDuringOutage,
    tags: info.tags,
    encrypted: info.encrypted,
    objectLock: info.objectLock,
    ...(await groupOf(client, info.vpool, wanted, recorded)),
    ...createdOf(info.created, wanted?.created),
    ...shownUrls(client, bucket.bucketName),
  };
  if (manages("policy"))
    state.policy = policyFrom(await client.buckets.policy(bucket), bucket.bucketName, wanted?.policy);
  if (manages("versioning")) {
    const read = () => client.versioning.read(bucket, owner, patience);
    const on = info.versioning ?? (await readable(bucket, recorded && { recorded: recorded.versioning }, read));
    if (on !== undefined) state.versioning = on;
  }
  if (manages("cors")) {
    const what = `read the CORS rules of ${named(bucket)}`;
    const read = () => client.owners.as(owner, what, (s3) => s3.getCors(bucket.bucketName), patience);
    const cors = await readable(bucket, recorded && { recorded: recorded.cors }, read);
    if (cors !== undefined) state.cors = cors;
  }
  return { state, ...(info.ageMs === undefined ? {} : { ageMs: info.ageMs }) };
}

/**
 * A look-up by id alone shows what can be read. Of what is managed, only a reason that lies with the owner keeps the
 * recorded value: the refresh must go on, so that the next update can repair the owner.
 */
async function readable<T>(
  bucket: BucketKey,
  kept: { readonly recorded: T | undefined } | undefined,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (kept && error instanceof OwnerUnusable) {
      await warn(`The S3 side of ${named(bucket)} is not compared: ${error.reason}, so that it cannot be read.`);
      return kept.recorded;
    }
    if (!kept && (error instanceof Refused || error instanceof SettingsError)) return undefined;
    throw error;
  }
}

/** In the form that is wanted, as long as that is what the bucket has. */
async function groupOf(
  client: EcsClient,
  vpool: string,
  wanted: Partial<State> | undefined,
  recorded: Partial<State> | undefined,
): Promise<GroupState> {
  // Some answers leave it out; it cannot have changed.
  if (vpool === "") return asRecorded(recorded);
  const declared = wanted?.replicationGroup;
  if (declared === undefined) return { replicationGroup: vpool };
  if (vpool === declared) return asRecorded(wanted);
  const group = await client.lookups.replicationGroup(vpool);
  return { replicationGroup: isUrn(declared) ? vpool : group.name, ...formsOf(group) };
}

function asRecorded(recorded: Partial<State> | undefined): GroupState {
  const { replicationGroup, __replicationGroupForms: forms } = recorded ?? {};
  if (replicationGroup === undefined) return {};
  return { replicationGroup, ...(forms === undefined ? {} : { __replicationGroupForms: forms }) };
}

/** Both forms of a group, so that a later check can tell that one is the other. */
export function formsOf({ urn, name }: ReplicationGroup): { __replicationGroupForms: string[] } {
  return { __replicationGroupForms: [urn, name] };
}

export function isUrn(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("urn:");
}

function createdOf(created: number | undefined, recorded: string | undefined): { created?: string } {
  if (created === undefined) return recorded === undefined ? {} : { created: recorded };
  if (recorded !== undefined && Math.abs(Date.parse(recorded) - created) <= creationSlackMs)
    return { created: recorded };
  return { created: isoSeconds(created) };
}

/** The `Date` header of a creation tells whole seconds, and so does everything that is compared with it. */
export function isoSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** Where an aspect is written, a bucket that is gone is an error. */
export async function requireInfo(client: EcsClient, bucket: BucketKey): Promise<BucketInfo> {
  const info = await client.buckets.info(bucket);
  if (!info) throw new Refused(`${named(bucket)} is gone. Run pulumi up --refresh to make it anew.`);
  return info;
}

/** The outputs that say where the bucket is. */
export function shownUrls(client: EcsClient, bucketName: string): { publicUrl?: string; s3Endpoint?: string } {
  const shown = client.shownEndpoint();
  return shown.s3Endpoint === undefined
    ? {}
    : { ...shown, publicUrl: `${shown.s3Endpoint}/${encodeURIComponent(bucketName)}` };
}
