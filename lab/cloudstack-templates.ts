import { type Answer, list } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalEntity,
  optionalFlag,
  required,
  stamp,
} from "./cloudstack-call.ts";
import { invalid } from "./cloudstack-error.ts";
import { liveStores } from "./cloudstack-image-store.ts";
import { atLeast } from "./cloudstack-options.ts";
import type { Template, TemplateCopy, Zone } from "./cloudstack-store.ts";
import { countPoll } from "./cloudstack-template-sync.ts";

const filters: Readonly<Record<string, (template: Template) => boolean>> = {
  all: () => true,
  featured: (template) => template.featured && template.public,
  community: (template) => !template.featured && template.public,
  self: (template) => template.type === "USER",
  selfexecutable: (template) => template.type === "USER",
  executable: (template) => template.type !== "SYSTEM",
  sharedexecutable: () => false,
  shared: () => false,
};

function listTemplates(call: Call): Answer {
  return list(
    "template",
    rows(call, required(call, "templatefilter"), (format) => format !== "ISO"),
  );
}

function listIsos(call: Call): Answer {
  return list(
    "iso",
    rows(call, optional(call, "isofilter") ?? "selfexecutable", (format) => format === "ISO"),
  );
}

/** One row for each zone: all templates here are in every zone. */
function rows(call: Call, filterName: string, ofFormat: (format: Template["format"]) => boolean): object[] {
  const { store } = call;
  const filter = Object.hasOwn(filters, filterName) ? filters[filterName] : undefined;
  if (filter === undefined || (filterName === "all" && call.caller.account.type !== 1)) {
    throw invalid(`Filter ${filterName} can not be specified`);
  }
  optionalEntity(call, "id", store.templates);
  const zone = optionalEntity(call, "zoneid", store.zones);
  const zones = zone === undefined ? [...store.zones.values()] : [zone];
  const found = [...store.templates.values()].filter((template) => filter(template) && ofFormat(template.format));
  const matching = found.filter((template) => matches(call, template));
  for (const template of matching) countPoll(template);
  const ready = atLeast(store.options, [4, 21]) ? optionalFlag(call, "isready") : undefined;
  return matching
    .filter((template) => ready === undefined || isReady(call, template) === ready)
    .flatMap((template) => zones.map((place) => document(call, template, place)));
}

function matches(call: Call, { id, name, type, stores }: Template): boolean {
  const { store } = call;
  const imageStore = atLeast(store.options, [4, 19])
    ? optionalEntity(call, "imagestoreid", liveStores(store))
    : undefined;
  return (
    fits(optional(call, "id"), id) &&
    fits(optional(call, "name"), name) &&
    fits(optional(call, "templatetype")?.toUpperCase(), type) &&
    (imageStore === undefined || stores.has(imageStore.id)) &&
    hasKeyword(call, name)
  );
}

function isReady({ store }: Call, { stores }: Template): boolean {
  const places = liveStores(store, "Image");
  return [...stores].some(([id, { state }]) => places.has(id) && state === "DOWNLOADED");
}

function document(call: Call, template: Template, zone: Zone): object {
  const { id, name, type, format, hypervisor, stores } = template;
  const ready = isReady(call, template);
  const [first] = stores.values();
  return {
    id,
    name,
    displaytext: name,
    ispublic: template.public,
    created: stamp(created),
    isready: ready,
    passwordenabled: false,
    format,
    isfeatured: template.featured,
    crossZones: true,
    account: type === "USER" ? "admin" : "system",
    zoneid: zone.id,
    zonename: zone.name,
    status: statusOf(ready, first),
    templatetype: type,
    hypervisor,
    domain: "ROOT",
    downloaddetails: [...stores].map(([storeId, copy]) => downloadDetail(call, storeId, copy)),
  };
}

const created = Date.UTC(2026, 0, 1);

/** The text of a failed download is empty, unless a patch gives one. */
function statusOf(ready: boolean, copy: TemplateCopy | undefined): string {
  if (ready) return "Download Complete";
  return copy?.state === "DOWNLOAD_IN_PROGRESS" ? `${copy.percent}% Downloaded` : (copy?.error ?? "");
}

/** Where it is, administrators alone are told. */
function downloadDetail({ store, caller }: Call, storeId: string, { state, percent }: TemplateCopy): object {
  const place = store.imageStores.get(storeId);
  const forAdministrators = { datastoreId: storeId, datastoreRole: place?.role };
  return {
    datastore: place?.name,
    ...(caller.account.type === 1 ? forAdministrators : {}),
    downloadPercent: String(percent),
    downloadState: state,
  };
}

const common =
  "account domainid hypervisor id imagestoreid@4.19 isready@4.21 isrecursive keyword listall name page pagesize zoneid";

export const templateCommands: Commands = {
  listTemplates: {
    run: listTemplates,
    changes: false,
    role: "everyone",
    params: `templatefilter! templatetype ${common}`,
  },
  listIsos: { run: listIsos, changes: false, role: "everyone", params: `isofilter ${common}` },
};
