import type { LabClock } from "./clock.ts";
import { connectorSections } from "./cloudstack-connector.ts";
import { directorySections } from "./cloudstack-directory-patch.ts";
import { withOption } from "./cloudstack-options.ts";
import type { CloudStackDraft, CloudStackSection } from "./cloudstack-patch-draft.ts";
import { poolSections } from "./cloudstack-pool-patch.ts";
import { settingSections } from "./cloudstack-setting-patch.ts";
import { storageSections } from "./cloudstack-storage-patch.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";
import { LabError } from "./errors.ts";
import { applyPatch } from "./patch.ts";

/** In this order, so that a patch may make a zone, its store and what lies on it at once. */
const sections: Readonly<Record<string, CloudStackSection>> = {
  options: patchOption,
  ...storageSections,
  ...directorySections,
  ...settingSections,
  ...connectorSections,
  ...poolSections,
};

/** A copy of the store with a JSON merge patch applied; what belongs to something that was deleted goes with it. */
export function patchedStore(store: CloudStackStore, patch: Record<string, unknown>, clock: LabClock): CloudStackStore {
  // The work of jobs cannot be copied, and no patch changes it.
  const { jobs, ...rest } = store;
  const draft: CloudStackDraft = { store: { ...structuredClone(rest), jobs }, clock };
  applyPatch(draft, patch, sections);
  return draft.store;
}

function patchOption({ store }: CloudStackDraft, name: string, value: unknown): void {
  const options = withOption(store.options, name, value);
  if (typeof options === "string") throw new LabError(options);
  store.options = options;
}
