import { type Answer, job, object } from "./cloudstack-answer.ts";
import { type Call, type Commands, optional, optionalDetails, required, requiredEntity } from "./cloudstack-call.ts";
import { failed, invalid } from "./cloudstack-error.ts";
import { liveStores, storeDocument } from "./cloudstack-image-store.ts";
import { addStore } from "./cloudstack-image-store-add.ts";
import type { CloudStackStore, ImageStore } from "./cloudstack-store.ts";

/** Converts all secondary storage first and adds the new store then: where that fails, the cloud is left without any. */
function convertCloud(call: Call): Answer {
  const { store } = call;
  const provider = required(call, "provider");
  const existing = [...liveStores(store, "Image").values()];
  if (existing.some((imageStore) => imageStore.provider !== "NFS")) {
    throw invalid("We only support migrate NFS secondary storage to use object store!");
  }
  for (const imageStore of existing) imageStore.role = "ImageCache";
  const [name, url] = [optional(call, "name"), optional(call, "url")];
  const added = addStore(call, { provider, name, url, zone: undefined, details: optionalDetails(call) });
  return object("imagestore", storeDocument(store, added));
}

/** Only one run at a time; what a second one ends with looks like success unless one reads on. */
function migrateData(call: Call): Answer {
  const { store } = call;
  const { id } = requiredEntity(call, "srcpool", liveStores(store));
  const ids = required(call, "destpools").split(",");
  const type = (optional(call, "migrationtype") ?? "complete").toLowerCase();
  if (type !== "complete" && type !== "balance") throw invalid(`Invalid migration type ${type}`);
  const busy = [...store.jobs.values()].some(({ command, status }) => command === call.command && status === 0);
  const work = (): Answer => {
    if (busy) return outcome(type, false, "A migrate job is in progress, please try again later");
    const source = liveStores(store).get(id);
    if (source === undefined) throw failed("Cannot find the source store");
    move(store, source, destination(store, source, ids), type === "complete");
    return outcome(type, true, "Migration completed");
  };
  return job(work, { instanceId: id });
}

/** S3, read-only stores and those of other zones are passed over. */
function destination(store: CloudStackStore, source: ImageStore, ids: readonly string[]): ImageStore {
  const stores = liveStores(store, "Image");
  const valid = ids
    .map((id) => stores.get(id))
    .find(
      (place) => place?.provider === "NFS" && !place.readOnly && place.zoneId === source.zoneId && place !== source,
    );
  if (valid === undefined) throw failed("No destination valid store(s) available to migrate. Could you please check.");
  return valid;
}

function move(store: CloudStackStore, source: ImageStore, target: ImageStore, wholly: boolean): void {
  if (!wholly) return;
  source.readOnly = true;
  for (const record of [...store.snapshots.values(), ...store.volumes.values()]) {
    if (record.storeId === source.id) record.storeId = target.id;
  }
  for (const { stores } of store.templates.values()) {
    const copy = stores.get(source.id);
    if (copy === undefined) continue;
    stores.delete(source.id);
    stores.set(target.id, copy);
  }
}

function outcome(migrationtype: string, success: boolean, message: string): Answer {
  return object("imagestore", { message, migrationtype, success });
}

export const migrationCommands: Commands = {
  updateCloudToUseObjectStore: {
    run: convertCloud,
    changes: true,
    since: [4, 3],
    params: "provider! details name url",
  },
  migrateSecondaryStorageData: {
    run: migrateData,
    changes: true,
    since: [4, 15],
    async: true,
    params: "srcpool! destpools! migrationtype",
  },
};
