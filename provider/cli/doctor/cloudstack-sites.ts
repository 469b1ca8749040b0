import { CloudStackClient } from "../../cloudstack/client.ts";
import { placeOf } from "../../cloudstack/store-details.ts";
import type { Patience } from "../../core/probe.ts";
import { bucketNameFailure, internalSites, leadingTo, s3NetworkOf, sitesSetting } from "../s3-network.ts";
import { s3Stores } from "./cloudstack-cloud.ts";
import type { Context, Found } from "./finding.ts";

const check = "internal-sites";

const patienceMs = 10_000;

/** Whether system VMs get to the S3 endpoint of each store, as far as names and addresses tell. */
export async function* siteFindings(context: Context): AsyncGenerator<Found> {
  const stores = await s3Stores(context);
  if (stores.length === 0) return;
  const sites = await internalSites(CloudStackClient.of(context.settings));
  const patience = { milliseconds: patienceMs, signal: context.signal };
  for (const store of stores) {
    const subject = `store ${store.name}`;
    const { endpoint, bucket } = placeOf(store, {});
    if (endpoint === undefined) yield { subject, ...unknownPlace(sites) };
    else yield { subject, ...(await siteFinding(endpoint, sites, patience)) };
    if (endpoint !== undefined && bucket !== undefined)
      yield* (await bucketNameFindings(endpoint, bucket, patience)).map((found) => ({ subject, ...found }));
  }
}

function unknownPlace(sites: readonly string[]): Found {
  return {
    check,
    verdict: "not known",
    text: "CloudStack does not tell where this store is, so that its network is not compared.",
    next: `See that ${sitesSetting} holds the network of its S3 endpoint, if that is a private one. It holds ${sites.join(", ") || "nothing"}.`,
  };
}

async function siteFinding(endpoint: string, sites: readonly string[], patience: Patience): Promise<Found> {
  const { host, failure, addresses, outside, listed } = await s3NetworkOf(endpoint, sites, patience);
  if (failure !== undefined)
    return {
      check,
      verdict: "not known",
      text: `${host} does not resolve from this machine (${failure}), so that its network is not compared.`,
      next: `Look from a machine that resolves it: its address must be in ${sitesSetting}, if it is a private one.`,
    };
  if (outside.length > 0)
    return {
      check,
      verdict: "warning",
      text: `${leadingTo(host, outside)} in a private network that ${sitesSetting} (${sites.join(", ") || "empty"}) does not hold: system VMs look for it on the outside.`,
      next: "Add its network (GlobalSetting with members), restart the management servers; the system VMs get it when they connect again.",
    };
  const how = listed.length === 0 ? "outside all private networks" : `in a network of ${sitesSetting}`;
  return { check, verdict: "ok", text: `${leadingTo(host, addresses)} ${how}.` };
}

async function bucketNameFindings(endpoint: string, bucket: string, patience: Patience): Promise<Found[]> {
  const failed = await bucketNameFailure(endpoint, bucket, patience);
  if (failed === undefined) return [];
  return [
    {
      check: "bucket-name",
      verdict: "warning",
      text: `${failed.name} does not resolve from this machine (${failed.failure}); CloudStack's S3 client puts the bucket in front of the host.`,
      next: "See that system VMs and management servers resolve it (a wildcard in DNS, and in the certificate), or make the store with an address as its endpoint.",
    },
  ];
}
