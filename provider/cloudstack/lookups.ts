import * as pulumi from "@pulumi/pulumi";
import { ofLookup, settingsNamespace, standaloneKey } from "../core/setting-keys.ts";
import type { Account, Domain, Zone } from "./shapes.ts";

/**
 * Which cloud a look-up asks. With `cloudstackEndpoint` these arguments stand alone; without it stack configuration and
 * environment say it, as for resources without an explicit provider.
 */
export interface LookupArgs {
  /** CloudStack API, `https://host/client/api`. Default: stack configuration, else `CLOUDSTACK_API_URL`. */
  cloudstackEndpoint?: string;
  /** API key of a root administrator. Required with `cloudstackEndpoint`. */
  cloudstackApiKey?: string;
  /** Its secret key. Required with `cloudstackEndpoint`, unless `cloudstackSecretKeyEnv` is given. */
  cloudstackSecretKey?: string;
  /** Name of the environment variable that holds the secret key. */
  cloudstackSecretKeyEnv?: string;
  /** PEM file of a private CA. Default: none. */
  cloudstackCaFile?: string;
  /** The same as PEM text. Default: none. */
  cloudstackCaPem?: string;
  /** Leaves the certificate unverified. Default: false. */
  cloudstackInsecure?: boolean;
}

/** All domains of a cloud. */
export interface GetDomainsResult {
  /** In the order of their paths. */
  domains: Domain[];
  /** The list was counted and read as root administrator: what is not in it does not exist. */
  complete: true;
}

/** All accounts of a cloud. */
export interface GetAccountsResult {
  /** In the order of their domains' UUIDs and their names. */
  accounts: Account[];
  /** The list was counted and read as root administrator: what is not in it does not exist. */
  complete: true;
}

/** All zones of a cloud. */
export interface GetZonesResult {
  /** In the order of their names. */
  zones: Zone[];
  /** The list was counted. */
  complete: true;
}

/**
 * Every domain of the cloud, for `CloudianTenancy`. Throws where the list is short or the caller is no root administrator.
 * Source: CloudStack API, `listDomains`.
 */
export async function getDomains(args: LookupArgs = {}): Promise<GetDomainsResult> {
  const { listDomains } = await import("./directory.ts");
  return { domains: await listDomains(sourceOf(args)), complete: true };
}

/**
 * Every account of the cloud with its users, for `CloudianTenancy` and `EcsTenancy`. Throws where the list is short or
 * the caller is no root administrator. Source: CloudStack API, `listAccounts`.
 */
export async function getAccounts(args: LookupArgs = {}): Promise<GetAccountsResult> {
  const { listAccounts } = await import("./directory.ts");
  return { accounts: await listAccounts(sourceOf(args)), complete: true };
}

/** Every zone of the cloud, to find its UUID by its name. Throws where the list is short. Source: CloudStack API, `listZones`. */
export async function getZones(args: LookupArgs = {}): Promise<GetZonesResult> {
  const { listZones } = await import("./directory.ts");
  return { zones: await listZones(sourceOf(args)), complete: true };
}

/** Whether CloudStack's Cloudian connector is on; `unknown` where no cloud is named or it cannot be asked. */
export async function connectorState(args: LookupArgs = {}): Promise<"on" | "off" | "unknown"> {
  const { askConnector } = await import("./directory.ts");
  return await askConnector(sourceOf(args));
}

interface Source {
  get(key: string): string | undefined;
}

function sourceOf(args: LookupArgs): Source {
  // A program in plain JavaScript may say null for nothing.
  const given = new Map(Object.entries(args).filter(([, value]) => value !== undefined && value !== null));
  if (!given.has("cloudstackEndpoint")) {
    const others = [...given.keys()];
    if (others.length > 0)
      throw new pulumi.RunError(
        `Give cloudstackEndpoint beside ${others.join(", ")}: the keys of one cloud are never sent to another.`,
      );
    const configuration = new pulumi.Config(settingsNamespace);
    return { get: (key) => configuration.get(key.slice(settingsNamespace.length + 1)) };
  }
  given.set(standaloneKey, ofLookup);
  return {
    get: (key) => {
      const value = given.get(key.slice(settingsNamespace.length + 1));
      return value === undefined ? undefined : String(value);
    },
  };
}
