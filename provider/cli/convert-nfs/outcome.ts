import type { ImageStore } from "../../cloudstack/image-stores.ts";
import { type TemplateOnStore, templatesOn } from "../../cloudstack/templates.ts";
import { rebootCommand } from "../ssvm-reboot/command.ts";
import { table, visible } from "../terminal.ts";
import type { Plan } from "./preflight.ts";

/** What is there after the command, whatever its answer was. */
export interface Outcome {
  /** `half-way`: NFS has become staging, and the cloud has no secondary storage. */
  readonly state: "converted" | "half-way" | "untouched" | "mixed";
  readonly added: ImageStore | undefined;
  readonly rows: readonly (readonly string[])[];
  readonly templates: readonly TemplateOnStore[];
}

export async function lookAfterwards({ cloud, store, nfs, zones }: Plan): Promise<Outcome> {
  const [stores, staging] = await Promise.all([cloud.imageStores.list(), cloud.stagingStores.list()]);
  const added = stores.find(({ name, providerName }) => name === store.name && providerName === "S3");
  const left = nfs.filter(({ id }) => stores.some((other) => other.id === id));
  const become = nfs.filter(({ id }) => staging.some((other) => other.id === id));
  const zoneName = (id: string) => zones.find((zone) => zone.id === id)?.name ?? id;
  const rows = [
    ...stores.map((each) => [each.name, "secondary storage", each.providerName, each.zoneName ?? "all", each.id]),
    ...staging.map((each) => [each.url, "staging store", "NFS", zoneName(each.zoneId), each.id]),
  ];
  const templates = added === undefined ? [] : await templatesOn(cloud.api, added.id, "all");
  return { state: stateOf({ left, become, all: nfs, stores, added }), added, rows, templates };
}

function stateOf(seen: {
  readonly left: readonly ImageStore[];
  readonly become: readonly ImageStore[];
  readonly all: readonly ImageStore[];
  readonly stores: readonly ImageStore[];
  readonly added: ImageStore | undefined;
}): Outcome["state"] {
  const { left, become, all, stores, added } = seen;
  if (left.length === 0 && become.length === all.length && added !== undefined) return "converted";
  if (left.length === all.length && added === undefined) return "untouched";
  return left.length === 0 && stores.length === 0 ? "half-way" : "mixed";
}

/** What CloudStack said of the command itself. */
export type Said = "done" | "failed" | "nothing";

export function outcomeText(plan: Plan, outcome: Outcome, said: Said): string {
  const { rows, templates } = outcome;
  const shown = (lines: readonly (readonly string[])[]) => lines.map((cells) => cells.map(visible));
  const stores = table(["store", "role", "provider", "zone", "id"], shown(rows));
  const list = templates.map(({ name, zoneName = "all", state, percent = "" }) => [
    name,
    zoneName,
    state ?? "not begun",
    percent,
  ]);
  const onStore = list.length === 0 ? "" : `\n${table(["template", "zone", "in the bucket", "percent"], shown(list))}`;
  return `\n${verdict(plan, outcome, said)}\n\n${stores}${onStore}`;
}

const cautionAfter: Readonly<Record<Said, string>> = {
  done: "",
  failed:
    " CloudStack reported an error all the same, so that something after that may be undone: the downloads of templates, say.",
  nothing: " No answer came, so that what is done after that may be undone: the downloads of templates, say.",
};

function verdict({ store, cloud, zones }: Plan, { state }: Outcome, said: Said): string {
  const reboots = zones.filter(({ enabled }) => enabled).map(({ name }) => visible(rebootCommand(name)));
  const still = said === "nothing" ? ` No answer came, so that ${cloud.endpoint} may still be at work` : "";
  switch (state) {
    case "converted":
      return (
        `Converted: all NFS secondary storage is staging now, and ${store.name} is there.${cautionAfter[said]}\n` +
        `Next: have the other templates copied (${reboots.join("; ")}), see them come (cloudstack-storage doctor --system cloudstack), ` +
        "and bring the stores under Pulumi (cloudstack-storage import --cloudstack)."
      );
    case "half-way":
      return (
        `HALF-WAY: all NFS secondary storage is staging now, and the new store is not there: this cloud has NO secondary storage.${still && `${still}, and may add it yet.`}\n` +
        `Next: do not convert again, there is nothing left to convert. ${still && "Look at listImageStores again in some minutes, and only if the store does not come: "}${still ? "add" : "Add"} the store itself: an S3SecondaryStorage with storeName ` +
        `${JSON.stringify(store.name)} and these details, and pulumi up; /var/log/cloudstack/management/management-server.log on the management servers says why it was not added.`
      );
    case "untouched":
      return `NOT CONVERTED: everything is as it was.${still && `${still}: look again with --plan before you try again.`}`;
    case "mixed":
      return (
        `NOT AS ANNOUNCED: what is there now is neither what was there nor what should be.${still && `${still}.`}\n` +
        "Next: compare the list with the one above, and look into /var/log/cloudstack/management/management-server.log. Do not run this again before that is understood."
      );
  }
}
