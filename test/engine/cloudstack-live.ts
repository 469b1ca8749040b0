import type { CloudStackLabStore } from "../harness/lab.ts";
import type { TestStack } from "../harness/stack.ts";

/** The zone of a new lab. */
export const zoneOne = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";

interface LivePool {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly provider: string;
  readonly details: Record<string, string>;
  readonly sizeGib: number | null;
}

interface LiveSetting {
  readonly value: string | null;
  readonly scoped: Record<string, string>;
}

/** What the simulated CloudStack holds of our kinds. */
interface LiveCloud {
  /** Secondary storage and staging stores that were not deleted, by name, which for staging stores is the URL. */
  readonly stores: Record<string, CloudStackLabStore & { readonly id: string }>;
  readonly settings: Record<string, LiveSetting>;
  readonly pools: Record<string, LivePool>;
}

/** Of derived names without what is derived: `main-0a1b2c3d-4e5f6071` is `main`. */
export async function liveCloud(stack: TestStack): Promise<LiveCloud> {
  const { imageStores, settings, objectPools } = (await stack.lab.state()).cloudstack;
  const stores = Object.entries(imageStores).filter(([, { removed }]) => !removed);
  const pools = Object.entries((objectPools ?? {}) as Record<string, Omit<LivePool, "id">>);
  const shortName = (name: string) => name.replace(/(-[0-9a-f]{8}){1,2}$/, "");
  return {
    stores: Object.fromEntries(stores.map(([id, store]) => [shortName(store.name), { id, ...store }])),
    settings: settings as Record<string, LiveSetting>,
    pools: Object.fromEntries(pools.map(([id, pool]) => [shortName(pool.name), { id, ...pool }])),
  };
}
