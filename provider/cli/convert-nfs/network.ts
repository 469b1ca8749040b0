import type { CloudStackClient } from "../../cloudstack/client.ts";
import type { StoreDetails } from "../../cloudstack/store-details.ts";
import { bucketNameFailure, internalSites, leadingTo, s3NetworkOf, sitesSetting } from "../s3-network.ts";
import type { Notes } from "./bucket.ts";

const patienceMs = 10_000;

/** What this machine can tell of the way from the system VMs to the bucket. */
export async function networkCautions(
  { cautions }: Notes,
  cloud: CloudStackClient,
  { endpoint, bucket }: StoreDetails,
): Promise<void> {
  const patience = { milliseconds: patienceMs, signal: AbortSignal.timeout(3 * patienceMs) };
  const sites = await internalSites(cloud);
  const { host, outside } = await s3NetworkOf(endpoint, sites, patience);
  if (outside.length > 0)
    cautions.push(
      `${leadingTo(host, outside)} in a private network that ${sitesSetting} (${sites.join(", ") || "empty"}) does not hold: system VMs ` +
        `will look for it on the outside. Add its network and restart the management servers first.`,
    );
  const failed = await bucketNameFailure(endpoint, bucket, patience);
  if (failed !== undefined)
    cautions.push(
      `${failed.name} does not resolve from this machine (${failed.failure}); CloudStack's S3 client puts the bucket in front of the host, so that system VMs and management servers must resolve it.`,
    );
}
