import { Once } from "../core/once.ts";
import { type Item, textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";

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
    const call = {
      what: "list secondary storage VMs",
      command: "listSystemVms",
      parameters: { systemvmtype: "secondarystoragevm" },
    };
    const running = (await this.#api.list(call, "systemvm")).filter(isUp);
    return new Set(running.map((item) => textIn(item, "zoneid") ?? ""));
  }
}

/** Older releases tell no agent state. */
function isUp(item: Item): boolean {
  return textIn(item, "state") === "Running" && (textIn(item, "agentstate") ?? "Up") === "Up";
}
