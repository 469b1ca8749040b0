import { setTimeout as wait } from "node:timers/promises";
import { OutcomeUnknown, Refused } from "../core/errors.ts";
import { refuseLowered } from "../core/key-generation.ts";
import { warn } from "../core/log.ts";
import type { KeyPair } from "./answers.ts";
import type { CloudianClient, UserKey } from "./client.ts";

/** What is recorded of a user's managed key pair. */
export interface KeyState {
  accessKeyId?: string;
  secretAccessKey?: string;
  /** An earlier pair that a rotation still has to delete. */
  retiringAccessKeyId?: string;
  /** The generation of the pair in hand, where `keyGeneration` itself shows that something is lost or left to do. */
  __keyGeneration?: number;
  /** A request for a new pair whose reply was lost and that could not be looked for either. */
  __lostKey?: LostKey;
}

/** What tells the pair that a lost request made from one that somebody else makes. */
interface LostKey {
  readonly before: string[];
  /** When it was asked for, by the system's clock, in milliseconds. */
  readonly at: number;
  /** When it was given up, after waits and repeats perhaps, by the same clock. */
  readonly until?: number;
}

type KeyValues = KeyState & { readonly keyGeneration?: number };

interface Wanted {
  readonly keyGeneration: number;
  readonly previousKeys: "keep" | "delete";
}

type Done = (state: KeyValues, undone?: readonly (keyof KeyState)[]) => void;

/** A list may lag behind a creation by this much before the pair counts as missing. */
const lagMs = [200, 500];

/** A system may carry a request out this long after it was given up, and its clock ticks in seconds. */
const lateMs = 60_000;
const tickMs = 1000;

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
    ...(recorded?.__lostKey === undefined ? {} : { __lostKey: recorded.__lostKey }),
    keyGeneration: found ? generation - (retiring === undefined ? 0 : 1) : 0,
    __keyGeneration: generation,
  };
  return { key, ...age };
}

/** Before any request: a lower number than that of the pair in hand. */
export function requireRaised(id: string, from: KeyValues, to: Wanted): void {
  refuseLowered(`Cloudian user ${id}`, from.keyGeneration, to.keyGeneration, generationInHand(from, to));
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
  if (from.retiringAccessKeyId !== undefined && to.previousKeys === "delete") {
    await client.deleteKey(from.retiringAccessKeyId);
    done({}, ["retiringAccessKeyId"]);
  }
  // Only a program that ignores changes of the property declares what a lost or missing pair reads as; it wants none made.
  if (generation === 0) return { ...recordedPair(from), __keyGeneration: generationInHand(from, to) };
  if (from.accessKeyId === undefined) {
    const key = { ...pairOf(await firstKey(client, user)), __keyGeneration: generation };
    done({ ...key, keyGeneration: generation });
    return key;
  }
  if (generation > generationInHand(from, to)) return await rotate(client, user, from, to, done);
  if (from.keyGeneration === 0) await repair(client, user, from);
  return { ...recordedPair(from), __keyGeneration: Math.max(generation, generationInHand(from, to)) };
}

/** The pair that the server makes with a user, or the oldest active one; a new one only where there is none. */
async function firstKey(client: CloudianClient, user: UserKey): Promise<KeyPair> {
  const found = await lookFor(client, user, (keys) => keys.find((key) => key.active));
  return found ?? (await makeKey(client, user, await client.listKeys(user), {}, () => {}));
}

/** Looks again for a while, because a list may lag. */
async function lookFor(
  client: CloudianClient,
  user: UserKey,
  find: (keys: KeyPair[]) => KeyPair | undefined,
): Promise<KeyPair | undefined> {
  for (const lag of [0, ...lagMs]) {
    await wait(lag);
    const found = find((await client.listKeys(user)).keys);
    if (found) return found;
  }
  return undefined;
}

async function rotate(
  client: CloudianClient,
  user: UserKey,
  from: KeyValues,
  to: Wanted,
  done: Done,
): Promise<KeyState> {
  const listed = await client.listKeys(user);
  const lost = from.__lostKey === undefined ? undefined : madeByLost(user, from.__lostKey, listed.keys);
  const unfinished = lost || !client.takesUnfinished() ? undefined : await leftByKilled(user, from, to, listed.keys);
  const made = lost ?? unfinished ?? (await makeKey(client, user, listed, from, done));
  const key = { ...pairOf(made), __keyGeneration: to.keyGeneration };
  const old = listed.keys.find((each) => each.accessKey === from.accessKeyId)?.accessKey;
  const retiring = to.previousKeys === "delete" ? old : undefined;
  const left = retiring === undefined ? {} : { retiringAccessKeyId: retiring };
  done({ ...key, keyGeneration: to.keyGeneration, ...left }, ["__lostKey"]);
  if (retiring !== undefined) await client.deleteKey(retiring);
  return key;
}

