import { CloudStackClient } from "../../cloudstack/client.ts";
import { isUp, type StorageVm } from "../../cloudstack/system-vms.ts";
import { rebootCommand } from "../ssvm-reboot/command.ts";
import { enabledZones } from "./cloudstack-cloud.ts";
import type { Context, Found } from "./finding.ts";

const log = "/var/log/cloudstack/management/management-server.log";

/** The secondary storage VM of each zone, without which nothing gets to or from secondary storage. */
export async function* vmFindings(context: Context): AsyncGenerator<Found> {
  const vms = await CloudStackClient.of(context.settings).storageVms.list();
  for (const { id, name: zone } of await enabledZones(context)) {
    const own = vms.filter(({ zoneId }) => zoneId === id);
    if (own.length === 0) yield { zone, ...none };
    for (const vm of own) yield { zone, ...vmFinding(vm, zone) };
  }
}

const none: Found = {
  check: "system-vm",
  verdict: "failed",
  text: "There is no secondary storage VM, so that nothing is downloaded, and none can start while its template is not on the storage.",
  next:
    `Settle what else is not ok in this zone; CloudStack then starts one by itself. Why a start fails is in ${log}. In a zone that never had one, ` +
    "put the template for system VMs into the bucket by hand, or bring the zone up on NFS and use cloudstack-storage convert-nfs.",
};

function vmFinding(vm: StorageVm, zone: string): Found {
  const check = "system-vm";
  const { name, state, agentState } = vm;
  if (isUp(vm)) return { check, verdict: "ok", text: `${name} runs, and its agent is up.` };
  const agent = agentState === undefined ? "" : `, and its agent ${agentState}`;
  const next =
    state === "Running"
      ? `If it stays so, reboot it: ${rebootCommand(zone)}`
      : `If it stays so, start it in CloudStack; why it does not run is in ${log} (search for ${name}).`;
  return { check, verdict: "failed", text: `${name} is ${state}${agent}.`, next };
}
