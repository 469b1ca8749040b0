import { Refused } from "../core/errors.ts";
import type { CloudStackClient } from "./client.ts";
import { connectorIsOn } from "./connector.ts";

/** The plugin that keeps groups and users where the connector keeps its own (reference: Cloudian Admin API, 8). */
export const hyperStoreProvider = "Cloudian HyperStore";

const poolsSince = "4.21";

const why =
  "the two must not share a HyperStore: both keep groups and users under the UUIDs of domains and accounts, and the connector deletes them with their data. Use one of the two";

export async function requireConnectorOff(cloud: CloudStackClient, poolName: string): Promise<void> {
  if (!(await connectorIsOn(cloud.api))) return;
  throw new Refused(
    `Object storage pool ${poolName} is not added: the Cloudian connector of ${cloud.endpoint} is on, and ${why}.`,
  );
}

export async function requireNoHyperStorePool(cloud: CloudStackClient): Promise<void> {
  if (!(await cloud.api.release()).isAtLeast(poolsSince)) return;
  const pools = (await cloud.pools.list()).filter(({ providerName }) => providerName === hyperStoreProvider);
  if (pools.length === 0) return;
  throw new Refused(
    `The Cloudian connector of ${cloud.endpoint} is not switched on: there is the object storage pool ${pools.map(({ name }) => name).join(", ")}, and ${why}.`,
  );
}
