import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Who signs: what the system behind an S3 service knows of an access key. */
export interface S3Identity {
  readonly accessKeyId: string;
  /** The owner of buckets: ECS' object user, Cloudian's canonical user id. */
  readonly owner: string;
  readonly displayName: string;
  /** Empty where the system has none. */
  readonly namespace: string;
  /** Those that the nodes honor now. */
  readonly secrets: readonly string[];
}

/** What the system behind an S3 service knows, and may object to. A hook refuses by throwing an `S3Refused`. */
export interface S3Directory {
  /**
   * Undefined, or without secrets: refused.
   * @param namespace - what `x-emc-namespace` names, where the service heeds that header
   */
  identity(accessKeyId: string, namespace: string | undefined): S3Identity | undefined;
  /** A policy that names an unknown principal is refused. */
  knowsPrincipal(namespace: string, principal: string): boolean;
  /** Whether a principal of a policy means this identity; without the hook, where it is its owner or display name. */
  isPrincipal?(principal: string, identity: S3Identity): boolean;
  /** For Cloudian's `x-gmt-policyid`. */
  storagePolicyExists?(id: string): boolean;
  /** Whether so many bytes more may go in: ECS' hard quota. */
  admits?(bucket: S3Bucket, bytes: number): boolean;
  /** What the management side keeps of a bucket that is created over S3. */
  newAttributes?(identity: S3Identity, headers: IncomingHttpHeaders): Record<string, unknown>;
  /** Starts to empty a bucket in the background, for a DELETE with `x-emc-empty-bucket`. Without the hook it is ignored. */
  emptyBucket?(bucket: S3Bucket): void;
}

/** One version of an object, or a delete marker. Never changed, only replaced. */
export interface S3Version {
  /** `null` for what was written while versioning was not enabled. */
  readonly versionId: string;
  readonly modified: number;
  readonly marker: boolean;
  readonly body: Buffer;
  /** Without quotes. */
  readonly etag: string;
  /** Content-Type, Cache-Control and the like, and `x-amz-meta-*`, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Object lock: until this time the version cannot be deleted. */
  readonly retainUntil?: number;
}

export interface S3Part {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: number;
}

/** An unfinished multipart upload. */
export interface S3Upload {
  readonly uploadId: string;
  readonly key: string;
  readonly initiated: number;
  readonly initiator: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, S3Part>;
}

export interface CorsRule {
  readonly id?: string;
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
}

export const versioningStates = ["never", "enabled", "suspended"] as const;

export interface S3Bucket {
  readonly namespace: string;
  readonly name: string;
  readonly created: number;
  owner: string;
  versioning: (typeof versioningStates)[number];
  /** The JSON text as it was given. */
  policy?: string | undefined;
  cors?: readonly CorsRule[] | undefined;
  /** None and an empty set are the same. */
  tags: Readonly<Record<string, string>>;
  objectLock: boolean;
  /** While it is emptied in the background: writes and deletions over S3 are refused. */
  readOnly: boolean;
  /** By key; the newest version first, never an empty list. */
  readonly objects: Map<string, readonly S3Version[]>;
  /** By upload id. */
  readonly uploads: Map<string, S3Upload>;
  /** What the management side keeps: quota, encryption, retention and so on; plain JSON. */
  attributes: Record<string, unknown>;
}

export type NewBucket = Pick<S3Bucket, "namespace" | "name" | "owner" | "created"> &
  Partial<Pick<S3Bucket, "objectLock" | "attributes">>;

export interface S3Counts {
  /** Keys whose newest version is no delete marker. */
  readonly objects: number;
  /** All versions that are no delete markers. */
  readonly versions: number;
  readonly markers: number;
  readonly uploads: number;
  /** Of all versions and parts. */
  readonly bytes: number;
}

/** Everything that one S3 service holds. The order of a map is the order in which its members were made. */
export class S3Store {
  #buckets = new Map<string, S3Bucket>();
  #versionsMade = 0;

  bucket(namespace: string, name: string): S3Bucket | undefined {
    return this.#buckets.get(`${namespace}/${name}`);
  }

