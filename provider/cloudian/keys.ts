import { setTimeout as wait } from "node:timers/promises";
import { OutcomeUnknown, Refused } from "../core/errors.ts";
import type { CloudianClient, KeyPair, UserKey } from "./client.ts";

/** What is recorded of a user's managed key pair. */
export interface KeyState {
  accessKeyId?: string;
  secretAccessKey?: string;
  /** An earlier pair that a rotation still has to delete. */
  retiringAccessKeyId?: string;
  /** The generation of the pair in hand, where `keyGeneration` itself shows that something is lost or left to do. */
  __keyGeneration?: number;
  /** The pairs from before a request for a new one whose reply was lost: another one is the one that it made. */
  __keysBefore?: string[];
}

type KeyValues = KeyState & { readonly keyGeneration?: number };

interface Wanted {
  readonly keyGeneration: number;
  readonly previousKeys: "keep" | "delete";
}

type Done = (state: KeyValues, undone?: readonly (keyof KeyState)[]) => void;

/** A list may lag behind a creation by this much before the pair counts as missing. */
const lagMs = [200, 500];

/**
 * The managed pair as it is; without a recorded one, the oldest active root pair. What only computed values would show
 * is mirrored in `keyGeneration`, because only inputs count as drift: 0 where the pair is gone or off, one less than in
 * hand where an earlier pair is still to be deleted.
 */
export async function liveKey(
  client: CloudianClient,
  user: UserKey,
  recorded: KeyValues | undefined,
): Promise<{ key: KeyValues; ageMs?: number }> {
  const { keys, now } = await client.listKeys(user);
  const age = keys[0] && now !== undefined ? { ageMs: now - keys[0].createDate } : {};
  const generation = recorded?.__keyGeneration ?? (recorded?.keyGeneration || 1);
  const id = recorded?.accessKeyId;
  const found = keys.find((key) => key.active && (id === undefined || key.accessKey === id));
  const pair = found ? pairOf(found) : recordedPair(recorded);
  const retiring = keys.find((key) => key.accessKey === recorded?.retiringAccessKeyId)?.accessKey;
  const key = {
    ...pair,
    ...(retiring === undefined ? {} : { retiringAccessKeyId: retiring }),
    ...(recorded?.__keysBefore === undefined ? {} : { __keysBefore: recorded.__keysBefore }),
    keyGeneration: found ? generation - (retiring === undefined ? 0 : 1) : 0,
    __keyGeneration: generation,
  };
  return { key, ...age };
}

/** Only `keyGeneration` of the inputs is seen at preview, and a lost pair reads 0 there. */
export function refuseLowered(id: string, from: KeyValues, to: Wanted): void {
  const inHand = generationInHand(from, to);
  if (to.keyGeneration === 0 || to.keyGeneration >= inHand) return;
  throw new Refused(
    `keyGeneration of Cloudian user ${id} can only be raised; the pair in hand is number ${inHand}, and ${to.keyGeneration} is declared.`,
  );
}

/** Brings the managed pair to what is wanted: found or made, repaired as the same pair, or rotated. */
export async function updateKey(
  client: CloudianClient,
  user: UserKey,
  from: KeyValues,
  to: Wanted,
  done: Done,
): Promise<KeyState> {
  const generation = to.keyGeneration;
  if (from.accessKeyId === undefined) {
    const key = { ...pairOf(await firstKey(client, user)), __keyGeneration: generation };
    done({ ...key, keyGeneration: generation });
    return key;
  }
  if (from.retiringAccessKeyId !== undefined && to.previousKeys === "delete") {
    await client.deleteKey(from.retiringAccessKeyId);
    done({}, ["retiringAccessKeyId"]);
  }
  // Only a program that ignores changes of the property declares what a lost pair reads as; it wants no repair.
  if (generation === 0) return { ...recordedPair(from), __keyGeneration: generationInHand(from, to) };
  if (generation > generationInHand(from, to)) return await rotate(client, user, from, to, done);
  if (from.keyGeneration === 0) await repair(client, user, from);
  return { ...recordedPair(from), __keyGeneration: generation };
}

/** The pair that the server makes with a user, or the oldest active one; a new one only where there is none. */
async function firstKey(client: CloudianClient, user: UserKey): Promise<KeyPair> {
  let keys = (await client.listKeys(user)).keys;
  for (const lag of lagMs) {
    const found = keys.find((key) => key.active);
    if (found) return found;
    await wait(lag);
    keys = (await client.listKeys(user)).keys;
  }
  return keys.find((key) => key.active) ?? (await makeKey(client, user, keys, () => {}));
}

