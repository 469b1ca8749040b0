import { randomUUID } from "node:crypto";
import { type Answer, list, object, succeeded } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalDetails,
  optionalEntity,
  optionalWhole,
  required,
  requiredEntity,
} from "./cloudstack-call.ts";
import { failed, invalid } from "./cloudstack-error.ts";
import { failAfterInsert } from "./cloudstack-image-store.ts";
import { detailsNeededBy, objectProviders } from "./cloudstack-object-providers.ts";
import { atLeast } from "./cloudstack-options.ts";
import type { ObjectPool } from "./cloudstack-pool-store.ts";

function addObjectStoragePool(call: Call): Answer {
  const { store } = call;
  const [name, provider, url] = [required(call, "name"), required(call, "provider"), required(call, "url")];
  if (!objectProviders(store.options).includes(provider))
    throw invalid(`can't find object store provider: ${provider}`);
  const pools = [...store.objectPools.values()];
  if (pools.some((pool) => pool.name === name)) throw invalid(`Object store with name: ${name} already exists`);
  if (pools.some((pool) => pool.url === url)) throw invalid(`Object store with url: ${url} already exists`);
  assertUrl(url);
  const details = optionalDetails(call) ?? {};
  const pool: ObjectPool = {
    id: randomUUID(),
    name,
    url,
    provider,
    details,
    sizeGib: optionalWhole(call, "size") ?? null,
  };
  if (!answers(call, pool)) throw failed(`Failed to add object store: ${name}`);
  store.objectPools.set(pool.id, pool);
  failAfterInsert(store);
  return object("objectstore", poolDocument(call, pool));
}

function listObjectStoragePools(call: Call): Answer {
  const { objectPools } = call.store;
  const wanted = optionalEntity(call, "id", objectPools);
  const found = [...objectPools.values()].filter(
    (pool) =>
      (wanted === undefined || pool === wanted) &&
      fits(optional(call, "name"), pool.name) &&
      fits(optional(call, "provider"), pool.provider) &&
      hasKeyword(call, pool.name, pool.provider),
  );
  return list(
    "objectstore",
    found.map((pool) => poolDocument(call, pool)),
  );
}

/** Only a new URL is looked at; nobody looks whether name and URL are taken. */
function updateObjectStoragePool(call: Call): Answer {
  const pool = requiredEntity(call, "id", call.store.objectPools);
  const url = optional(call, "url");
  if (url !== undefined) {
    assertUrl(url);
    if (!answers(call, { ...pool, url })) throw invalid(`Unable to access Object Storage with URL: ${url}`);
    pool.url = url;
  }
  pool.name = optional(call, "name") ?? pool.name;
  if (atLeast(call.store.options, [4, 21])) pool.sizeGib = optionalWhole(call, "size") ?? pool.sizeGib;
  return object("objectstore", poolDocument(call, pool));
}

function deleteObjectStoragePool(call: Call): Answer {
  const { objectPools, buckets } = call.store;
  const { id } = requiredEntity(call, "id", objectPools);
  if ([...buckets.values()].some(({ poolId }) => poolId === id)) {
    throw invalid("Cannot delete object store with buckets");
  }
  objectPools.delete(id);
  return succeeded();
}

function assertUrl(url: string): void {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) throw invalid(`${url} is not a valid URL`);
}

/** Whether the storage takes the log-in. Only the lab's own HyperStore is really asked. */
function answers(call: Call, { provider, details }: ObjectPool): boolean {
  const { store, cloudian } = call;
  if (store.options.objectPoolProbeFails || detailsNeededBy(provider).some((key) => !details[key])) return false;
  if (provider !== "Cloudian HyperStore") return true;
  const logIn = `${details["accesskey"]}:${details["secretkey"]}`;
  const headers = { authorization: `Basic ${Buffer.from(logIn).toString("base64")}` };
  const question = { method: "GET", path: "/system/version", rawQuery: "", query: new Map<string, string>() };
  return cloudian.handle({ ...question, headers, body: Buffer.alloc(0) }).status === 200;
}

/** Nothing of the details. */
function poolDocument({ store }: Call, { id, name, url, provider, sizeGib }: ObjectPool): object {
  const own = [...store.buckets.values()].filter(({ poolId }) => poolId === id);
  const allocated = own.reduce((sum, { quotaGib }) => sum + (quotaGib ?? 0), 0);
  const sizes = {
    ...(sizeGib === null ? {} : { storagetotal: sizeGib * gib }),
    storageused: 0,
    storageallocated: allocated * gib,
  };
  const later = atLeast(store.options, [4, 21]) ? sizes : {};
  return { id, name, url, providername: provider, ...later, hasannotations: false };
}

const gib = 1024 ** 3;

/** The real server writes these keys without the usual ending. */
const bareEnvelope = { success: "updateObjectStoragePool", error: "updateObjectStoragePool" };

export const poolCommands: Commands = {
  addObjectStoragePool: {
    run: addObjectStoragePool,
    changes: true,
    since: [4, 19],
    params: "name! provider! url! details size@4.21 tags",
  },
  listObjectStoragePools: {
    run: listObjectStoragePools,
    changes: false,
    since: [4, 19],
    role: "everyone",
    params: "id name provider keyword page pagesize",
    fields: "id name url providername storagetotal@4.21 storageused@4.21 storageallocated@4.21 hasannotations",
  },
  updateObjectStoragePool: {
    run: updateObjectStoragePool,
    changes: true,
    since: [4, 19],
    envelope: bareEnvelope,
    params: "id! name url size@4.21",
  },
  deleteObjectStoragePool: { run: deleteObjectStoragePool, changes: true, since: [4, 19], params: "id!" },
};
