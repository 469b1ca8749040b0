import { choice, flag, initialValues, type OptionsOf, text, whole, withValue } from "./options.ts";
import { certificateNames } from "./system.ts";

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
  /** Rows of a list over S3, whatever its limit. */
  s3MaxPage: whole(1000, 1),
  /** So many of the next key and user lists miss the newest object. */
  staleLists: whole(0, 0),
  /** Off, as a new system is: the console refuses every single sign-on. */
  ssoEnabled: flag(true),
  /** The key that the console shares with whoever makes single-sign-on URLs. */
  ssoKey: text("lab-sso-key"),
  /** How far from now, either way, the timestamp of a single sign-on may be. */
  ssoWindowSeconds: whole(300, 1),
  /** A single-sign-on URL that was used before. */
  ssoReplay: choice("refuse", "refuse", "accept"),
  ssoRefusal: choice("status", "status", "login page", "error page", "late login page"),
} as const;

export type CloudianOptions = OptionsOf<typeof rules>;

export function initialOptions(): CloudianOptions {
  return initialValues(rules);
}

/** The options with one of them set, or back at its initial value for null; a text that tells why not. */
export function withOption(options: CloudianOptions, name: string, value: unknown): CloudianOptions | string {
  return withValue(rules, options, name, value);
}
