import type * as pulumi from "@pulumi/pulumi";
import { type Arguments, isPlain, notEmpty, type Objection } from "./arguments.ts";

/** The NFS staging store of one zone. */
export interface StagingZone {
  /** UUID of the zone, as plain text, because the resource is named after it; `getZones` looks names up. Replaces: yes. Removing it: an error, it is required. */
  zoneId: string;
  /** NFS server, which every host and system VM of the zone reaches. Replaces: yes. Removing it: an error, it is required. */
  server: pulumi.Input<string>;
  /** Exported path, `/export/staging`. Replaces: yes. Removing it: an error, it is required. */
  path: pulumi.Input<string>;
}

/** The arguments of the staging stores, of zones that each have their own server and path. */
export function checkedZones(given: Arguments, zones: readonly StagingZone[]): (StagingZone & Objection)[] {
  if (!Array.isArray(zones) || zones.length === 0)
    given.refuse("zones", "must hold at least one zone: no zone can use the storage without a staging store");
  const complete = zones.map((zone, index) => checkedZone(given, zone, `zones[${index}]`));
  requireOneEach(given, complete);
  return complete;
}

function checkedZone(given: Arguments, { zoneId, server, path }: StagingZone, at: string): StagingZone & Objection {
  if (typeof zoneId !== "string" || zoneId.trim() === "")
    given.refuse(`${at}.zoneId`, "is required: the zone's UUID as plain text");
  return {
    zoneId,
    server: given.checked(`${at}.server`, server, notEmpty),
    path: given.checked(`${at}.path`, path, notEmpty),
    ...given.objectionTo(`${at}.server`, `${at}.path`),
  };
}

function requireOneEach(given: Arguments, zones: readonly StagingZone[]): void {
  const zoneByUrl = new Map<string, string>();
  const zoneIds = new Set<string>();
  for (const [index, { zoneId, server, path }] of zones.entries()) {
    const at = `zones[${index}]`;
    if (zoneIds.has(zoneId))
      given.refuse(
        at,
        `has the zone ${zoneId} again; a further staging store of a zone is a SecondaryStagingStore beside this component`,
      );
    zoneIds.add(zoneId);
    if (!isPlain(server) || !isPlain(path)) continue;
    const url = `nfs://${server}${path}`;
    const other = zoneByUrl.get(url);
    if (other !== undefined)
      given.refuse(
        at,
        `has the server and the path of the zone ${other}, and CloudStack keeps one staging store a URL`,
      );
    zoneByUrl.set(url, zoneId);
  }
}
