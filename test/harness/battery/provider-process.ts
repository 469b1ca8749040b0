import { vi } from "vitest";
import type { CheckResult, DiffResult, Properties, ReadResult } from "../provider-client.ts";
import { ServedProvider } from "./served-provider.ts";

/** What the engine asks of a provider process; the real server's client answers to it as well. */
export interface ProviderProcess {
  check(olds: Properties, news: Properties): Promise<CheckResult>;
  diff(id: string, olds: Properties, news: Properties): Promise<DiffResult>;
  create(properties: Properties): Promise<{ id: string; properties: Properties }>;
  read(id: string, properties?: Properties): Promise<ReadResult>;
  update(id: string, olds: Properties, news: Properties): Promise<Properties>;
  delete(id: string, properties: Properties): Promise<void>;
}

/** One that is asked to end when its phase is over. */
export interface EndingProcess extends ProviderProcess {
  /** Gives back what the process holds at the systems, such as a session, and leaves no listener behind. */
  end(): Promise<void>;
}

let loading: Promise<unknown> = Promise.resolve();

/**
 * The code of a provider process without the process: modules of its own, so that nothing is remembered from another
 * one, and the real lifecycle with real sockets. Hundreds of these fit into the time that a hundred processes take.
 */
export async function startInProcess(config: Properties): Promise<EndingProcess> {
  const load = loading.then(async () => {
    vi.resetModules();
    return await Promise.all([import("../../../provider/dynamic.ts"), import("../../../provider/core/farewell.ts")]);
  });
  loading = load.catch(() => undefined);
  const [dynamic, { giveBack }] = await load;
  return Object.assign(new ServedProvider(dynamic, config), { end: giveBack });
}
