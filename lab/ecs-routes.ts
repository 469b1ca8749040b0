import { listGroups, listPermissions, readAcl, setAcl } from "./ecs-acl.ts";
import {
  readBucketLock,
  readMetadata,
  readObjectLock,
  readRetention,
  readVersioning,
  removeMetadata,
  setBucketLock,
  setMetadata,
  setOwner,
  setRetention,
  setStaleAllowed,
  setVersioning,
} from "./ecs-aspects.ts";
import { addBucketTags, overwriteBucketTags, removeBucketTags } from "./ecs-bucket-tags.ts";
import { createBucket, deleteBucket, listBuckets, listSearchKeys, readBucket } from "./ecs-buckets.ts";
import type { Operation } from "./ecs-call.ts";
import { readEmptyStatus } from "./ecs-empty.ts";
import { createKey, createOwnKey, deleteKeys, deleteOwnKeys, readKeyFlags, readKeys, readOwnKeys } from "./ecs-keys.ts";
import {
  createNamespace,
  deleteNamespace,
  listBaseUrls,
  listNamespaces,
  readEncryptionFeature,
  readNamespace,
  updateNamespace,
} from "./ecs-namespaces.ts";
import type { EcsOptions } from "./ecs-options.ts";
import { readPolicy, removePolicy, setPolicy } from "./ecs-policy.ts";
import { readQuota, removeQuota, setQuota } from "./ecs-quota.ts";
import {
  createReplicationGroup,
  deleteReplicationGroup,
  listReplicationGroups,
  readReplicationGroup,
} from "./ecs-replication-groups.ts";
import { whoAmI } from "./ecs-session.ts";
import {
  addTags,
  createUser,
  deleteUser,
  listUsers,
  lockUser,
  overwriteTags,
  queryUsers,
  readLock,
  readTags,
  readUser,
  removeTags,
} from "./ecs-users.ts";

type Method = "GET" | "PUT" | "POST" | "DELETE";

export interface Route {
  readonly operation: Operation;
  readonly roles: readonly EcsOptions["role"][];
  readonly params: readonly string[];
}

const system = ["SYSTEM_ADMIN"] as const;
const admins = [...system, "NAMESPACE_ADMIN"] as const;
const everybody = [...admins, "SYSTEM_MONITOR"] as const;
const overview = [...system, "SYSTEM_MONITOR"] as const;

/** The operations of one path, each with who may use it. `*` stands for a segment. */
type Operations = Partial<Record<Method, readonly [Operation, Route["roles"]]>>;

