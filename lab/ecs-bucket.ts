import { type Call, namespaceGiven, queryNamespace } from "./ecs-call.ts";
import { EcsRefused, missingNamespace, missingUser } from "./ecs-error.ts";
import type { EcsNamespace, EcsStore, EmptyTask } from "./ecs-store.ts";
import { userKey } from "./ecs-store.ts";
import { storedName } from "./ecs-users.ts";
import type { S3Bucket } from "./s3-store.ts";

export type Grant = { readonly grantee: string; readonly permissions: readonly string[] };

export type Acl = Record<"user" | "group" | "customgroup", readonly Grant[]>;

/** What the management side keeps of a bucket, in the attributes that the S3 store has for it. */
export type BucketAttributes = {
  readonly vpool: string;
  readonly encrypted: boolean;
  readonly fileSystem: boolean;
  readonly searchKeys: readonly Readonly<Record<"type" | "name" | "datatype", string>>[];
  /** In GB; -1 = none. */
  blockSize: number;
  notificationSize: number;
  staleAllowed: boolean;
  tsoReadOnly: boolean;
  locked: boolean;
  /** In seconds. */
  retention: number;
  acl: Acl;
  /** Of the ACL. */
  defaultGroup: string;
  /** By head type. */
  metadata: Record<string, readonly { readonly name: string; readonly value: string }[]>;
  task: EmptyTask | null;
};

export function attributesOf(bucket: S3Bucket): BucketAttributes {
  return bucket.attributes as BucketAttributes;
}

/** What a new bucket gets where its creation says nothing. */
export function newAttributes(namespace: EcsNamespace, owner: string): BucketAttributes {
  return {
    vpool: namespace.vpool,
    encrypted: namespace.encryption,
    fileSystem: false,
    searchKeys: [],
    blockSize: namespace.bucketBlockSize,
    notificationSize: -1,
    staleAllowed: namespace.staleAllowed,
    tsoReadOnly: false,
    locked: false,
    retention: 0,
    acl: { user: [{ grantee: owner, permissions: ["full_control"] }], group: [], customgroup: [] },
    defaultGroup: "",
    metadata: {},
    task: null,
  };
}

/** The bucket of the path, in the namespace of the query. */
export function bucketOfQuery(call: Call): S3Bucket {
  return foundBucket(call, queryNamespace(call));
}

/** The bucket of the path, in the namespace of the body. */
export function bucketOfBody(call: Call, namespace: string | undefined): S3Bucket {
  return foundBucket(call, namespaceGiven(call, namespace));
}

/** Without a namespace there is no such bucket: nobody but a system user leaves it out. */
function foundBucket(call: Call, namespace: string): S3Bucket {
  const name = call.params[0] ?? "";
  if (namespace !== "" && !call.store.namespaces.has(namespace)) throw missingNamespace(namespace);
  const bucket = call.buckets.bucket(namespace, name);
  if (bucket === undefined) throw missingBucket(call.store, name);
  return bucket;
}

export function missingBucket({ options }: EcsStore, name: string): EcsRefused {
  return new EcsRefused(options.missingBucketStatus, 1004, `Unable to find bucket ${name}`);
}

/** An owner is an object user of the bucket's namespace. */
export function assertOwner(store: EcsStore, namespace: string, owner: string): string {
  const name = storedName(store, owner);
  if (!store.users.has(userKey(namespace, name))) {
    throw new EcsRefused(400, 40010, `${missingUser(owner).message} in namespace ${namespace}`);
  }
  return name;
}

/** The first sentence that the management API refuses a quota with; undefined if it fits. */
export function quotaProblem(size: number): string | undefined {
  return size === -1 || size >= 1 ? undefined : "a quota must be at least 1 GB, or -1 for none";
}
