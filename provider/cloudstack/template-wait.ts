import { setTimeout as wait } from "node:timers/promises";
import { StorageError } from "../core/errors.ts";
import { inform } from "../core/log.ts";
import { withinLongerOperation } from "../core/operation.ts";
import type { CloudStackApi } from "./api.ts";
import { type TemplateOnStore, type TemplateSet, templatesOn } from "./templates.ts";

const firstPauseMs = 1000;
const longestPauseMs = 20_000;

/** Waits until every template of the set is on the store in every zone; throws when the time is up. */
export async function templatesDownloaded(
  api: CloudStackApi,
  store: { readonly id: string; readonly name: string },
  { set, timeoutMinutes }: { readonly set: TemplateSet; readonly timeoutMinutes: number },
): Promise<void> {
  const deadline = performance.now() + timeoutMinutes * 60_000;
  await withinLongerOperation(timeoutMinutes * 60, async () => {
    let told = "";
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
      const templates = await templatesOn(api, store.id, set);
      const missing = templates.filter((template) => !template.downloaded);
      if (templates.length > 0 && missing.length === 0) return;
      const progress = progressOf(templates, missing);
      if (progress !== told) await inform(`S3 secondary storage ${store.name}: ${progress}`);
      told = progress;
      if (performance.now() + pauseMs > deadline) throw timeUp(store.name, timeoutMinutes, progress);
      await wait(pauseMs);
    }
  });
}

function progressOf(all: readonly TemplateOnStore[], missing: readonly TemplateOnStore[]): string {
  if (all.length === 0) return "CloudStack lists no such template.";
  const done = `${all.length - missing.length} of ${all.length} templates downloaded`;
  return `${done}; ${missing.map(described).join(", ")}.`;
}

function described({ name, zoneName, percent, state }: TemplateOnStore): string {
  const where = zoneName === undefined ? "" : ` in ${zoneName}`;
  if (state === undefined) return `${name}${where} not begun`;
  const far = percent === undefined || percent === "" ? "" : ` ${percent.replace(/%$/, "")} %`;
  return `${name}${where}${far}${state === "DOWNLOAD_IN_PROGRESS" ? "" : ` (${state})`}`;
}

function timeUp(name: string, minutes: number, progress: string): StorageError {
  return new StorageError(
    `S3 secondary storage ${name} was added, but after ${minutes} minutes of waitForTemplates: ${progress} What helps: a secondary storage ` +
      `VM has to run and to reach the endpoint and the bucket's host name over the network that CloudStack opens to it; ` +
      `templates other than those of system VMs follow when such a VM connects, so restart it (cloudstack-storage ssvm-reboot).`,
  );
}
