import type { LabClock } from "./clock.ts";
import { patchBucket } from "./ecs-bucket-patch.ts";
import { type EcsDraft, splitName } from "./ecs-draft.ts";
import { isNamespaceName } from "./ecs-namespaces.ts";
import { withOption } from "./ecs-options.ts";
import { newToken } from "./ecs-session.ts";
import { newNamespace, newSecret, newUser, type ObjectUser, removeKey, type SecretKey, userKey } from "./ecs-store.ts";
import { isObject, LabError } from "./errors.ts";
import {
  applyPatch,
  flagMember,
  Misfit,
  parseMembers,
  type Section,
  textChanges,
  textMember,
  timeMember,
  wholeMember,
  withChanges,
} from "./patch.ts";

/** In this order, so that a patch may make a namespace, its user and the user's bucket at once. */
const sections: Record<string, Section<EcsDraft>> = {
  options: patchOption,
  replicationGroups: patchReplicationGroup,
  namespaces: patchNamespace,
  users: patchUser,
  buckets: patchBucket,
  sessions: patchSessions,
};

/** A copy with a JSON merge patch applied. Null for all of `sessions` ends all tokens and unlocks the user. */
export function patchedEcs({ store, buckets, clock }: EcsDraft, patch: Record<string, unknown>): EcsDraft {
  const draft: EcsDraft = { store: structuredClone(store), buckets: buckets.clone(), clock };
  const ended = { live: 0, failures: 0, locked: false };
  applyPatch(draft, patch["sessions"] === null ? { ...patch, sessions: ended } : patch, sections);
  return draft;
}

/** Which request is the n-th is counted from here on. */
function patchOption({ store }: EcsDraft, name: string, value: unknown): void {
  const options = withOption(store.options, name, value);
  if (typeof options === "string") throw new LabError(options);
  store.options = options;
  if (name === "strangerEvery") store.sessions.served = 0;
}

function patchReplicationGroup({ store }: EcsDraft, urn: string, name: unknown): void {
  if (name === null) {
    store.replicationGroups.delete(urn);
    return;
  }
  if (typeof name !== "string" || name === "") throw new Misfit("it must be the name of the group");
  store.replicationGroups.set(urn, name);
}

const namespaceForms = {
  vpool: { expected: "a URN, or empty", parse: (value: unknown) => (typeof value === "string" ? value : undefined) },
  encryption: flagMember,
  staleAllowed: flagMember,
  bucketBlockSize: wholeMember(-1),
};

function patchNamespace({ store, buckets }: EcsDraft, name: string, change: unknown): void {
  if (change === null) {
    for (const bucket of buckets.buckets(name)) buckets.destroy(bucket);
    for (const [key, user] of store.users) if (user.namespace === name) store.users.delete(key);
    store.namespaces.delete(name);
    return;
  }
  if (!isNamespaceName(name)) throw new Misfit("a namespace has lower-case letters, digits, - and _");
  const [vpool = ""] = store.replicationGroups.keys();
  const current = store.namespaces.get(name) ?? { ...newNamespace(name), vpool };
  store.namespaces.set(name, { ...current, ...parseMembers(namespaceForms, change) });
}

const userForms = {
  created: timeMember,
  locked: flagMember,
  tags: textChanges,
  keys: {
    expected: "a list of at most two: null, a secret, or an object with secret, created and expires",
    parse: (value: unknown) => (Array.isArray(value) && value.length <= 2 ? (value as unknown[]) : undefined),
  },
};

function patchUser({ store, clock }: EcsDraft, key: string, change: unknown): void {
  if (change === null) {
    store.users.delete(key);
    return;
  }
  const { namespace, name } = splitName(key);
  if (!store.namespaces.has(namespace)) throw new Misfit("there is no such namespace");
  const members = parseMembers(userForms, change);
  const current = store.users.get(key) ?? newUser(namespace, name, clock.now());
  const tags = withChanges(Object.fromEntries(current.tags.map((tag) => [tag.name, tag.value])), members.tags ?? {});
  const user: ObjectUser = {
    ...current,
    created: members.created ?? current.created,
    locked: members.locked ?? current.locked,
    tags: Object.entries(tags).map(([tag, value]) => ({ name: tag, value })),
  };
  if (members.keys !== undefined) replaceKeys(user, members.keys, clock);
  store.users.set(userKey(namespace, name), user);
}

function replaceKeys(user: ObjectUser, given: unknown[], clock: LabClock): void {
  const keys = given.map((item) => patchedKey(user, item, clock));
  const now = clock.now();
  for (const slot of [0, 1] as const) {
    const stays = keys.some((key) => key !== null && key.secret === user.keys[slot]?.secret);
    if (!stays) removeKey(user, slot, now);
  }
  user.keys = [keys[0] ?? null, keys[1] ?? null];
}

const keyForms = {
  secret: textMember,
  created: timeMember,
  expires: {
    expected: "a time, or null",
    parse: (value: unknown) => (value === null ? "never" : timeMember.parse(value)),
  },
};

function patchedKey(user: ObjectUser, item: unknown, clock: LabClock): SecretKey | null {
  if (item === null) return null;
  const { secret = newSecret(), created, expires } = parseMembers(keyForms, isObject(item) ? item : { secret: item });
  const held = user.keys.find((key) => key?.secret === secret);
  const until = expires === "never" ? null : (expires ?? held?.expires ?? null);
  return { secret, created: created ?? held?.created ?? clock.stamp(), expires: until };
}

const sessionForms = {
  live: wholeMember(0),
  logins: wholeMember(0),
  failures: wholeMember(0),
  locked: flagMember,
};

/** Tokens that are too many end, the oldest first; those that are missing are somebody else's. */
function patchSessions({ store, clock }: EcsDraft, name: string, value: unknown): void {
  const { sessions } = store;
  const { live, locked, ...counters } = parseMembers(sessionForms, { [name]: value });
  Object.assign(sessions, counters);
  if (locked !== undefined) sessions.locked = locked;
  if (locked === false) sessions.failures = 0;
  if (live === undefined) return;
  while (sessions.tokens.size < live) sessions.tokens.set(newToken(), { created: clock.now(), used: clock.now() });
  for (const token of [...sessions.tokens.keys()].slice(0, sessions.tokens.size - live)) sessions.tokens.delete(token);
}
