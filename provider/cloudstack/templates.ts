import { type Item, itemsOf, textIn } from "./answers.ts";
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

export type TemplateSet = "system" | "all";

/** The templates of a set, once for each zone (reference: CloudStack API, 3.7). */
export async function templatesOn(api: CloudStackApi, storeId: string, set: TemplateSet): Promise<TemplateOnStore[]> {
  const call = {
    what: "list templates",
    command: "listTemplates",
    parameters: { templatefilter: "all", listall: "true" },
  };
  const items = await api.list(call, "template");
  return items.filter((item) => belongs(item, set)).map((item) => onStore(item, storeId));
}

/** Private templates of users are never copied to a store of the whole cloud by themselves. */
function belongs(item: Item, set: TemplateSet): boolean {
  const type = textIn(item, "templatetype");
  if (type === "SYSTEM") return true;
  if (set === "system") return false;
  return type === "BUILTIN" || textIn(item, "ispublic") === "true" || textIn(item, "isfeatured") === "true";
}

/** `isready` and `status` speak of the zone, not of one store. */
function onStore(item: Item, storeId: string): TemplateOnStore {
  const found = itemsOf(item, "downloaddetails").find((detail) => textIn(detail, "datastoreId") === storeId);
  const state = found && textIn(found, "downloadState");
  return {
    name: textIn(item, "name") ?? textIn(item, "id") ?? "?",
    zoneName: textIn(item, "zonename"),
    downloaded: state === "DOWNLOADED",
    percent: found && textIn(found, "downloadPercent"),
    state,
  };
}
