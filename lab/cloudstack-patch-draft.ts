import type { LabClock } from "./clock.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";
import type { Section } from "./patch.ts";

/** A copy of the store that a patch changes, to be taken over if all of it fits. */
export interface CloudStackDraft {
  readonly store: CloudStackStore;
  readonly clock: LabClock;
}

export type CloudStackSection = Section<CloudStackDraft>;
