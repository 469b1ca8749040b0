import { Once } from "../core/once.ts";
import { textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";
import { isUp, StorageVmCalls } from "./system-vms.ts";

export interface ZoneItem {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}

/** Zones, and the secondary storage VMs that work in them (reference: CloudStack API, 9). */
export class ZoneCalls {
  readonly #api: CloudStackApi;
  /** For warnings: as the first who asked has found them. */
  readonly known = new Once(() => this.list());
  /** For warnings: the ids of zones in which a secondary storage VM runs. */
  readonly served = new Once(() => this.#listServed());

  constructor(api: CloudStackApi) {
    this.#api = api;
  }

  async list(): Promise<ZoneItem[]> {
    const items = await this.#api.list({ what: "list zones", command: "listZones" }, "zone");
    return items.map((item) => ({
      id: textIn(item, "id") ?? "",
      name: textIn(item, "name") ?? "",
      enabled: textIn(item, "allocationstate") !== "Disabled",
    }));
  }

  async #listServed(): Promise<Set<string>> {
    const running = (await new StorageVmCalls(this.#api).list()).filter(isUp);
    return new Set(running.map(({ zoneId }) => zoneId));
  }
}
