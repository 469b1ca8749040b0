import { setTimeout as wait } from "node:timers/promises";
import { Refused } from "../core/errors.ts";
import { inform } from "../core/log.ts";
import { same } from "../core/values.ts";
import type { S3Client } from "./client.ts";
import type { Marker, Page, Undeleted, UploadEntry, VersionEntry } from "./listing.ts";

const passesWithoutProgress = 3;
const pauseMs = 500;
const largestBatch = 1000;
/** Requests at a time where each deletes one version. */
const parallel = 8;
/** Where so many cannot be deleted, the rest of the bucket is not tried. */
const enoughFailures = 1000;
const shownFailures = 10;
const progressEveryMs = 10_000;

/** Deletes every version, delete marker and unfinished upload. `what` names the bucket in messages: `ECS bucket ns1/a`. */
export async function emptyBucket(client: S3Client, bucket: string, what: string): Promise<void> {
  if (await client.hasObjectLock(bucket))
    throw new Refused(
      `${what} is not emptied: it has object lock, which this provider does not manage. Nothing was deleted. Delete with ` +
        `another tool what may go once its retention has passed.`,
    );
  await new Emptying(client, bucket, what).run();
}

/** One of the lists of a bucket, and how what is on it goes. */
interface List<Entry> {
  page(from: Marker | undefined): Promise<Page<Entry>>;
  /** Returns what the service refuses. */
  remove(entries: readonly Entry[]): Promise<Undeleted[]>;
  idOf(entry: Entry): string;
}

class Emptying {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #what: string;
  #multi = true;
  #deleted = 0;
  #told = performance.now();

  constructor(client: S3Client, bucket: string, what: string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#what = what;
  }

  async run(): Promise<void> {
    const versions: List<VersionEntry> = {
      page: (from) => this.#client.listVersions(this.#bucket, from),
      remove: (entries) => this.#removeVersions(entries),
      idOf: ({ versionId }) => versionId,
    };
    const uploads: List<UploadEntry> = {
      page: (from) => this.#client.listUploads(this.#bucket, from),
      remove: (entries) => eachOf(entries, (entry) => this.#client.abortUpload(this.#bucket, entry)),
      idOf: ({ uploadId }) => uploadId,
    };
    let fewest = Number.POSITIVE_INFINITY;
    for (let idle = 0; ; ) {
      const left = [...(await this.#pass(versions)), ...(await this.#pass(uploads))];
      if (left.length === 0) return;
      idle = left.length < fewest ? 1 : idle + 1;
      fewest = Math.min(fewest, left.length);
      if (idle >= passesWithoutProgress) throw this.#givesUp(left);
      await wait(pauseMs);
    }
  }

  /**
   * Tries to delete everything once; returns what is listed all the same. After a page is deleted the list is read from
   * its start: it has moved, and some services page wrongly. What was tried already is passed over.
   */
  async #pass<Entry extends { readonly key: string }>(list: List<Entry>): Promise<Undeleted[]> {
    const tried = new Set<string>();
    const reasons = new Map<string, string>();
    let left: Undeleted[] = [];
    let from: Marker | undefined;
    for (;;) {
      const page = await list.page(from);
      const fresh = page.entries.filter((entry) => !tried.has(nameOf(entry.key, list.idOf(entry))));
      if (fresh.length > 0) {
        for (const entry of fresh) tried.add(nameOf(entry.key, list.idOf(entry)));
        const refused = await list.remove(fresh);
        for (const { key, reason } of refused) reasons.set(key, reason);
        await this.#tell(fresh.length - refused.length);
        left = [];
        from = undefined;
        continue;
      }
      for (const { key } of page.entries)
        left.push({ key, reason: reasons.get(key) ?? "the service says that it is deleted, but still lists it" });
      if (page.next === undefined || same(page.next, from) || left.length >= enoughFailures) return left;
      from = page.next;
    }
  }

  async #removeVersions(entries: readonly VersionEntry[]): Promise<Undeleted[]> {
    const refused: Undeleted[] = [];
    for (let start = 0; start < entries.length; start += largestBatch) {
      const batch = entries.slice(start, start + largestBatch);
      const failed = this.#multi ? await this.#client.deleteObjects(this.#bucket, batch) : undefined;
      this.#multi = failed !== undefined;
      refused.push(...(failed ?? (await this.#removeSingly(batch))));
    }
    return refused;
  }

  #removeSingly(entries: readonly VersionEntry[]): Promise<Undeleted[]> {
    return eachOf(entries, ({ key, versionId }) => this.#client.deleteVersion(this.#bucket, key, versionId));
  }

  async #tell(deleted: number): Promise<void> {
    this.#deleted += deleted;
    if (performance.now() - this.#told < progressEveryMs) return;
    this.#told = performance.now();
    await inform(`${this.#what}: ${this.#deleted.toLocaleString("en-US")} versions and uploads are deleted so far.`);
  }

  #givesUp(left: readonly Undeleted[]): Refused {
    const shown = left.slice(0, shownFailures).map(({ key, reason }) => `  ${JSON.stringify(key)}: ${reason}`);
    const more = left.length > shown.length ? `\n  and ${left.length - shown.length} more` : "";
    return new Refused(
      `${this.#what} cannot be emptied: ${this.#deleted.toLocaleString("en-US")} versions and uploads were deleted, these were not, ` +
        `in ${passesWithoutProgress} passes:\n${shown.join("\n")}${more}\nSee to what keeps them (a retention, a policy, rights of the key), ` +
        `then run the same command again.`,
    );
  }
}

/** One request for each, some at a time. */
async function eachOf<Entry>(
  entries: readonly Entry[],
  remove: (entry: Entry) => Promise<Undeleted | undefined>,
): Promise<Undeleted[]> {
  const refused: (Undeleted | undefined)[] = [];
  for (let start = 0; start < entries.length; start += parallel)
    refused.push(...(await Promise.all(entries.slice(start, start + parallel).map(remove))));
  return refused.filter((each) => each !== undefined);
}

function nameOf(key: string, id: string): string {
  return JSON.stringify([key, id]);
}
