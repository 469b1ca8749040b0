import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Conflict, Refused, UnexpectedAnswer } from "../core/errors.ts";
import type { Created, Handler, Live, Refusal } from "../core/handler.ts";
import { warn } from "../core/log.ts";
import { normalizeEndpoint } from "../core/names.ts";
import { pick } from "../core/values.ts";
import { blockersOf } from "./blockers.ts";
import type { CloudStackClient } from "./client.ts";
import type { ImageStore } from "./image-stores.ts";
import type { S3SecondaryStorageArgs, S3SecondaryStorageOutputs } from "./secondary-storage.ts";
import { StoreClient } from "./store-client.ts";
import {
  detailKeys,
  detailsToSend,
  optionalDetails,
  placeOf,
  unseenDetails,
  unseenIn,
  urlOf,
} from "./store-details.ts";
import { cautions, refusesReplacement, successorName } from "./store-replacement.ts";
import { requireRoomForS3, requireS3Provider } from "./store-rules.ts";
import { templatesDownloaded } from "./template-wait.ts";
import { warnOfZones } from "./zone-readiness.ts";

const endpoint = z.string().transform((text, context) => {
  const normalized = normalizeEndpoint(text);
  if (normalized !== undefined && new URL(normalized).pathname === "/") return normalized;
  context.addIssue("must be an http or https URL without path, user, query or fragment");
  return z.NEVER;
});
const visible = z
  .string()
  .min(1, "must not be empty")
  // CloudStack refuses control characters anywhere.
  .regex(/^\P{Cc}*$/u, "must not hold control characters");
/** CloudStack keeps any text, and a number that it cannot read breaks every use of the store. */
const wholeNumber = z
  .int("must be a whole number")
  .min(0, "must not be below 0")
  .max(2_147_483_647, "must not be above 2147483647");

