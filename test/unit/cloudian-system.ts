import { beforeEach } from "vitest";
import type { Document } from "../../provider/cloudian/answers.ts";
import type { CloudianClient } from "../../provider/cloudian/client.ts";
import type { groupHandler } from "../../provider/cloudian/group.handler.ts";
import type { PlainLimits } from "../../provider/cloudian/limits.ts";
import type { userHandler } from "../../provider/cloudian/user.handler.ts";

export type GroupArgs = Parameters<typeof groupHandler.create>[1];
export type UserArgs = Parameters<typeof userHandler.create>[1];

interface User {
  readonly groupId: string;
  readonly userId: string;
}

/** What one call comes to, where a test says so. */
interface Outcome {
  readonly outcome: "created" | "exists" | "rejected" | "deleted" | "refused";
  readonly document?: Document;
}

/** What stands in for the client of a HyperStore: its groups, users and limits, by id, and what it was told to do. */
export function cloudianSystem() {
  const key = ({ groupId, userId }: User) => `${groupId}/${userId}`;
  const system = {
    groups: {} as Record<string, Document>,
    users: {} as Record<string, Document>,
    /** By scope, such as `blue/*`. */
    limits: {} as Record<string, PlainLimits>,
    buckets: {} as Record<string, string[]>,
    knowsBuckets: true,
    /** The list of users is empty, whoever is there. */
    hidesUsers: false,
    /** Of the next PUT or DELETE. */
    next: undefined as Outcome | undefined,
    /** The calls in their order, each with what it carries. */
    sent: [] as unknown[][],
    /** Whether the address is plain HTTP to another machine. */
    overheard: false,
  };
  const told = () => ({ outcome: "created", said: () => '409, "Not now."', ...system.next }) as never;
  const membersOf = (groupId: string) =>
    Object.keys(system.users).flatMap((id) => (id.startsWith(`${groupId}/`) ? [id.slice(groupId.length + 1)] : []));
  const sent = (...call: unknown[]) => void system.sent.push(call);
  const client: Partial<CloudianClient> = {
    endpoint: "https://admin.example.test:19443",
    aliases: [],
    settingPrefix: "cloudian",
    requireSecretChannel: (what) => {
      if (system.overheard) throw new Error(`refused to ${what}`);
    },
    getGroup: async (id) => {
      sent("GET group", id);
      return system.groups[id];
    },
    putGroup: async (group) => {
      sent("PUT group", group);
      return told();
    },
    postGroup: async (group) => sent("POST group", group),
    deleteGroup: async (id) => {
      sent("DELETE group", id);
      return told();
    },
    listUserIds: async (groupId) => (system.hidesUsers ? [] : membersOf(groupId)),
    getUser: async (user) => {
      sent("GET user", key(user));
      return system.users[key(user)];
    },
    putUser: async (user) => {
      sent("PUT user", user);
      return told();
    },
    postUser: async (user) => sent("POST user", user),
    deleteUser: async (user) => {
      sent("DELETE user", key(user));
      if (system.next?.outcome !== "refused") delete system.users[key(user)];
      return told();
    },
    setPassword: async (user, password) => sent("POST password", key(user), password),
    listKeys: async () => ({
      keys: [{ accessKey: "AK1", secretKey: "Canary-secret-1", createDate: 1000, active: true }],
      now: 4000,
    }),
    bucketsByUser: async (groupId, userId) => {
      const known = Object.keys(system.buckets).flatMap((id) =>
        id.startsWith(`${groupId}/`) ? [id.slice(groupId.length + 1)] : [],
      );
      const asked = userId === undefined ? [...new Set([...membersOf(groupId), ...known])] : [userId];
      return system.knowsBuckets
        ? new Map(asked.map((id) => [id, system.buckets[`${groupId}/${id}`] ?? []]))
        : "unknown";
    },
    getLimits: async (scope) => {
      sent("GET limits", key(scope));
      return system.limits[key(scope)] ?? {};
    },
    setLimits: async (scope, limits) => sent("POST limits", key(scope), limits),
  };
  beforeEach(() => {
    Object.assign(system, {
      groups: {},
      users: {},
      limits: {},
      buckets: {},
      knowsBuckets: true,
      hidesUsers: false,
      next: undefined,
      sent: [],
      overheard: false,
    });
  });
  return Object.assign(system, { client: client as CloudianClient });
}

/** As `check` returns them. */
export function blue(more: Partial<GroupArgs> = {}): GroupArgs {
  return { groupId: "blue", onDestroy: "delete", forceDestroy: false, adopt: false, ...more };
}

/** A directory as it is declared, and its fields of the group's document. */
export const LDAP = {
  enabled: true,
  group: "cn=blue",
  serverUrl: "ldap://x",
  userDnTemplate: "uid={userId}",
  search: "(uid={userId})",
  searchUserBase: "dc=example",
  matchAttribute: "mail",
};
export const LDAP_FIELDS = {
  ldapEnabled: true,
  ldapGroup: "cn=blue",
  ldapServerURL: "ldap://x",
  ldapUserDNTemplate: "uid={userId}",
  ldapSearch: "(uid={userId})",
  ldapSearchUserBase: "dc=example",
  ldapMatchAttribute: "mail",
};

export const IDS = { groupId: "blue", userId: "ada" };

export function ada(more: Partial<UserArgs> = {}): UserArgs {
  const switches = { previousKeys: "keep", onDestroy: "delete", adopt: false } as const;
  return { ...IDS, userType: "User", keyGeneration: 1, ...switches, ...more };
}

/** The document of ada, and what is recorded of the pair that every user of this system has. */
export const LIVE = { ...IDS, userType: "User", active: "true" };
export const KEY = { accessKeyId: "AK1", secretAccessKey: "Canary-secret-1", __keyGeneration: 1 };

/** What a call that must fail says. */
export function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    ({ message }: Error) => message,
  );
}
