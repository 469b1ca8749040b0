import { randomBytes } from "node:crypto";
import {
  buildFields,
  type GroupFields,
  groupFields,
  Refused,
  type UserFields,
  userFields,
} from "./cloudian-documents.ts";
import { type CloudianOptions, initialOptions } from "./cloudian-options.ts";
import { S3Store } from "./s3-store.ts";

export type Group = { groupId: string } & GroupFields;

export type User = { userId: string; groupId: string; canonicalUserId: string } & UserFields;

export interface Credential {
  readonly groupId: string;
  readonly userId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly createDate: number;
  readonly expireDate: number | null;
  readonly active: boolean;
  /** The key belongs to an IAM user under this user, not to the user itself. */
  readonly iam: boolean;
}

export const limitNames = [
  "hlStorageQuotaKBytes",
  "wlStorageQuotaKBytes",
  "hlStorageQuotaCount",
  "wlStorageQuotaCount",
  "hlRequestRate",
  "wlRequestRate",
  "hlDataKBytesIn",
  "wlDataKBytesIn",
  "hlDataKBytesOut",
  "wlDataKBytesOut",
] as const;

export type Limits = Record<(typeof limitNames)[number], number>;

export const unlimited = Object.fromEntries(limitNames.map((name) => [name, -1])) as Limits;

/** Everything that the simulated HyperStore holds. The order of a map is the order in which its objects were made. */
export interface CloudianStore {
  options: CloudianOptions;
  readonly groups: Map<string, Group>;
  /** By `groupId/userId`, as are limits and passwords. */
  readonly users: Map<string, User>;
  /** By access key. */
  readonly credentials: Map<string, Credential>;
  /** By `groupId/userId`, with `?region=NAME` behind it where a region was named. */
  readonly limits: Map<string, Limits>;
  readonly passwords: Map<string, string>;
  /** Names by id. */
  readonly storagePolicies: Map<string, string>;
  /** `groupId/userId` by the token of a session of the management console. */
  readonly cmcSessions: Map<string, string>;
  /** Signatures of the single sign-ons that were used. */
  readonly ssoUsed: Set<string>;
  /** The buckets; their owners are canonical user ids. */
  readonly s3: S3Store;
}

/** The group of the system's own administrators. */
export const systemGroup = "0";

const reservedIds = ["ALL", "*"];

/** A new system: the group of the administrators, and one of them, without keys. */
export function newStore(s3 = new S3Store()): CloudianStore {
  const store: CloudianStore = {
    options: initialOptions(),
    groups: new Map(),
    users: new Map(),
    credentials: new Map(),
    limits: new Map(),
    passwords: new Map(),
    storagePolicies: new Map(),
    cmcSessions: new Map(),
    ssoUsed: new Set(),
    s3,
  };
  store.groups.set(systemGroup, { groupId: systemGroup, ...buildFields(groupFields, { groupName: "System Admin" }) });
  store.users.set(userKey(systemGroup, "admin"), {
    userId: "admin",
    groupId: systemGroup,
    canonicalUserId: newCanonicalId(),
    ...buildFields(userFields, { userType: "SystemAdmin" }),
  });
  return store;
}

export function userKey(groupId: string, userId: string): string {
  return `${groupId}/${userId}`;
}

export function limitsKey(groupId: string, userId: string, region: string | undefined): string {
  return region === undefined ? userKey(groupId, userId) : `${userKey(groupId, userId)}?region=${region}`;
}

/** Splits `groupId/userId` at its first slash. */
export function splitKey(key: string): { groupId: string; userId: string } {
  const slash = key.indexOf("/");
  if (slash < 0) throw new Refused(400, `"${key}" is not of the form groupId/userId`);
  return { groupId: key.slice(0, slash), userId: key.slice(slash + 1) };
}

/** Refuses the ids that no group may have; a slash would make `groupId/userId` ambiguous. */
export function assertGroupId(groupId: string): void {
  if (groupId === "" || groupId.includes("/") || reservedIds.includes(groupId)) {
    throw new Refused(400, "groupId is empty, reserved or has a slash");
  }
}

export function assertUserId(userId: string): void {
  if (userId === "" || reservedIds.includes(userId)) throw new Refused(400, "userId is empty or reserved");
}

export function assertGroupName(store: CloudianStore, groupName: string): void {
  const most = store.options.maxGroupNameLength;
  if (most > 0 && [...groupName].length > most) throw new Refused(400, `groupName is longer than ${most} characters`);
}

/** The users of one group, in the order of their ids. */
export function usersOf(store: CloudianStore, groupId: string): User[] {
  const users = [...store.users.values()].filter((user) => user.groupId === groupId);
  return users.sort((a, b) => (a.userId < b.userId ? -1 : 1));
}

/** Removes a user with everything that belongs to it. */
export function removeUser(store: CloudianStore, key: string): void {
  const user = store.users.get(key);
  if (user === undefined) return;
  for (const { accessKey } of credentialsOf(store, user)) store.credentials.delete(accessKey);
  removeLimits(store, key);
  for (const bucket of store.s3.bucketsOf("", user.canonicalUserId)) store.s3.destroy(bucket);
  store.passwords.delete(key);
  endSessions(store, key);
  store.users.delete(key);
}

/** Logs a user out of the management console, wherever it is open. */
export function endSessions(store: CloudianStore, key: string): void {
  for (const [token, owner] of [...store.cmcSessions]) if (owner === key) store.cmcSessions.delete(token);
}

/** Removes a group with the limits that are set for it as a whole and for its users. */
export function removeGroup(store: CloudianStore, groupId: string): void {
  removeLimits(store, userKey(groupId, "*"));
  removeLimits(store, userKey(groupId, "ALL"));
  store.groups.delete(groupId);
}

export function credentialsOf(store: CloudianStore, owner: { groupId: string; userId: string }): Credential[] {
  return [...store.credentials.values()].filter(
    (credential) => credential.groupId === owner.groupId && credential.userId === owner.userId,
  );
}

export function newCanonicalId(): string {
  return randomBytes(16).toString("hex");
}

export function newAccessKey(): string {
  return randomBytes(10).toString("hex");
}

/** Forty characters of the base64 alphabet, always with the two that a URL must encode. */
export function newSecretKey(): string {
  for (;;) {
    const secret = randomBytes(30).toString("base64");
    if (secret.includes("+") && secret.includes("/")) return secret;
  }
}

function removeLimits(store: CloudianStore, owner: string): void {
  for (const key of [...store.limits.keys()]) {
    if (key === owner || key.startsWith(`${owner}?region=`)) store.limits.delete(key);
  }
}