const args = schemaOf<S3SecondaryStorageArgs, "storeName">()(
  z.strictObject({
    storeName: visible.max(255, "must not be longer than 255 characters"),
    endpoint,
    bucket: visible.regex(/^[^/?#]*$/, "must not contain /, ? or #"),
    accessKeyId: visible,
    secretAccessKey: visible,
    useHttps: z.boolean().default(true),
    s3Signer: z.enum(["v4", "v2"]).exactOptional(),
    connectionTimeoutMs: wholeNumber.exactOptional(),
    socketTimeoutMs: wholeNumber.exactOptional(),
    maxErrorRetry: wholeNumber.exactOptional(),
    connectionTtlMs: wholeNumber.exactOptional(),
    useTcpKeepAlive: z.boolean().exactOptional(),
    readOnly: z.boolean().exactOptional(),
    verifyBucket: z.boolean().default(true),
    requireStagingStores: z.boolean().default(false),
    waitForTemplates: z
      .strictObject({
        set: z.enum(["system", "all"]),
        timeoutMinutes: z
          .number()
          .positive("must be above 0")
          .max(24 * 60, "must not be above a day (1440)")
          .default(60),
      })
      .exactOptional(),
    onDestroy: z.enum(["delete", "readOnly"]).default("delete"),
    adopt: z.boolean().default(false),
  }),
);

type Args = z.output<typeof args>;

interface Hidden {
  /** The set of templates that has been waited for. */
  readonly __awaitedTemplates?: "system" | "all";
}

type State = Args & Partial<S3SecondaryStorageOutputs> & Hidden;

export const secondaryStorageHandler: Handler<Args, State, StoreClient> = {
  kind: "S3SecondaryStorage",
  noun: "S3 secondary storage",
  args,
  nameKey: "storeName",
  makesIds: true,
  replaces: detailKeys,
  fixed: [],
  local: ["verifyBucket", "requireStagingStores", "waitForTemplates", "onDestroy", "adopt"],
  writeOnly: unseenDetails,
  unseenIn,
  secrets: ["secretAccessKey"],
  echoes: { url: ["endpoint", "bucket"], protocol: ["useHttps"] },
  settingDefaults: () => Object.fromEntries(optionalDetails.map((key) => [key, undefined])),
  creationDefaults: () => ({ readOnly: false }),
  successorName,
  refuses,
  refusesReplacement,
  cautions,
  idOf: ({ storeName }) => storeName,
  connect: (settings) => new StoreClient(settings),
  find,
  create,
  read,
  update,
  delete: remove,
};

/** The release that brought read-only stores. */
const readOnlySince = "4.15";

function refuses(_before: Partial<Args> | undefined, after: Partial<Args>): Refusal[] {
  if (after.endpoint === undefined || after.useHttps === undefined) return [];
  if (after.endpoint.startsWith("https:") === after.useHttps) return [];
  const reason = after.useHttps
    ? "is plain HTTP, but useHttps is true (its default). Give an https:// endpoint, or declare useHttps: false; templates and snapshots then travel in the clear"
    : "is https://, but useHttps is false. CloudStack lets the scheme of the endpoint win, so that the two must agree";
  return [{ property: "endpoint", reason }];
}

async function create(client: StoreClient, declared: Args): Promise<Created<State>> {
  const { storeName } = declared;
  await requireReadOnly(client.cloud, declared);
  const stores = await client.cloud.imageStores.list();
  if (stores.some(({ name }) => name === storeName))
    throw new Conflict(`S3 secondary storage ${storeName} exists already.`);
  requireRoomForS3(stores, client.endpoint);
  requireS3Provider(await client.cloud.imageProviders.get());
  if (declared.verifyBucket) await verify(client, declared);
  await warnOfZones(client.cloud, declared);
  const added = await client.cloud.imageStores.addS3(storeName, urlOf(declared), detailsToSend(declared));
  if (added.providerName !== "S3")
    throw new UnexpectedAnswer(
      `CloudStack added ${storeName} with the provider ${added.providerName}, not S3; it is store ${added.id}. Delete it there, then run the same command again.`,
      200,
    );
  const { readOnly: _readOnly, ...made } = declared;
  return { id: added.id, state: { ...made, readOnly: added.readOnly, ...outputsOf(added) } };
}

async function verify(client: StoreClient, declared: Args): Promise<void> {
  if (declared.s3Signer !== "v2") return await client.requireBucket(declared);
  await warn(
    `S3 secondary storage ${declared.storeName}: the bucket is not looked up, because the system VMs will sign with version 2 (s3Signer) and this provider signs with version 4 only.`,
  );
}

/** Found out after the add it would be a store that no `up` could finish. */
async function requireReadOnly({ api }: CloudStackClient, { storeName, readOnly, onDestroy }: Args): Promise<void> {
  const release = await api.release();
  if (release.isAtLeast(readOnlySince) || (readOnly !== true && onDestroy !== "readOnly")) return;
  throw new Refused(
    `S3 secondary storage ${storeName} is not added: stores can be read-only from CloudStack ${readOnlySince} on, and this is ${release.text}. Remove readOnly and onDestroy: "readOnly".`,
  );
}

async function find({ cloud }: StoreClient, declared: Args): Promise<Live<State> | undefined> {
  const { storeName } = declared;
  const store = await cloud.imageStores.byName(storeName);
  if (!store) return await refuseOtherRole(cloud, storeName);
  if (store.providerName !== "S3")
    throw new Refused(
      `Store ${storeName} exists, but with the provider ${store.providerName}; nothing was added. Give another storeName.`,
    );
  const place = placeOf(store, {});
  const unseen = (["endpoint", "bucket"] as const).filter((key) => place[key] === undefined);
  return { id: store.id, state: stateOf(store, {}), unseen };
}

async function refuseOtherRole(cloud: CloudStackClient, storeName: string): Promise<undefined> {
  const taken = await cloud.stagingStores.list({ name: storeName });
  if (taken.length > 0)
    throw new Refused(`A staging store has the name ${storeName}; nothing was added. Give another storeName.`);
}

async function read(
  { cloud }: StoreClient,
  id: string,
  last: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const store = await cloud.imageStores.byId(id);
  if (!store) return undefined;
  const recorded = last ?? {};
  return { id, state: { ...stateOf(store, recorded), ...pick(recorded, ["__awaitedTemplates"]) } };
}

async function update(
  { cloud }: StoreClient,
  id: string,
  from: Partial<State>,
  to: Args,
  done: (state: Partial<State>) => void,
): Promise<State> {
  const renamed = to.storeName !== from.storeName;
  const readOnly = to.readOnly === undefined || to.readOnly === from.readOnly ? {} : { readOnly: to.readOnly };
  const changes = { ...(renamed ? { name: to.storeName } : {}), ...readOnly };
  if (renamed) await requireFreeName(cloud, id, to.storeName);
  if (Object.keys(changes).length > 0) {
    await cloud.imageStores.update(id, changes);
    done({ storeName: to.storeName, ...readOnly });
  }
  const awaited = await awaitTemplates(cloud, id, from, to);
  const { protocol = to.useHttps ? "https" : "http", url = "" } = from;
  return { ...to, protocol, url, ...(awaited === undefined ? {} : { __awaitedTemplates: awaited }) };
}

async function awaitTemplates(
  cloud: CloudStackClient,
  id: string,
  { __awaitedTemplates: before }: Partial<State>,
  { storeName, waitForTemplates }: Args,
): Promise<"system" | "all" | undefined> {
  if (!waitForTemplates || before === "all" || before === waitForTemplates.set) return before;
  await templatesDownloaded(cloud.api, { id, name: storeName }, waitForTemplates);
  return waitForTemplates.set;
}

/** CloudStack itself does not look whether the name is free, and older releases take no name without saying so. */
async function requireFreeName(cloud: CloudStackClient, id: string, name: string): Promise<void> {
  const release = await cloud.api.release();
  if (!release.isAtLeast("4.20"))
    throw new Refused(
      `S3 secondary storage ${id} cannot be renamed to ${name}: CloudStack renames stores from 4.20 on, and this is ${release.text}. Declare its old storeName.`,
    );
  const taken = (await cloud.imageStores.byName(name)) ?? (await cloud.stagingStores.list({ name }))[0];
  if (taken && taken.id !== id)
    throw new Refused(`S3 secondary storage ${id} is not renamed: store ${taken.id} has the name ${name}.`);
}

async function remove({ cloud }: StoreClient, id: string, last: Partial<State>): Promise<void> {
  if (last.onDestroy === "readOnly") {
    if (await cloud.imageStores.byId(id)) await cloud.imageStores.update(id, { readOnly: true });
    return;
  }
  const outcome = await cloud.imageStores.delete(id);
  if (outcome === "deleted") return;
  const readOnlyAdvice = (await cloud.api.release()).isAtLeast(readOnlySince)
    ? `, or keep the store without new data: onDestroy: "readOnly" with a pulumi up before it is removed or replaced, or, where its successor stands already, ` +
      `updateImageStore id=${id} readonly=true and pulumi state delete of the old resource`
    : "";
  throw new Refused(
    `S3 secondary storage ${last.storeName ?? id} is not deleted: ${outcome.message} ${await blockersOf(cloud.api, id, outcome.text)}` +
      `Move what is on it, or delete what nobody needs any more, in CloudStack, and run the same command again${readOnlyAdvice}.`,
  );
}

function stateOf(store: ImageStore, last: Partial<State>): Partial<State> {
  return {
    ...pick(last, [...unseenDetails, "endpoint", "bucket"]),
    ...placeOf(store, last),
    storeName: store.name,
    useHttps: store.protocol === undefined ? last.useHttps !== false : store.protocol === "https",
    readOnly: store.readOnly,
    ...outputsOf(store),
  };
}

/** A URL that CloudStack does not show is none: a made-up one would look as if somebody had changed it. */
function outputsOf({ protocol, url = "" }: ImageStore): Partial<S3SecondaryStorageOutputs> {
  return { ...(protocol === undefined ? {} : { protocol }), url };
}
