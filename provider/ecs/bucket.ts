import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import type { BucketPolicy, CorsRule, GibLimit, Tags } from "../s3/shapes.ts";

/**
 * What a program declares of an ECS bucket. A property that is not given is unmanaged: never written, never compared.
 * There is no object lock here: on ECS it needs an IAM user, a mode and a period, none of which this provider manages.
 */
export interface EcsBucketArgs {
  /** Name: 3 to 63 of lower case, digits, `.` and `-`, unless `allowNonDnsName`. Default: derived from the resource's URN. Replaces: yes. Removing it: the bucket keeps its name. */
  bucketName?: pulumi.Input<string>;
  /** Namespace; it must exist. Default: the setting `ecsNamespace`. Replaces: yes. Removing it: the bucket stays in its namespace. */
  namespace?: pulumi.Input<string>;
  /** Object user of the namespace that owns the bucket; a change takes the rights of earlier owners away. Replaces: no. Removing it: an error, it is required. */
  owner: pulumi.Input<string>;
  /** Replication group by name or URN (`urn:storageos:ReplicationGroupInfo:…`); both forms are the same. Server default: the namespace's. Replaces: no; a change under the same name is refused. Removing it: stays as it is. */
  replicationGroup?: pulumi.Input<string>;
  /** Whether ECS encrypts what is stored. Fixed when the bucket is made. Server default: the namespace's. Replaces: no; a change under the same name is refused. Removing it: stays as it is. */
  encryption?: pulumi.Input<boolean>;
  /** `true`; `false` = suspended, versions that exist stay (a bucket that never had versions reads `false`). Replaces: no. Removing it: stays as it is. */
  versioning?: pulumi.Input<boolean>;
  /** Hard quota in GiB, a whole number from 1, or `"none"`: beyond it ECS refuses writes. Replaces: no. Removing it: stays as it is. */
  quotaGiB?: pulumi.Input<GibLimit>;
  /** Size in GiB beyond which ECS reports an event, a whole number from 1, or `"none"`. Replaces: no. Removing it: stays as it is. */
  notifyAtGiB?: pulumi.Input<GibLimit>;
  /** Bucket policy, compared by meaning. Anonymous reads also need the namespace, in the host name or as `x-emc-namespace`. Replaces: no. Removing it: stays as it is. */
  policy?: pulumi.Input<BucketPolicy>;
  /** Labels, all of them, at most ten; `{}` removes them. Replaces: no. Removing it: they stay as they are. */
  tags?: pulumi.Input<Tags>;
  /** Seconds for which an object cannot be changed or deleted; 0 = none. Replaces: no. Removing it: stays as it is. */
  retentionSeconds?: pulumi.Input<number>;
  /** Whether objects can be read and written while another site is out of reach. Server default: the namespace's. Replaces: no. Removing it: stays as it is. */
  accessDuringOutage?: pulumi.Input<boolean>;
  /** Rules for web pages of other origins, such as CloudStack's bucket browser; `[]` removes them. Replaces: no. Removing it: they stay as they are. */
  cors?: pulumi.Input<pulumi.Input<CorsRule>[]>;
  /** Allows every name that ECS takes: up to 255 of letters, digits, `.`, `-` and `_`. Such a bucket cannot be addressed by host name. Default: false. Replaces: no. Removing it: the default. */
  allowNonDnsName?: pulumi.Input<boolean>;
  /**
   * Deletes everything in the bucket, versions included, when the bucket is destroyed; otherwise a bucket that is not
   * empty is refused. Default: false. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  forceDestroy?: pulumi.Input<boolean>;
  /** Takes over an existing bucket of this name instead of failing, and changes what differs; a warning says so. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What the system or the provider adds to the arguments. */
export interface EcsBucketOutputs {
  publicUrl?: string;
  s3Endpoint?: string;
  created?: string;
  encrypted: boolean;
  objectLock: boolean;
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof EcsBucketArgs | keyof EcsBucketOutputs, PropertyRole>> = {
  bucketName: "input",
  namespace: "input",
  owner: "input",
  replicationGroup: "input",
  encryption: "input",
  versioning: "input",
  quotaGiB: "input",
  notifyAtGiB: "input",
  policy: "input",
  tags: "input",
  retentionSeconds: "input",
  accessDuringOutage: "input",
  cors: "input",
  allowNonDnsName: "input",
  forceDestroy: "input",
  adopt: "input",
  publicUrl: "output",
  s3Endpoint: "output",
  created: "output",
  encrypted: "output",
  objectLock: "output",
  systemEndpoint: "output",
};

/**
 * A bucket of a Dell ECS. Its id is `namespace/bucketName`. Source: ECS management API, `/object/bucket`; versioning
 * (before release 4) and CORS go through S3 with the owner's key.
 */
export class EcsBucket extends StorageResource {
  /** As given, or derived. */
  declare readonly bucketName: pulumi.Output<string>;
  /** As given, or the setting. */
  declare readonly namespace: pulumi.Output<string>;
  /** As declared. */
  declare readonly owner: pulumi.Output<string>;
  /** As declared; undefined while unmanaged. */
  declare readonly replicationGroup: pulumi.Output<string | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly encryption: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly versioning: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly quotaGiB: pulumi.Output<GibLimit | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly notifyAtGiB: pulumi.Output<GibLimit | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly policy: pulumi.Output<pulumi.Unwrap<BucketPolicy> | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly retentionSeconds: pulumi.Output<number | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly accessDuringOutage: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly cors: pulumi.Output<pulumi.Unwrap<CorsRule>[] | undefined>;
  /** As declared, or the default. */
  declare readonly allowNonDnsName: pulumi.Output<boolean>;
  /** As declared, or the default. */
  declare readonly forceDestroy: pulumi.Output<boolean>;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** URL of the bucket on the setting `ecsPublicS3Endpoint`, else on `ecsS3Endpoint`; undefined where neither is set. */
  declare readonly publicUrl: pulumi.Output<string | undefined>;
  /** The endpoint of `publicUrl`. */
  declare readonly s3Endpoint: pulumi.Output<string | undefined>;
  /** When the bucket was made, by the array's clock: ISO 8601, whole seconds. */
  declare readonly created: pulumi.Output<string | undefined>;
  /** Whether ECS encrypts what is stored, declared or not. */
  declare readonly encrypted: pulumi.Output<boolean>;
  /** Whether the bucket has object lock, as found; nobody here switches it on. */
  declare readonly objectLock: pulumi.Output<boolean>;
  /** The management endpoint that holds the bucket, `scheme://host:port`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: EcsBucketArgs, options?: pulumi.CustomResourceOptions) {
    super("EcsBucket", name, args, properties, options);
  }

  /** Looks an existing bucket up by `namespace/bucketName`, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): EcsBucket {
    return new EcsBucket(name, {} as EcsBucketArgs, { ...options, id });
  }
}
