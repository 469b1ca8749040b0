import { type Item, textIn } from "./answers.ts";
import type { CloudStackApi, Parameters } from "./api.ts";
import { type ListedJob, listJobs } from "./job-list.ts";

/** A secondary storage VM: what downloads to secondary storage and copies from it, in one zone. */
export interface StorageVm {
  readonly id: string;
  readonly name: string;
  readonly zoneId: string;
  /** `Running`, where all is well. */
  readonly state: string;
  /** `Up`, where all is well; older releases tell none. */
  readonly agentState: string | undefined;
}

/** CloudStack's calls on secondary storage VMs (reference: CloudStack API, 2 and 9). */
export class StorageVmCalls {
  readonly #api: CloudStackApi;

  constructor(api: CloudStackApi) {
    this.#api = api;
  }

  async list(filter: Parameters = {}): Promise<StorageVm[]> {
    const parameters = { systemvmtype: "secondarystoragevm", ...filter };
    const call = { what: "list secondary storage VMs", command: "listSystemVms", parameters };
    return (await this.#api.list(call, "systemvm")).map(vmOf);
  }

  /** Waits for the job. `OutcomeUnknown` where nobody knows whether there is one, or how it ended. */
  async reboot({ id, name }: StorageVm): Promise<void> {
    const call = { what: `reboot system VM ${name}`, command: "rebootSystemVm", parameters: { id } } as const;
    await this.#api.order({ ...call, effect: "once" });
  }

  /** Reboots of one VM that CloudStack still remembers, whoever has asked for them. */
  async reboots({ id }: StorageVm): Promise<ListedJob[]> {
    const jobs = await listJobs(this.#api);
    return jobs.filter(({ command, instanceId }) => command === "RebootSystemVm" && instanceId === id);
  }
}

export function isUp({ state, agentState = "Up" }: StorageVm): boolean {
  return state === "Running" && agentState === "Up";
}

function vmOf(item: Item): StorageVm {
  return {
    id: textIn(item, "id") ?? "",
    name: textIn(item, "name") ?? "",
    zoneId: textIn(item, "zoneid") ?? "",
    state: textIn(item, "state") ?? "",
    agentState: textIn(item, "agentstate"),
  };
}
