import type { LabState } from "../../lab.ts";
import { pair } from "../specimens/s3.ts";
import { type HandPatch, mergeTo, type Part, type Values } from "./part.ts";

const limitSets = [{}, { storageKiB: { hard: 1000 } }, { objectCount: { hard: 70, warning: 60 } }];

const limits = { values: limitSets, byHand: [{ requestsPerMinute: { hard: 3 } }, ...limitSets], initial: {} };

const active = { values: [true, false], byHand: [true, false], initial: true };

export const group: Part = {
  name: "team",
  kind: "CloudianGroup",
  derives: "groupId",
  given: () => ({}),
  aspects: {
    groupName: { values: ["Blue", "Green"], byHand: ["By hand"], initial: "" },
    active,
    ldap: {
      values: [{ enabled: false }, { enabled: true, group: "cn=blue" }],
      byHand: [{ enabled: true, group: "cn=hand" }],
      initial: { enabled: false },
    },
    limits,
    userLimits: limits,
  },
  live: ({ cloudian }, name) => {
    const document = cloudian.groups[name];
    if (!document) return [];
    const { groupName, active: isActive, ldapEnabled, ldapGroup } = document;
    return [
      {
        groupName: groupName ?? "",
        active: isActive === "true",
        ldap: { enabled: ldapEnabled === true || ldapEnabled === "true", ...(ldapGroup ? { group: ldapGroup } : {}) },
        limits: limitsIn(cloudian.limits[`${name}/*`]),
        userLimits: limitsIn(cloudian.limits[`${name}/ALL`]),
      },
    ];
  },
  changeByHand: (_state, name, aspect, value) => {
    if (aspect === "limits") return limitsByHand(`${name}/*`, value as Values);
    if (aspect === "userLimits") return limitsByHand(`${name}/ALL`, value as Values);
    const { enabled, group: ldapGroup } = value as { enabled?: boolean; group?: string };
    const fields = {
      groupName: { groupName: value },
      active: { active: String(value) },
      ldap: { ldapEnabled: enabled, ldapGroup },
    }[aspect];
    return { system: "cloudian", patch: { groups: { [name]: fields } } };
  },
  removeByHand: (_state, name) => ({ system: "cloudian", patch: { groups: { [name]: null } } }),
};

function user(name: string, previousKeys: "keep" | "delete"): Part {
  return {
    name,
    kind: "CloudianUser",
    inside: "team",
    derives: "userId",
    given: (_arena, nameOf) => ({ groupId: nameOf("team"), previousKeys }),
    aspects: {
      fullName: { values: ["Ada", "Eve"], byHand: ["By hand"], initial: "" },
      address: {
        values: [{ city: "Paris" }, { city: "London" }],
        byHand: [{ city: "By hand" }],
        initial: { city: "" },
      },
      active,
      limits,
    },
    live: ({ cloudian }, key) => {
      const document = cloudian.users[key];
      if (!document) return [];
      const { fullName, city, active: isActive } = document;
      return [
        {
          fullName: fullName ?? "",
          address: { city: city ?? "" },
          active: isActive === "true",
          limits: limitsIn(cloudian.limits[key]),
        },
      ];
    },
    changeByHand: (_state, key, aspect, value) => {
      if (aspect === "limits") return limitsByHand(key, value as Values);
      const fields = {
        fullName: { fullName: value },
        address: value as object,
        active: { active: String(value) },
      }[aspect];
      return { system: "cloudian", patch: { users: { [key]: fields } } };
    },
    removeByHand: (_state, key) => ({ system: "cloudian", patch: { users: { [key]: null } } }),
    keys: {
      most: 5,
      keepsPrevious: previousKeys === "keep",
      live: ({ cloudian }, key) =>
        Object.fromEntries(
          Object.entries(cloudian.credentials).flatMap(([id, { groupId, userId, active: isActive, secretKey }]) =>
            `${groupId}/${userId}` === key && isActive ? [[id, String(secretKey)]] : [],
          ),
        ),
      removeByHand: (_state, _key, id) => ({ system: "cloudian", patch: { credentials: { [id]: null } } }),
    },
  };
}

export const keepingUser = user("ada", "keep");

export const deletingUser = user("bob", "delete");

