import { attributesOf } from "./ecs-bucket.ts";
import type { Members } from "./ecs-call.ts";
import type { EcsStore } from "./ecs-store.ts";
import type { S3Bucket } from "./s3-store.ts";

const unused = { global: null, remote: null, vdc: null };

/** What the creation answers: neither owner nor quota nor encryption. */
export function shortInfo(store: EcsStore, bucket: S3Bucket): Members {
  const search = searchMetadata(store, bucket, "metaData");
  return { id: idOf(bucket), name: bucket.name, inactive: false, ...unused, TagSet: tagSet(bucket), ...search };
}

/** What the info and each row of a list hold. Some names differ from those of the creation, and some values are texts. */
export function fullInfo(store: EcsStore, bucket: S3Bucket): Members {
  const attributes = attributesOf(bucket);
  const { release } = store.options;
  return {
    id: idOf(bucket),
    name: bucket.name,
    link: { rel: "self", href: `/object/bucket/${idOf(bucket)}` },
    namespace: bucket.namespace,
    owner: bucket.owner,
    vpool: attributes.vpool,
    created: new Date(bucket.created).toISOString(),
    api_type: "S3",
    block_size: attributes.blockSize,
    notification_size: attributes.notificationSize,
    softquota: String(attributes.notificationSize),
    is_encryption_enabled: String(attributes.encrypted),
    fs_access_enabled: attributes.fileSystem,
    is_stale_allowed: attributes.staleAllowed,
    is_tso_read_only: attributes.tsoReadOnly,
    is_object_lock_enabled: bucket.objectLock,
    is_object_lock_with_ado_allowed: false,
    locked: attributes.locked,
    retention: attributes.retention,
    default_retention: release === "3.6" ? -2 : attributes.retention,
    auto_commit_period: 0,
    audit_delete_expiration: -2,
    TagSet: tagSet(bucket),
    ...searchMetadata(store, bucket, "search_metadata"),
    ...(release === "3.6" ? {} : { is_empty_bucket_in_progress: bucket.readOnly }),
    ...(release === "4.x" ? newerInfo(bucket) : {}),
    ...unused,
  };
}

export const versioningNames = { never: "", enabled: "Enabled", suspended: "Suspended" } as const;

function newerInfo({ versioning }: S3Bucket): Members {
  const counts = { blockSizeInCount: -1, notificationSizeInCount: -1 };
  return { versioning_status: versioningNames[versioning], ...counts, local_object_metadata_reads: false };
}

function idOf({ namespace, name }: S3Bucket): string {
  return `${namespace}.${name}`;
}

function tagSet({ tags }: S3Bucket): Members[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function searchMetadata({ options }: EcsStore, bucket: S3Bucket, name: string): Members {
  const metadata = attributesOf(bucket).searchKeys;
  const enabled = metadata.length > 0;
  switch (options.searchMetadataForm) {
    case "absent":
      return {};
    case "search_enabled":
      return { [name]: { search_enabled: enabled, max_keys: metadata.length, metadata } };
    default: {
      const tokens = options.release === "4.x" ? { mdTokens: false } : {};
      return { [name]: { isEnabled: enabled, maxKeys: metadata.length, ...tokens, metadata } };
    }
  }
}
