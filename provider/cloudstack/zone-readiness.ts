import { Refused, StorageError } from "../core/errors.ts";
import { warn } from "../core/log.ts";
import type { CloudStackClient } from "./client.ts";
import type { StagingStore } from "./staging-stores.ts";
import type { ZoneItem } from "./zones.ts";

/** What S3 secondary storage needs in each zone and CloudStack does not check (reference: CloudStack API, 3.7 and 4.4). */
export async function warnOfZones(
  cloud: CloudStackClient,
  { storeName, requireStagingStores }: { readonly storeName: string; readonly requireStagingStores: boolean },
): Promise<void> {
  const found = await look(cloud).catch((error: unknown) => {
    if (requireStagingStores || !(error instanceof StorageError)) throw error;
    return error;
  });
  if (found instanceof StorageError)
    return await warn(
      `S3 secondary storage ${storeName}: what it needs in each zone (a staging store, a secondary storage VM) could not be looked up. ${found.message}`,
    );
  const { zones, staging, served } = found;
  const enabled = zones.filter((zone) => zone.enabled);
  const missingIn = (stores: readonly StagingStore[]) =>
    enabled.filter((zone) => !stores.some(({ zoneId }) => zoneId === zone.id));
  const seen = missingIn(staging);
  // What is shared may be a moment old, and a refusal stops the program.
  const without = seen.length > 0 && requireStagingStores ? missingIn(await cloud.stagingStores.list()) : seen;
  if (without.length > 0 && requireStagingStores)
    throw new Refused(
      `S3 secondary storage ${storeName} is not added: ${named(without)} without a staging store. Declare a SecondaryStagingStore for each.`,
    );
  if (without.length > 0)
    await warn(
      `S3 secondary storage ${storeName}: ${named(without)} without a staging store. CloudStack adds the store all the same, but system VMs and instances ` +
        `there cannot start ("Can't find staging storage in zone"). Declare a SecondaryStagingStore for each.`,
    );
  const unserved = enabled.filter((zone) => !served.has(zone.id));
  if (unserved.length > 0)
    await warn(
      `S3 secondary storage ${storeName}: ${named(unserved)} without a running secondary storage VM. Nothing is downloaded to the store before one runs, and in a ` +
        `zone that never had one none can start, because its template is not on the store. What helps there: put the template into the bucket by hand; or delete the store, ` +
        `bring the zone up on NFS and move to S3 with cloudstack-storage convert-nfs.`,
    );
}

async function look(cloud: CloudStackClient) {
  const [zones, staging, served] = await Promise.all([
    cloud.zones.known.get(),
    cloud.stagingStores.known(),
    cloud.zones.served.get(),
  ]);
  return { zones, staging, served };
}

function named(zones: readonly ZoneItem[]): string {
  return `${zones.length === 1 ? "zone" : "zones"} ${zones.map(({ name }) => name).join(", ")} ${zones.length === 1 ? "is" : "are"}`;
}
