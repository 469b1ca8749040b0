import type { Refusal } from "../core/handler.ts";
import { changedDetails, detailsDigest, type StoreDetails } from "./store-details.ts";

/** What a replacement of a store looks at. */
interface Declared extends Partial<StoreDetails> {
  readonly storeName?: string;
  readonly waitForTemplates?: object;
  readonly onDestroy?: "delete" | "readOnly";
}

/** A hyphen and the digest. */
const digestLength = 9;

/** CloudStack edits no details, so that a change of one needs a store of another name beside the old one. */
export function successorName(
  derived: string,
  before: Declared | undefined,
  after: Declared,
  hidden: readonly string[],
  isHeld: (name: string) => boolean,
): string {
  if (before && changedDetails(before, after).length === 0) return derived;
  const stem = before ? derived.slice(0, -digestLength) : derived;
  const name = `${stem}-${detailsDigest(after, hidden, "")}`;
  // A change in what is not hashed, or back to what the live store was made with: the successor needs a name all the same.
  return isHeld(name) ? `${stem}-${detailsDigest(after, hidden, name)}` : name;
}

export function refusesReplacement(before: Declared, after: Declared): Refusal[] {
  const changed = changedDetails(before, after);
  if (changed.includes("secretAccessKey") && after.accessKeyId !== undefined && !changed.includes("accessKeyId"))
    return [
      {
        property: "secretAccessKey",
        reason:
          "cannot be changed under the same accessKeyId: system VMs and management servers that run keep one S3 client an access key and would go on " +
          'with the old secret. Make a new key pair (keyGeneration of a CloudianUser, previousKeys: "keep"), and give both',
      },
    ];
  if (changed.length === 0 || after.storeName === undefined || after.storeName !== before.storeName) return [];
  return [
    {
      property: changed.join(", "),
      reason:
        `cannot be changed under the same storeName: CloudStack edits no S3 details, so a new store has to be added beside ${before.storeName} before ` +
        `that one goes. Give another storeName, or declare what the live store has`,
    },
  ];
}

export function cautions(before: Declared, after: Declared): string[] {
  const changed = changedDetails(before, after);
  const label = `S3 secondary storage ${after.storeName ?? before.storeName}`;
  const found: string[] = [];
  if (changed.includes("endpoint") && after.accessKeyId !== undefined && before.accessKeyId === after.accessKeyId)
    found.push(
      `${label} gets another endpoint under the same access key id: system VMs and management servers that run keep one S3 client an access key and go on with the ` +
        `old endpoint until they restart. Give the new store a new access key, or restart the secondary storage VMs and the management servers afterwards.`,
    );
  if (changed.length > 0 && after.waitForTemplates === undefined && before.onDestroy === "delete")
    found.push(
      `${label} is replaced, and the old store is deleted as soon as the new one is added, before any template is on it. Declare waitForTemplates to keep the old one until then.`,
    );
  return found;
}
