import { setTimeout as wait } from "node:timers/promises";
import type { CloudStackClient } from "../../cloudstack/client.ts";
import type { ListedJob } from "../../cloudstack/job-list.ts";
import { isUp, type StorageVm } from "../../cloudstack/system-vms.ts";
import type { ZoneItem } from "../../cloudstack/zones.ts";
import { messageOf, OutcomeUnknown, StorageError } from "../../core/errors.ts";
import { remainingMs } from "../../core/operation.ts";
import { tell } from "../terminal.ts";
import { describedVm } from "./zone.ts";

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/** A request whose reply is lost may reach CloudStack this much later. */
const arrivalMs = 5000;

/** One after the other, so that a zone with several is never without any. */
export async function rebootAll(
  cloud: CloudStackClient,
  zone: ZoneItem,
  vms: readonly StorageVm[],
  seconds: number,
): Promise<void> {
  for (const vm of vms) {
    tell(`Rebooting ${vm.name}…`);
    await reboot(cloud, vm, seconds);
    await untilUp(cloud, zone, vm, seconds);
    tell(`${vm.name} in zone ${zone.name} is up.`);
  }
}

/** Never asked for twice: where the reply is lost, the list of jobs tells whether there is a reboot, and how it ends. */
async function reboot(cloud: CloudStackClient, vm: StorageVm, seconds: number): Promise<void> {
  const before = new Set((await cloud.storageVms.reboots(vm)).map(({ id }) => id));
  try {
    await cloud.storageVms.reboot(vm);
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    tell(`The reply is lost, so that the jobs of ${vm.name} are looked at.`);
    await followed(cloud, vm, before, { error, seconds });
  }
}

async function followed(
  cloud: CloudStackClient,
  vm: StorageVm,
  before: ReadonlySet<string>,
  { error, seconds }: { readonly error: unknown; readonly seconds: number },
): Promise<void> {
  const ours = async () => (await cloud.storageVms.reboots(vm)).filter(({ id }) => !before.has(id));
  const arrived = performance.now() + Math.min(arrivalMs, remainingMs() / 2);
  const settled = (jobs: ListedJob[]) =>
    jobs.length === 0 ? performance.now() >= arrived : !jobs.some(({ status }) => status === "running");
  const jobs = await until(ours, settled);
  if (jobs === undefined) throw notInTime(vm, "its reboot still runs", seconds);
  const [job] = jobs;
  if (job === undefined)
    throw new StorageError(
      `${messageOf(error)} CloudStack has no job for it, so that ${vm.name} was most likely not rebooted.`,
    );
  if (jobs.every(({ status }) => status === "failed"))
    throw new StorageError(`The reboot of ${vm.name} has failed (job ${job.id}). ${placesToLook(vm)}`);
}

async function untilUp(cloud: CloudStackClient, zone: ZoneItem, vm: StorageVm, seconds: number): Promise<void> {
  let seen = "";
  const look = async () => {
    const now = (await cloud.storageVms.list({ zoneid: zone.id })).find(({ id }) => id === vm.id);
    if (now === undefined)
      throw new StorageError(
        `${vm.name} is not there any more: CloudStack or somebody has destroyed it. Another one may be on its way; run the same command again to see.`,
      );
    const text = describedVm(now);
    if (text !== seen && !isUp(now)) tell(text);
    seen = text;
    return now;
  };
  if ((await until(look, isUp)) === undefined) throw notInTime(vm, `it is ${seen.slice(vm.name.length + 1)}`, seconds);
}

/** The first look that is enough, less and less often; undefined where the operation's time is up before. */
async function until<T>(look: () => Promise<T>, isEnough: (seen: T) => boolean): Promise<T | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const seen = await look();
    if (isEnough(seen)) return seen;
    if (remainingMs() <= pauseMs) return undefined;
    await wait(pauseMs);
  }
}

function notInTime(vm: StorageVm, how: string, seconds: number): StorageError {
  return new StorageError(`${vm.name} was not up after ${seconds} seconds: ${how}. ${placesToLook(vm)}`);
}

function placesToLook({ name }: StorageVm): string {
  return (
    `Look at the console of the VM and of its host, at /var/log/cloudstack/management/management-server.log on the management servers ` +
    `(search for ${name}), and in the VM at /var/log/cloud.log and what /usr/local/cloud/systemvm/ssvm-check.sh says.`
  );
}
