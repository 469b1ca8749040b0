import { Conflict, Refused } from "../core/errors.ts";
import type { Created, Handler, Live, Refusal, Twin } from "../core/handler.ts";
import { splitId } from "../core/names.ts";
import { same } from "../core/values.ts";
import { dnsName } from "../s3/bucket-name.ts";
import { lockReason } from "../s3/object-lock.ts";
import { type BucketArgs, bucketArgs } from "./bucket-args.ts";
import { updateAspects } from "./bucket-aspects.ts";
import { removeBucket } from "./bucket-removal.ts";
import { type BucketState, formsOf, isoSeconds, isUrn, liveState, requireInfo, shownUrls } from "./bucket-state.ts";
import { type BucketKey, named } from "./buckets.ts";
import { EcsClient } from "./client.ts";

type State = BucketArgs & BucketState;

const whyFixed = {
  encryption: "ECS fixes the encryption of a bucket when it is made",
  replicationGroup: "ECS fixes the replication group of a bucket when it is made",
} as const;

export const bucketHandler: Handler<BucketArgs, State, EcsClient> = {
  kind: "EcsBucket",
  noun: "ECS bucket",
  args: bucketArgs,
  nameKey: "bucketName",
  replaces: ["bucketName", "namespace"],
  fixed: ["encryption", "replicationGroup"],
  local: ["allowNonDnsName", "forceDestroy", "adopt"],
  writeOnly: [],
  secrets: [],
  echoes: { __replicationGroupForms: ["replicationGroup"], publicUrl: ["bucketName"], encrypted: ["encryption"] },
  creationDefaults: () => ({
    versioning: false,
    quotaGiB: "none",
    notifyAtGiB: "none",
    policy: "private",
    tags: {},
    retentionSeconds: 0,
    cors: [],
  }),
  settingDefaults: (settings) => ({ namespace: settings.ecsNamespace() }),
  whyFixed: (property) => reasonFixed(property as keyof typeof whyFixed),
  foreign: lockReason(
    "On ECS it takes an IAM user (not an object user) as the owner, a mode (GOVERNANCE or COMPLIANCE), a retention period, " +
      "and access during outage off, and it can never be removed from a bucket.",
  ),
  refuses,
  cautions,
  sameValue,
  sameUntilAsked: (property, before, after) => property === "replicationGroup" && isUrn(before) !== isUrn(after),
  idOf: (declared) => `${declared.namespace}/${declared.bucketName}`,
  connect: (settings) => EcsClient.of(settings),
  twin,
  find,
  create,
  read: (client, id, last) => liveState(client, bucketOf(id), last),
  update,
  delete: (client, id, last) => removeBucket(client, bucketOf(id), last),
};

function refuses(before: Partial<BucketArgs> | undefined, after: Partial<BucketArgs>): Refusal[] {
  const { bucketName, allowNonDnsName } = after;
  if (bucketName === undefined || allowNonDnsName === true || before?.bucketName === bucketName) return [];
  const result = dnsName.safeParse(bucketName);
  if (result.success) return [];
  const rule = result.error.issues[0]?.message ?? "is no DNS name";
  return [
    {
      property: "bucketName",
      reason: `${rule}; such a bucket cannot be addressed by host name. allowNonDnsName: true takes it all the same`,
    },
  ];
}

function cautions(before: Partial<BucketArgs>, after: Partial<BucketArgs>): string[] {
  if (before.versioning !== true || after.versioning !== false) return [];
  return [
    `Versioning of ECS bucket ${after.namespace}/${after.bucketName} is suspended, not removed: versions that exist stay and count against the quota.`,
  ];
}

/** A replication group is one, by name or by URN; which name belongs to which URN only the recorded outputs tell. */
function sameValue(property: string, recorded: Partial<State>, after: unknown): boolean {
  const forms: readonly unknown[] | undefined = recorded.__replicationGroupForms;
  if (property !== "replicationGroup" || forms === undefined) return false;
  return forms.includes(after) && forms.includes(recorded.replicationGroup);
}

/** An ECS bucket is an S3 bucket, too. */
function twin(client: EcsClient, { namespace, bucketName, adopt }: Partial<State>): Twin | undefined {
  if (namespace === undefined || bucketName === undefined) return undefined;
  const bucket = { namespace, bucketName };
  return {
    label: `bucket ${bucketName}`,
    name: named(bucket),
    kind: "EcsBucket",
    hasAddressInId: false,
    mayAdopt: adopt === true,
    created: async () => (await client.buckets.info(bucket))?.created,
  };
}

