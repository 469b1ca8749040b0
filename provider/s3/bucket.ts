import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import type { BucketPolicy, CorsRule, Tags } from "./shapes.ts";

/** What a program declares of a bucket on any S3 service. A property that is not given is unmanaged: never written, never compared. */
export interface S3BucketArgs {
  /** The service, `https://host[:port]`; another spelling of the same address is no change. Replaces: yes; a change of its scheme or path alone is refused. Removing it: an error, it is required. */
  endpoint: pulumi.Input<string>;
  /** Access key id of the bucket's owner, mostly of a `CloudianUser` or `EcsObjectUser`. A new one is an update without a request. Replaces: no. Removing it: an error, it is required. */
  accessKeyId: pulumi.Input<string>;
  /** Secret access key of the bucket's owner; secret. A new one is an update without a request. Replaces: no. Removing it: an error, it is required. */
  secretAccessKey: pulumi.Input<string>;
  /** Region that requests are signed for. Default: `"us-east-1"`. Replaces: no. Removing it: the default. */
  region?: pulumi.Input<string>;
  /** Whether the bucket goes into the path of the URL (true) or before the host name (false). Default: true. Replaces: no. Removing it: the default. */
  pathStyle?: pulumi.Input<boolean>;
  /** Name: 3 to 63 of lower case, digits, `.` and `-`. Default: derived from the resource's URN. Replaces: yes. Removing it: the bucket keeps its name. */
  bucketName?: pulumi.Input<string>;
  /**
   * Id of a Cloudian storage policy. HyperStore takes it at creation only and no S3 call returns it: it is not compared
   * with the live bucket, and a change is refused. Replaces: no. Removing it: stays as it is, and it cannot be declared again.
   */
  storagePolicy?: pulumi.Input<string>;
  /** `true`; `false` = suspended, versions that exist stay (a bucket that never had versions reads `false`). Replaces: no. Removing it: stays as it is. */
  versioning?: pulumi.Input<boolean>;
  /** Bucket policy, compared by meaning. Some services (versitygw) let it shut out an owner that it does not name. Replaces: no. Removing it: stays as it is. */
  policy?: pulumi.Input<BucketPolicy>;
  /** Rules for web pages of other origins; `[]` removes them. Replaces: no. Removing it: they stay as they are. */
  cors?: pulumi.Input<pulumi.Input<CorsRule>[]>;
  /** Labels, all of them; `{}` removes them. Replaces: no. Removing it: they stay as they are. */
  tags?: pulumi.Input<Tags>;
  /**
   * Deletes everything in the bucket, versions included, when the bucket is destroyed; otherwise a bucket that is not
   * empty is refused. Default: false. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  forceDestroy?: pulumi.Input<boolean>;
  /** Takes over an existing bucket of this owner instead of failing, and changes what differs; a warning says so. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What the provider records beside the arguments. */
export interface S3BucketOutputs {
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof S3BucketArgs | keyof S3BucketOutputs, PropertyRole>> = {
  endpoint: "input",
  accessKeyId: "input",
  secretAccessKey: "secretInput",
  region: "input",
  pathStyle: "input",
  bucketName: "input",
  storagePolicy: "input",
  versioning: "input",
  policy: "input",
  cors: "input",
  tags: "input",
  forceDestroy: "input",
  adopt: "input",
  systemEndpoint: "output",
};

/**
 * A bucket on any S3 service, managed with its owner's keys: the dedicated bucket on HyperStore, say. Its id is
 * `bucketName@host:port`. It has no `get`: an id holds no keys. Source: Amazon S3 API.
 */
export class S3Bucket extends StorageResource {
  /** As declared. */
  declare readonly endpoint: pulumi.Output<string>;
  /** As declared. */
  declare readonly accessKeyId: pulumi.Output<string>;
  /** As declared, secret. */
  declare readonly secretAccessKey: pulumi.Output<string>;
  /** As declared, or the default. */
  declare readonly region: pulumi.Output<string>;
  /** As declared, or the default. */
  declare readonly pathStyle: pulumi.Output<boolean>;
  /** As given, or derived. */
  declare readonly bucketName: pulumi.Output<string>;
  /** As declared; undefined while unmanaged. */
  declare readonly storagePolicy: pulumi.Output<string | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly versioning: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly policy: pulumi.Output<pulumi.Unwrap<BucketPolicy> | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly cors: pulumi.Output<pulumi.Unwrap<CorsRule>[] | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** As declared, or the default. */
  declare readonly forceDestroy: pulumi.Output<boolean>;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** The service that holds the bucket, `scheme://host:port`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: S3BucketArgs, options?: pulumi.CustomResourceOptions) {
    super("S3Bucket", name, args, properties, options);
  }
}
