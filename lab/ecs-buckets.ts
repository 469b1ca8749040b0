import { assertOwner, type BucketAttributes, bucketOfQuery, newAttributes, quotaProblem } from "./ecs-bucket.ts";
import { fullInfo, shortInfo } from "./ecs-bucket-info.ts";
import { readTagSet } from "./ecs-bucket-tags.ts";
import {
  answer,
  assertNamespace,
  bodyOf,
  type Call,
  done,
  listOf,
  type Members,
  namespaceGiven,
  type Operation,
  optionalFlag,
  optionalText,
  optionalWhole,
  queryNamespace,
  requiredText,
} from "./ecs-call.ts";
import { emptyBucket } from "./ecs-empty.ts";
import { EcsRefused, invalidParameter, missingParameter } from "./ecs-error.ts";
import { nameFilter, pageOf } from "./ecs-lists.ts";
import type { EcsNamespace } from "./ecs-store.ts";

export const createBucket: Operation = (call) => {
  const { store, buckets } = call;
  const body = bodyOf(call, "object_bucket_create");
  const name = requiredText(body, "name");
  const namespace = namespaceOf(call, body);
  if (!isBucketName(name)) throw new EcsRefused(400, 40009, `Bucket name ${name} is not valid`);
  const given = optionalText(body, "owner");
  const owner = given === undefined ? store.options.username : assertOwner(store, namespace.name, given);
  const attributes = attributesGiven(call, body, newAttributes(namespace, owner));
  const tags = readTagSet(body) ?? {};
  const versioning = store.options.release === "4.x" ? optionalText(body, "versioning_status") : undefined;
  const objectLock = optionalFlag(body, "is_object_lock_enabled") ?? false;
  const created = call.clock.stamp();
  const bucket = buckets.create({ namespace: namespace.name, name, owner, created, objectLock, attributes });
  if (bucket === undefined) throw new EcsRefused(400, 40008, `Bucket ${name} already exists`);
  bucket.tags = tags;
  if (versioning === "Enabled") bucket.versioning = "enabled";
  if (versioning === "Suspended") bucket.versioning = "suspended";
  return answer(call, "object_bucket", shortInfo(store, bucket));
};

export const readBucket: Operation = (call) => answer(call, "bucket_info", fullInfo(call.store, bucketOfQuery(call)));

export const listBuckets: Operation = (call) => {
  const namespace = queryNamespace(call);
  if (namespace === "") throw missingParameter("namespace");
  assertNamespace(call, namespace);
  const fits = nameFilter(call);
  const found = call.buckets.buckets(namespace).filter(({ name }) => fits(name));
  const { rows, limit, next } = pageOf(call, found, ({ name }) => name);
  return answer(call, "object_buckets", {
    object_bucket: rows.map((bucket) => fullInfo(call.store, bucket)),
    MaxBuckets: limit,
    Filter: `namespace=${namespace}&name=${call.query.get("name") || "*"}`,
    ...next,
  });
};

/** What every object has that can be searched for. */
export const listSearchKeys: Operation = (call) =>
  answer(call, "bucket_searchable_system_metadata", {
    metadata: [
      { name: "CreateTime", datatype: "datetime", type: "System" },
      { name: "LastModified", datatype: "datetime", type: "System" },
      { name: "ObjectName", datatype: "string", type: "System" },
      { name: "Owner", datatype: "string", type: "System" },
      { name: "Size", datatype: "integer", type: "System" },
    ],
    max_keys: 30,
  });

/** Refused while anything is in the bucket; with `emptyBucket`, which old releases ignore, that is deleted first. */
export const deleteBucket: Operation = (call) => {
  const { store, buckets } = call;
  const bucket = bucketOfQuery(call);
  if (bucket.readOnly) throw new EcsRefused(409, 1010, `Bucket ${bucket.name} is being emptied`);
  if (buckets.delete(bucket)) return { ...done, destructive: true };
  if (call.query.get("emptyBucket") === "true" && store.options.release !== "3.6") {
    emptyBucket(store, bucket, call.clock.now());
    return { ...done, status: 202, destructive: true };
  }
  throw new EcsRefused(store.options.nonEmptyStatus, 60019, `Bucket ${bucket.name} not empty: keypool not empty`);
};

/** The rule of the management API; S3 clients may need a stricter one. */
export function isBucketName(name: string): boolean {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/.test(name)) return false;
  return !name.endsWith(".") && !name.includes("..") && !/^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(name);
}

function namespaceOf(call: Call, body: Members): EcsNamespace {
  const name = namespaceGiven(call, optionalText(body, "namespace"));
  if (name === "") throw missingParameter("namespace");
  assertNamespace(call, name);
  const namespace = call.store.namespaces.get(name);
  if (namespace === undefined) throw missingParameter("namespace");
  return namespace;
}

function attributesGiven(call: Call, body: Members, defaults: BucketAttributes): BucketAttributes {
  const encrypted = optionalFlag(body, "is_encryption_enabled") ?? defaults.encrypted;
  if (encrypted && !call.store.options.encryptionLicence) {
    throw new EcsRefused(403, 3001, "Server-side encryption is not licensed");
  }
  return {
    ...defaults,
    vpool: replicationGroup(call, optionalText(body, "vpool") ?? defaults.vpool),
    encrypted,
    fileSystem: optionalFlag(body, "filesystem_enabled") ?? defaults.fileSystem,
    searchKeys: searchKeys(body),
    blockSize: sizeGiven(body, "blockSize") ?? defaults.blockSize,
    notificationSize: sizeGiven(body, "notificationSize") ?? defaults.notificationSize,
    staleAllowed: optionalFlag(body, "is_stale_allowed") ?? defaults.staleAllowed,
    tsoReadOnly: optionalFlag(body, "is_tso_read_only") ?? defaults.tsoReadOnly,
    retention: Math.max(0, optionalWhole(body, "retention") ?? defaults.retention),
  };
}

function replicationGroup(call: Call, vpool: string): string {
  if (vpool === "") throw new EcsRefused(400, 1011, "The namespace has no default replication group");
  if (call.store.replicationGroups.has(vpool)) return vpool;
  throw new EcsRefused(400, 1004, `Unable to find replication group ${vpool}`);
}

function searchKeys(body: Members): BucketAttributes["searchKeys"] {
  return (listOf(body, "search_metadata", "metadata") ?? []).map((key) => ({
    type: requiredText(key, "type"),
    name: requiredText(key, "name"),
    datatype: optionalText(key, "datatype") ?? "",
  }));
}

function sizeGiven(body: Members, name: string): number | undefined {
  const size = optionalWhole(body, name);
  const problem = size === undefined ? undefined : quotaProblem(size);
  if (problem !== undefined) throw invalidParameter(name, problem);
  return size;
}
