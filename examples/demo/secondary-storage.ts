import { Surprise } from "./surprise.ts";

/** What examples/secondary-storage declares. */
export const bucket = "cloudstack-secondary";
export const sitesSetting = "secstorage.allowed.internal.sites";
export const sites = "10.20.30.0/24,10.20.40.0/24";

/** Logical names of two of its resources. */
export const sitesName = "secondary-internal-sites";
export const storeName = "secondary-store";

/** Which CloudStack it is, and whether it encodes what it answers: once for each provider process that asks it anything. */
const acquaintance = 2;

/** The provider's promise in requests for this program: no more, no fewer. */
export const storageBudget = {
  /**
   * The group; the user and its key; the bucket, looked for and made; the setting, read, written and read back; the
   * staging store, looked for in both roles and made; the store, for which the other stores, the providers, the bucket, and
   * of each zone the staging store and the system VM are looked at; twice, how far its template is.
   */
  create: 1 + 2 + 2 + acquaintance + 3 + 3 + (6 + 1) + 2,
  /** All stores, all staging stores and all settings in one list each. */
  read: 1 + 2 + 1 + acquaintance + 3,
  /** The setting is read before it is written, and read back. */
  repair: 3 + 1,
  /** The deletion that CloudStack refuses, and the lists of snapshots, templates and ISOs that may be in the way. */
  refusedDestroy: acquaintance + 1 + 3,
  /** What is left in the group or belongs to the user is looked up before each deletion. */
  destroy: acquaintance + 1 + 1 + 2 + 1 + 2 + 3,
};

/** A row of the simulated CloudStack's table of stores. */
export interface StoreRow {
  readonly name: string;
  readonly role: "Image" | "ImageCache";
  readonly provider: string;
  readonly url: string | null;
  readonly readOnly: boolean;
  readonly removed: boolean;
}

/** The one secondary storage that is there, with its id. */
export function secondaryStorageIn(stores: Readonly<Record<string, StoreRow>>): StoreRow & { readonly id: string } {
  const found = liveStores(stores).filter(({ role }) => role === "Image");
  const [store] = found;
  if (store === undefined || found.length > 1)
    throw new Surprise(
      "The lab does not hold the secondary storage.",
      "one",
      found.map(({ name }) => name),
    );
  return store;
}

/** What was deleted stays in the table. */
export function liveStores(stores: Readonly<Record<string, StoreRow>>): (StoreRow & { readonly id: string })[] {
  return Object.entries(stores)
    .filter(([, { removed }]) => !removed)
    .map(([id, store]) => ({ ...store, id }));
}
