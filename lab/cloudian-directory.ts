import type { IncomingHttpHeaders } from "node:http";
import type { LabClock } from "./clock.ts";
import { newAttributes } from "./cloudian-buckets.ts";
import { type CloudianStore, userKey } from "./cloudian-store.ts";
import type { S3Directory, S3Identity } from "./s3-store.ts";

/** What the S3 service of a HyperStore knows of its users and their keys. */
export class CloudianDirectory implements S3Directory {
  readonly #store: CloudianStore;
  readonly #clock: LabClock;

  constructor(store: CloudianStore, clock: LabClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Refused: a key that is switched off or expired, and one whose user or group is. */
  identity(accessKeyId: string): S3Identity | undefined {
    const { credentials, users, groups } = this.#store;
    const key = credentials.get(accessKeyId);
    if (key === undefined || !key.active) return undefined;
    if (key.expireDate !== null && this.#clock.now() >= key.expireDate) return undefined;
    const user = users.get(userKey(key.groupId, key.userId));
    if (user?.active !== "true" || groups.get(key.groupId)?.active !== "true") return undefined;
    const { canonicalUserId: owner, userId: displayName } = user;
    return { accessKeyId, owner, displayName, namespace: "", secrets: [key.secretKey] };
  }

  knowsPrincipal(_namespace: string, principal: string): boolean {
    return [...this.#store.users.values()].some(({ canonicalUserId }) => canonicalUserId === principal);
  }

  isPrincipal(principal: string, { owner }: S3Identity): boolean {
    return principal === owner;
  }

  storagePolicyExists(id: string): boolean {
    return this.#store.storagePolicies.has(id);
  }

  newAttributes(_identity: S3Identity, headers: IncomingHttpHeaders): Record<string, unknown> {
    const id = headers["x-gmt-policyid"];
    const policyName = typeof id === "string" ? this.#store.storagePolicies.get(id) : undefined;
    return newAttributes(policyName);
  }
}
