/** Whether CloudStack's Cloudian connector is switched on; unknown where CloudStack cannot be asked. */
export type ConnectorState = "on" | "off" | "unknown";

/** What a tenancy does with what has gone from CloudStack. */
export interface RemovalWish {
  readonly onRemoval: "deactivate" | "delete";
  readonly deleteDespiteConnector: boolean;
}

const refusedBecause = {
  on: "CloudStack's Cloudian connector is on",
  unknown: "nothing tells whether CloudStack's Cloudian connector is on (give the CloudStack settings)",
};

/** Why a tenancy may not do what it wishes: the connector makes and deletes the same groups and users. */
export function connectorObjection(state: ConnectorState, wish: RemovalWish): string | undefined {
  if (wish.onRemoval !== "delete" || state === "off" || wish.deleteDespiteConnector) return undefined;
  return (
    `onRemoval: "delete" is refused, because ${refusedBecause[state]}. The connector makes and deletes the same groups and ` +
    `users, so that nobody could tell whose they are. Let them be deactivated (remove onRemoval), switch the connector off, ` +
    `or give deleteDespiteConnector: true.`
  );
}

/** What to warn of where nothing is refused. */
export function connectorCaution(state: ConnectorState): string | undefined {
  if (state !== "on") return undefined;
  return (
    "CloudStack's Cloudian connector is on. When a domain is deleted in CloudStack it deletes all users of the domain's group " +
    "and then the group, those that this program has made as well. What it has made itself is taken over with adopt: true."
  );
}
