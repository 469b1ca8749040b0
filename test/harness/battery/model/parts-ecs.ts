import type { EcsLabUser, LabState } from "../../lab.ts";
import { type HandPatch, mergeTo, type Part, type Values } from "./part.ts";
import { bucketAspects, bucketByHand, bucketLive } from "./parts-cloudian.ts";

const tags = { values: [{}, { team: "blue" }, { team: "green", cost: "1" }], byHand: [{ by: "hand" }], initial: {} };
const locked = { values: [true, false], byHand: [true, false], initial: false };

function user(name: string, aspects: Part["aspects"]): Part {
  return {
    name,
    kind: "EcsObjectUser",
    derives: "userName",
    given: () => ({}),
    aspects,
    live: (state, key) => {
      const document = userOf(state, key);
      return document ? [{ locked: document.locked, tags: document.tags }] : [];
    },
    changeByHand: (state, key, aspect, value) =>
      userPatch(
        key,
        aspect === "tags" ? { tags: mergeTo(userOf(state, key)?.tags ?? {}, value as Values) } : { locked: value },
      ),
    removeByHand: (_state, key) => userPatch(key, null),
    keys: {
      most: 2,
      keepsPrevious: true,
      live: (state, key) => Object.fromEntries(secretsOf(state, key).map((secret) => [secret, secret])),
      removeByHand: (state, key, gone) =>
        userPatch(key, { keys: secretsOf(state, key).filter((secret) => secret !== gone) }),
    },
  };
}

/** The owner of a bucket, whom nobody locks out. */
export const tenant = user("tenant", { tags });

export const guest = user("guest", { tags, locked });

const gib = { values: [5, 7], byHand: [9], initial: "none" };

export const ecsBucket: Part = {
  name: "invoices",
  kind: "EcsBucket",
  inside: "tenant",
  derives: "bucketName",
  given: (_arena, nameOf) => ({ owner: nameOf("tenant") }),
  aspects: {
    ...bucketAspects,
    quotaGiB: gib,
    notifyAtGiB: { values: [2, "none", 3], byHand: [4], initial: "none" },
    retentionSeconds: { values: [0, 60], byHand: [30], initial: 0 },
  },
  live: ({ ecs }, name) => {
    const bucket = ecs.buckets[`ns1/${name}`];
    if (!bucket) return [];
    const { blockSize, notificationSize, retention } = bucket;
    return [
      {
        ...bucketLive(bucket),
        quotaGiB: blockSize < 0 ? "none" : blockSize,
        notifyAtGiB: notificationSize < 0 ? "none" : notificationSize,
        retentionSeconds: retention,
      },
    ];
  },
  changeByHand: ({ ecs }, name, aspect, value) => {
    const own = { quotaGiB: "blockSize", notifyAtGiB: "notificationSize", retentionSeconds: "retention" }[aspect];
    const live = ecs.buckets[`ns1/${name}`] ?? {};
    const change = own === undefined ? bucketByHand(name, live, aspect, value) : { [own]: value };
    return { system: "ecs", patch: { buckets: { [`ns1/${name}`]: change } } };
  },
  removeByHand: (_state, name) => ({ system: "ecs", patch: { buckets: { [`ns1/${name}`]: null } } }),
};

function userOf({ ecs }: LabState, name: string): EcsLabUser | undefined {
  return ecs.users[`ns1/${name}`];
}

function secretsOf(state: LabState, name: string): string[] {
  return (userOf(state, name)?.keys ?? []).flatMap((key) => (key === null ? [] : [key.secret]));
}

function userPatch(name: string, change: object | null): HandPatch {
  return { system: "ecs", patch: { users: { [`ns1/${name}`]: change } } };
}
