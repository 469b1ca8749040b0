import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Conflict, Refused } from "../core/errors.ts";
import type { Created, Handler, Live, Refusal, Twin } from "../core/handler.ts";
import { normalizeEndpoint } from "../core/names.ts";
import type { S3BucketArgs, S3BucketOutputs } from "./bucket.ts";
import { creationAspects, readAspects, writeAspects } from "./bucket-aspects.ts";
import { BucketClient } from "./bucket-client.ts";
import { bucketId, dnsName } from "./bucket-name.ts";
import { contentsOf, describeContents } from "./contents.ts";
import { corsSchema } from "./cors.ts";
import { emptyBucket } from "./emptying.ts";
import { whileKeyIsNew } from "./new-keys.ts";
import { lockReason } from "./object-lock.ts";
import { policySchema } from "./policy-schema.ts";
import { tagsSchema } from "./tags.ts";

const endpoint = z.string().transform((text, context) => {
  const normalized = normalizeEndpoint(text);
  if (normalized !== undefined) return normalized;
  context.addIssue("must be an http or https URL without user, query or fragment");
  return z.NEVER;
});
const nonEmpty = z.string().min(1, "must not be empty");
/** Travels in a header, which takes nothing else. */
const headerText = nonEmpty.regex(/^[!-~]*$/, "must hold visible ASCII characters only");

const args = schemaOf<S3BucketArgs, "bucketName">()(
  z.strictObject({
    endpoint,
    accessKeyId: headerText,
    secretAccessKey: nonEmpty,
    region: nonEmpty.default("us-east-1"),
    pathStyle: z.boolean().default(true),
    bucketName: dnsName,
    storagePolicy: headerText.exactOptional(),
    versioning: z.boolean().exactOptional(),
    policy: policySchema.exactOptional(),
    cors: corsSchema.exactOptional(),
    tags: tagsSchema.exactOptional(),
    forceDestroy: z.boolean().default(false),
    adopt: z.boolean().default(false),
  }),
);

type Args = z.output<typeof args>;
type State = Args & Partial<S3BucketOutputs>;

/** Cloudian takes a storage policy in this header, at creation only (reference: Cloudian Admin API, 5.4). */
const storagePolicyHeader = "x-gmt-policyid";

export const bucketHandler: Handler<Args, State, BucketClient> = {
  kind: "S3Bucket",
  noun: "S3 bucket",
  args,
  nameKey: "bucketName",
  replaces: ["bucketName", "endpoint"],
  fixed: ["storagePolicy"],
  local: ["accessKeyId", "secretAccessKey", "region", "pathStyle", "forceDestroy", "adopt"],
  writeOnly: ["storagePolicy"],
  secrets: ["secretAccessKey"],
  echoes: { systemEndpoint: ["endpoint"] },
  creationDefaults: () => creationAspects,
  foreign: lockReason("It can never be removed from a bucket, and what it holds cannot be deleted before its time."),
  whyFixed: () => `${storagePolicyFact}. Declare what it was made with, or give the new bucket another bucketName`,
  refusesReplacement,
  cautions,
  idOf: ({ bucketName, endpoint }) => bucketId(bucketName, endpoint),
  connect: (settings, values) => new BucketClient(settings, values),
  twin,
  find,
  create,
  read: (client, id, last) => look(client, bucketOf(id), last),
  update,
  delete: remove,
};

const storagePolicyFact = "HyperStore takes it when a bucket is made, and no S3 call tells or changes it";

/** The id has neither scheme nor path, so that the successor would be the bucket that is deleted as the old one. */
function refusesReplacement(before: Partial<Args>, after: Partial<Args>): Refusal[] {
  if (before.bucketName !== after.bucketName) return [];
  if (bucketId("", before.endpoint) !== bucketId("", after.endpoint)) return [];
  return [
    {
      property: "endpoint",
      reason:
        `cannot be changed from ${before.endpoint} to ${after.endpoint} under the same bucketName: both have one host and port, so that ` +
        `the new bucket would have the id of the old one, and deleting that could delete both. If both lead to the same bucket, take the ` +
        `resource out of the state (pulumi state delete) and declare it with adopt: true; if not, change bucketName in the same update`,
    },
  ];
}

function cautions(before: Partial<Args>, after: Partial<Args>): string[] {
  if (before.versioning !== true || after.versioning !== false) return [];
  return [
    `Versioning of S3 bucket ${after.bucketName} is suspended, not removed: versions that exist stay and take space, new ones are not kept.`,
  ];
}

/**
 * Looks first: several services answer the creation of a bucket that the caller has already as if they had made it.
 */
async function create(client: BucketClient, declared: Args): Promise<Created<State>> {
  // Its user may have been made a moment ago.
  return await whileKeyIsNew(declared.accessKeyId, ["InvalidAccessKeyId"], () => make(client, declared));
}

