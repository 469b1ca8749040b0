import { certificateNames } from "./system.ts";

interface OptionRule<T> {
  readonly initial: T;
  /** Completes "must be …". */
  readonly expected: string;
  accepts(value: unknown): value is T;
}

/**
 * The switches of the simulated HyperStore. Where nobody outside knows what the real system does, the initial value is
 * the one that a client finds harder to live with.
 */
const rules = {
  /** Off: the Authorization header is ignored. */
  authentication: flag(true),
  username: text("sysadmin"),
  password: text("public"),
  /** The certificate that is shown with `--tls`. */
  certificate: choice("ca", ...certificateNames),
  /** What `GET /system/version` answers. */
  version: text("8.1 Compiled: 2023-11-11 16:30"),
  /** Whether POST of a group or user resets the fields that it does not name. */
  updateMode: choice("replace", "replace", "merge"),
  existingGroupStatus: choice(409, 409, 400),
  groupWithUsersStatus: choice(409, 409, 400),
  /** Longer group names are refused; 0 = no limit. */
  maxGroupNameLength: whole(64, 0),
  errorBody: choice("html", "html", "empty"),
  /** The content type of JSON answers. */
  jsonContentType: choice("text/html", "text/html", "none", "application/json"),
  /** Off: an old release, whose groups have no endpoint arrays. */
  endpointArrays: flag(true),
  /** Off: an old release, with `storageQuotaKBytes` and `storageQuotaCount` in place of the hard and warning pairs. */
  storageQuotaPairs: flag(true),
  /** Off: POST of limits answers 503. */
  qosEnabled: flag(true),
  /** Whether GET of limits that were never set answers the default that applies. */
  inheritLimits: flag(true),
  /** Limits for a group or user that does not exist. */
  limitsOfAbsentOwner: choice("refuse", "refuse", "accept"),
  /** Root key pairs of one user, switched-off ones included. */
  maxKeysPerUser: whole(5, 1),
  /** What the key lists assume without `isRootAccountOnly`. */
  rootKeysOnlyByDefault: flag(false),
  unknownKeyDeletionStatus: choice(400, 400, 204, 200),
  /** Rows of a user list that names no limit. */
  listPageLimit: whole(100, 1),
  /** Off: bucket usage reads 0. */
  bucketStatistics: flag(false),
  /** So many of the next key and user lists miss the newest object. */
  staleLists: whole(0, 0),
} as const;

type Rules = typeof rules;

export type CloudianOptions = { -readonly [K in keyof Rules]: Rules[K]["initial"] };

export function initialOptions(): CloudianOptions {
  const entries = Object.entries(rules).map(([name, rule]) => [name, rule.initial]);
  return Object.fromEntries(entries) as CloudianOptions;
}

/** The options with one of them set, or back at its initial value for null; a text that tells why not. */
export function withOption(options: CloudianOptions, name: string, value: unknown): CloudianOptions | string {
  const rule = Object.hasOwn(rules, name) ? rules[name as keyof Rules] : undefined;
  if (rule === undefined) return `There is no option "${name}": use ${Object.keys(rules).join(", ")}.`;
  if (value !== null && !rule.accepts(value)) return `Option "${name}" must be ${rule.expected}.`;
  return { ...options, [name]: value ?? rule.initial };
}

function flag(initial: boolean): OptionRule<boolean> {
  return { initial, expected: "true or false", accepts: (value) => typeof value === "boolean" };
}

function text(initial: string): OptionRule<string> {
  return { initial, expected: "a text", accepts: (value) => typeof value === "string" };
}

function whole(initial: number, least: number): OptionRule<number> {
  return {
    initial,
    expected: `a whole number, at least ${least}`,
    accepts: (value): value is number => typeof value === "number" && Number.isInteger(value) && value >= least,
  };
}

function choice<const T extends string | number>(initial: NoInfer<T>, ...allowed: readonly T[]): OptionRule<T> {
  return {
    initial,
    expected: `one of ${allowed.join(", ")}`,
    accepts: (value): value is T => allowed.some((candidate) => candidate === value),
  };
}
