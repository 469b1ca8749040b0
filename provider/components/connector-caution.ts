import * as pulumi from "@pulumi/pulumi";

/** Whether CloudStack's Cloudian connector is switched on; unknown where CloudStack cannot be asked. */
export type ConnectorState = "on" | "off" | "unknown";

/** What a tenancy does with what has gone from CloudStack. */
export interface RemovalWish {
  readonly onRemoval: "deactivate" | "delete";
  readonly deleteDespiteConnector: boolean;
}

/**
 * What to warn of, given the state of the connector. Throws where groups and users would be deleted that the connector
 * may hold as its own: both would delete, and nobody could tell who did.
 */
export function connectorCaution(tenancy: string, state: ConnectorState, wish: RemovalWish): string | undefined {
  if (wish.onRemoval === "delete" && state !== "off" && !wish.deleteDespiteConnector)
    throw new pulumi.RunError(
      `${tenancy}: onRemoval: "delete" is refused, because ${refusedBecause[state]}. It makes and deletes the same groups and ` +
        `users. Let them be deactivated (remove onRemoval), switch the connector off, or give deleteDespiteConnector: true.`,
    );
  if (state !== "on") return undefined;
  return (
    `${tenancy}: CloudStack's Cloudian connector is on. When a domain is deleted in CloudStack it deletes all users of the ` +
    `domain's group and then the group, those that this program has made as well; and what it has made already has to be ` +
    `taken over with adopt: true.`
  );
}

const refusedBecause = {
  on: "CloudStack's Cloudian connector is on",
  unknown: "nothing tells whether CloudStack's Cloudian connector is on (give the CloudStack settings)",
};
