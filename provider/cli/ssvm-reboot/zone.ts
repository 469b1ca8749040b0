import type { CloudStackClient } from "../../cloudstack/client.ts";
import type { StorageVm } from "../../cloudstack/system-vms.ts";
import type { ZoneItem } from "../../cloudstack/zones.ts";
import { Refused } from "../../core/errors.ts";

/** The zone of this UUID, or the only one of this name. */
export async function zoneOf(cloud: CloudStackClient, wanted: string): Promise<ZoneItem> {
  const zones = await cloud.zones.list();
  const found = zones.filter(({ id, name }) => id === wanted || name === wanted);
  const [zone] = found;
  if (found.length === 1 && zone !== undefined) return zone;
  const listed = (some: readonly ZoneItem[]) => some.map(({ id, name }) => `${name} (${id})`).join(", ");
  if (found.length > 1)
    throw new Refused(
      `${cloud.endpoint} has ${found.length} zones called ${wanted}: ${listed(found)}. Give the UUID of one with --zone.`,
    );
  throw new Refused(`There is no zone ${wanted}; ${cloud.endpoint} has ${listed(zones) || "none"}.`);
}

/** Its secondary storage VMs, at least one. */
export async function vmsOf(cloud: CloudStackClient, zone: ZoneItem): Promise<StorageVm[]> {
  const vms = await cloud.storageVms.list({ zoneid: zone.id });
  if (vms.length > 0) return vms;
  throw new Refused(
    `Zone ${zone.name} has no secondary storage VM, so that there is nothing to reboot. CloudStack starts one by itself as soon as the zone ` +
      `is enabled, has secondary storage and a staging store, and the template for system VMs is on that storage; what is missing ` +
      `cloudstack-storage doctor tells, and why a start fails /var/log/cloudstack/management/management-server.log.`,
  );
}

/** `s-1-VM (Running, agent Up)`. */
export function describedVm({ name, state, agentState }: StorageVm): string {
  return `${name} (${state}${agentState === undefined ? "" : `, agent ${agentState}`})`;
}