/** The first that fits counts: a word goes before a `*`. */
const routes: readonly (readonly [string, Operations])[] = [
  ["user/whoami", { GET: [whoAmI, everybody] }],
  ["object/namespaces", { GET: [listNamespaces, overview] }],
  ["object/namespaces/namespace", { POST: [createNamespace, system] }],
  ["object/namespaces/namespace/*", { GET: [readNamespace, everybody], PUT: [updateNamespace, system] }],
  ["object/namespaces/namespace/*/deactivate", { POST: [deleteNamespace, system] }],
  ["vdc/data-service/vpools", { GET: [listReplicationGroups, everybody], POST: [createReplicationGroup, system] }],
  ["vdc/data-service/vpools/*", { GET: [readReplicationGroup, everybody] }],
  ["vdc/data-service/vpools/*/deactivate", { POST: [deleteReplicationGroup, system] }],
  ["feature/ServerSideEncryption", { GET: [readEncryptionFeature, everybody] }],
  ["object/baseurl", { GET: [listBaseUrls, everybody] }],
  ["object/users", { GET: [listUsers, everybody], POST: [createUser, admins] }],
  ["object/users/query", { GET: [queryUsers, everybody] }],
  ["object/users/lock", { PUT: [lockUser, admins] }],
  ["object/users/lock/*", { GET: [readLock, everybody] }],
  ["object/users/lock/*/*", { GET: [readLock, everybody] }],
  ["object/users/deactivate", { POST: [deleteUser, admins] }],
  ["object/users/*", { GET: [listUsers, everybody] }],
  ["object/users/*/info", { GET: [readUser, everybody] }],
  [
    "object/users/*/tags",
    {
      GET: [readTags, everybody],
      POST: [addTags, admins],
      PUT: [overwriteTags, admins],
      DELETE: [removeTags, admins],
    },
  ],
  ["object/user-secret-keys/exist/*/*", { GET: [readKeyFlags, admins] }],
  ["object/user-secret-keys/*", { GET: [readKeys, admins], POST: [createKey, admins] }],
  ["object/user-secret-keys/*/deactivate", { POST: [deleteKeys, admins] }],
  ["object/user-secret-keys/*/*", { GET: [readKeys, admins] }],
  ["object/secret-keys", { GET: [readOwnKeys, everybody], POST: [createOwnKey, everybody] }],
  ["object/secret-keys/deactivate", { POST: [deleteOwnKeys, everybody] }],
  ["object/bucket", { GET: [listBuckets, overview], POST: [createBucket, admins] }],
  ["object/bucket/searchmetadata", { GET: [listSearchKeys, everybody] }],
  ["object/bucket/acl/permissions", { GET: [listPermissions, everybody] }],
  ["object/bucket/acl/groups", { GET: [listGroups, everybody] }],
  ["object/bucket/*/info", { GET: [readBucket, everybody] }],
  ["object/bucket/*/owner", { POST: [setOwner, system] }],
  ["object/bucket/*/isstaleallowed", { POST: [setStaleAllowed, admins] }],
  ["object/bucket/*/lock", { GET: [readBucketLock, everybody] }],
  ["object/bucket/*/lock/*", { PUT: [setBucketLock, admins] }],
  ["object/bucket/*/retention", { GET: [readRetention, everybody], PUT: [setRetention, admins] }],
  ["object/bucket/*/quota", { GET: [readQuota, everybody], PUT: [setQuota, admins], DELETE: [removeQuota, admins] }],
  [
    "object/bucket/*/policy",
    { GET: [readPolicy, everybody], PUT: [setPolicy, admins], DELETE: [removePolicy, admins] },
  ],
  ["object/bucket/*/acl", { GET: [readAcl, everybody], PUT: [setAcl, admins] }],
  [
    "object/bucket/*/tags",
    { POST: [addBucketTags, admins], PUT: [overwriteBucketTags, admins], DELETE: [removeBucketTags, admins] },
  ],
  [
    "object/bucket/*/metadata",
    { GET: [readMetadata, everybody], PUT: [setMetadata, admins], DELETE: [removeMetadata, admins] },
  ],
  ["object/bucket/*/versioning", { GET: [readVersioning, everybody], PUT: [setVersioning, admins] }],
  ["object/bucket/*/object-lock-config", { GET: [readObjectLock, everybody] }],
  ["object/bucket/*/empty-bucket-status", { GET: [readEmptyStatus, everybody] }],
  ["object/bucket/*/deactivate", { POST: [deleteBucket, system] }],
];

const patterns = routes.map(([path, operations]) => ({ pattern: path.split("/"), operations }));

/** What real arrays have, and the lab does not; of what lies below a bucket, what is named here. */
const missingHere =
  /^(?!object\/bucket\/)(object|vdc|config|config-admin|feature|iam|monitor|user|dashboard)\/|^object\/bucket\/[^/]*\/(searchmetadata|autocommit|defaultGroup|auditDeleteExpiration|object-lock-config|object-lock-enable|allow-object-lock-with-ado|copy-policy)$|^object\/bucket\/test-policy$/;

/** The operation for a path, decoded; "method" where the path has none of this method, "lab" where the real system has. */
export function routeOf(method: string, segments: readonly string[]): Route | "path" | "method" | "lab" {
  const found = patterns.find(({ pattern }) => fits(pattern, segments));
  const operation = found !== undefined && isMethod(method) ? found.operations[method] : undefined;
  if (found !== undefined && operation !== undefined) {
    const params = segments.filter((_, index) => found.pattern[index] === "*");
    return { operation: operation[0], roles: operation[1], params };
  }
  if (missingHere.test(segments.join("/"))) return "lab";
  return found === undefined ? "path" : "method";
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.length === segments.length && pattern.every((part, index) => part === "*" || part === segments[index]);
}

function isMethod(method: string): method is Method {
  return ["GET", "PUT", "POST", "DELETE"].includes(method);
}
