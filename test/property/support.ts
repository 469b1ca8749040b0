import type * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { settingHandler } from "../../provider/cloudstack/global-setting.handler.ts";
import { poolHandler } from "../../provider/cloudstack/object-storage-pool.handler.ts";
import { secondaryStorageHandler } from "../../provider/cloudstack/secondary-storage.handler.ts";
import { stagingStoreHandler } from "../../provider/cloudstack/staging-store.handler.ts";
import { rosterHandler } from "../../provider/components/roster.handler.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { bucketHandler as ecsBucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import { bucketHandler as s3BucketHandler } from "../../provider/s3/bucket.handler.ts";

export type Properties = Record<string, unknown>;

/** The methods of a kind, as the provider process has them: always all of them. */
export type Kind = Required<
  Pick<pulumi.dynamic.ResourceProvider, "check" | "diff" | "create" | "read" | "update" | "delete">
>;

/** What the engine adds to everything; which text it is does not matter here. */
export const TEXT = { __provider: "text" };

const SIGNATURE = "4dabf18193072939515e22adb298388d";

export interface Kinds {
  readonly group: Kind;
  readonly user: Kind;
  readonly ecsUser: Kind;
  readonly ecsBucket: Kind;
  readonly s3Bucket: Kind;
  readonly store: Kind;
  readonly staging: Kind;
  readonly setting: Kind;
  readonly pool: Kind;
  readonly roster: Kind;
}

/** A process of its own as far as holding objects goes: a phase of a command. */
export function kinds(settings: Record<string, string | undefined>): Kinds {
  const ledger = new Ledger();
  const config = { get: (key: string) => settings[key.replace("cloudstack-storage:", "")] };
  const lifecycles = {
    group: new Lifecycle(anyHandler(groupHandler), ledger),
    user: new Lifecycle(anyHandler(userHandler), ledger),
    ecsUser: new Lifecycle(anyHandler(objectUserHandler), ledger),
    ecsBucket: new Lifecycle(anyHandler(ecsBucketHandler), ledger),
    s3Bucket: new Lifecycle(anyHandler(s3BucketHandler), ledger),
    store: new Lifecycle(anyHandler(secondaryStorageHandler), ledger),
    staging: new Lifecycle(anyHandler(stagingStoreHandler), ledger),
    setting: new Lifecycle(anyHandler(settingHandler), ledger),
    pool: new Lifecycle(anyHandler(poolHandler), ledger),
    roster: new Lifecycle(anyHandler(rosterHandler), ledger),
  };
  for (const kind of Object.values(lifecycles)) kind.configure({ config } as pulumi.dynamic.ConfigureRequest);
  return lifecycles as unknown as Kinds;
}

/** As the engine hands results back to a provider that declines secrets. */
export function unwrapped(properties: Properties): Properties {
  const plain = (value: unknown) =>
    typeof value === "object" && value !== null && SIGNATURE in value && "value" in value ? value.value : value;
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(value)]));
}

/** What `Struct.fromJavaScript` of the dynamic provider server would choke on or mangle, by path. */
export function unsendable(value: unknown, path = ""): string[] {
  if (value === null || typeof value === "string" || typeof value === "boolean") return [];
  if (typeof value === "number") return Number.isFinite(value) ? [] : [`${path}: ${value}`];
  if (Array.isArray(value)) return value.flatMap((member, index) => unsendable(member, `${path}.${index}`));
  if (typeof value !== "object" || ![Object.prototype, null].includes(Object.getPrototypeOf(value)))
    return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, member]) => unsendable(member, `${path}.${key}`));
}

/** Text with everything in it that escaping can get wrong; no lone surrogates, which UTF-8 cannot carry. */
export const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "&groupId=other",
    "%2e%2e",
    "a+b c",
    "?x#y",
    "\r\nHost: x",
    "null",
    "true",
    "-1",
    "ŸŸ\u202e",
    "__proto__",
    "<b>",
  ),
);

