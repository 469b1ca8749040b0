import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Conflict, Refused } from "../core/errors.ts";
import type { Created, Handler, Live, Refusal } from "../core/handler.ts";
import { normalizeEndpoint } from "../core/names.ts";
import { pick } from "../core/values.ts";
import { CloudStackClient } from "./client.ts";
import { hyperStoreProvider, requireConnectorOff } from "./connector-pools.ts";
import type { ObjectStoragePoolFields, ObjectStoragePoolOutputs } from "./object-storage-pool.ts";
import type { Pool } from "./pools.ts";

const nonEmpty = z
  .string()
  .min(1, "must not be empty")
  .regex(/^\P{Cc}*$/u, "must not hold control characters");
/** As given: for one provider a port that is not written means another one than elsewhere. */
const address = z
  .string()
  .refine(
    (text) => normalizeEndpoint(text) !== undefined,
    "must be an http or https URL without user, query or fragment",
  )
  .transform((text) => text.trim().replace(/\/+$/, ""));

const args = schemaOf<ObjectStoragePoolFields, "poolName">()(
  z.strictObject({
    poolName: nonEmpty.max(255, "must not be longer than 255 characters"),
    url: address,
    providerName: z.enum(["ECS", "Cloudian HyperStore", "MinIO", "Ceph"]),
    ecs: z
      .strictObject({
        managementUrl: nonEmpty,
        username: nonEmpty,
        password: nonEmpty,
        namespace: nonEmpty.exactOptional(),
        s3Host: nonEmpty.exactOptional(),
        userPrefix: z.string().exactOptional(),
        insecure: z.boolean().exactOptional(),
      })
      .exactOptional(),
    cloudian: z
      .strictObject({
        username: nonEmpty,
        password: nonEmpty,
        s3Url: nonEmpty,
        iamUrl: nonEmpty,
        validateSsl: z.boolean(),
      })
      .exactOptional(),
    s3: z.strictObject({ accessKeyId: nonEmpty, secretAccessKey: nonEmpty }).exactOptional(),
    adopt: z.boolean().default(false),
  }),
);

type Args = z.output<typeof args>;
type State = Args & Partial<ObjectStoragePoolOutputs>;
type Details = "ecs" | "cloudian" | "s3";

const detailsOf: Record<Args["providerName"], Details> = {
  ECS: "ecs",
  "Cloudian HyperStore": "cloudian",
  MinIO: "s3",
  Ceph: "s3",
};

const everyDetails = ["ecs", "cloudian", "s3"] as const;

export const poolHandler: Handler<Args, State, CloudStackClient> = {
  kind: "ObjectStoragePool",
  noun: "CloudStack object storage pool",
  args,
  nameKey: "poolName",
  makesIds: true,
  replaces: [],
  fixed: ["providerName", ...everyDetails],
  local: ["adopt"],
  writeOnly: everyDetails,
  secrets: [],
  confidential: everyDetails,
  secretTexts: ({ ecs, cloudian, s3 }) => [ecs?.password, cloudian?.password, s3?.secretAccessKey],
  creationDefaults: () => ({}),
  refuses,
  whyFixed: (property) =>
    `CloudStack edits no ${property === "providerName" ? "provider" : "details"} of a pool. In two steps: declare a second pool with another poolName and url (another ` +
    "host name or port of the same service), move its buckets, then remove this one",
  sameValue: (property, recorded, after) =>
    property === "url" && isSameAddress(`${recorded.url}`, `${after}`, recorded.providerName),
  idOf: ({ poolName }) => poolName,
  connect: (settings) => CloudStackClient.of(settings),
  find,
  create,
  read,
  update,
  delete: remove,
};

function refuses(
  _before: Partial<Args> | undefined,
  { providerName, ...after }: Partial<Args>,
  unknown: readonly string[],
): Refusal[] {
  if (providerName === undefined) return [];
  const own = detailsOf[providerName];
  const said = `providerName ${JSON.stringify(providerName)}`;
  const foreign = everyDetails
    .filter((each) => each !== own && after[each] !== undefined)
    .map((property) => ({ property, reason: `is not for ${said}, which takes ${own}` }));
  if (after[own] !== undefined || unknown.includes(own)) return foreign;
  return [...foreign, { property: own, reason: `is required with ${said}` }];
}

async function create(client: CloudStackClient, declared: Args): Promise<Created<State>> {
  const { poolName, providerName, url } = declared;
  const details = detailParameters(declared);
  if (providerName === hyperStoreProvider) await requireConnectorOff(client, poolName);
  // Looked at first: a lost reply of "already exists" would else pass for the reply to our own add.
  const pools = await client.pools.list();
  if (pools.some(({ name }) => name === poolName))
    throw new Conflict(`Object storage pool ${poolName} exists already.`);
  requireFree(pools, "added", declared);
  const pool = await client.pools.add({ name: poolName, url, providerName }, details);
  return { id: pool.id, state: declared };
}