/** Makes one pair even where the reply is lost: the one that was not there before is it. */
async function makeKey(
  client: CloudianClient,
  user: UserKey,
  listed: { keys: KeyPair[]; now: number | undefined },
  recorded: KeyValues,
  done: Done,
): Promise<KeyPair> {
  const started = performance.now();
  try {
    const made = await client.makeKey(user);
    if (made !== "maximum reached") return made;
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    const lost = lostKeyOf(listed, recorded, performance.now() - started);
    return await lookForLost(client, user, lost, done, error);
  }
  throw new Refused(
    `Could not make a key pair for Cloudian user ${user.groupId}/${user.userId}: it has the maximum number of pairs ` +
      `(${datesOf(listed.keys)}). Delete one that is no longer used, then run pulumi up again.`,
  );
}

/** A list can lag, so what is recorded counts as there before, whether it was listed or not. */
function lostKeyOf(
  listed: { keys: KeyPair[]; now: number | undefined },
  recorded: KeyValues,
  lastedMs: number,
): LostKey {
  const noted = [recorded.accessKeyId, recorded.retiringAccessKeyId].filter((id) => id !== undefined);
  const at = listed.now ?? Date.now();
  const before = [...new Set([...listed.keys.map((key) => key.accessKey), ...noted])];
  return { before, at, until: at + Math.ceil(lastedMs) };
}

async function lookForLost(
  client: CloudianClient,
  user: UserKey,
  lost: LostKey,
  done: Done,
  error: OutcomeUnknown,
): Promise<KeyPair> {
  // If the look fails as well, the next run must be able to tell the pair from others.
  done({ __lostKey: lost });
  const found = await lookFor(client, user, (keys) => madeByLost(user, lost, keys));
  if (found) return found;
  done({}, ["__lostKey"]);
  throw error;
}

function madeByLost(user: UserKey, { before, at, until = at }: LostKey, keys: KeyPair[]): KeyPair | undefined {
  const candidates = keys.filter(
    (key) =>
      key.active &&
      !before.includes(key.accessKey) &&
      key.createDate >= at - tickMs &&
      key.createDate <= until + lateMs,
  );
  if (candidates.length <= 1) return candidates[0];
  throw new Refused(
    `The reply to a request for a key pair of Cloudian user ${user.groupId}/${user.userId} was lost, and it cannot be told which of ` +
      `these it made: ${datesOf(candidates)}. Delete those that nobody uses, then run pulumi up again.`,
  );
}

/** A killed run has recorded nothing, and nothing proves whose the pair is: only with leave to adopt is it ours. */
async function leftByKilled(
  user: UserKey,
  recorded: KeyValues,
  { previousKeys }: Wanted,
  keys: KeyPair[],
): Promise<KeyPair | undefined> {
  const inHand = keys.find((key) => key.accessKey === recorded.accessKeyId);
  // Of a pair that is gone nobody knows the date; a run that deletes it has made the new one before.
  if (!inHand && previousKeys === "keep") return undefined;
  const noted = [recorded.accessKeyId, recorded.retiringAccessKeyId];
  const isLater = ({ createDate }: KeyPair) => createDate >= (inHand?.createDate ?? 0);
  const candidates = keys.filter((key) => key.active && !noted.includes(key.accessKey) && isLater(key));
  const name = `Cloudian user ${user.groupId}/${user.userId}`;
  if (candidates.length > 1)
    throw new Refused(
      `It cannot be told which of these key pairs of ${name} a rotation that was broken off has made: ${datesOf(candidates)}. ` +
        "Delete those that nobody uses, then run pulumi up again; or unset CLOUDSTACK_STORAGE_ADOPT to make another pair.",
    );
  if (candidates[0])
    await warn(`${name}: key pair ${datesOf(candidates)} is taken to be that of a rotation that was broken off.`);
  return candidates[0];
}

function datesOf(keys: KeyPair[]): string {
  return keys.map((key) => `${key.accessKey} of ${new Date(key.createDate).toISOString()}`).join(", ");
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
