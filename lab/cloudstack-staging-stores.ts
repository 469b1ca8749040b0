import { randomUUID } from "node:crypto";
import { type Answer, list, object, succeeded } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  optional,
  optionalDetails,
  optionalEntity,
  required,
  requiredEntity,
} from "./cloudstack-call.ts";
import { failed, invalid } from "./cloudstack-error.ts";
import { failAfterInsert, liveStores, removeStore, storeDocument, storeNamed } from "./cloudstack-image-store.ts";
import { nfsUrlProblem } from "./cloudstack-image-store-add.ts";
import { filteredStores } from "./cloudstack-image-stores.ts";
import type { CloudStackStore, ImageStore } from "./cloudstack-store.ts";

/** The items have the name that secondary storage has. */
function listStagingStores(call: Call): Answer {
  return list("imagestore", filteredStores(call, "ImageCache"));
}

/** Every failure is 530. A URL that a store has, whatever its role, answers that store. */
function createStagingStore(call: Call): Answer {
  const { store } = call;
  const url = required(call, "url");
  const zone = optionalEntity(call, "zoneid", store.zones);
  const scope = optional(call, "scope")?.toLowerCase();
  if (scope !== undefined && scope !== "zone") throw failed("Only zone wide cache storage is supported");
  if (zone === undefined) throw failed("zone id can't be null, if scope is zone");
  const problem = nfsUrlProblem(url);
  if (problem !== undefined) throw failed(`Failed to add data store: ${problem}`);
  const existing = storeNamed(store, url);
  const staging = existing ?? newStagingStore(url, zone.id, optionalDetails(call) ?? {}, call.clock.now());
  store.imageStores.set(staging.id, staging);
  failAfterInsert(store);
  return object("secondarystorage", storeDocument(store, staging));
}

function newStagingStore(url: string, zoneId: string, details: Record<string, string>, created: number): ImageStore {
  return {
    id: randomUUID(),
    name: url,
    url,
    protocol: "nfs",
    provider: "NFS",
    role: "ImageCache",
    scope: "ZONE",
    zoneId,
    readOnly: false,
    details,
    capacityBytes: null,
    created,
    measured: false,
    removed: false,
  };
}

function deleteStagingStore(call: Call): Answer {
  const { store } = call;
  const staging = requiredEntity(call, "id", liveStores(store));
  const used = useOf(store, staging.id);
  if (used !== undefined) throw invalid(`Cannot delete cache store with staging ${used} currently in use!`);
  removeStore(store, staging);
  return succeeded();
}

function useOf({ snapshots, volumes, templates }: CloudStackStore, id: string): string | undefined {
  if ([...snapshots.values()].some(({ storeId }) => storeId === id)) return "snapshots";
  if ([...volumes.values()].some(({ storeId }) => storeId === id)) return "Volumes";
  return [...templates.values()].some(({ stores }) => stores.has(id)) ? "Templates" : undefined;
}

export const stagingStoreCommands: Commands = {
  listSecondaryStagingStores: {
    run: listStagingStores,
    changes: false,
    params: "id keyword name page pagesize protocol provider readonly@4.15 zoneid",
  },
  createSecondaryStagingStore: {
    run: createStagingStore,
    changes: true,
    params: "url! details provider scope zoneid",
  },
  deleteSecondaryStagingStore: { run: deleteStagingStore, changes: true, params: "id!" },
};
