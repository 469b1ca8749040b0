import type * as pulumi from "@pulumi/pulumi";

/** A limit as a whole number from 0, or `"none"`. */
export type Limit = number | "none";

/** A limit that stops and one that warns. */
export interface LimitPair {
  /** Limit that HyperStore enforces. Replaces: no. Removing it: `"none"`. */
  hard?: pulumi.Input<Limit>;
  /** Limit that only warns. Replaces: no. Removing it: `"none"`. */
  warning?: pulumi.Input<Limit>;
}

/** Quality-of-service limits, one value: what is absent has no limit. Source: Cloudian Admin API, `/qos/limits`. */
export interface Limits {
  /** Stored size in KiB. Replaces: no. Removing it: no limit. */
  storageKiB?: pulumi.Input<LimitPair>;
  /** Stored objects. Replaces: no. Removing it: no limit. */
  objectCount?: pulumi.Input<LimitPair>;
  /** S3 requests a minute. Replaces: no. Removing it: no limit. */
  requestsPerMinute?: pulumi.Input<LimitPair>;
  /** Data written, in KiB a minute. Replaces: no. Removing it: no limit. */
  uploadKiBPerMinute?: pulumi.Input<LimitPair>;
  /** Data read, in KiB a minute. Replaces: no. Removing it: no limit. */
  downloadKiBPerMinute?: pulumi.Input<LimitPair>;
}

/** Directory log-in of a group's users to the CMC, one value; `""` and absent are the same. Source: Cloudian Admin API, `/group`. */
export interface CloudianLdap {
  /** Whether the group's users log in through the directory. Required. Replaces: no. Removing it: an error. */
  enabled: pulumi.Input<boolean>;
  /** Name of the group in the directory. Replaces: no. Removing it: empty. */
  group?: pulumi.Input<string>;
  /** URL of the directory server. Replaces: no. Removing it: empty. */
  serverUrl?: pulumi.Input<string>;
  /** How members bind, such as `uid={userId},ou=people,dc=example,dc=com`. Replaces: no. Removing it: empty. */
  userDnTemplate?: pulumi.Input<string>;
  /** Search filter. Replaces: no. Removing it: empty. */
  search?: pulumi.Input<string>;
  /** Where the search starts. Replaces: no. Removing it: empty. */
  searchUserBase?: pulumi.Input<string>;
  /** Attribute that a user id is compared with. Replaces: no. Removing it: empty. */
  matchAttribute?: pulumi.Input<string>;
}

/** Endpoints that the CMC offers to a group, as sets: order and repetition do not count; `["ALL"]` is every endpoint. Source: Cloudian Admin API, `/group`. */
export interface CloudianS3Endpoints {
  /** S3 endpoints over HTTP. Replaces: no. Removing it: stays as it is. */
  http?: pulumi.Input<pulumi.Input<string>[]>;
  /** S3 endpoints over HTTPS. Replaces: no. Removing it: stays as it is. */
  https?: pulumi.Input<pulumi.Input<string>[]>;
  /** Endpoints of static web sites. Replaces: no. Removing it: stays as it is. */
  website?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Postal address of a user; `""` clears a member. Source: Cloudian Admin API, `/user`. */
export interface CloudianAddress {
  /** First line of the street address. Replaces: no. Removing it: stays as it is. */
  line1?: pulumi.Input<string>;
  /** Second line of the street address. Replaces: no. Removing it: stays as it is. */
  line2?: pulumi.Input<string>;
  /** City. Replaces: no. Removing it: stays as it is. */
  city?: pulumi.Input<string>;
  /** State or region. Replaces: no. Removing it: stays as it is. */
  state?: pulumi.Input<string>;
  /** Postal code. Replaces: no. Removing it: stays as it is. */
  zip?: pulumi.Input<string>;
  /** Country. Replaces: no. Removing it: stays as it is. */
  country?: pulumi.Input<string>;
}
