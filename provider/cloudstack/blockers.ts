import { type Item, textIn } from "./answers.ts";
import type { CloudStackApi, Command } from "./api.ts";

const mostNames = 10;

/**
 * What keeps CloudStack from deleting a store, by kind and name, as far as it can be told (reference: CloudStack API,
 * 3.6). It names the first kind that it finds only. A sentence; empty where nothing was found.
 */
export async function blockersOf(api: CloudStackApi, storeId: string, refusal: string): Promise<string> {
  // The refusal stands without the names.
  return await look(api, storeId, refusal).catch(() => "");
}

async function look(api: CloudStackApi, storeId: string, refusal: string): Promise<string> {
  if (refusal.includes("snapshots")) {
    const items = await api.list(snapshotsOn(storeId), "snapshot");
    const here = items.filter((item) => textIn(item, "datastoreid") === storeId);
    const tells = items.some((item) => textIn(item, "datastoreid") !== undefined);
    if (!tells) return ofTheCloud("snapshot", items);
    return here.length === 0 ? "" : `It holds ${named("snapshot", here)}. `;
  }
  if (refusal.includes("volumes")) {
    const items = await api.list(uploadedVolumes, "volume");
    return ofTheCloud("uploaded volume", items);
  }
  const [templates, isos] = await Promise.all([
    api.list(onStore(storeId, "listTemplates", "templatefilter"), "template"),
    api.list(onStore(storeId, "listIsos", "isofilter"), "iso"),
  ]);
  const texts = [
    named("user template", templates.filter(isUserTemplate(storeId))),
    named("user ISO", isos.filter(isUserTemplate(storeId))),
  ].filter((text) => text !== "");
  return texts.length === 0 ? "" : `It holds ${texts.join("; ")}. `;
}

function onStore(storeId: string, command: string, filter: string): Command {
  return {
    what: `look for what secondary storage ${storeId} holds`,
    command,
    parameters: { [filter]: "all", imagestoreid: storeId, listall: "true" },
  };
}

function snapshotsOn(storeId: string): Command {
  return {
    what: `look for snapshots on secondary storage ${storeId}`,
    command: "listSnapshots",
    parameters: { imagestoreid: storeId, listall: "true" },
  };
}

const uploadedVolumes: Command = {
  what: "look for uploaded volumes",
  command: "listVolumes",
  parameters: { state: "Uploaded", listall: "true" },
};

/** No list tells which store these are on, so that none of them is called a blocker. */
function ofTheCloud(kind: string, items: readonly Item[]): string {
  if (items.length === 0) return "";
  return `The cloud has ${named(kind, items)}, and CloudStack does not tell which of them are on this store. `;
}

/** Older releases do not know `imagestoreid` and list everything; where the entry tells its stores, they decide. */
function isUserTemplate(storeId: string): (item: Item) => boolean {
  return (item) => {
    if (textIn(item, "templatetype") !== undefined && textIn(item, "templatetype") !== "USER") return false;
    const details = item["downloaddetails"];
    if (!Array.isArray(details)) return true;
    return (details as Item[]).some((detail) => textIn(detail, "datastoreId") === storeId);
  };
}

function named(kind: string, items: readonly Item[]): string {
  const names = [...new Set(items.map((item) => textIn(item, "name") ?? textIn(item, "id") ?? "?"))];
  if (names.length === 0) return "";
  const shown = names.slice(0, mostNames).join(", ");
  const rest = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return `${names.length} ${kind}${names.length === 1 ? "" : "s"} (${shown}${rest})`;
}
