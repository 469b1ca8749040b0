import type { LabClock } from "./clock.ts";
import { patchBuckets, patchS3Bucket } from "./cloudian-bucket-patch.ts";
import { buildFields, groupFields, Refused, userFields } from "./cloudian-documents.ts";
import { hasLimitsOwner } from "./cloudian-limits.ts";
import { withOption } from "./cloudian-options.ts";
import {
  assertGroupId,
  assertGroupName,
  assertUserId,
  type CloudianStore,
  type Credential,
  endSessions,
  type Limits,
  limitNames,
  newCanonicalId,
  newSecretKey,
  removeGroup,
  removeUser,
  splitKey,
  unlimited,
  userKey,
  usersOf,
} from "./cloudian-store.ts";
import { isObject, LabError } from "./errors.ts";
import { applyPatch, Misfit, type Section } from "./patch.ts";

type Draft = { store: CloudianStore; clock: LabClock };

/** In this order, so that a patch may make a group, its user and the user's key and bucket at once. */
const sections: Record<string, Section<Draft>> = {
  options: patchOption,
  groups: fitting(patchGroup),
  users: fitting(patchUser),
  credentials: patchCredential,
  limits: fitting(patchLimits),
  storagePolicies: patchStoragePolicy,
  buckets: fitting(patchBuckets),
  s3Buckets: patchS3Bucket,
  passwords: fitting(patchPassword),
  cmcSessions: patchCmcSessions,
};

/** A copy of the store with a JSON merge patch applied; what belongs to something that was deleted goes with it. */
export function patchedStore(store: CloudianStore, patch: Record<string, unknown>, clock: LabClock): CloudianStore {
  const { s3, ...rest } = store;
  const draft: Draft = { store: { ...structuredClone(rest), s3: s3.clone() }, clock };
  applyPatch(draft, patch, sections);
  return draft.store;
}

/** What the Admin API would refuse does not fit either. */
function fitting(apply: Section<Draft>): Section<Draft> {
  return (draft, key, change) => {
    try {
      apply(draft, key, change);
    } catch (error) {
      throw error instanceof Refused ? new Misfit(error.message) : error;
    }
  };
}

function patchOption({ store }: Draft, name: string, value: unknown): void {
  const options = withOption(store.options, name, value);
  if (typeof options === "string") throw new LabError(options);
  store.options = options;
}

function patchGroup({ store }: Draft, groupId: string, change: unknown): void {
  if (change === null) {
    for (const user of usersOf(store, groupId)) removeUser(store, userKey(groupId, user.userId));
    removeGroup(store, groupId);
    return;
  }
  const members = object(change, ["groupId", ...Object.keys(groupFields)]);
  assertGroupId(groupId);
  fixed(members, "groupId", groupId);
  const fields = buildFields(groupFields, members, store.groups.get(groupId));
  assertGroupName(store, fields.groupName);
  store.groups.set(groupId, { groupId, ...fields });
}

function patchUser({ store }: Draft, key: string, change: unknown): void {
  if (change === null) {
    removeUser(store, key);
    return;
  }
  const { groupId, userId } = splitKey(key);
  const members = object(change, ["groupId", "userId", "canonicalUserId", ...Object.keys(userFields)]);
  assertUserId(userId);
  if (!store.groups.has(groupId)) throw new Misfit("there is no such group");
  fixed(members, "groupId", groupId);
  fixed(members, "userId", userId);
  const current = store.users.get(key);
  const canonicalUserId = members["canonicalUserId"] ?? current?.canonicalUserId ?? newCanonicalId();
  if (typeof canonicalUserId !== "string") throw new Misfit("canonicalUserId must be a text");
  if (current !== undefined) {
    for (const bucket of store.s3.bucketsOf("", current.canonicalUserId)) bucket.owner = canonicalUserId;
  }
  store.users.set(key, { userId, groupId, canonicalUserId, ...buildFields(userFields, members, current) });
}

function patchCredential({ store, clock }: Draft, accessKey: string, change: unknown): void {
  if (change === null) {
    store.credentials.delete(accessKey);
    return;
  }
  const members = object(change, Object.keys(credentialForms));
  fixed(members, "accessKey", accessKey);
  const current: Credential = store.credentials.get(accessKey) ?? {
    groupId: "",
    userId: "",
    accessKey,
    secretKey: newSecretKey(),
    createDate: clock.stamp(),
    expireDate: null,
    active: true,
    iam: false,
  };
  const credential = { ...current, ...members } as Credential;
  for (const [name, fits] of Object.entries(credentialForms)) {
    if (!fits(credential[name as keyof Credential])) throw new Misfit(`${name} does not have an acceptable value`);
  }
  requireUser(store, credential.groupId, credential.userId);
  store.credentials.set(credential.accessKey, credential);
}

const credentialForms: Record<keyof Credential, (value: unknown) => boolean> = {
  groupId: isText,
  userId: isText,
  accessKey: isText,
  secretKey: isText,
  createDate: isWhole,
  expireDate: (value) => value === null || isWhole(value),
  active: (value) => typeof value === "boolean",
  iam: (value) => typeof value === "boolean",
};

function patchLimits({ store }: Draft, key: string, change: unknown): void {
  if (change === null) {
    store.limits.delete(key);
    return;
  }
  const mark = key.lastIndexOf("?region=");
  const { groupId, userId } = splitKey(mark < 0 ? key : key.slice(0, mark));
  if (!hasLimitsOwner(store, groupId, userId)) throw new Misfit("there is no such group or user");
  const members = object(change, limitNames);
  const limits: Limits = { ...unlimited, ...store.limits.get(key) };
  for (const name of limitNames) {
    const value = members[name];
    if (value === undefined) continue;
    const limit = value ?? -1;
    if (!isWhole(limit) || limit < -2) throw new Misfit(`${name} must be a whole number, -1 for unlimited`);
    limits[name] = limit;
  }
  store.limits.set(key, limits);
}

function patchStoragePolicy({ store }: Draft, id: string, name: unknown): void {
  if (name !== null && !isText(name)) throw new Misfit("it must be the name of the policy, or null");
  if (name === null) store.storagePolicies.delete(id);
  else store.storagePolicies.set(id, name);
}

function patchPassword({ store }: Draft, key: string, change: unknown): void {
  const { groupId, userId } = splitKey(key);
  if (change === null) {
    store.passwords.delete(key);
    return;
  }
  requireUser(store, groupId, userId);
  if (!isText(change)) throw new Misfit("a password must be a text");
  store.passwords.set(key, change);
}

function patchCmcSessions({ store }: Draft, key: string, change: unknown): void {
  if (change !== null) throw new Misfit("only null, which logs the user out");
  endSessions(store, key);
}

function requireUser(store: CloudianStore, groupId: string, userId: string): void {
  if (!store.users.has(userKey(groupId, userId))) throw new Misfit("there is no such user: give groupId and userId");
}

function object(value: unknown, allowed: readonly string[]): Record<string, unknown> {
  if (!isObject(value)) throw new Misfit("it must be an object, or null to delete it");
  const unknown = Object.keys(value).find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw new Misfit(`there is no "${unknown}", only ${allowed.join(", ")}`);
  return value;
}

function fixed(members: Record<string, unknown>, name: string, value: string): void {
  if (members[name] !== undefined && members[name] !== value) throw new Misfit(`${name} cannot change`);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}
