import { randomInt } from "node:crypto";
import { OutcomeUnknown, Refused } from "../core/errors.ts";
import { refuseLowered } from "../core/key-generation.ts";
import { warn } from "../core/log.ts";
import { rememberSecret } from "../core/redact.ts";
import type { EcsClient } from "./client.ts";
import { type KeySlot, named, type UserKey } from "./users.ts";

/** What is recorded of a user's managed key pair. */
export interface KeyState {
  accessKeyId?: string;
  secretAccessKey?: string;
  /** The generation of the pair in hand, where `keyGeneration` itself shows that the pair is lost. */
  __keyGeneration?: number;
  /** When the array says that the pair in hand was made: what tells it from others where the array hides keys. */
  __keyCreated?: string;
  /** A pair that is being pushed, so that a run that breaks off pushes the same one again and not a third. */
  __nextSecret?: string;
  /** The keys that were there before it, or the pair in hand again, was pushed, by their dates. */
  __keysBefore?: string[];
}

type KeyValues = KeyState & { readonly keyGeneration?: number };

interface Wanted {
  readonly keyGeneration: number;
  readonly previousKeyExpiryMinutes?: number;
}

type Done = (state: KeyValues, undone?: readonly (keyof KeyState)[]) => void;

/** ECS keeps two keys of a user (reference: ECS management API, 4.1). */
const places = 2;

const attempts = 3;

/** As long as those that ECS makes itself, without the two characters that a URL would have to encode. */
const secretLength = 40;
const secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * The managed pair as it is; without a recorded one, the first that can be read. A lost pair is mirrored in
 * `keyGeneration` as 0, because only inputs count as drift.
 */
export async function liveKey(
  client: EcsClient,
  user: UserKey,
  recorded: KeyValues | undefined,
): Promise<KeyValues & { keyGeneration: number }> {
  const keys = await client.users.keys(user);
  const generation = recorded?.__keyGeneration ?? (recorded?.keyGeneration || 1);
  const unfinished = pickUnfinished(recorded);
  const secret = recorded?.secretAccessKey;
  const found = secret === undefined ? firstOf(keys, recorded) : matching(keys, secret, recorded);
  if (!found) {
    const before = secret === undefined && !unfinished.__nextSecret ? { __keysBefore: datesOf(keys) } : {};
    // Its date stays on record: without it the next look would take another hidden key for the pair.
    const created = recorded?.__keyCreated === undefined ? {} : { __keyCreated: recorded.__keyCreated };
    const lost = { keyGeneration: 0, __keyGeneration: generation };
    return { ...pairOf(user, secret), ...created, ...unfinished, ...before, ...lost };
  }
  // A pair that was being pushed when its run broke off has arrived, if that is the one in hand.
  const { __nextSecret: next } = unfinished;
  const isUnfinished = next !== undefined && found.secret !== next;
  return {
    ...pairOf(user, found.secret ?? secret),
    ...(isUnfinished ? unfinished : {}),
    keyGeneration: generation,
    __keyGeneration: generation,
    __keyCreated: found.created,
  };
}

/** Brings the managed pair to what is wanted: made and pushed, pushed again as the same, or rotated. */
export async function updateKey(
  client: EcsClient,
  user: UserKey,
  from: KeyValues,
  to: Wanted,
  done: Done,
): Promise<KeyState> {
  const generation = to.keyGeneration;
  const inHand = generationInHand(from);
  if (from.__nextSecret !== undefined && from.__nextSecret !== from.secretAccessKey)
    return await finish(client, user, from, to, done);
  // Only a program that ignores changes of the property declares what a lost or unreadable pair reads as; it wants none made.
  if (generation === 0) return { ...recordedPair(from), __keyGeneration: inHand };
  if (from.secretAccessKey === undefined) return await firstPair(client, user, from, to, done);
  if (generation > inHand) return await rotate(client, user, from, to, done);
  if (from.keyGeneration === 0) return await repair(client, user, from.secretAccessKey, from, to, done);
  return { ...recordedPair(from), __keyGeneration: Math.max(generation, inHand) };
}

/** Before any request: a lower number than that of the pair in hand. */
export function requireRaised(user: UserKey, from: KeyValues, to: Wanted): void {
  if (from.secretAccessKey === undefined) return;
  refuseLowered(named(user), from.keyGeneration, to.keyGeneration, generationInHand(from));
}

