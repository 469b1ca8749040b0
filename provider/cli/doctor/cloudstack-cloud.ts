import { CloudStackClient } from "../../cloudstack/client.ts";
import type { ImageStore } from "../../cloudstack/image-stores.ts";
import type { ZoneItem } from "../../cloudstack/zones.ts";
import type { Context } from "./finding.ts";

/** Zones in which something can be started. */
export async function enabledZones({ settings, once }: Context): Promise<ZoneItem[]> {
  const zones = await once("zones", () => CloudStackClient.of(settings).zones.list());
  return zones.filter(({ enabled }) => enabled);
}

/** Secondary storage, staging stores not among it. */
export async function secondaryStorage({ settings, once }: Context): Promise<ImageStore[]> {
  return await once("secondary storage", () => CloudStackClient.of(settings).imageStores.list());
}

export async function s3Stores(context: Context): Promise<ImageStore[]> {
  return (await secondaryStorage(context)).filter(({ providerName }) => providerName === "S3");
}
