import { type Lab, startLab } from "../../../lab/index.ts";
import { LabControl, type LabRequestRecord } from "../lab.ts";
import { settingsOf } from "../lab-settings.ts";
import type { Properties } from "../provider-client.ts";
import { type LiveEstate, liveEstate } from "./live-estate.ts";
import { type EndingProcess, startInProcess } from "./provider-process.ts";

/** Settings in a hurry, so that a server that never answers costs a second and not a minute. */
const hurried = { requestTimeoutSeconds: "1", operationTimeoutSeconds: "6" };

/** A lab of its own, and the settings with which a process reaches all of its systems. */
export class Arena {
  readonly control: LabControl;
  readonly lab: Lab;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.control = new LabControl(lab.addresses.control);
  }

  static async open(): Promise<Arena> {
    return new Arena(await startLab({ portBase: 0 }));
  }

  async close(): Promise<void> {
    await this.lab.close();
  }

  /** As the engine hands it to a provider process. */
  config(more: Properties = {}): Properties {
    const settings = { ...settingsOf(this.lab.addresses), ...hurried, ...more };
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`cloudstack-storage:${key}`, value]));
  }

  /** A provider process of one phase of one command. */
  async process(more: Properties = {}): Promise<EndingProcess> {
    return await startInProcess(this.config(more));
  }

  /** What every system holds, without what differs from one run to the next. */
  async live(): Promise<LiveEstate> {
    return liveEstate(await this.control.state());
  }

  /** One for some work, that is asked to end as soon as it is done. */
  async withProcess<T>(more: Properties, work: (process: EndingProcess) => Promise<T>): Promise<T> {
    const process = await this.process(more);
    try {
      return await work(process);
    } finally {
      await process.end();
    }
  }

  /** What some work sends, in order. */
  async requestsOf(work: () => Promise<unknown>): Promise<LabRequestRecord[]> {
    await this.control.clearRequests();
    await work();
    return await this.control.requests();
  }
}
