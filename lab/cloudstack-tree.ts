import { isoTime } from "./bucket-tree.ts";
import { connectorTree } from "./cloudstack-connector.ts";
import { directoryTree } from "./cloudstack-directory-patch.ts";
import { poolTree } from "./cloudstack-pool-patch.ts";
import { settingTree } from "./cloudstack-setting-patch.ts";
import type { CloudStackStore, ImageStore, Template } from "./cloudstack-store.ts";
import { secretMask } from "./query.ts";

/** Everything that the simulated CloudStack holds, as `GET /state` shows it. */
export function cloudStackTree(store: CloudStackStore, secrets: boolean): Record<string, unknown> {
  const imageStores = [...store.imageStores].map(([id, imageStore]) => [id, imageStoreNode(imageStore, secrets)]);
  const templates = [...store.templates].map(([id, template]) => [id, templateNode(template)]);
  const jobs = [...store.jobs].map(([id, { command, status }]) => [id, { command, status }]);
  return {
    options: store.options,
    zones: nodes(store.zones),
    imageStores: Object.fromEntries(imageStores),
    templates: Object.fromEntries(templates),
    snapshots: nodes(store.snapshots),
    volumes: nodes(store.volumes),
    systemVms: nodes(store.systemVms),
    jobs: Object.fromEntries(jobs),
    ...directoryTree(store, secrets),
    ...settingTree(store, secrets),
    ...connectorTree(store),
    ...poolTree(store, secrets),
  };
}

function nodes<T extends { readonly id: string }>(table: ReadonlyMap<string, T>): Record<string, Omit<T, "id">> {
  return Object.fromEntries([...table].map(([key, { id, ...members }]) => [key, members]));
}

function imageStoreNode({ id, details, created, ...members }: ImageStore, secrets: boolean): object {
  const shown = Object.entries(details).map(([name, value]) => [
    name,
    name === "secretkey" && !secrets ? secretMask : value,
  ]);
  return { ...members, created: isoTime(created), details: Object.fromEntries(shown) };
}

function templateNode({ id, stores, ...members }: Template): object {
  const copies = [...stores].map(([storeId, { state, percent, error }]) => [
    storeId,
    { state, percent, ...(error === undefined ? {} : { error }) },
  ]);
  return { ...members, stores: Object.fromEntries(copies) };
}
