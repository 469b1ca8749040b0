import { liveStores } from "./cloudstack-image-store.ts";
import type { CloudStackStore, ImageStore, Template, TemplateCopy } from "./cloudstack-store.ts";

/** Whether a secondary storage VM is there to download. */
export function hasAgent({ options, systemVms }: CloudStackStore): boolean {
  if (options.systemVmMissing) return false;
  return [...systemVms.values()].some(
    ({ type, state, agentState }) => type === "secondarystoragevm" && state === "Running" && agentState === "Up",
  );
}

/** What the addition of a store starts by itself: system templates, if somebody can download them. */
export function beginSystemDownloads(store: CloudStackStore, imageStore: ImageStore, now: number): void {
  const system = [...store.templates.values()].filter(({ type }) => type === "SYSTEM");
  if (imageStore.provider !== "S3") {
    // On NFS they are expected to be there.
    for (const template of system) template.stores.set(imageStore.id, finishedCopy(now));
  } else if (hasAgent(store)) for (const template of system) begin(template, imageStore.id, now);
}

/**
 * Brings templates and stores up to the time: a secondary storage VM that connects syncs all templates but the private
 * ones to all secondary storage, and downloads go on as long as one is there.
 */
export function settleTemplates(store: CloudStackStore, now: number): void {
  const connected = hasAgent(store);
  if (connected && !store.agentConnected) syncTemplates(store, now);
  store.agentConnected = connected;
  if (!connected) return;
  for (const imageStore of store.imageStores.values()) {
    imageStore.measured ||= now >= imageStore.created + store.options.statisticsSeconds * 1000;
  }
  for (const { stores } of store.templates.values()) for (const copy of stores.values()) advance(store, copy, now);
}

/** Counts that the downloads of this template were shown; they do not end before that was often enough. */
export function countPoll(template: Template): void {
  for (const copy of template.stores.values()) if (copy.state === "DOWNLOAD_IN_PROGRESS") copy.polls += 1;
}

function syncTemplates(store: CloudStackStore, now: number): void {
  for (const { id } of liveStores(store, "Image").values()) {
    for (const template of store.templates.values()) {
      const shared = template.type !== "USER" || template.public || template.featured;
      const state = template.stores.get(id)?.state;
      if (shared && (state === undefined || state === "DOWNLOAD_ERROR")) begin(template, id, now);
    }
  }
}

function begin(template: Template, storeId: string, now: number): void {
  template.stores.set(storeId, { state: "DOWNLOAD_IN_PROGRESS", percent: 0, started: now, polls: 0 });
}

function finishedCopy(now: number): TemplateCopy {
  return { state: "DOWNLOADED", percent: 100, started: now, polls: 0 };
}

function advance({ options }: CloudStackStore, copy: TemplateCopy, now: number): void {
  if (copy.state !== "DOWNLOAD_IN_PROGRESS") return;
  const { downloadSeconds, downloadPolls, downloadFails } = options;
  const ofTime = downloadSeconds === 0 ? 1 : (now - copy.started) / (downloadSeconds * 1000);
  const ofPolls = downloadPolls === 0 ? 1 : copy.polls / downloadPolls;
  const share = Math.max(0, Math.min(ofTime, ofPolls, 1));
  if (share < 1) copy.percent = Math.floor(share * 100);
  else
    Object.assign(
      copy,
      downloadFails ? { state: "DOWNLOAD_ERROR", percent: 0 } : { state: "DOWNLOADED", percent: 100 },
    );
}
