import { Refused } from "../core/errors.ts";

/** A bucket as one resource of this run's program declares it. */
export interface Holder {
  /** For messages, and what tells two resources apart: `S3 bucket a@host:443`, `ECS bucket ns1/a`. */
  readonly name: string;
  /** The kind; two of one kind are told apart by their ids, except where an id holds an address. */
  readonly kind: string;
  /** When the bucket was made, by the system's clock, in milliseconds; undefined where nothing tells. */
  created(): Promise<number | undefined>;
}

const holders = new Map<string, Map<string, Holder>>();

/** The program of this run declares the bucket. */
export function noteHolder(bucketName: string, holder: Holder): void {
  const byName = holders.get(bucketName) ?? new Map<string, Holder>();
  holders.set(bucketName, byName.set(holder.name, holder));
}

/**
 * The resource of this run's program that holds the very bucket which another one is about to delete. A service has
 * several addresses, and an ECS bucket is an S3 bucket, too: a successor under another address or of another kind takes
 * the bucket over, and deleting the "old" one would delete it. Two buckets of one name were made at different times;
 * where nothing tells, nothing is deleted. A destroy declares nothing, so that it deletes everything.
 */
export async function heldElsewhere(bucketName: string, own: Holder): Promise<string | undefined> {
  for (const other of holders.get(bucketName)?.values() ?? []) {
    if (other.name === own.name || (other.kind === own.kind && own.kind !== "S3Bucket")) continue;
    const [here, there] = [await own.created(), await other.created()];
    if (here === undefined || there === undefined)
      throw new Refused(
        `${own.name} is not deleted: this program declares ${other.name}, and nothing tells whether the two are one bucket. ` +
          `Nothing was deleted. If they are two, delete this one by hand; if they are one, it stays where it is. Then remove ` +
          `the old resource from the state (pulumi state delete).`,
      );
    // Services date buckets in whole seconds.
    if (Math.floor(here / 1000) === Math.floor(there / 1000)) return other.name;
  }
  return undefined;
}

/** The warning in place of a deletion that would delete what another resource holds. */
export function heldWarning(own: string, other: string): string {
  return `${own} is not deleted: ${other}, which this program declares, is a bucket of the same name and date, so that it is taken to be the same one.`;
}