/** Characters that no id and no XML document carries well. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** An id that the rules allow. */
export const userId = text
  .map((raw) => raw.replaceAll(INVISIBLE, ""))
  .filter((id) => id.trim() !== "" && !["0", "ALL", "*"].includes(id.trim()) && id.length <= 200);
export const groupId = userId.map((id) => id.replaceAll("/", "|"));

const limit = fc.oneof(fc.nat(), fc.constantFrom(0, 999_999_999_999_999), fc.constant("none" as const));
const pair = fc.record({ hard: limit, warning: limit }, { requiredKeys: [] });
export const limits = fc.record(
  {
    storageKiB: pair,
    objectCount: pair,
    requestsPerMinute: pair,
    uploadKiBPerMinute: pair,
    downloadKiBPerMinute: pair,
  },
  { requiredKeys: [] },
);
const endpoints = fc.array(fc.string({ minLength: 1, unit: "grapheme" }), { maxLength: 4 });
const ldap = fc.record(
  {
    enabled: fc.boolean(),
    group: text,
    serverUrl: text,
    userDnTemplate: text,
    search: text,
    searchUserBase: text,
    matchAttribute: text,
  },
  { requiredKeys: ["enabled"] },
);

/** Every input of a group but its id, as a program may write it. */
export const groupInputs = {
  groupName: text,
  active: fc.boolean(),
  ldap,
  s3Endpoints: fc.record({ http: endpoints, https: endpoints, website: endpoints }, { requiredKeys: [] }),
  limits,
  userLimits: limits,
  onDestroy: fc.constantFrom("delete", "deactivate"),
  forceDestroy: fc.boolean(),
  adopt: fc.boolean(),
};

export const password = fc
  .tuple(fc.string({ minLength: 6, maxLength: 58, unit: "grapheme-ascii" }))
  .map(([middle]) => `Zq9~${middle}~`);

/** Every input of a user but its ids, as a program may write it. */
export const userInputs = {
  userType: fc.constantFrom("User", "GroupAdmin"),
  fullName: text,
  email: text,
  address: fc.record(
    { line1: text, line2: text, city: text, state: text, zip: text, country: text },
    { requiredKeys: [] },
  ),
  phone: text,
  website: text,
  active: fc.boolean(),
  limits,
  password,
  keyGeneration: fc.integer({ min: 1, max: 1_000_000 }),
  previousKeys: fc.constantFrom("keep", "delete"),
  onDestroy: fc.constantFrom("delete", "deactivate"),
  adopt: fc.boolean(),
};

export const groupArgs = fc.record(
  { groupId, ...groupInputs },
  { requiredKeys: ["groupId"] },
) as fc.Arbitrary<Properties>;
export const userArgs = fc.record(
  { groupId, userId, ...userInputs },
  {
    requiredKeys: ["groupId", "userId"],
  },
) as fc.Arbitrary<Properties>;

/** Names and texts that escaping, parsing or size limits get wrong. */
export const wild = fc.oneof(
  text,
  fc.constantFrom(
    "ALL",
    "0",
    "*",
    " ",
    "..",
    ".",
    "a/b",
    "a?groupId=x",
    "a#b",
    "%00",
    "__proto__",
    "constructor",
    "\u0000",
    "\n",
    "😀",
    "ß\u0301",
  ),
  fc.constantFrom("x", "😀", "&").map((unit) => unit.repeat((1024 * 1024) / unit.length)),
);

/** How a server may quote a secret. */
export const quotation = fc.constantFrom<(secret: string) => string>(
  (secret) => secret,
  (secret) => encodeURIComponent(secret),
  (secret) => `?password=${new URLSearchParams({ p: secret }).toString().slice(2)}`,
  (secret) => JSON.stringify({ secret }),
  (secret) => Buffer.from(secret).toString("base64"),
  (secret) => `<pre>${secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</pre>`,
  (secret) => `${"x".repeat(285)}${secret}`,
);