  /** All, or those of one namespace. */
  buckets(namespace?: string): S3Bucket[] {
    const all = [...this.#buckets.values()];
    return namespace === undefined ? all : all.filter((bucket) => bucket.namespace === namespace);
  }

  bucketsOf(namespace: string, owner: string): S3Bucket[] {
    return this.buckets(namespace).filter((bucket) => bucket.owner === owner);
  }

  /** Undefined if there is one of that name. */
  create({ attributes = {}, objectLock = false, ...init }: NewBucket): S3Bucket | undefined {
    if (this.bucket(init.namespace, init.name) !== undefined) return undefined;
    const bucket: S3Bucket = {
      ...init,
      versioning: objectLock ? "enabled" : "never",
      tags: {},
      objectLock,
      readOnly: false,
      objects: new Map(),
      uploads: new Map(),
      attributes,
    };
    this.#buckets.set(`${init.namespace}/${init.name}`, bucket);
    return bucket;
  }

  /** False while anything is in the bucket: an object, an old version, a delete marker or an unfinished upload. */
  delete(bucket: S3Bucket): boolean {
    if (bucket.objects.size > 0 || bucket.uploads.size > 0) return false;
    this.#buckets.delete(`${bucket.namespace}/${bucket.name}`);
    return true;
  }

  /** Deletes the bucket with all that is in it, whatever is retained. */
  destroy(bucket: S3Bucket): void {
    this.#buckets.delete(`${bucket.namespace}/${bucket.name}`);
  }

  clear(): void {
    this.#buckets.clear();
  }

  /** A newer id is the lesser one, so that a listing can go on after a version that was deleted meanwhile. */
  newVersionId(): string {
    const rank = (0xffffffff - ++this.#versionsMade).toString(16).padStart(8, "0");
    return `${rank}.${randomBytes(12).toString("base64url")}`;
  }

  /** A copy to change, which `become` takes over if all went well. */
  clone(): S3Store {
    const copy = new S3Store();
    copy.#versionsMade = this.#versionsMade;
    for (const [key, bucket] of this.#buckets) copy.#buckets.set(key, cloned(bucket));
    return copy;
  }

  become(other: S3Store): void {
    this.#buckets = new Map(other.#buckets);
    this.#versionsMade = other.#versionsMade;
  }
}

export function counts(bucket: S3Bucket): S3Counts {
  const versions = [...bucket.objects.values()].flat();
  const markers = versions.filter((version) => version.marker).length;
  const uploads = [...bucket.uploads.values()];
  const bodies = [...versions, ...uploads.flatMap((upload) => [...upload.parts.values()])];
  return {
    objects: [...bucket.objects.values()].filter(([newest]) => newest?.marker === false).length,
    versions: versions.length - markers,
    markers,
    uploads: uploads.length,
    bytes: bodies.reduce((sum, { body }) => sum + body.length, 0),
  };
}

/** Deletes versions, delete markers and uploads, at most `limit` of them; what is retained stays. */
export function removeContents(
  bucket: S3Bucket,
  now: number,
  limit = Number.POSITIVE_INFINITY,
): { deleted: number; retained: number } {
  let deleted = 0;
  let retained = 0;
  for (const [key, versions] of [...bucket.objects]) {
    const kept = versions.filter((version) => {
      if (isRetained(version, now)) retained++;
      else if (deleted < limit) {
        deleted++;
        return false;
      }
      return true;
    });
    setVersions(bucket, key, kept);
  }
  for (const uploadId of [...bucket.uploads.keys()]) {
    if (deleted < limit && bucket.uploads.delete(uploadId)) deleted++;
  }
  return { deleted, retained };
}

/** Replaces the versions of a key; a key without versions is gone. */
export function setVersions(bucket: S3Bucket, key: string, versions: readonly S3Version[]): void {
  if (versions.length === 0) bucket.objects.delete(key);
  else bucket.objects.set(key, versions);
}

export function isRetained(version: S3Version, now: number): boolean {
  return version.retainUntil !== undefined && now < version.retainUntil;
}

function cloned(bucket: S3Bucket): S3Bucket {
  const uploads = [...bucket.uploads].map(([id, upload]) => [id, { ...upload, parts: new Map(upload.parts) }] as const);
  return {
    ...bucket,
    objects: new Map(bucket.objects),
    uploads: new Map(uploads),
    attributes: structuredClone(bucket.attributes),
  };
}
