import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import type { CloudianAddress, Limits } from "./shapes.ts";

/** What a program declares of a Cloudian user. A property that is not given is unmanaged: never written, never compared. */
export interface CloudianUserArgs {
  /** Group that the user belongs to; it must exist. CloudStack's connector uses the domain's UUID. The rules of a group's `groupId`. Replaces: yes. Removing it: an error, it is required. */
  groupId: pulumi.Input<string>;
  /**
   * Key of the user within the group; the connector uses the account's UUID. Not `0`, `ALL` or `*`,
   * not blank, at most 256 characters, without control and invisible characters.
   * Default: derived from the resource's URN. Replaces: yes. Removing it: the user keeps its id.
   */
  userId?: pulumi.Input<string>;
  /** `"User"` or `"GroupAdmin"`. Default: `"User"`. Replaces: no; a change under the same ids is refused. Removing it: the default. */
  userType?: pulumi.Input<"User" | "GroupAdmin">;
  /** Full name; `""` clears it. Replaces: no. Removing it: stays as it is. */
  fullName?: pulumi.Input<string>;
  /** E-mail address; `""` clears it. Replaces: no. Removing it: stays as it is. */
  email?: pulumi.Input<string>;
  /** Postal address; a member that is absent is unmanaged. Replaces: no. Removing it: stays as it is. */
  address?: pulumi.Input<CloudianAddress>;
  /** Telephone number; `""` clears it. Replaces: no. Removing it: stays as it is. */
  phone?: pulumi.Input<string>;
  /** Web site; `""` clears it. Replaces: no. Removing it: stays as it is. */
  website?: pulumi.Input<string>;
  /** Whether the user can work. Server default: true. Replaces: no. Removing it: stays as it is. */
  active?: pulumi.Input<boolean>;
  /** Limits of this user, one value: a member that is absent means `"none"`. HyperStore enforces limits only where its QoS feature is on. Replaces: no. Removing it: the limits stay as they are. */
  limits?: pulumi.Input<Limits>;
  /**
   * Password for the CMC: 9 to 64 characters with three of lower case, upper case, digit and special. Secret; no call
   * returns it, so it is not compared with the live one. Needs HTTPS (or a loopback endpoint), because this API takes
   * it in the URL. Replaces: no. Removing it: the password stays as it is.
   */
  password?: pulumi.Input<string>;
  /**
   * Counts the managed key pairs; raising it makes a new pair. A pair that was deleted or switched off by hand reads as
   * 0 and is repaired with the same pair; while an earlier pair is still to be deleted, it reads one less than declared. Whole number from 1; lowering it is refused. Default: 1. Replaces: no. Removing it: the default.
   */
  keyGeneration?: pulumi.Input<number>;
  /** What a rotation does with the earlier managed pair: `"keep"` it working, or `"delete"` it. Default: `"keep"`. Replaces: no. Removing it: the default. */
  previousKeys?: pulumi.Input<"keep" | "delete">;
  /**
   * What destroying the resource does: `"delete"` the user (refused while it owns buckets), or `"deactivate"`: set it
   * inactive and leave it. Default: `"delete"`. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  onDestroy?: pulumi.Input<"delete" | "deactivate">;
  /** Takes over an existing user of these ids instead of failing, and changes what differs; a warning says so. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What the system or the provider adds to the arguments. */
export interface CloudianUserOutputs {
  canonicalUserId: string;
  accessKeyId: string;
  secretAccessKey: string;
  retiringAccessKeyId?: string;
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof CloudianUserArgs | keyof CloudianUserOutputs, PropertyRole>> = {
  groupId: "input",
  userId: "input",
  userType: "input",
  fullName: "input",
  email: "input",
  address: "input",
  phone: "input",
  website: "input",
  active: "input",
  limits: "input",
  password: "secretInput",
  keyGeneration: "input",
  previousKeys: "input",
  onDestroy: "input",
  adopt: "input",
  canonicalUserId: "output",
  accessKeyId: "output",
  secretAccessKey: "secretOutput",
  retiringAccessKeyId: "output",
  systemEndpoint: "output",
};

/**
 * A user of a Cloudian HyperStore with one managed S3 key pair: what a CloudStack account maps to. Its id is
 * `groupId/userId`. Source: Cloudian Admin API, `/user`, `/user/credentials` and `/qos/limits`.
 *
 * The managed pair is the one that the server makes with the user, or the oldest active root pair of an adopted one;
 * other pairs, and those of IAM users, are left alone.
 */
export class CloudianUser extends StorageResource {
  /** As declared. */
  declare readonly groupId: pulumi.Output<string>;
  /** As given, or derived. */
  declare readonly userId: pulumi.Output<string>;
  /** As declared, or the default. */
  declare readonly userType: pulumi.Output<"User" | "GroupAdmin">;
  /** As declared; undefined while unmanaged. */
  declare readonly fullName: pulumi.Output<string | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly email: pulumi.Output<string | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly address: pulumi.Output<pulumi.Unwrap<CloudianAddress> | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly phone: pulumi.Output<string | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly website: pulumi.Output<string | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly active: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly limits: pulumi.Output<pulumi.Unwrap<Limits> | undefined>;
  /** As declared, secret; undefined while unmanaged. */
  declare readonly password: pulumi.Output<string | undefined>;
  /** As declared, or the default. */
  declare readonly keyGeneration: pulumi.Output<number>;
  /** As declared, or the default. */
  declare readonly previousKeys: pulumi.Output<"keep" | "delete">;
  /** As declared, or the default. */
  declare readonly onDestroy: pulumi.Output<"delete" | "deactivate">;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** S3 canonical id, usable as `CanonicalUser` in bucket policies; assigned by the server. */
  declare readonly canonicalUserId: pulumi.Output<string>;
  /** Access key id of the managed pair. */
  declare readonly accessKeyId: pulumi.Output<string>;
  /** Secret access key of the managed pair; secret. */
  declare readonly secretAccessKey: pulumi.Output<string>;
  /** Access key id of an earlier pair that a rotation still has to delete; otherwise absent. */
  declare readonly retiringAccessKeyId: pulumi.Output<string | undefined>;
  /** The Admin API endpoint that holds the user, `scheme://host:port`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: CloudianUserArgs, options?: pulumi.CustomResourceOptions) {
    super("CloudianUser", name, args, properties, options);
  }

  /** Looks an existing user up by `groupId/userId`, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): CloudianUser {
    return new CloudianUser(name, {} as CloudianUserArgs, { ...options, id });
  }
}
