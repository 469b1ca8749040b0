import type { LabState } from "../../lab.ts";
import type { Entry, LittleEngine } from "../little-engine.ts";
import type { Part, Values } from "./part.ts";

/** What one part is at one moment: in the live system, and in the state. */
export interface SeenPart {
  readonly live: readonly Values[];
  readonly keys: Readonly<Record<string, string>>;
  readonly entry: Entry | undefined;
}

/** Everything at one moment. */
export interface Seen {
  readonly parts: ReadonlyMap<string, SeenPart>;
  /** What is nobody's here. */
  readonly others: unknown;
  readonly state: LabState;
}

/** What a part is called in the program, and what its object is called. */
export interface Names {
  logical(part: Part): string;
  /** The name of the object, in the form in which the part looks for it. */
  address(part: Part): string;
}

export function look(state: LabState, engine: LittleEngine, parts: readonly Part[], names: Names): Seen {
  const seen = parts.map((part): [string, SeenPart] => {
    const address = names.address(part);
    const entry = engine.entries.find((each) => each.name === names.logical(part) && !each.isOld);
    return [part.name, { live: part.live(state, address), keys: part.keys?.live(state, address) ?? {}, entry }];
  });
  return { parts: new Map(seen), others: strangers(state, new Set(parts.map((part) => names.address(part)))), state };
}

const managedSettings = ["lab.count", "secstorage.allowed.internal.sites"];

/** All objects but those of these names; one that was made twice under another name is among them. */
function strangers({ cloudian, ecs, cloudstack }: LabState, ours: ReadonlySet<string>): unknown {
  const isOurs = (name: string) => ours.has(name) || ours.has(name.replace(/^ns1\//, ""));
  const isOursOrInside = (key: string) => isOurs(key) || isOurs(key.replace(/\/(\*|ALL)$/, ""));
  const without = (documents: object | undefined, drop: (key: string, value: Values) => boolean) =>
    Object.fromEntries(Object.entries(documents ?? {}).filter(([key, value]) => !drop(key, value as Values)));
  return {
    groups: without(cloudian.groups, isOurs),
    users: without(cloudian.users, isOurs),
    credentials: without(cloudian.credentials, (_key, { groupId, userId }) => isOurs(`${groupId}/${userId}`)),
    limits: without(cloudian.limits, isOursOrInside),
    s3Buckets: without(cloudian.s3Buckets, isOurs),
    ecsUsers: without(ecs.users, isOurs),
    ecsBuckets: without(ecs.buckets, isOurs),
    stores: without(cloudstack.imageStores, (id) => !id.startsWith("11111111-")),
    pools: without(cloudstack["objectPools"], (id) => !id.startsWith("11111111-")),
    settings: without(cloudstack["settings"], (name) => managedSettings.includes(name)),
  };
}
