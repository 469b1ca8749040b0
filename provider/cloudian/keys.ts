import { setTimeout as wait } from "node:timers/promises";
import { OutcomeUnknown, Refused } from "../core/errors.ts";
import type { CloudianClient, KeyPair, UserKey } from "./client.ts";

/** What is recorded of a user's managed key pair. */
export interface KeyState {
  accessKeyId?: string;
  secretAccessKey?: string;
  /** An earlier pair that a rotation still has to delete. */
  retiringAccessKeyId?: string;
  /** The generation of the pair in hand; `keyGeneration` itself reads 0 while the pair is lost. */
  __keyGeneration?: number;
}

interface Wanted {
  readonly keyGeneration: number;
  readonly previousKeys: "keep" | "delete";
}

type Recorded = KeyState & { readonly keyGeneration?: number };

type Done = (state: Partial<KeyState & { keyGeneration: number }>) => void;

/** A list may lag behind the creation of its user by this much before the pair counts as missing. */
const lagMs = [200, 500];

/**
 * The managed pair as it is. A recorded pair that is gone or off reads as generation 0, which is how a lost key shows
 * as drift; without a recorded one it is the oldest active root pair.
 */
export async function liveKey(
  client: CloudianClient,
  user: UserKey,
  recorded: Recorded | undefined,
): Promise<{ key: KeyState & { keyGeneration?: number }; ageMs?: number }> {
  const { keys, now } = await client.listKeys(user);
  const first = keys[0];
  const age = first && now !== undefined ? { ageMs: now - first.createDate } : {};
  if (recorded?.accessKeyId === undefined) {
    const found = keys.find((key) => key.active);
    return { key: found ? { ...pairOf(found), keyGeneration: recorded?.keyGeneration ?? 1 } : {}, ...age };
  }
  const found = keys.find((key) => key.accessKey === recorded.accessKeyId);
  const { accessKeyId, secretAccessKey, retiringAccessKeyId } = recorded;
  const generation = recorded.__keyGeneration ?? recorded.keyGeneration ?? 1;
  const carried = { accessKeyId, ...defined({ secretAccessKey, retiringAccessKeyId }), __keyGeneration: generation };
  if (!found?.active) return { key: { ...carried, keyGeneration: 0 }, ...age };
  return { key: { ...carried, ...pairOf(found), keyGeneration: generation }, ...age };
}

/** Brings the managed pair to what is wanted: found or made, repaired as the same pair, or rotated. */
export async function updateKey(
  client: CloudianClient,
  user: UserKey,
  from: Recorded,
  to: Wanted,
  done: Done,
): Promise<KeyState> {
  const generation = to.keyGeneration;
  if (from.accessKeyId === undefined) {
    const key = { ...pairOf(await firstKey(client, user)), __keyGeneration: generation };
    done({ ...key, keyGeneration: generation });
    return key;
  }
  const inHand = from.__keyGeneration ?? (from.keyGeneration || generation);
  if (generation > inHand) return await rotate(client, user, from.accessKeyId, to, done);
  const key = {
    accessKeyId: from.accessKeyId,
    ...defined({ secretAccessKey: from.secretAccessKey }),
    __keyGeneration: generation,
  };
  if (from.keyGeneration === 0) await repair(client, user, from);
  if (from.retiringAccessKeyId !== undefined && to.previousKeys === "delete")
    await client.deleteKey(from.retiringAccessKeyId);
  return key;
}

/** The pair that the server makes with a user, or the oldest active one; a new one only where there is none. */
async function firstKey(client: CloudianClient, user: UserKey): Promise<KeyPair> {
  for (const lag of [...lagMs, undefined]) {
    const found = (await client.listKeys(user)).keys.find((key) => key.active);
    if (found) return found;
    if (lag !== undefined) await wait(lag);
  }
  return await makeKey(client, user, []);
}

async function rotate(client: CloudianClient, user: UserKey, old: string, to: Wanted, done: Done): Promise<KeyState> {
  const before = (await client.listKeys(user)).keys;
  const made = { ...pairOf(await makeKey(client, user, before)), __keyGeneration: to.keyGeneration };
  if (to.previousKeys === "keep") {
    done({ ...made, keyGeneration: to.keyGeneration });
    return made;
  }
  done({ ...made, keyGeneration: to.keyGeneration, retiringAccessKeyId: old });
  if (before.some((key) => key.accessKey === old)) await client.deleteKey(old);
  return made;
}

/** Makes one pair even where the reply is lost: the one that was not there before is it. */
async function makeKey(client: CloudianClient, user: UserKey, before: KeyPair[]): Promise<KeyPair> {
  try {
    const made = await client.makeKey(user);
    if (made !== "maximum reached") return made;
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    const known = new Set(before.map((key) => key.accessKey));
    const added = (await client.listKeys(user)).keys.filter((key) => !known.has(key.accessKey));
    const newest = added.at(-1);
    if (newest) return newest;
    throw error;
  }
  const dates = before.map((key) => `${key.accessKey} of ${new Date(key.createDate).toISOString()}`).join(", ");
  throw new Refused(
    `Could not make a key pair for Cloudian user ${user.groupId}/${user.userId}: it has the maximum number of pairs (${dates}). ` +
      `Delete one that is no longer used, then run pulumi up again.`,
  );
}

/** The same pair again, never a new one: the old one is in use somewhere. */
async function repair(client: CloudianClient, user: UserKey, recorded: Recorded): Promise<void> {
  const { accessKeyId, secretAccessKey } = recorded;
  if (accessKeyId === undefined) return;
  const id = `${user.groupId}/${user.userId}`;
  const found = (await client.listKeys(user)).keys.find((key) => key.accessKey === accessKeyId);
  if (found) return found.active ? undefined : await client.activateKey(accessKeyId);
  if (secretAccessKey === undefined)
    throw new Refused(
      `Key pair ${accessKeyId} of Cloudian user ${id} is gone and its secret is not in the state. Raise keyGeneration to make a new pair.`,
    );
  const outcome = await client.importKey(user, accessKeyId, secretAccessKey);
  if (outcome === "imported") return;
  // A repeated request whose first reply was lost meets its own work.
  const ours = (await client.listKeys(user)).keys.some((key) => key.accessKey === accessKeyId);
  if (ours) return;
  throw new Refused(
    outcome === "taken"
      ? `Key pair ${accessKeyId} of Cloudian user ${id} cannot be restored: the access key id now belongs to somebody else. Raise keyGeneration to make a new pair.`
      : `Key pair ${accessKeyId} of Cloudian user ${id} cannot be restored: the user has the maximum number of pairs. Delete one that is no longer used, then run pulumi up again.`,
  );
}

function pairOf(key: KeyPair): { accessKeyId: string; secretAccessKey: string } {
  return { accessKeyId: key.accessKey, secretAccessKey: key.secretKey };
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
