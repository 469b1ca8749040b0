import { failed } from "./cloudstack-error.ts";
import { atLeast } from "./cloudstack-options.ts";
import type { CloudStackStore, ImageStore } from "./cloudstack-store.ts";

type Role = ImageStore["role"];

/** The stores that were not deleted, by id. */
export function liveStores({ imageStores }: CloudStackStore, role?: Role): Map<string, ImageStore> {
  const live = [...imageStores].filter(([, store]) => !store.removed && (role === undefined || store.role === role));
  return new Map(live);
}

/** The live store of this name; secondary storage and staging stores share their names. */
export function storeNamed(store: CloudStackStore, name: string): ImageStore | undefined {
  return [...liveStores(store).values()].find((candidate) => candidate.name === name);
}

/** Deletes as the API does it: the row stays, details and references go, what is in the bucket stays. */
export function removeStore(store: CloudStackStore, imageStore: ImageStore): void {
  imageStore.removed = true;
  imageStore.details = {};
  for (const template of store.templates.values()) template.stores.delete(imageStore.id);
}

/** Fails the next adds of secondary storage before anything is there, as often as the option says. */
export function failBeforeInsert({ options }: CloudStackStore): void {
  if (options.failBeforeInsert === 0) return;
  options.failBeforeInsert -= 1;
  throw failed("Failed to add data store: Failed to initialize the image store lifecycle");
}

/** Lets an add fail that has inserted its row already, as often as the option says. */
export function failAfterInsert({ options }: CloudStackStore): void {
  if (options.failAfterInsert === 0) return;
  options.failAfterInsert -= 1;
  throw failed("Failed to add data store: null");
}

/** What a secondary storage VM reports: of S3 always the same, as it does not ask there. */
const sizes = {
  S3: { disksizetotal: 2_147_483_647, disksizeused: 0 },
  NFS: { disksizetotal: 1_099_511_627_776, disksizeused: 21_474_836_480 },
};

/** A store as the API shows it: without its details, in most releases. */
export function storeDocument(store: CloudStackStore, imageStore: ImageStore): object {
  const { options, zones } = store;
  const { id, name, url, protocol, provider, scope, zoneId, readOnly, capacityBytes, measured } = imageStore;
  const zone = zoneId === null ? undefined : zones.get(zoneId);
  const size = measured ? sizes[provider === "S3" ? "S3" : "NFS"] : {};
  return {
    id,
    ...(zone === undefined ? {} : { zoneid: zone.id, zonename: zone.name }),
    name,
    ...(url === null ? {} : { url }),
    protocol,
    providername: provider,
    scope,
    ...(atLeast(options, [4, 15]) ? { readonly: readOnly, ...size } : {}),
    ...(capacityBytes === null ? {} : { disksizetotal: capacityBytes }),
    ...(atLeast(options, [4, 16]) ? { hasannotations: false } : {}),
    ...detailFields(store, imageStore),
  };
}

/** Up to 4.9 all details but the secret; later none, until endpoint and bucket come back. */
function detailFields({ options }: CloudStackStore, { details, provider }: ImageStore): object {
  if (!atLeast(options, [4, 10])) {
    const shown = Object.entries(details).filter(([name]) => name !== "secretkey");
    return shown.length === 0 ? {} : { details: shown.map(([name, value]) => ({ name, value })) };
  }
  if (options.release !== "next" || provider !== "S3") return {};
  const { endpoint, bucket } = details;
  return { ...(endpoint === undefined ? {} : { endpoint }), ...(bucket === undefined ? {} : { bucket }) };
}
