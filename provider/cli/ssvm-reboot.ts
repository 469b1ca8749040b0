import { CloudStackClient } from "../cloudstack/client.ts";
import { withinOperation } from "../core/operation.ts";
import { parseFlags, projectFlags, required, UsageError, wholeNumber } from "./flags.ts";
import { settingsOf } from "./project.ts";
import { ask, canAsk } from "./question.ts";
import { rebootAll } from "./ssvm-reboot/reboot.ts";
import { describedVm, vmsOf, zoneOf } from "./ssvm-reboot/zone.ts";
import { tell } from "./terminal.ts";

const defaultSeconds = 600;

export const help = `Usage: cloudstack-storage ssvm-reboot --zone ZONE [flags]

Reboots the secondary storage VM of a zone and waits until it runs and its agent is up; several one after the other.
It reads its settings and connects to S3 anew, and CloudStack syncs templates to all secondary storage. What the VM
transfers at that time is interrupted: downloads and uploads of templates, copies of snapshots and volumes.

Flags:
  --zone ZONE       name or UUID of the zone
  --yes             do not ask; needed where nobody can answer
  --timeout SECONDS how long to wait for all of it (default ${defaultSeconds})
  -C, --cwd DIR     folder of the Pulumi project whose configuration is read (default: this one)
  -s, --stack NAME  stack whose configuration is read (default: the selected one)
  --help            this text

Settings: cloudstackEndpoint, cloudstackApiKey, cloudstackSecretKey: the key of a root administrator.
Ctrl-C ends the waiting, not the reboot.

Exit codes: 0 up, 1 failed, not confirmed or not up in time, 2 the arguments cannot be used.
`;

export async function run(args: string[]): Promise<number> {
  const flags = parseFlags(args, {
    ...projectFlags,
    zone: { type: "string" },
    yes: { type: "boolean", default: false },
    timeout: { type: "string" },
  });
  const wanted = required(flags.zone, "zone", "the name or UUID of the zone whose secondary storage VM is rebooted");
  const seconds = wholeNumber(flags.timeout, "timeout", 1) ?? defaultSeconds;
  if (!flags.yes && !canAsk())
    throw new UsageError("A reboot interrupts running transfers, and nobody is here to be asked. Give --yes.");
  const settings = await settingsOf(flags);
  const cloud = CloudStackClient.of(settings);
  const budget = settings.transport().operationTimeoutSeconds;
  const { zone, vms } = await withinOperation(budget, async () => {
    const found = await zoneOf(cloud, wanted);
    return { zone: found, vms: await vmsOf(cloud, found) };
  });
  tell(`Zone ${zone.name}: ${vms.map(describedVm).join(", ")}.`);
  if (!flags.yes && !(await isConfirmed(vms.length))) {
    tell("Nothing was rebooted.");
    return 1;
  }
  await withinOperation(seconds, () => rebootAll(cloud, zone, vms, seconds));
  return 0;
}

async function isConfirmed(count: number): Promise<boolean> {
  const what = count === 1 ? "it" : "them one after the other";
  return /^y(es)?$/i.test(await ask(`Reboot ${what}? Running transfers are interrupted. [y/N] `));
}