function generationInHand(from: KeyValues): number {
  return from.__keyGeneration ?? (from.keyGeneration || 1);
}

async function rotate(client: EcsClient, user: UserKey, from: KeyValues, to: Wanted, done: Done): Promise<KeyState> {
  const keys = await client.users.keys(user);
  const unfinished = client.takesUnfinished() ? await leftByKilled(user, from, keys) : undefined;
  if (unfinished !== undefined) return taken(user, unfinished, to, done);
  requirePlace(user, keys);
  const expiring = holdsOwn(keys, from) ? to : { keyGeneration: to.keyGeneration };
  return await pushNew(client, user, datesOf(keys), expiring, done);
}

/** A killed run has recorded nothing, and nothing proves whose the key is: only with leave to adopt is it ours. */
async function leftByKilled(user: UserKey, from: KeyValues, keys: readonly KeySlot[]): Promise<string | undefined> {
  const inHand = matching(keys, from.secretAccessKey ?? "", from);
  const since = inHand?.created ?? from.__keyCreated;
  const later = keys.filter((key) => key !== inHand && since !== undefined && key.created >= since);
  const [found] = later;
  if (later.length !== 1 || found?.secret === undefined) return undefined;
  await warn(`${named(user)}: the key made ${found.created} is taken to be that of a rotation that was broken off.`);
  return found.secret;
}

/** A new user has no key; of any other the first that can be read is taken, and one is made only where there is none. */
async function firstPair(client: EcsClient, user: UserKey, from: KeyValues, to: Wanted, done: Done): Promise<KeyState> {
  const { keyGeneration } = to;
  if (from.__keysBefore !== undefined) return await pushNew(client, user, from.__keysBefore, { keyGeneration }, done);
  const keys = await client.users.keys(user);
  const readable = keys.find((key) => key.secret !== undefined)?.secret;
  if (readable !== undefined) return taken(user, readable, to, done);
  return await pushNew(client, user, datesOf(keys), { keyGeneration }, done);
}

async function pushNew(client: EcsClient, user: UserKey, before: string[], to: Wanted, done: Done): Promise<KeyState> {
  const secret = newSecret();
  // Before it leaves: a run that breaks off here must not make another one.
  done({ __nextSecret: secret, __keysBefore: before });
  await push(client, user, secret, before, to.previousKeyExpiryMinutes, () => forget(done));
  return taken(user, secret, to, done);
}

/** An earlier run has begun to push a pair and does not know whether it arrived. */
async function finish(client: EcsClient, user: UserKey, from: KeyValues, to: Wanted, done: Done): Promise<KeyState> {
  const secret = from.__nextSecret as string;
  const before = from.__keysBefore ?? [];
  const keys = await client.users.keys(user);
  const inHand = generationInHand(from);
  if (from.secretAccessKey !== undefined && to.keyGeneration <= inHand) {
    // The program has taken its rotation back, and whoever uses the pair in hand must not lose it.
    if (arrived(keys, secret, before))
      await warn(`${named(user)} keeps a second key, made ${keys.at(-1)?.created}, of a rotation that was broken off.`);
    forget(done);
    return { ...recordedPair(from), __keyGeneration: inHand };
  }
  if (!arrived(keys, secret, before)) {
    requirePlace(user, keys);
    const expiry = holdsOwn(keys, from) ? to.previousKeyExpiryMinutes : undefined;
    await push(client, user, secret, before, expiry, () => forget(done));
  }
  return taken(user, secret, to, done);
}

/** The array has said that there is no such pair, so that nothing is to be finished. */
function forget(done: Done): void {
  done({}, ["__nextSecret", "__keysBefore"]);
}

function taken(user: UserKey, secret: string, to: Wanted, done: Done): KeyState {
  const pair = { ...pairOf(user, secret), __keyGeneration: to.keyGeneration };
  done({ ...pair, keyGeneration: to.keyGeneration }, ["__nextSecret", "__keysBefore", "__keyCreated"]);
  return pair;
}

