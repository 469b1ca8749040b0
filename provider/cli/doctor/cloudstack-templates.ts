import { CloudStackClient } from "../../cloudstack/client.ts";
import type { ImageStore } from "../../cloudstack/image-stores.ts";
import { type TemplateCopy, type TemplateInZone, templatesInZones } from "../../cloudstack/templates.ts";
import { rebootCommand } from "../ssvm-reboot/command.ts";
import { secondaryStorage } from "./cloudstack-cloud.ts";
import type { Context, Found } from "./finding.ts";

/** Every template of every zone: one line for all that are ready, one for each that is not. */
export async function* templateFindings(context: Context): AsyncGenerator<Found> {
  const stores = await secondaryStorage(context);
  if (stores.length === 0) return;
  const templates = await templatesInZones(CloudStackClient.of(context.settings).api);
  for (const zone of new Set(templates.map(({ zoneName }) => zoneName))) {
    const own = templates.filter(({ zoneName }) => zoneName === zone);
    const ready = own.filter((template) => template.ready);
    const place = zone === undefined ? {} : { zone };
    if (ready.length > 0)
      yield {
        ...place,
        check: "templates",
        verdict: "ok",
        text: `${ready.length} of ${own.length} templates are ready.`,
      };
    for (const template of own) yield* ofTemplate(template, stores).map((found) => ({ ...place, ...found }));
  }
}

function ofTemplate(template: TemplateInZone, stores: readonly ImageStore[]): Found[] {
  const subject = `template ${template.name}`;
  if (!template.ready) return [{ subject, ...unready(template) }];
  const behind = template.copies.filter(
    ({ state, storeId }) => state !== "DOWNLOADED" && stores.some(({ id }) => id === storeId),
  );
  return behind.map((copy) => ({ subject, ...incomplete(template, copy) }));
}

function unready({ status, copies, zoneName }: TemplateInZone): Found {
  const check = "template";
  const next = advice(zoneName);
  const coming = copies.find(({ state }) => state === "DOWNLOAD_IN_PROGRESS");
  if (coming !== undefined)
    return {
      check,
      verdict: "warning",
      text: `Not ready yet: ${farOf(coming)}.`,
      next: `Wait, and look again. ${next}`,
    };
  const failed = copies.find(({ state }) => state === "DOWNLOAD_ERROR");
  const said = status === "" ? "CloudStack gives no reason" : `CloudStack says: ${status}`;
  if (failed !== undefined)
    return { check, verdict: "failed", text: `Not ready: the download failed. ${said}.`, next: `${reach} ${next}` };
  const text = status === "" ? "Not ready: no download has begun." : `Not ready. ${said}.`;
  return { check, verdict: "failed", text, next };
}

function incomplete({ zoneName }: TemplateInZone, copy: TemplateCopy): Found {
  const place = copy.storeName ?? copy.storeId ?? "?";
  return {
    check: "template",
    verdict: "warning",
    text: `Ready, but not on every store: on ${place} ${farOf(copy)}.`,
    next: advice(zoneName),
  };
}

function farOf({ percent = "", state }: TemplateCopy): string {
  const far = percent === "" ? "" : `${percent.replace(/%$/, "")} %, `;
  return `${far}${state ?? "not begun"}`;
}

const reach =
  "The secondary storage VM has to reach both the source of the template and the S3 endpoint, by name and through its certificate.";

function advice(zone: string | undefined): string {
  return `A secondary storage VM that connects again begins anew: ${rebootCommand(zone ?? "ZONE")}`;
}
