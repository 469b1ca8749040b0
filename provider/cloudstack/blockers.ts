import { type Item, itemsOf, textIn } from "./answers.ts";
import type { CloudStackApi, Command } from "./api.ts";

const mostNames = 10;

/**
 * What keeps CloudStack from deleting a store, by kind and name, as far as it can be told (reference: CloudStack API,
 * 3.6). A sentence; empty where nothing was found.
 */
export async function blockersOf(api: CloudStackApi, storeId: string, refusal: string): Promise<string> {
  // The refusal stands without the names.
  const [snapshots, templates, isos] = await Promise.all([
    api.list(snapshotsOn(storeId), "snapshot").catch(() => []),
    api.list(onStore(storeId, "listTemplates", "templatefilter"), "template").catch(() => []),
    api.list(onStore(storeId, "listIsos", "isofilter"), "iso").catch(() => []),
  ]);
  const held = [
    named(
      "snapshot",
      snapshots.filter((item) => textIn(item, "datastoreid") === storeId),
    ),
    named("user template", templates.filter(isUserTemplate(storeId))),
    named("user ISO", isos.filter(isUserTemplate(storeId))),
  ].filter((text) => text !== "");
  const here = held.length === 0 ? "" : `It holds ${held.join("; ")}. `;
  return `${here}${await elsewhere(api, refusal, snapshots)}`;
}

/** No list tells which store an uploaded volume is on, and older ones do not tell it of snapshots: none is called a blocker. */
async function elsewhere(api: CloudStackApi, refusal: string, snapshots: readonly Item[]): Promise<string> {
  if (refusal.includes("volumes"))
    return ofTheCloud("uploaded volume", await api.list(uploadedVolumes, "volume").catch(() => []));
  const tells = snapshots.some((item) => textIn(item, "datastoreid") !== undefined);
  return refusal.includes("snapshots") && !tells ? ofTheCloud("snapshot", snapshots) : "";
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

function ofTheCloud(kind: string, items: readonly Item[]): string {
  if (items.length === 0) return "";
  return `The cloud has ${named(kind, items)}, and CloudStack does not tell which of them are on this store. `;
}

/** Older releases do not know `imagestoreid` and list everything; where the entry tells its stores, they decide. */
function isUserTemplate(storeId: string): (item: Item) => boolean {
  return (item) => {
    if (textIn(item, "templatetype") !== undefined && textIn(item, "templatetype") !== "USER") return false;
    if (item["downloaddetails"] === undefined) return true;
    return itemsOf(item, "downloaddetails").some((detail) => textIn(detail, "datastoreId") === storeId);
  };
}

function named(kind: string, items: readonly Item[]): string {
  // Templates are listed once for each zone.
  const objects = new Map(items.map((item) => [textIn(item, "id"), textIn(item, "name") ?? textIn(item, "id") ?? "?"]));
  const names = [...objects.values()];
  if (names.length === 0) return "";
  const shown = names.slice(0, mostNames).join(", ");
  const rest = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return `${names.length} ${kind}${names.length === 1 ? "" : "s"} (${shown}${rest})`;
}
