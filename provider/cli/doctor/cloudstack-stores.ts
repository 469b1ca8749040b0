import { CloudStackClient } from "../../cloudstack/client.ts";
import type { ImageStore } from "../../cloudstack/image-stores.ts";
import { enabledZones, s3Stores, secondaryStorage } from "./cloudstack-cloud.ts";
import type { Context, Found } from "./finding.ts";

/** All secondary storage of a cloud is of one provider; a mixture comes about in the database only. */
export async function* storeFindings(context: Context): AsyncGenerator<Found> {
  const check = "stores";
  const stores = await secondaryStorage(context);
  const text = `Secondary storage: ${stores.map(described).join(", ")}.`;
  const providers = new Set(stores.map(({ providerName }) => providerName));
  if (stores.length === 0)
    yield {
      check,
      verdict: "warning",
      text: "There is no secondary storage.",
      next: "Declare S3SecondaryStorage. In a cloud whose system VMs have never run, bring the zones up on NFS first.",
    };
  else if (providers.size > 1)
    yield {
      check,
      verdict: "failed",
      text: `${text} CloudStack takes stores of one provider only, so that no further one can be added.`,
      next: "Delete the stores of one provider, where nothing is on them.",
    };
  else if (stores.every(({ readOnly }) => readOnly))
    yield {
      check,
      verdict: "warning",
      text: `${text} All of it is read-only, so that no template, snapshot or volume can be stored.`,
      next: "Add a store, or make one writable (readOnly: false).",
    };
  else yield { check, verdict: "ok", text };
}

function described({ name, providerName, zoneName, url, readOnly }: ImageStore): string {
  const where = zoneName === undefined ? "all zones" : `zone ${zoneName}`;
  const place = url === undefined || url === name ? "" : ` at ${url}`;
  return `${name} (${providerName}${place}, ${where}${readOnly ? ", read-only" : ""})`;
}

/** CloudStack adds S3 storage without one, and then nothing starts. */
export async function* stagingFindings(context: Context): AsyncGenerator<Found> {
  const check = "staging-store";
  if ((await s3Stores(context)).length === 0) return;
  const staging = await CloudStackClient.of(context.settings).stagingStores.list();
  for (const { id, name: zone } of await enabledZones(context)) {
    const own = staging.filter(({ zoneId }) => zoneId === id);
    if (own.length > 0)
      yield { zone, check, verdict: "ok", text: `Staging store ${own.map(({ url }) => url).join(", ")}.` };
    else
      yield {
        zone,
        check,
        verdict: "failed",
        text: `No staging store: system VMs and instances cannot start ("Can't find staging storage in zone").`,
        next: "Declare a SecondaryStagingStore for the zone: an NFS export that its hosts and system VMs reach.",
      };
  }
}

/** Pools have no state that the API tells. */
export async function* poolFindings({ settings }: Context): AsyncGenerator<Found> {
  const { api, pools } = CloudStackClient.of(settings);
  if (!(await api.release()).isAtLeast("4.19")) return;
  const found = await pools.list();
  if (found.length === 0) return;
  const text = `Object storage pools: ${found.map(({ name, providerName, url }) => `${name} (${providerName} at ${url})`).join(", ")}.`;
  yield { check: "pools", verdict: "ok", text };
}
