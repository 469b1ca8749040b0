import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import type { CloudianLdap, CloudianS3Endpoints, Limits } from "./shapes.ts";

/** What a program declares of a Cloudian group. A property that is not given is unmanaged: never written, never compared. */
export interface CloudianGroupArgs {
  /**
   * Key of the group in every call of the Admin API; CloudStack's connector uses the domain's UUID. Not `0`, `ALL` or
   * `*`, not blank, at most 256 characters, without `/`, control and invisible characters. Default: derived from the resource's URN.
   * Replaces: yes. Removing it: the group keeps its id.
   */
  groupId?: pulumi.Input<string>;
  /** Name shown in the CMC; the connector writes the domain's path. Replaces: no. Removing it: the name stays as it is. */
  groupName?: pulumi.Input<string>;
  /** Whether the group's users can work; `false` makes their keys unknown to S3. Server default: true. Replaces: no. Removing it: stays as it is. */
  active?: pulumi.Input<boolean>;
  /** Directory log-in of the CMC, one value: members that are absent or `""` are written empty. Replaces: no. Removing it: stays as it is. */
  ldap?: pulumi.Input<CloudianLdap>;
  /** Endpoints that the CMC offers, as sets; `["ALL"]` means every one. A member that is absent is unmanaged. Replaces: no. Removing it: stays as it is. */
  s3Endpoints?: pulumi.Input<CloudianS3Endpoints>;
  /** Limits of the group as a whole, one value: a member that is absent means `"none"`. HyperStore enforces limits only where its QoS feature is on. Replaces: no. Removing it: the limits stay as they are. */
  limits?: pulumi.Input<Limits>;
  /** Default limits for each of the group's users; same shape as `limits`. Replaces: no. Removing it: the limits stay as they are. */
  userLimits?: pulumi.Input<Limits>;
  /**
   * What destroying the resource does: `"delete"` the group (refused while it has users), or `"deactivate"`: set it
   * inactive and leave it. Default: `"delete"`. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  onDestroy?: pulumi.Input<"delete" | "deactivate">;
  /**
   * Deletes the group's users first when the group is destroyed; refused, before anything is deleted, while one of them
   * owns buckets. Default: false. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  forceDestroy?: pulumi.Input<boolean>;
  /** Takes over an existing group of this id instead of failing, and changes what differs; a warning says so. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What the provider records beside the arguments. */
export interface CloudianGroupOutputs {
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof CloudianGroupArgs | keyof CloudianGroupOutputs, PropertyRole>> = {
  groupId: "input",
  groupName: "input",
  active: "input",
  ldap: "input",
  s3Endpoints: "input",
  limits: "input",
  userLimits: "input",
  onDestroy: "input",
  forceDestroy: "input",
  adopt: "input",
  systemEndpoint: "output",
};

/**
 * A group of a Cloudian HyperStore: the tenant that a CloudStack domain maps to. Its id is the `groupId`.
 * Source: Cloudian Admin API, `/group` and `/qos/limits`.
 */
export class CloudianGroup extends StorageResource {
  /** As given, or derived. */
  declare readonly groupId: pulumi.Output<string>;
  /** As declared; undefined while unmanaged. */
  declare readonly groupName: pulumi.Output<string | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly active: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly ldap: pulumi.Output<pulumi.Unwrap<CloudianLdap> | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly s3Endpoints: pulumi.Output<pulumi.Unwrap<CloudianS3Endpoints> | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly limits: pulumi.Output<pulumi.Unwrap<Limits> | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly userLimits: pulumi.Output<pulumi.Unwrap<Limits> | undefined>;
  /** As declared, or the default. */
  declare readonly onDestroy: pulumi.Output<"delete" | "deactivate">;
  /** As declared, or the default. */
  declare readonly forceDestroy: pulumi.Output<boolean>;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** The Admin API endpoint that holds the group, `scheme://host:port`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: CloudianGroupArgs = {}, options?: pulumi.CustomResourceOptions) {
    super("CloudianGroup", name, args, properties, options);
  }

  /** Looks an existing group up by its `groupId`, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): CloudianGroup {
    return new CloudianGroup(name, {}, { ...options, id });
  }
}
