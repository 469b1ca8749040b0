import { createHash, randomBytes } from "node:crypto";
import { type EcsOptions, initialOptions } from "./ecs-options.ts";

export interface EcsNamespace {
  readonly name: string;
  /** The default replication group; empty = none. */
  vpool: string;
  /** Defaults of new buckets. */
  encryption: boolean;
  staleAllowed: boolean;
  bucketBlockSize: number;
}

export interface Tag {
  readonly name: string;
  readonly value: string;
}

export interface SecretKey {
  readonly secret: string;
  readonly created: number;
  /** Null: never. */
  readonly expires: number | null;
}

export interface ObjectUser {
  readonly namespace: string;
  readonly name: string;
  readonly created: number;
  locked: boolean;
  tags: readonly Tag[];
  /** Two slots. */
  keys: [SecretKey | null, SecretKey | null];
  /** Removed and expired keys that the S3 nodes may still honor. */
  removed: readonly { readonly secret: string; readonly at: number }[];
}

export interface Token {
  readonly created: number;
  used: number;
}

/** The log-ins of the management user. */
export interface Sessions {
  /** In the order of the log-ins. */
  readonly tokens: Map<string, Token>;
  /** Successful log-ins. */
  logins: number;
  /** Wrong passwords since the last log-in. */
  failures: number;
  locked: boolean;
  /** Requests with a good token. */
  served: number;
}

/** Everything that the simulated ECS holds but its buckets, which are in the store of its S3 service. */
export interface EcsStore {
  options: EcsOptions;
  readonly namespaces: Map<string, EcsNamespace>;
  /** Names by URN. */
  readonly replicationGroups: Map<string, string>;
  /** By `namespace/name`; a namespace has no slash, a user name may have some. */
  readonly users: Map<string, ObjectUser>;
  readonly sessions: Sessions;
  /** What the background emptying has deleted: when it began and what it deleted, by `namespace/name`. */
  readonly emptied: Map<string, EmptyTask>;
}

/** The emptying of a bucket in the background. */
export type EmptyTask = {
  readonly created: number;
  readonly seconds: number;
  readonly fails: boolean;
  readonly approximate: number;
  /** Looks at its status so far. */
  polls: number;
  status: "RUNNING" | "DONE" | "FAILED";
  deleted: number;
  retained: number;
};

/** The replication group that new namespaces of the lab have. */
export const firstReplicationGroup = "urn:storageos:ReplicationGroupInfo:3f6a2c1e-8b47-4d09-9a5e-71c20d4be8f3:global";
const secondReplicationGroup = "urn:storageos:ReplicationGroupInfo:b81d5e07-26fa-4c93-8e1b-0a9f47d2c615:global";

export function newStore(): EcsStore {
  const store: EcsStore = {
    options: initialOptions(),
    namespaces: new Map(),
    replicationGroups: new Map([
      [firstReplicationGroup, "rg1"],
      [secondReplicationGroup, "rg2"],
    ]),
    users: new Map(),
    sessions: { tokens: new Map(), logins: 0, failures: 0, locked: false, served: 0 },
    emptied: new Map(),
  };
  for (const name of ["ns1", "ns2"]) {
    store.namespaces.set(name, { ...newNamespace(name), vpool: firstReplicationGroup });
  }
  return store;
}

export function newNamespace(name: string): EcsNamespace {
  return { name, vpool: "", encryption: false, staleAllowed: false, bucketBlockSize: -1 };
}

export function newUser(namespace: string, name: string, created: number): ObjectUser {
  return { namespace, name, created, locked: false, tags: [], keys: [null, null], removed: [] };
}

export function userKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Forty characters of the base64 alphabet, always with the two that a URL must encode. */
export function newSecret(): string {
  for (;;) {
    const secret = randomBytes(30).toString("base64");
    if (secret.includes("+") && secret.includes("/")) return secret;
  }
}

/** Clients must not compute it: of what it is the hash is not documented. */
export function secretKeyId(user: ObjectUser, secret: string): string {
  return createHash("sha256").update(`${user.name}\n${secret}`).digest("hex");
}

/** Drops the keys whose time is over. */
export function dropExpiredKeys(user: ObjectUser, now: number): void {
  for (const slot of [0, 1] as const) {
    const key = user.keys[slot];
    if (key?.expires != null && now >= key.expires) removeKey(user, slot, key.expires);
  }
}

export function removeKey(user: ObjectUser, slot: 0 | 1, at: number): void {
  const key = user.keys[slot];
  if (key === null) return;
  user.removed = [...user.removed, { secret: key.secret, at }];
  user.keys[slot] = null;
}

/** The secrets that the S3 nodes honor now: they learn of a change late. */
export function honoredSecrets(user: ObjectUser, now: number, delaySeconds: number): string[] {
  dropExpiredKeys(user, now);
  const delay = delaySeconds * 1000;
  const live = user.keys.filter((key) => key !== null && now >= key.created + delay);
  const lingering = user.removed.filter(({ at }) => now < at + delay);
  return [...live, ...lingering].flatMap((key) => (key === null ? [] : [key.secret]));
}

/** Ends the tokens whose life or idle time is over. */
export function dropDeadTokens({ sessions, options }: EcsStore, now: number): void {
  for (const [token, { created, used }] of sessions.tokens) {
    const dead = now >= created + options.tokenLifeSeconds * 1000 || now >= used + options.tokenIdleSeconds * 1000;
    if (dead) sessions.tokens.delete(token);
  }
}