/** The same pair again: whoever uses it goes on as if nothing had been. */
async function repair(
  client: EcsClient,
  user: UserKey,
  secret: string,
  from: KeyValues,
  to: Wanted,
  done: Done,
): Promise<KeyState> {
  const keys = await client.users.keys(user);
  // Those of a repair that broke off: what is hidden and has come since is the pair.
  const before = from.__keysBefore ?? datesOf(keys);
  if (!arrived(keys, secret, before)) {
    requirePlace(user, keys);
    done({ __keysBefore: before });
    await push(client, user, secret, before, undefined, () => forget(done));
  }
  return taken(user, secret, to, done);
}

/** A lost reply is answered by looking, and only what has not arrived is pushed again. */
async function push(
  client: EcsClient,
  user: UserKey,
  secret: string,
  before: readonly string[],
  expiryMinutes: number | undefined,
  refused: () => void,
): Promise<void> {
  // Before it leaves: an answer may quote what it refuses.
  rememberSecret(secret);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await client.users.pushKey(user, secret, expiryMinutes);
      if (!answer.error) return;
      const keys = await client.users.keys(user);
      if (arrived(keys, secret, before)) return;
      refused();
      requirePlace(user, keys);
      throw client.users.refusal(`set a key of ${named(user)}`, answer);
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      if (arrived(await client.users.keys(user), secret, before)) return;
      if (attempt === attempts) throw error;
    }
  }
}

function arrived(keys: readonly KeySlot[], secret: string, before: readonly string[]): boolean {
  return keys.some((key) => (key.secret === undefined ? !before.includes(key.created) : key.secret === secret));
}

/** The first that can be read; where one was being pushed, that one only, because others are somebody else's. */
function firstOf(keys: readonly KeySlot[], recorded: KeyValues | undefined): KeySlot | undefined {
  const next = recorded?.__nextSecret;
  return keys.find((key) => (next === undefined ? key.secret !== undefined : key.secret === next));
}

function matching(keys: readonly KeySlot[], secret: string, recorded: KeyValues | undefined): KeySlot | undefined {
  const readable = keys.find((key) => key.secret === secret);
  if (readable) return readable;
  const hidden = keys.filter((key) => key.secret === undefined);
  const created = recorded?.__keyCreated;
  if (created !== undefined) return hidden.find((key) => key.created === created);
  return hidden.toSorted((a, b) => (a.created < b.created ? 1 : -1))[0];
}

/** Whether the key that a push would give an end is the recorded one: anybody else's is left alone. */
function holdsOwn(keys: readonly KeySlot[], from: KeyValues): boolean {
  if (from.secretAccessKey === undefined || from.keyGeneration === 0) return false;
  return matching(keys, from.secretAccessKey, from) !== undefined;
}

function datesOf(keys: readonly KeySlot[]): string[] {
  return keys.map((key) => key.created);
}

function requirePlace(user: UserKey, keys: readonly KeySlot[]): void {
  if (keys.length < places) return;
  const dates = keys.map(
    (key) =>
      `one made ${key.created || "at an unknown time"}${key.expires === "" ? "" : `, which ends ${key.expires}`}`,
  );
  throw new Refused(
    `${named(user)} has two keys already, and ECS allows two: ${dates.join("; ")}. None is deleted here, because it may be ` +
      `in use. Delete the one that nobody uses on the array, or wait for its end; previousKeyExpiryMinutes gives the earlier ` +
      `key an end at the next rotation.`,
  );
}

function newSecret(): string {
  return Array.from({ length: secretLength }, () => secretAlphabet[randomInt(secretAlphabet.length)]).join("");
}

function pairOf(user: UserKey, secret: string | undefined): KeyState {
  return { accessKeyId: user.userName, ...(secret === undefined ? {} : { secretAccessKey: secret }) };
}

function recordedPair(from: KeyValues): KeyState {
  return {
    ...(from.accessKeyId === undefined ? {} : { accessKeyId: from.accessKeyId }),
    ...(from.secretAccessKey === undefined ? {} : { secretAccessKey: from.secretAccessKey }),
    ...(from.__keyCreated === undefined ? {} : { __keyCreated: from.__keyCreated }),
  };
}

function pickUnfinished(from: KeyValues | undefined): KeyState {
  return {
    ...(from?.__nextSecret === undefined ? {} : { __nextSecret: from.__nextSecret }),
    ...(from?.__keysBefore === undefined ? {} : { __keysBefore: from.__keysBefore }),
  };
}
