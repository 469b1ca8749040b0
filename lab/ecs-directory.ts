import type { IncomingHttpHeaders } from "node:http";
import type { LabClock } from "./clock.ts";
import { attributesOf, newAttributes } from "./ecs-bucket.ts";
import { emptyBucket, settleEmptying } from "./ecs-empty.ts";
import { type EcsStore, honoredSecrets, newNamespace, type ObjectUser, userKey } from "./ecs-store.ts";
import { S3Refused } from "./s3-error.ts";
import { counts, type S3Bucket, type S3Directory, type S3Identity, type S3Store } from "./s3-store.ts";

interface Parts {
  readonly store: EcsStore;
  readonly buckets: S3Store;
  readonly clock: LabClock;
}

/** What the S3 service of an ECS knows of its object users and their buckets. */
export class EcsDirectory implements S3Directory {
  /** Releases before 3.8 do not know it. */
  readonly emptyBucket?: (bucket: S3Bucket) => void;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { store, clock } = parts;
    if (store.options.release !== "3.6") this.emptyBucket = (bucket) => emptyBucket(store, bucket, clock.now());
  }

  /** The access key is the name of the user. */
  identity(accessKeyId: string, namespace: string | undefined): S3Identity | undefined {
    const { store, buckets, clock } = this.#parts;
    settleEmptying(store, buckets, clock.now());
    const user = this.#user(accessKeyId, namespace);
    if (user === undefined || user.locked) return undefined;
    const secrets = honoredSecrets(user, clock.now(), store.options.keyDelaySeconds);
    return { accessKeyId, owner: user.name, displayName: user.name, namespace: user.namespace, secrets };
  }

  knowsPrincipal(namespace: string, principal: string): boolean {
    return this.#parts.store.users.has(userKey(namespace, principal));
  }

  admits(bucket: S3Bucket, bytes: number): boolean {
    const { blockSize, locked } = attributesOf(bucket);
    if (locked) throw new S3Refused("AccessDenied", "The bucket is locked.");
    return blockSize < 0 || counts(bucket).bytes + bytes <= blockSize * this.#parts.store.options.quotaUnitBytes;
  }

  /** A bucket that a user makes over S3 gets what the namespace gives, and what `x-emc-*` headers ask for. */
  newAttributes(identity: S3Identity, headers: IncomingHttpHeaders): Record<string, unknown> {
    const { namespaces, replicationGroups, options } = this.#parts.store;
    const namespace = namespaces.get(identity.namespace) ?? newNamespace(identity.namespace);
    const defaults = newAttributes(namespace, identity.owner);
    const vpool = textOf(headers, "x-emc-dataservice-vpool") ?? defaults.vpool;
    if (!replicationGroups.has(vpool)) throw new S3Refused("InvalidArgument", "There is no such replication group.");
    const encrypted = flagOf(headers, "x-emc-server-side-encryption-enabled") ?? defaults.encrypted;
    if (encrypted && !options.encryptionLicence) {
      throw new S3Refused("InvalidArgument", "Server-side encryption is not licensed.");
    }
    const fileSystem = flagOf(headers, "x-emc-file-system-access-enabled") ?? defaults.fileSystem;
    const staleAllowed = flagOf(headers, "x-emc-is-stale-allowed") ?? defaults.staleAllowed;
    return { ...defaults, vpool, encrypted, fileSystem, staleAllowed };
  }

  #user(name: string, namespace: string | undefined): ObjectUser | undefined {
    const { users, options } = this.#parts.store;
    if (namespace !== undefined && options.userScope === "NAMESPACE") return users.get(userKey(namespace, name));
    return [...users.values()].find((user) => user.name === name);
  }
}

function textOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function flagOf(headers: IncomingHttpHeaders, name: string): boolean | undefined {
  const value = textOf(headers, name)?.toLowerCase();
  return value === undefined ? undefined : value === "true";
}
