import { beforeEach, vi } from "vitest";
import { UnexpectedAnswer } from "../../provider/core/errors.ts";
import type { AnyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { answerOf, type EcsAnswer } from "../../provider/ecs/answers.ts";
import type { BucketInfo } from "../../provider/ecs/bucket-info.ts";
import type { BucketKey } from "../../provider/ecs/buckets.ts";
import type { EcsClient } from "../../provider/ecs/client.ts";
import type { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import type { KeySlot, UserInfo, UserKey } from "../../provider/ecs/users.ts";

export const RG1 = "urn:storageos:ReplicationGroupInfo:1:global";
export const RG2 = "urn:storageos:ReplicationGroupInfo:2:global";
const GROUPS = [
  { urn: RG1, name: "rg1" },
  { urn: RG2, name: "rg2" },
];
const NOON = Date.parse("2026-03-04T12:00:00.400Z");

/** A bucket as a new one is, with what a test says of it. */
export const bucketInfo = (more: Partial<BucketInfo> = {}): BucketInfo => ({
  owner: "ada",
  vpool: RG1,
  encrypted: false,
  quota: { hard: undefined, notify: undefined },
  retentionSeconds: 0,
  accessDuringOutage: false,
  tags: {},
  versioning: false,
  objectLock: false,
  emptying: false,
  created: NOON,
  ageMs: 60_000,
  ...more,
});

export const userInfo = (more: Partial<UserInfo> = {}): UserInfo => ({
  locked: false,
  tags: {},
  ageMs: 60_000,
  ...more,
});

export const ok = (date?: number): EcsAnswer => answerOf({ status: 200, body: "", date, headers: {} });

export const refusal = (status = 400, code = 1008): EcsAnswer =>
  answerOf({ status, body: `{"code":${code},"description":"Not now"}`, date: undefined, headers: {} });

/** What stands in for the client of an array: its buckets and users by id, and what it was told to do. */
export function ecsArray() {
  const empty = () => ({
    buckets: {} as Record<string, BucketInfo>,
    users: {} as Record<string, UserInfo>,
    keys: {} as Record<string, KeySlot[]>,
    /** Names of the buckets, by their owner's id. */
    owned: {} as Record<string, string[]>,
    /** The namespaces that have a user of any name that is asked for. */
    namespaces: [] as string[],
    encryptsByDefault: false,
    shown: undefined as string | undefined,
    /** Of the next calls that change something; success where nothing is said. */
    next: [] as EcsAnswer[],
    /** The calls in their order, each with what it carries. */
    sent: [] as unknown[][],
  });
  const array = Object.assign(empty(), { client: undefined as unknown as EcsClient });
  array.client = clientOf(array);
  beforeEach(() => {
    Object.assign(array, empty());
  });
  return array;
}

type Contents = ReturnType<typeof ecsArray>;

function clientOf(array: Contents): EcsClient {
  const sent = (...call: unknown[]) => void array.sent.push(call);
  const told = (...call: unknown[]) => {
    sent(...call);
    return array.next.shift() ?? ok();
  };
  const client = {
    endpoint: "https://ecs.example.test:4443",
    aliases: [],
    settingPrefix: "ecs",
    users: usersOf(array, sent, told),
    buckets: bucketsOf(array, sent, told),
    lookups: {
      replicationGroup: async (name: string) => {
        sent("GET group", name);
        return GROUPS.find((group) => group.urn === name || group.name === name);
      },
      encryptsByDefault: async (namespace: string) => {
        sent("GET namespace", namespace);
        return array.encryptsByDefault;
      },
    },
    owned: {
      of: async (namespace: string, owner: string) => array.owned[`${namespace}/${owner}`] ?? [],
      noteOwner: (namespace: string, bucketName: string, owner: string) =>
        sent("note owner", `${namespace}/${bucketName}`, owner),
      noteDeleted: (namespace: string, bucketName: string) => sent("note deleted", `${namespace}/${bucketName}`),
    },
    takesUnfinished: () => false,
    shownEndpoint: () => (array.shown === undefined ? {} : { s3Endpoint: array.shown }),
  };
  return client as unknown as EcsClient;
}

type Send = (...call: unknown[]) => void;
type Tell = (...call: unknown[]) => EcsAnswer;

const refusalOf = (what: string, answer: EcsAnswer, advice = "") =>
  new UnexpectedAnswer(`Could not ${what}: ${answer.said()}. ${advice}`.trim(), answer.status);

function usersOf(array: Contents, sent: Send, told: Tell) {
  const key = ({ namespace, userName }: UserKey) => `${namespace}/${userName}`;
  return {
    create: async (user: UserKey, tags: unknown) => told("POST user", key(user), tags),
    info: async (user: UserKey) => {
      sent("GET user", key(user));
      return array.users[key(user)];
    },
    namespacesOf: async (name: string) => {
      sent("GET namespaces of", name);
      return array.namespaces;
    },
    setLocked: async (user: UserKey, locked: boolean) => void told("PUT lock", key(user), locked),
    writeTags: async (user: UserKey, method: string, tags: object) => told(`${method} tags`, key(user), tags),
    deactivate: async (user: UserKey) => told("DELETE user", key(user)),
    keys: async (user: UserKey) => {
      sent("GET keys", key(user));
      return array.keys[key(user)] ?? [];
    },
    pushKey: async (user: UserKey, _secret: string, expiry: number | undefined) => told("POST key", key(user), expiry),
    refusal: refusalOf,
  };
}

function bucketsOf(array: Contents, sent: Send, told: Tell) {
  const key = ({ namespace, bucketName }: BucketKey) => `${namespace}/${bucketName}`;
  return {
    create: async (bucket: BucketKey, wanted: object) => told("POST bucket", key(bucket), wanted),
    info: async (bucket: BucketKey) => {
      sent("GET bucket", key(bucket));
      return array.buckets[key(bucket)];
    },
    policy: async () => undefined,
    setQuota: async (bucket: BucketKey, quota: object) => void told("PUT quota", key(bucket), quota),
    deactivate: async (bucket: BucketKey) => told("DELETE bucket", key(bucket)),
    saysAbsent: async () => false,
    refusal: refusalOf,
  };
}

/** The kind as the provider process has it, and what the process prints. */
export function processOf(handler: AnyHandler, settings: Record<string, string> = {}) {
  const printed: string[] = [];
  vi.spyOn(console, "error").mockImplementation((text) => void printed.push(String(text)));
  const kind = new Lifecycle(handler, new Ledger());
  kind.configure({ config: { get: (key: string) => settings[key] } } as never);
  return { kind, printed };
}

/** What a call that must fail says. */
export function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    ({ message }: Error) => message,
  );
}

export type UserArgs = Parameters<typeof objectUserHandler.create>[1];

/** The key of ada, as it is recorded and as the array has it. */
export const SECRET = "Canary-ecs-key-1";
export const PAIR = { accessKeyId: "ada", secretAccessKey: SECRET, __keyGeneration: 1 };
export const KEYS = { "ns1/ada": [{ secret: SECRET, created: "2026-01-01", expires: "" }] };
export const GET = ["GET user", "ns1/ada"];

/** As `check` returns it. */
export function ada(more: Partial<UserArgs> = {}): UserArgs {
  return { userName: "ada", namespace: "ns1", keyGeneration: 1, onDestroy: "delete", adopt: false, ...more };
}
