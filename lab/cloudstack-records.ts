import { type Answer, list } from "./cloudstack-answer.ts";
import { type Call, type Commands, fits, hasKeyword, optional, optionalEntity, stamp } from "./cloudstack-call.ts";
import { liveStores } from "./cloudstack-image-store.ts";
import { atLeast } from "./cloudstack-options.ts";
import type { CloudStackStore, StoredRecord } from "./cloudstack-store.ts";

const created = Date.UTC(2026, 0, 1);

/** Since 4.19 one can ask for those on a store, and each tells where it is. */
function listSnapshots(call: Call): Answer {
  const { store } = call;
  const located = atLeast(store.options, [4, 19]);
  const place = located ? optionalEntity(call, "imagestoreid", liveStores(store)) : undefined;
  const found = matching(call, store.snapshots).filter(({ storeId }) => fits(place?.id, storeId));
  return list(
    "snapshot",
    found.map((snapshot) => ({
      ...shared(store, snapshot),
      snapshottype: "MANUAL",
      intervaltype: "MANUAL",
      volumetype: "DATADISK",
      state: "BackedUp",
      ...(located ? { status: "BackedUp", locationtype: "SECONDARY", ...placeFields(store, snapshot) } : {}),
    })),
  );
}

/** There is no filter for secondary storage, and the answer does not tell on which store a volume is. */
function listVolumes(call: Call): Answer {
  const { store } = call;
  // Only primary storage has ids here, and this cloud has none.
  optionalEntity(call, "storageid", new Map());
  const state = "Uploaded";
  const found = matching(call, store.volumes).filter(() => fits(optional(call, "state"), state));
  return list(
    "volume",
    found.map((volume) => ({ ...shared(store, volume), type: "DATADISK", state, status: state })),
  );
}

function matching(call: Call, records: ReadonlyMap<string, StoredRecord>): StoredRecord[] {
  optionalEntity(call, "id", records);
  const zone = optionalEntity(call, "zoneid", call.store.zones);
  return [...records.values()]
    .filter(({ id, name }) => fits(optional(call, "id"), id) && fits(optional(call, "name"), name))
    .filter((record) => fits(zone?.id, zoneOf(call.store, record)?.id))
    .filter(({ name }) => hasKeyword(call, name));
}

/** Records on a store of the whole region are of the first zone. */
function zoneOf({ imageStores, zones }: CloudStackStore, { storeId }: StoredRecord) {
  return zones.get(imageStores.get(storeId)?.zoneId ?? "") ?? [...zones.values()][0];
}

function shared(store: CloudStackStore, record: StoredRecord): object {
  const zone = zoneOf(store, record);
  return {
    id: record.id,
    name: record.name,
    account: "admin",
    domain: "ROOT",
    created: stamp(created),
    ...(zone === undefined ? {} : { zoneid: zone.id, zonename: zone.name }),
  };
}

function placeFields({ imageStores }: CloudStackStore, { storeId }: StoredRecord): object {
  const place = imageStores.get(storeId);
  return { datastoreid: storeId, datastorename: place?.name, datastorestate: "Ready", datastoretype: place?.role };
}

const filters = "account domainid id ids isrecursive keyword listall name page pagesize projectid tags zoneid";

export const recordCommands: Commands = {
  listSnapshots: {
    run: listSnapshots,
    changes: false,
    role: "everyone",
    params: `${filters} imagestoreid@4.19 intervaltype locationtype@4.19 showunique@4.19 snapshottype storageid@4.19 volumeid`,
    fields: "id name state zoneid datastoreid@4.19 datastorename@4.19 datastorestate@4.19 datastoretype@4.19",
  },
  listVolumes: {
    run: listVolumes,
    changes: false,
    role: "everyone",
    params: `${filters} state storageid type virtualmachineid`,
    fields: "id name state status zoneid storageid storage",
  },
};
