import type { BucketCalls, BucketKey } from "./buckets.ts";
import { named } from "./buckets.ts";
import type { OwnerAccess, Patience } from "./owner-access.ts";
import type { UserKey } from "./users.ts";

/**
 * Versioning goes through the management API where the release has the call (4.x), else through S3 as the owner. Which
 * it is the array itself shows, asked once a process (reference: ECS management API, 5.9).
 */
export class Versioning {
  readonly #buckets: BucketCalls;
  readonly #owners: OwnerAccess;
  #managed: Promise<boolean> | undefined;

  constructor(buckets: BucketCalls, owners: OwnerAccess) {
    this.#buckets = buckets;
    this.#owners = owners;
  }

  async read(bucket: BucketKey, owner: UserKey, patience: Patience): Promise<boolean> {
    if (await this.#isManaged(bucket)) return await this.#buckets.versioning(bucket);
    const what = `read the versioning of ${named(bucket)}`;
    return await this.#owners.as(owner, what, (s3) => s3.getVersioning(bucket.bucketName), patience);
  }

  async write(bucket: BucketKey, owner: UserKey, on: boolean): Promise<void> {
    if (await this.#isManaged(bucket)) return await this.#buckets.setVersioning(bucket, on);
    const what = `set the versioning of ${named(bucket)}`;
    await this.#owners.as(owner, what, (s3) => s3.putVersioning(bucket.bucketName, on));
  }

  async #isManaged(bucket: BucketKey): Promise<boolean> {
    const asked = this.#managed ?? this.#buckets.offersVersioning(bucket);
    this.#managed = asked;
    try {
      return await asked;
    } catch (error) {
      this.#managed = undefined;
      throw error;
    }
  }
}
