import type * as pulumi from "@pulumi/pulumi";

/** A limit as a whole number, or `"none"`. */
export type Limit = number | "none";

/** A limit that stops (`hard`) and one that warns (`warning`); absent means `"none"`. */
export interface LimitPair {
  hard?: pulumi.Input<Limit>;
  warning?: pulumi.Input<Limit>;
}

/** Quality-of-service limits; a member that is absent means `"none"`. Rates are per minute. */
export interface Limits {
  storageKiB?: pulumi.Input<LimitPair>;
  objectCount?: pulumi.Input<LimitPair>;
  requestsPerMinute?: pulumi.Input<LimitPair>;
  uploadKiBPerMinute?: pulumi.Input<LimitPair>;
  downloadKiBPerMinute?: pulumi.Input<LimitPair>;
}

/** Directory log-in of a group; `""`, null and absent are the same. */
export interface CloudianLdap {
  enabled: pulumi.Input<boolean>;
  /** Name of the group in the directory. */
  group?: pulumi.Input<string>;
  serverUrl?: pulumi.Input<string>;
  /** How members bind, such as `uid={userId},ou=people,dc=example,dc=com`. */
  userDnTemplate?: pulumi.Input<string>;
  /** Search filter. */
  search?: pulumi.Input<string>;
  searchUserBase?: pulumi.Input<string>;
  matchAttribute?: pulumi.Input<string>;
}

/** Endpoints of a group as sets: order and repetition do not count; a member that is absent is unmanaged. */
export interface CloudianS3Endpoints {
  http?: pulumi.Input<pulumi.Input<string>[]>;
  https?: pulumi.Input<pulumi.Input<string>[]>;
  website?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Postal address of a user; a member that is absent is unmanaged, `""` clears it. */
export interface CloudianAddress {
  line1?: pulumi.Input<string>;
  line2?: pulumi.Input<string>;
  city?: pulumi.Input<string>;
  state?: pulumi.Input<string>;
  zip?: pulumi.Input<string>;
  country?: pulumi.Input<string>;
}
