import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import type { Tags } from "../s3/shapes.ts";

/** What a program declares of an ECS object user. A property that is not given is unmanaged: never written, never compared. */
export interface EcsObjectUserArgs {
  /**
   * Name, and access key id: letters, digits and `! # $ & ' ( ) * + , - . / : ; = ? @ _ ~`, at most 255 characters,
   * lower case where it holds `@`.
   * CloudStack's ECS plugin names them `cs-` and the account's UUID. Where the array's user scope is the whole cluster
   * (its default), a name can exist once over all namespaces. Default: derived from the resource's URN. Replaces: yes.
   * Removing it: the user keeps its name.
   */
  userName?: pulumi.Input<string>;
  /** Namespace; it must exist. Default: the setting `ecsNamespace`. Replaces: yes. Removing it: the user stays in its namespace. */
  namespace?: pulumi.Input<string>;
  /** Whether the user's keys are refused. Server default: false. Replaces: no. Removing it: stays as it is. */
  locked?: pulumi.Input<boolean>;
  /** Labels, all of them; `{}` removes them. Replaces: no. Removing it: they stay as they are. */
  tags?: pulumi.Input<Tags>;
  /**
   * Counts the managed key pairs; raising it makes a new pair. A pair that was deleted by hand reads as 0 and is
   * repaired with the same pair. Whole number from 1; lowering it is refused. Default: 1. Replaces: no. Removing it: the default.
   */
  keyGeneration?: pulumi.Input<number>;
  /**
   * Minutes for which the earlier pair goes on working after a rotation; ECS then drops it. Whole number from 1.
   * Absent: it works on without an end and holds the second of a user's two places, so that the next rotation is
   * refused. Takes effect at a rotation. Replaces: no. Removing it: nothing changes before the next rotation.
   */
  previousKeyExpiryMinutes?: pulumi.Input<number>;
  /**
   * What destroying the resource does: `"delete"` the user with its keys (refused while it owns buckets), or `"lock"`
   * it and leave it. Default: `"delete"`. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  onDestroy?: pulumi.Input<"delete" | "lock">;
  /** Takes over an existing user of this name instead of failing, and changes what differs; a warning says so. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What the system or the provider adds to the arguments. */
export interface EcsObjectUserOutputs {
  accessKeyId: string;
  secretAccessKey: string;
  s3Endpoint?: string;
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof EcsObjectUserArgs | keyof EcsObjectUserOutputs, PropertyRole>> = {
  userName: "input",
  namespace: "input",
  locked: "input",
  tags: "input",
  keyGeneration: "input",
  previousKeyExpiryMinutes: "input",
  onDestroy: "input",
  adopt: "input",
  accessKeyId: "output",
  secretAccessKey: "secretOutput",
  s3Endpoint: "output",
  systemEndpoint: "output",
};

/**
 * An object user of a Dell ECS with one managed S3 key pair: what a CloudStack account maps to. Its id is
 * `namespace/userName`. Source: ECS management API, `/object/users` and `/object/user-secret-keys`.
 *
 * The secret is made here and pushed to the array, so that neither a lost reply nor an array that hides keys loses it;
 * of an adopted user the first key is taken. A second key that somebody else has made is left alone.
 */
export class EcsObjectUser extends StorageResource {
  /** As given, or derived. */
  declare readonly userName: pulumi.Output<string>;
  /** As given, or the setting. */
  declare readonly namespace: pulumi.Output<string>;
  /** As declared; undefined while unmanaged. */
  declare readonly locked: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** As declared, or the default. */
  declare readonly keyGeneration: pulumi.Output<number>;
  /** As declared; undefined while it is not. */
  declare readonly previousKeyExpiryMinutes: pulumi.Output<number | undefined>;
  /** As declared, or the default. */
  declare readonly onDestroy: pulumi.Output<"delete" | "lock">;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** Access key id of the managed pair: the user's name. */
  declare readonly accessKeyId: pulumi.Output<string>;
  /** Secret access key of the managed pair; secret. */
  declare readonly secretAccessKey: pulumi.Output<string>;
  /** Where the keys work: the setting `ecsPublicS3Endpoint`, else `ecsS3Endpoint`; undefined where neither is set. */
  declare readonly s3Endpoint: pulumi.Output<string | undefined>;
  /** The management endpoint that holds the user, `scheme://host:port`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: EcsObjectUserArgs, options?: pulumi.CustomResourceOptions) {
    super("EcsObjectUser", name, args, properties, options);
  }

  /** Looks an existing user up by `namespace/userName`, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): EcsObjectUser {
    return new EcsObjectUser(name, {}, { ...options, id });
  }
}
