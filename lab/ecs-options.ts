import { choice, flag, initialValues, type OptionsOf, text, whole, withValue } from "./options.ts";
import { certificateNames } from "./system.ts";

/**
 * The switches of the simulated ECS. Where nobody outside knows what the real system does, the initial value is the one
 * that a client finds harder to live with.
 */
const rules = {
  /** Which calls there are: the background emptying from 3.8, the versioning call and the key ids from 4.x. */
  release: choice("3.8", "3.6", "3.8", "4.x"),
  /** The management user. */
  username: text("pulumi"),
  password: text("lab-ecs-password"),
  role: choice("SYSTEM_ADMIN", "SYSTEM_ADMIN", "NAMESPACE_ADMIN", "SYSTEM_MONITOR"),
  /** What `whoami` of 4.x says of the password; on: everything else is refused until there is a new one. */
  userMustResetPassword: flag(false),
  passwordHasExpired: flag(false),
  /** The day on which it ends, as `2026-12-31`; empty: not told. */
  passwordExpiryDay: text(""),
  /** The certificate that is shown. */
  certificate: choice("ca", ...certificateNames),
  /** Whether names of object users are unique over all namespaces. */
  userScope: choice("GLOBAL", "GLOBAL", "NAMESPACE"),
  /** On: reads of secret keys answer blanks. */
  hideSecretKeys: flag(false),
  /** Off: no bucket can be encrypted. */
  encryptionLicence: flag(true),
  /** Whether log-ins tell the life of the token. */
  maxAgeHeader: flag(false),
  tokenLifeSeconds: whole(28_800, 1),
  tokenIdleSeconds: whole(7200, 1),
  /** Live tokens of the management user. */
  tokenCap: whole(100, 0),
  /** So many wrong passwords in a row lock the management user. */
  maxLoginAttempts: whole(3, 1),
  /** Every n-th request with a good token is answered as by a node that does not know it; 0 = never. */
  strangerEvery: whole(0, 0),
  /** The answer to a token that is not known, or not any more. */
  expiredAnswer: choice("401", "401", "302"),
  /** "xml": JSON is answered as XML, whatever was asked for. */
  format: choice("json", "json", "xml"),
  /** Whether JSON bodies may be wrapped in the name of the XML root. */
  wrappedInput: flag(false),
  /** So long a new key is not known to the S3 nodes, and a removed one is. */
  keyDelaySeconds: whole(0, 0),
  /** Whether slot 2 moves up when the key in slot 1 is deleted. */
  keySlotsMoveUp: flag(false),
  /** Supplying a key that the user has. */
  repeatedKey: choice("refuse", "refuse", "accept"),
  missingBucketStatus: choice(400, 400, 404),
  nonEmptyStatus: choice(400, 400, 409),
  /** Deletion of an object user who owns buckets. */
  deleteUserWithBuckets: choice("refuse", "refuse", "allow"),
  /** Whether names with @ are stored in lower case. */
  lowercaseDomainNames: flag(true),
  searchMetadataForm: choice("isEnabled", "isEnabled", "search_enabled", "absent"),
  /** Off: S3 does not know the deletion of many objects at once. */
  multiDelete: flag(true),
  /** The namespace of anonymous requests to S3 that do not name one, as by a base URL; empty: they are refused. */
  anonymousNamespace: text(""),
  /** For S3 clients who make a bucket that they own already. */
  existingOwnBucketStatus: choice(409, 409, 200),
  /** Bytes in one GB of a quota; a small number lets a test go over it. */
  quotaUnitBytes: whole(1_073_741_824, 1),
  /** How long the background emptying takes; it moves with the clock of the lab. */
  emptyBucketSeconds: whole(60, 0),
  /** So many looks at its status, at least, show the background emptying before it is done. */
  emptyBucketPolls: whole(0, 0),
  /** On: the background emptying deletes nothing and ends as FAILED. */
  emptyBucketFails: flag(false),
  /** What the status call answers once the background emptying has deleted the bucket. */
  emptiedBucketStatus: choice("missing", "missing", "DONE"),
  /** Rows of a list that names no limit. */
  pageSize: whole(10, 1),
  /** Rows of a list, whatever its limit. */
  maxPage: whole(1000, 1),
  /** Rows of a list over S3, whatever its limit. */
  s3MaxPage: whole(1000, 1),
} as const;

export type EcsOptions = OptionsOf<typeof rules>;

export function initialOptions(): EcsOptions {
  return initialValues(rules);
}

/** The options with one of them set, or back at its initial value for null; a text that tells why not. */
export function withOption(options: EcsOptions, name: string, value: unknown): EcsOptions | string {
  return withValue(rules, options, name, value);
}