async function rotate(
  client: CloudianClient,
  user: UserKey,
  from: KeyValues,
  to: Wanted,
  done: Done,
): Promise<KeyState> {
  const { keys } = await client.listKeys(user);
  const earlier = from.__keysBefore === undefined ? undefined : addedTo(from.__keysBefore, keys);
  const made = earlier ?? (await makeKey(client, user, keys, done, [from.accessKeyId, from.retiringAccessKeyId]));
  const key = { ...pairOf(made), __keyGeneration: to.keyGeneration };
  const old = keys.find((each) => each.accessKey === from.accessKeyId)?.accessKey;
  const retiring = to.previousKeys === "delete" ? old : undefined;
  const left = retiring === undefined ? {} : { retiringAccessKeyId: retiring };
  done({ ...key, keyGeneration: to.keyGeneration, ...left }, ["__keysBefore"]);
  if (retiring !== undefined) await client.deleteKey(retiring);
  return key;
}

/** Makes one pair even where the reply is lost: the one that was not there before is it. */
async function makeKey(
  client: CloudianClient,
  user: UserKey,
  before: KeyPair[],
  done: Done,
  recorded: readonly (string | undefined)[] = [],
): Promise<KeyPair> {
  try {
    const made = await client.makeKey(user);
    if (made !== "maximum reached") return made;
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    // A list can lag, so what is recorded counts as known whether it was listed or not.
    const known = [...before.map((key) => key.accessKey), ...recorded.filter((id) => id !== undefined)];
    // Until the look has found it, the next run must know what was there before.
    done({ __keysBefore: known });
    const found = await lookForAdded(client, user, known);
    if (found) return found;
    throw error;
  }
  const dates = before.map((key) => `${key.accessKey} of ${new Date(key.createDate).toISOString()}`).join(", ");
  throw new Refused(
    `Could not make a key pair for Cloudian user ${user.groupId}/${user.userId}: it has the maximum number of pairs (${dates}). ` +
      `Delete one that is no longer used, then run pulumi up again.`,
  );
}

async function lookForAdded(client: CloudianClient, user: UserKey, known: string[]): Promise<KeyPair | undefined> {
  for (const lag of [0, ...lagMs]) {
    await wait(lag);
    const added = addedTo(known, (await client.listKeys(user)).keys);
    if (added) return added;
  }
  return undefined;
}

function addedTo(known: string[], keys: KeyPair[]): KeyPair | undefined {
  return keys.findLast((key) => key.active && !known.includes(key.accessKey));
}

/** The same pair again, never a new one: the old one is in use somewhere. */
async function repair(client: CloudianClient, user: UserKey, recorded: KeyValues): Promise<void> {
  const { accessKeyId, secretAccessKey } = recorded;
  if (accessKeyId === undefined) return;
  const found = (await client.listKeys(user)).keys.find((key) => key.accessKey === accessKeyId);
  if (found) return found.active ? undefined : await client.activateKey(accessKeyId);
  const lost = `Key pair ${accessKeyId} of Cloudian user ${user.groupId}/${user.userId}`;
  if (secretAccessKey === undefined)
    throw new Refused(`${lost} is gone and its secret is not in the state. Raise keyGeneration to make a new pair.`);
  const outcome = await client.importKey(user, accessKeyId, secretAccessKey);
  if (outcome === "imported") return;
  // A repeated request whose first reply was lost meets its own work.
  if ((await client.listKeys(user)).keys.some((key) => key.accessKey === accessKeyId)) return;
  throw new Refused(
    outcome === "taken"
      ? `${lost} cannot be restored: the access key id now belongs to somebody else. Raise keyGeneration to make a new pair.`
      : `${lost} cannot be restored: the user has the maximum number of pairs. Delete one that is no longer used, then run pulumi up again.`,
  );
}

function generationInHand(from: KeyValues, to: Wanted): number {
  return from.__keyGeneration ?? (from.keyGeneration || to.keyGeneration);
}

function pairOf(key: KeyPair): { accessKeyId: string; secretAccessKey: string } {
  return { accessKeyId: key.accessKey, secretAccessKey: key.secretKey };
}

function recordedPair(recorded: KeyValues | undefined): Pick<KeyState, "accessKeyId" | "secretAccessKey"> {
  const { accessKeyId, secretAccessKey } = recorded ?? {};
  return {
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
  };
}
