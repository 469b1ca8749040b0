import { flagIn, type Item, itemsOf, textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";

/** How far one template has come on one store, in one zone. */
export interface TemplateOnStore {
  readonly name: string;
  readonly zoneName: string | undefined;
  readonly downloaded: boolean;
  /** Undefined where the download has not begun. */
  readonly percent: string | undefined;
  readonly state: string | undefined;
}

/** One template in one zone, wherever it is stored. */
export interface TemplateInZone {
  readonly name: string;
  readonly zoneName: string | undefined;
  readonly ready: boolean;
  /** In CloudStack's words: how far it has come, or what went wrong; empty for some failures. */
  readonly status: string;
  readonly copies: readonly TemplateCopy[];
}

export interface TemplateCopy {
  readonly storeId: string | undefined;
  readonly storeName: string | undefined;
  readonly percent: string | undefined;
  readonly state: string | undefined;
}

export type TemplateSet = "system" | "all";

/** The templates of a set, once for each zone (reference: CloudStack API, 3.7). */
export async function templatesOn(api: CloudStackApi, storeId: string, set: TemplateSet): Promise<TemplateOnStore[]> {
  return (await listTemplates(api)).filter((item) => belongs(item, set)).map((item) => onStore(item, storeId));
}

/** Every template, once for each zone. */
export async function templatesInZones(api: CloudStackApi): Promise<TemplateInZone[]> {
  return (await listTemplates(api)).map((item) => ({
    name: nameIn(item),
    zoneName: textIn(item, "zonename"),
    ready: flagIn(item, "isready"),
    status: textIn(item, "status") ?? "",
    copies: itemsOf(item, "downloaddetails").map(copyOf),
  }));
}

async function listTemplates(api: CloudStackApi): Promise<Item[]> {
  const parameters = { templatefilter: "all", listall: "true" };
  return await api.list({ what: "list templates", command: "listTemplates", parameters }, "template");
}

/**
 * Private templates of users are never copied to a store of the whole cloud by themselves, and those for direct download
 * come to none at all.
 */
function belongs(item: Item, set: TemplateSet): boolean {
  const type = textIn(item, "templatetype");
  if (type === "SYSTEM") return true;
  if (set === "system" || flagIn(item, "directdownload")) return false;
  return type === "BUILTIN" || textIn(item, "ispublic") === "true" || textIn(item, "isfeatured") === "true";
}

/** `isready` and `status` speak of the zone, not of one store. */
function onStore(item: Item, storeId: string): TemplateOnStore {
  const found = itemsOf(item, "downloaddetails")
    .map(copyOf)
    .find((copy) => copy.storeId === storeId);
  return {
    name: nameIn(item),
    zoneName: textIn(item, "zonename"),
    downloaded: found?.state === "DOWNLOADED",
    percent: found?.percent,
    state: found?.state,
  };
}

function copyOf(detail: Item): TemplateCopy {
  return {
    storeId: textIn(detail, "datastoreId"),
    storeName: textIn(detail, "datastore"),
    percent: textIn(detail, "downloadPercent"),
    state: textIn(detail, "downloadState"),
  };
}

function nameIn(item: Item): string {
  return textIn(item, "name") ?? textIn(item, "id") ?? "?";
}