async function find(client: CloudStackClient, declared: Args): Promise<Live<State> | undefined> {
  const pool = (await client.pools.list()).find(({ name }) => name === declared.poolName);
  return pool && { id: pool.id, state: stateOf(pool, declared) };
}

async function read(
  client: CloudStackClient,
  id: string,
  last: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const pool = await client.pools.byId(id);
  if (!pool) return undefined;
  const recorded = last ?? {};
  return { id, state: { ...pick(recorded, everyDetails), ...stateOf(pool, recorded) } };
}

async function update(client: CloudStackClient, id: string, from: Partial<State>, to: Args): Promise<State> {
  const changes = {
    ...(to.poolName === from.poolName ? {} : { name: to.poolName }),
    ...(isSameAddress(`${from.url}`, to.url, to.providerName) ? {} : { url: to.url }),
  };
  if (Object.keys(changes).length === 0) return to;
  // CloudStack itself looks when a pool is added, and not when it is changed.
  requireFree(
    (await client.pools.list()).filter((pool) => pool.id !== id),
    "changed",
    to,
  );
  await client.pools.update(id, changes);
  return to;
}

function requireFree(others: readonly Pool[], verb: string, { poolName, url, providerName }: Args): void {
  const holder = others.find((pool) => pool.name === poolName || isSameAddress(pool.url, url, providerName));
  if (!holder) return;
  throw new Refused(
    `Object storage pool ${poolName} is not ${verb}: pool ${holder.name} has the ${holder.name === poolName ? "name" : `url ${holder.url}`}, and CloudStack ` +
      `tells pools apart by both. Declare that pool, or give another ${holder.name === poolName ? "poolName" : "url"}.`,
  );
}

async function remove(client: CloudStackClient, id: string, last: Partial<State>): Promise<void> {
  const outcome = await client.pools.delete(id);
  if (outcome === "deleted") return;
  const buckets = await client.pools.buckets(id).catch(() => []);
  const held =
    buckets.length === 0
      ? ""
      : `It has ${buckets.length === 1 ? "the bucket" : `${buckets.length} buckets:`} ${buckets.join(", ")}. `;
  throw new Refused(
    `Object storage pool ${last.poolName ?? id} is not deleted: ${outcome.message} ${held}Move what is in them, or delete the buckets that nobody needs any more, in CloudStack, and run the same command again.`,
  );
}

/** In the program's spelling, where that means the same. */
function stateOf({ name, url, providerName }: Pool, known: Partial<State>): Partial<State> {
  const isSame = known.url !== undefined && isSameAddress(url, known.url, known.providerName);
  // A provider that we do not know shows as what it is; the program cannot have declared it.
  return { poolName: name, url: isSame ? `${known.url}` : url, providerName: providerName as Args["providerName"] };
}

/** Where the port is not written CloudStack takes that of the Admin API for a HyperStore (reference: CloudStack API, 8.1). */
function isSameAddress(one: string, other: string, providerName: Args["providerName"] | undefined): boolean {
  const [a, b] = [one, other].map((url) => {
    const hasPort = /^https?:\/\/[^/]*:\d+(\/|$)/i.test(url.trim());
    const complete =
      providerName === hyperStoreProvider && !hasPort ? url.trim().replace(/^(https?:\/\/[^/]+)/i, "$1:19443") : url;
    return normalizeEndpoint(complete) ?? url;
  });
  return a === b;
}

/** The map of details, by the names of each plugin (reference: CloudStack API, 8.1). */
function detailParameters(declared: Args): Record<string, string> {
  const { providerName } = declared;
  const own = detailsOf[providerName];
  if (own === "ecs" && declared.ecs) {
    const { managementUrl, username, password, namespace, s3Host, userPrefix, insecure } = declared.ecs;
    return given({
      mgmt_url: managementUrl,
      sa_user: username,
      sa_password: password,
      namespace,
      s3_host: s3Host,
      user_prefix: userPrefix,
      insecure,
    });
  }
  if (own === "cloudian" && declared.cloudian) {
    const { username, password, s3Url, iamUrl, validateSsl } = declared.cloudian;
    return given({ accesskey: username, secretkey: password, s3Url, iamUrl, validateSSL: validateSsl });
  }
  if (own === "s3" && declared.s3)
    return given({ accesskey: declared.s3.accessKeyId, secretkey: declared.s3.secretAccessKey });
  throw new Refused(
    `Object storage pool ${declared.poolName} needs ${own} with providerName ${JSON.stringify(providerName)}.`,
  );
}

function given(values: Readonly<Record<string, string | boolean | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}