const rules = [{ allowedMethods: ["GET"], allowedOrigins: ["https://cloud.example.test"] }];

const policies = { values: ["private", "public"], byHand: ["private", "by hand"], initial: "private" };

const handPolicy = (bucket: string) => ({
  Version: "2012-10-17",
  Statement: [
    { Sid: "hand", Effect: "Allow", Principal: "*", Action: ["s3:ListBucket"], Resource: [`arn:aws:s3:::${bucket}`] },
  ],
});

/** What both arrays manage of a bucket over S3. */
export const bucketAspects = {
  versioning: { values: [true, false], byHand: [true], initial: false },
  policy: policies,
  cors: { values: [[], rules], byHand: [[]], initial: [] },
  tags: {
    values: [{}, { team: "blue" }, { team: "green", cost: "1" }],
    byHand: [{ by: "hand" }, { team: "blue", by: "hand" }],
    initial: {},
  },
};

interface LiveBucket {
  readonly versioning?: unknown;
  readonly policy?: unknown;
  readonly cors?: unknown;
  readonly tags?: unknown;
}

export function bucketLive({ versioning, policy, cors, tags }: LiveBucket): Values {
  const [rule] = (cors ?? []) as Record<string, unknown>[];
  return {
    versioning: versioning === "enabled",
    policy: policy === null ? "private" : JSON.stringify(policy).includes('"hand"') ? policy : "public",
    cors: rule ? [{ allowedMethods: rule["allowedMethods"], allowedOrigins: rule["allowedOrigins"] }] : [],
    tags,
  };
}

export function bucketByHand(bucket: string, live: LiveBucket, aspect: string, value: unknown): object {
  const empty = Array.isArray(value) && value.length === 0;
  return (
    {
      versioning: { versioning: "enabled" },
      policy: { policy: value === "private" ? null : handPolicy(bucket) },
      cors: { cors: empty ? null : value },
      tags: { tags: mergeTo(live.tags as Values, value as Values) },
    }[aspect] ?? {}
  );
}

export const s3Bucket: Part = {
  name: "files",
  kind: "S3Bucket",
  derives: "bucketName",
  given: (arena) => ({ endpoint: arena.lab.addresses.cloudian.s3Endpoint, ...pair }),
  aspects: bucketAspects,
  live: ({ cloudian }, name) => {
    const bucket = cloudian.s3Buckets[name];
    return bucket ? [bucketLive(bucket)] : [];
  },
  changeByHand: ({ cloudian }, name, aspect, value) => ({
    system: "cloudian",
    patch: { s3Buckets: { [name]: bucketByHand(name, cloudian.s3Buckets[name] ?? {}, aspect, value) } },
  }),
  removeByHand: (_state, name) => ({ system: "cloudian", patch: { s3Buckets: { [name]: null } } }),
};

const limitNames = {
  storageKiB: ["hlStorageQuotaKBytes", "wlStorageQuotaKBytes"],
  objectCount: ["hlStorageQuotaCount", "wlStorageQuotaCount"],
  requestsPerMinute: ["hlRequestRate", "wlRequestRate"],
} as const;

type Limits = Record<string, { hard?: number; warning?: number }>;

function limitsIn(record: LabState["cloudian"]["limits"][string] | undefined): Limits {
  const shown: Limits = {};
  for (const [member, [hard, warning]] of Object.entries(limitNames)) {
    const of = (name: string) => (record && (record[name] ?? -1) >= 0 ? record[name] : undefined);
    const pairOf = {
      ...(of(hard) === undefined ? {} : { hard: of(hard) }),
      ...(of(warning) === undefined ? {} : { warning: of(warning) }),
    };
    if (Object.keys(pairOf).length > 0) shown[member] = pairOf as Limits[string];
  }
  return shown;
}

function limitsByHand(key: string, value: Values): HandPatch {
  const record = Object.entries(limitNames).flatMap(([member, [hard, warning]]) => {
    const set = value[member] as Limits[string] | undefined;
    return [
      [hard, set?.hard ?? -1],
      [warning, set?.warning ?? -1],
    ];
  });
  return { system: "cloudian", patch: { limits: { [key]: Object.fromEntries(record) } } };
}
