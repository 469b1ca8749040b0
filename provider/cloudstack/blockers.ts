import { type Item, textIn } from "./answers.ts";
import type { CloudStackApi, Command } from "./api.ts";

const mostNames = 10;

/**
 * What keeps CloudStack from deleting a store, by kind and name: templates and ISOs of users, snapshots, uploaded
 * volumes (reference: CloudStack API, 3.6). A sentence; what cannot be listed is left out of it.
 */
export async function blockersOf(api: CloudStackApi, storeId: string): Promise<string> {
  const found = await Promise.all([
    named(
      api,
      "user template",
      onStore(storeId, "listTemplates", "templatefilter"),
      "template",
      isUserTemplate(storeId),
    ),
    named(api, "user ISO", onStore(storeId, "listIsos", "isofilter"), "iso", isUserTemplate(storeId)),
    named(api, "snapshot", snapshotsOn(storeId), "snapshot", (item) => textIn(item, "datastoreid") === storeId),
    // No list tells which store an uploaded volume is on.
    named(api, "uploaded volume", uploadedVolumes, "volume", (item) => textIn(item, "storageid") === undefined),
  ]);
  const texts = found.filter((text) => text !== undefined);
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
    // Without showunique=false and a location, newer releases list each snapshot once, wherever it is.
    parameters: { imagestoreid: storeId, listall: "true" },
  };
}

const uploadedVolumes: Command = {
  what: "look for uploaded volumes",
  command: "listVolumes",
  parameters: { state: "Uploaded", listall: "true" },
};

/** Older releases do not know `imagestoreid` and list everything; where the entry tells its stores, they decide. */
function isUserTemplate(storeId: string): (item: Item) => boolean {
  return (item) => {
    if (textIn(item, "templatetype") !== undefined && textIn(item, "templatetype") !== "USER") return false;
    const details = item["downloaddetails"];
    if (!Array.isArray(details)) return true;
    return (details as Item[]).some((detail) => textIn(detail, "datastoreId") === storeId);
  };
}

async function named(
  api: CloudStackApi,
  kind: string,
  call: Command,
  itemName: string,
  isBlocking: (item: Item) => boolean,
): Promise<string | undefined> {
  // The refusal stands without the names.
  const items = await api.list(call, itemName).catch(() => []);
  const names = [...new Set(items.filter(isBlocking).map((item) => textIn(item, "name") ?? textIn(item, "id") ?? "?"))];
  if (names.length === 0) return undefined;
  const shown = names.slice(0, mostNames).join(", ");
  const rest = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return `${names.length} ${kind}${names.length === 1 ? "" : "s"} (${shown}${rest})`;
}
