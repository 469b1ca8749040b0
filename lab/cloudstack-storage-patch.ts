import type { CloudStackDraft, CloudStackSection } from "./cloudstack-patch-draft.ts";
import { type CloudStackStore, newTemplate, type StoredRecord, type TemplateCopy } from "./cloudstack-store.ts";
import { isObject } from "./errors.ts";
import {
  flagMember,
  type MemberForm,
  Misfit,
  nullable,
  oneOf,
  parseMembers,
  textChanges,
  textMember,
  timeMember,
  wholeMember,
  withChanges,
} from "./patch.ts";

const zoneForms = { name: textMember, allocationState: oneOf("Enabled", "Disabled") };

function patchZone({ store }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    store.zones.delete(id);
    return;
  }
  const current = store.zones.get(id) ?? { id, name: id, allocationState: "Enabled" as const };
  store.zones.set(id, { ...current, ...parseMembers(zoneForms, change) });
}

const imageStoreForms = {
  name: textMember,
  url: nullable(textMember),
  protocol: textMember,
  provider: textMember,
  role: oneOf("Image", "ImageCache"),
  scope: oneOf("REGION", "ZONE"),
  zoneId: nullable(textMember),
  readOnly: flagMember,
  details: textChanges,
  capacityBytes: nullable(wholeMember(0)),
  created: timeMember,
  measured: flagMember,
  removed: flagMember,
};

/** A new one is NFS secondary storage of the first zone, unless the patch says something else; null takes the row away. */
function patchImageStore({ store, clock }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    forgetStore(store, id);
    return;
  }
  const { details, ...members } = parseMembers(imageStoreForms, change);
  const provider = members.provider ?? "NFS";
  const ofRegion = (members.scope ?? (provider === "S3" ? "REGION" : "ZONE")) === "REGION";
  const current = store.imageStores.get(id) ?? {
    id,
    name: id,
    url: provider === "S3" ? null : `nfs://192.0.2.10/export/${id}`,
    protocol: provider === "S3" ? "https" : "nfs",
    provider,
    role: "Image" as const,
    scope: ofRegion ? ("REGION" as const) : ("ZONE" as const),
    zoneId: ofRegion ? null : ([...store.zones.keys()][0] ?? null),
    readOnly: false,
    details: {},
    capacityBytes: null,
    created: clock.now(),
    measured: false,
    removed: false,
  };
  const changed = { ...current, ...members, details: withChanges(current.details, details ?? {}) };
  if (changed.zoneId !== null && !store.zones.has(changed.zoneId)) throw new Misfit("there is no such zone");
  store.imageStores.set(id, changed);
}

function forgetStore(store: CloudStackStore, id: string): void {
  store.imageStores.delete(id);
  for (const { stores } of store.templates.values()) stores.delete(id);
  for (const table of [store.snapshots, store.volumes]) {
    for (const record of [...table.values()]) if (record.storeId === id) table.delete(record.id);
  }
}

const templateForms = {
  name: textMember,
  type: oneOf("SYSTEM", "BUILTIN", "USER"),
  format: oneOf("QCOW2", "ISO"),
  hypervisor: textMember,
  public: flagMember,
  featured: flagMember,
  state: oneOf("Active", "Inactive"),
  stores: copyChanges(),
};

function patchTemplate({ store, clock }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    store.templates.delete(id);
    return;
  }
  const { stores = {}, ...members } = parseMembers(templateForms, change);
  const template = { ...(store.templates.get(id) ?? newTemplate(id, {})), ...members };
  for (const [storeId, copy] of Object.entries(stores)) {
    requireStore(store, storeId);
    const fresh: TemplateCopy = { state: "DOWNLOADED", percent: 100, started: clock.now(), polls: 0 };
    if (copy === null) template.stores.delete(storeId);
    else template.stores.set(storeId, { ...(template.stores.get(storeId) ?? fresh), ...copy });
  }
  store.templates.set(id, template);
}

const recordForms = { name: textMember, storeId: textMember };

function recordSection(table: "snapshots" | "volumes"): CloudStackSection {
  return ({ store }, id, change) => {
    if (change === null) {
      store[table].delete(id);
      return;
    }
    const current: StoredRecord = store[table].get(id) ?? { id, name: id, storeId: "" };
    const record = { ...current, ...parseMembers(recordForms, change) };
    requireStore(store, record.storeId);
    store[table].set(id, record);
  };
}

const systemVmForms = {
  name: textMember,
  type: oneOf("secondarystoragevm", "consoleproxy"),
  zoneId: textMember,
  state: oneOf("Running", "Starting", "Stopped"),
  agentState: oneOf("Up", "Down", "Connecting"),
};

function patchSystemVm({ store }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    store.systemVms.delete(id);
    return;
  }
  const vm = {
    id,
    name: id,
    type: "secondarystoragevm" as const,
    zoneId: [...store.zones.keys()][0] ?? "",
    state: "Running" as const,
    agentState: "Up" as const,
    ...store.systemVms.get(id),
    ...parseMembers(systemVmForms, change),
  };
  if (!store.zones.has(vm.zoneId)) throw new Misfit("there is no such zone");
  store.systemVms.set(id, vm);
}

function requireStore({ imageStores }: CloudStackStore, id: string): void {
  if (imageStores.get(id)?.removed !== false) throw new Misfit("there is no such store");
}

const copyForms = {
  state: oneOf("DOWNLOADED", "DOWNLOAD_IN_PROGRESS", "DOWNLOAD_ERROR", "NOT_DOWNLOADED"),
  percent: wholeMember(0),
  error: textMember,
};

/** Changes to the copies of a template by the store's id; null takes one away. */
function copyChanges(): MemberForm<Record<string, Partial<TemplateCopy> | null>> {
  const parse = (value: unknown) => {
    if (!isObject(value)) return undefined;
    const copies = Object.entries(value).map(([id, copy]) => [
      id,
      copy === null ? null : parseMembers(copyForms, copy),
    ]);
    return Object.fromEntries(copies) as Record<string, Partial<TemplateCopy> | null>;
  };
  return { expected: 'an object such as {"<id of a store>": {"state": "DOWNLOADED"}}', parse };
}

export const storageSections: Readonly<Record<string, CloudStackSection>> = {
  zones: patchZone,
  imageStores: patchImageStore,
  templates: patchTemplate,
  snapshots: recordSection("snapshots"),
  volumes: recordSection("volumes"),
  systemVms: patchSystemVm,
};