async function create(client: EcsClient, declared: BucketArgs): Promise<Created<State>> {
  const { namespace, bucketName } = declared;
  const bucket = { namespace, bucketName };
  const group =
    declared.replicationGroup === undefined
      ? undefined
      : await client.lookups.replicationGroup(declared.replicationGroup);
  const encrypted = declared.encryption ?? (await client.lookups.encryptsByDefault(namespace));
  const answer = await client.buckets.create(bucket, {
    owner: declared.owner,
    ...(group === undefined ? {} : { vpool: group.urn }),
    ...(declared.encryption === undefined ? {} : { encryption: declared.encryption }),
    ...(declared.quotaGiB === undefined ? {} : { quotaGiB: declared.quotaGiB }),
    ...(declared.notifyAtGiB === undefined ? {} : { notifyAtGiB: declared.notifyAtGiB }),
    ...(declared.retentionSeconds === undefined ? {} : { retentionSeconds: declared.retentionSeconds }),
    ...(declared.accessDuringOutage === undefined ? {} : { accessDuringOutage: declared.accessDuringOutage }),
    ...(declared.tags === undefined ? {} : { tags: declared.tags }),
  });
  if (answer.error) {
    if (await client.buckets.info(bucket)) throw new Conflict(`${named(bucket)} exists already.`);
    throw client.buckets.refusal(
      `create ${named(bucket)}`,
      answer,
      `Check that owner ${declared.owner} is an object user of namespace ${namespace} (declare it as an EcsObjectUser and use its userName).`,
    );
  }
  client.owned.noteOwner(namespace, bucketName, declared.owner);
  const { policy: _policy, versioning: _versioning, cors: _cors, ...made } = declared;
  const state = {
    ...made,
    versioning: false,
    policy: "private" as const,
    cors: [],
    ...(group === undefined ? {} : formsOf(group)),
    encrypted,
    objectLock: false,
    ...(answer.date === undefined ? {} : { created: isoSeconds(answer.date) }),
    ...shownUrls(client, bucketName),
  };
  return { id: `${namespace}/${bucketName}`, state };
}

/** What an owner without a usable key keeps from being seen, and what some answers leave out. */
const notAlwaysSeen = ["versioning", "cors", "replicationGroup"] as const;

async function find(client: EcsClient, declared: BucketArgs): Promise<Live<State> | undefined> {
  const bucket = { namespace: declared.namespace, bucketName: declared.bucketName };
  const live = await liveState(client, bucket, declared, {});
  if (live?.state.objectLock)
    throw new Refused(
      `${named(bucket)} exists and has object lock, which this provider does not manage; it is not taken over. Choose another bucketName.`,
    );
  return live && { ...live, unseen: notAlwaysSeen.filter((property) => live.state[property] === undefined) };
}

async function update(
  client: EcsClient,
  id: string,
  from: Partial<State>,
  to: BucketArgs,
  done: (state: Partial<State>, undone?: readonly (keyof State & string)[]) => void,
): Promise<State> {
  const bucket = bucketOf(id);
  const fixed = await requireFixed(client, bucket, from, to);
  await updateAspects(client, bucket, from, to, done);
  return { ...computedOf(from), ...fixed, ...to, ...shownUrls(client, bucket.bucketName) };
}

/** What is declared anew or in another form may be what the bucket has; else it is refused before anything is written. */
async function requireFixed(
  client: EcsClient,
  bucket: BucketKey,
  from: Partial<State>,
  to: BucketArgs,
): Promise<Pick<BucketState, "encrypted" | "objectLock"> & { __replicationGroupForms?: string[] }> {
  const { encrypted, objectLock, __replicationGroupForms: forms } = from;
  const asksGroup = to.replicationGroup !== undefined && !forms?.includes(to.replicationGroup);
  const asksEncryption = to.encryption !== undefined && !same(from.encryption, to.encryption);
  // An imported state says little.
  if (encrypted !== undefined && objectLock !== undefined && !asksGroup && !asksEncryption)
    return { encrypted, objectLock, ...(forms === undefined ? {} : { __replicationGroupForms: forms }) };
  const info = await requireInfo(client, bucket);
  if (to.encryption !== undefined && info.encrypted !== to.encryption)
    throw new Refused(fixedText(bucket, "encryption", info.encrypted, to.encryption));
  const group =
    to.replicationGroup === undefined ? undefined : await client.lookups.replicationGroup(to.replicationGroup);
  if (group && info.vpool !== "" && group.urn !== info.vpool)
    throw new Refused(fixedText(bucket, "replicationGroup", info.vpool, `${to.replicationGroup}`));
  return {
    encrypted: info.encrypted,
    objectLock: info.objectLock,
    ...(group === undefined ? {} : formsOf(group)),
  };
}

function reasonFixed(property: keyof typeof whyFixed): string {
  return (
    `${whyFixed[property]}, and a bucket that replaced it under the same name would delete the live one with its objects. ` +
    `Declare a new bucket beside it and move the objects, or change bucketName in the same update: then the bucket is ` +
    `replaced, the new one first`
  );
}

function fixedText(bucket: BucketKey, property: keyof typeof whyFixed, live: unknown, declared: unknown): string {
  return (
    `${named(bucket)}: ${property} is ${JSON.stringify(live)} and cannot become ${JSON.stringify(declared)}: ${reasonFixed(property)}. ` +
    `Nothing was changed.`
  );
}

function computedOf(from: Partial<State>): { created?: string } {
  return from.created === undefined ? {} : { created: from.created };
}

function bucketOf(id: string): BucketKey {
  const [namespace, bucketName] = splitId(id);
  if (namespace === "" || bucketName === "")
    throw new Refused(`"${id}" is no id of an ECS bucket; it has the form namespace/bucketName.`);
  return { namespace, bucketName };
}