async function make(client: BucketClient, declared: Args): Promise<Created<State>> {
  const { s3 } = client;
  const { bucketName, storagePolicy } = declared;
  const id = bucketId(bucketName, client.endpoint);
  const seen = await s3.headBeforeCreation(bucketName);
  if (seen === "foreign") throw foreign(client, id, "create");
  if (seen === "there") {
    if (await s3.hasObjectLock(bucketName))
      throw new Refused(
        `S3 bucket ${id} exists already and has object lock, which this provider does not manage; it is not taken over. Choose another bucketName.`,
      );
    throw new Conflict(`S3 bucket ${id} exists already.`);
  }
  const headers = storagePolicy === undefined ? {} : { [storagePolicyHeader]: storagePolicy };
  if ((await s3.createBucket(bucketName, headers)) === "exists") {
    if ((await s3.headBucket(bucketName)) === "foreign") throw foreign(client, id, "create");
    throw new Conflict(`S3 bucket ${id} exists already.`);
  }
  // Without the keys, which have not been seen to work for everything yet.
  const { accessKeyId: _id, secretAccessKey: _secret, ...made } = declared;
  return { id, state: { ...made, ...creationAspects } };
}

async function find(client: BucketClient, declared: Args): Promise<Live<State> | undefined> {
  const live = await look(client, declared.bucketName, declared);
  if (!live) return undefined;
  const dates = await client.s3.creationDate(declared.bucketName);
  // Nobody can tell which policy it has; the program's word is taken for it, and adoption says so.
  const { storagePolicy } = declared;
  const state = storagePolicy === undefined ? live.state : { ...live.state, storagePolicy };
  // Whoever makes a bucket sees it dated in the list; without that it is not taken to be the one whose reply was lost.
  return { state, ageMs: dates ? dates.nowMs - dates.createdMs : Number.POSITIVE_INFINITY };
}

/** What `wanted` manages, or everything that can be read where it is undefined. */
async function look(
  client: BucketClient,
  bucketName: string,
  wanted: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const { s3, endpoint } = client;
  const seen = await s3.headBucket(bucketName);
  if (seen === "absent") return undefined;
  if (seen === "foreign") throw foreign(client, bucketId(bucketName, endpoint), "read");
  return { state: { endpoint, bucketName, ...(await readAspects(s3, bucketName, wanted)) } };
}

async function update(
  { s3 }: BucketClient,
  id: string,
  from: Partial<State>,
  to: Args,
  done: (state: Partial<State>) => void,
): Promise<State> {
  if (to.storagePolicy !== undefined && to.storagePolicy !== from.storagePolicy)
    throw new Refused(
      `S3 bucket ${id} cannot be given a storagePolicy: ${storagePolicyFact}. Leave it out, also where the bucket was made with it: ` +
        `it keeps what it has. For another one give the new bucket another bucketName. Nothing was changed.`,
    );
  const write = () => writeAspects(s3, bucketOf(id), from, to, done);
  const isNew = to.accessKeyId !== from.accessKeyId || to.secretAccessKey !== from.secretAccessKey;
  await (isNew ? whileKeyIsNew(to.accessKeyId, ["InvalidAccessKeyId", "SignatureDoesNotMatch"], write) : write());
  return to;
}

async function remove(client: BucketClient, id: string, last: Partial<State>): Promise<void> {
  const { s3, endpoint } = client;
  const bucketName = bucketOf(id);
  const first = await s3.deleteBucket(bucketName);
  if (first === "deleted") return;
  if (last.forceDestroy !== true)
    throw new Refused(
      `S3 bucket ${id} is not deleted, because it is not empty: ${endpoint} answered ${first.notEmpty}. ${await holds(client, bucketName)}` +
        `forceDestroy: true would delete all of it; switch it on with a pulumi up first (destroy reads the state, not the program).`,
    );
  await emptyBucket(s3, bucketName, `S3 bucket ${id}`);
  const second = await s3.deleteBucket(bucketName);
  if (second === "deleted") return;
  throw new Refused(
    `S3 bucket ${id} is not deleted: it was emptied, but ${endpoint} answered ${second.notEmpty}. ` +
      `${await holds(client, bucketName)}Stop what writes to it, then run the same command again.`,
  );
}

function twin(client: BucketClient, { bucketName, adopt }: Partial<State>): Twin | undefined {
  if (bucketName === undefined || client.endpoint === "") return undefined;
  return {
    label: `bucket ${bucketName}`,
    // An id would not tell two services behind one host apart.
    name: `S3 bucket ${bucketName} at ${client.endpoint}`,
    kind: "S3Bucket",
    hasAddressInId: true,
    mayAdopt: adopt === true,
    created: async () => (await client.s3.creationDate(bucketName))?.createdMs,
  };
}

async function holds({ s3 }: BucketClient, bucketName: string): Promise<string> {
  try {
    return `It holds ${describeContents(await contentsOf(s3, bucketName))}. `;
  } catch {
    // The refusal stands without the numbers.
    return "";
  }
}

function foreign({ accessKeyId }: BucketClient, id: string, verb: string): Refused {
  return new Refused(
    `Could not ${verb} S3 bucket ${id}: the service has a bucket of that name, and access key id ${accessKeyId} has no access to it; ` +
      `it is probably somebody else's. Choose another bucketName, or give the keys of its owner.`,
  );
}

function bucketOf(id: string): string {
  return id.split("@", 1)[0] ?? id;
}
