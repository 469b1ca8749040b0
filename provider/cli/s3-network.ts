import type { CloudStackClient } from "../cloudstack/client.ts";
import { isLoopback } from "../core/names.ts";
import { isPrivateAddress, isWithin } from "../core/networks.ts";
import { addressesOf, type Patience } from "../core/probe.ts";
import { withoutBrackets } from "../core/proxy.ts";

/** Networks that system VMs reach through their inner interface (reference: CloudStack API, 6.3). */
export const sitesSetting = "secstorage.allowed.internal.sites";

export async function internalSites({ configurations }: CloudStackClient): Promise<string[]> {
  const found = await configurations.find(sitesSetting, undefined);
  const sites = (typeof found === "string" ? "" : found.value).split(",").map((site) => site.trim());
  return sites.filter((site) => site !== "");
}

/** Where an S3 endpoint lies, as far as this machine can tell for the system VMs. */
export interface S3Network {
  readonly host: string;
  /** How the resolver of this machine fails. */
  readonly failure?: string;
  readonly addresses: readonly string[];
  /** Private addresses that no internal site holds. */
  readonly outside: readonly string[];
  /** Addresses that an internal site holds. */
  readonly listed: readonly string[];
}

export async function s3NetworkOf(endpoint: string, sites: readonly string[], patience: Patience): Promise<S3Network> {
  const host = hostOf(endpoint);
  const found = await addressesOf(host, patience);
  if ("failure" in found) return { host, failure: found.failure, addresses: [], outside: [], listed: [] };
  const outside = found.filter((address) => isPrivateAddress(address) && !isWithin(address, sites));
  return { host, addresses: found, outside, listed: found.filter((address) => isWithin(address, sites)) };
}

/** `s3.example.com is 10.1.2.3,` or `10.1.2.3 is`, to go before where that is. */
export function leadingTo(host: string, addresses: readonly string[]): string {
  return addresses.includes(host) ? `${host} is` : `${host} is ${addresses.join(", ")},`;
}

/**
 * How the resolver of this machine fails on the name with the bucket in front, which CloudStack's S3 client uses unless the
 * host is an address; undefined where it does not (reference: CloudStack API, 10.1).
 */
export async function bucketNameFailure(
  endpoint: string,
  bucket: string,
  patience: Patience,
): Promise<{ readonly name: string; readonly failure: string } | undefined> {
  const host = hostOf(endpoint);
  if (isLoopback(endpoint)) return undefined;
  const own = await addressesOf(host, patience);
  if ("failure" in own || own.includes(host)) return undefined;
  const name = `${bucket}.${host}`;
  const found = await addressesOf(name, patience);
  return "failure" in found ? { name, failure: found.failure } : undefined;
}

function hostOf(endpoint: string): string {
  return withoutBrackets(new URL(endpoint).hostname);
}
