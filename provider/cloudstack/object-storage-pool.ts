import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import type { CloudianPoolDetails, EcsPoolDetails, S3PoolDetails } from "./shapes.ts";

/** The arguments of a pool, of which each provider takes its own details. */
export interface ObjectStoragePoolFields {
  /** Name, unique among pools. Default: derived from the resource's URN. Replaces: no. Removing it: the pool keeps its name. */
  poolName?: pulumi.Input<string>;
  /** Address, unique among pools: the S3 endpoint (of an ECS, MinIO or Ceph), or the Admin API of a HyperStore. A new one is tested by CloudStack. Replaces: no. Removing it: an error, it is required. */
  url: pulumi.Input<string>;
  /** Which plugin of CloudStack serves the pool; a release that lacks it is an error. A change is refused. Replaces: no. Removing it: an error, it is required. */
  providerName: pulumi.Input<"ECS" | "Cloudian HyperStore" | "MinIO" | "Ceph">;
  /** Details for `"ECS"`; secret as a whole. CloudStack cannot edit them, so a change is refused. Replaces: no. Removing it: an error with this provider. */
  ecs?: pulumi.Input<EcsPoolDetails>;
  /** Details for `"Cloudian HyperStore"`; secret as a whole. CloudStack cannot edit them, so a change is refused. Replaces: no. Removing it: an error with this provider. */
  cloudian?: pulumi.Input<CloudianPoolDetails>;
  /** Details for `"MinIO"` and `"Ceph"`; secret as a whole. CloudStack cannot edit them, so a change is refused. Replaces: no. Removing it: an error with these providers. */
  s3?: pulumi.Input<S3PoolDetails>;
  /** Takes over an existing pool of this name instead of failing; a warning names the details that nobody can compare. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What a program declares of an object storage pool, in which CloudStack's users make buckets. */
export type ObjectStoragePoolArgs = ObjectStoragePoolFields &
  (
    | { providerName: "ECS"; ecs: pulumi.Input<EcsPoolDetails> }
    | { providerName: "Cloudian HyperStore"; cloudian: pulumi.Input<CloudianPoolDetails> }
    | { providerName: "MinIO" | "Ceph"; s3: pulumi.Input<S3PoolDetails> }
  );

/** What the provider records beside the arguments. */
export interface ObjectStoragePoolOutputs {
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof ObjectStoragePoolFields | keyof ObjectStoragePoolOutputs, PropertyRole>> = {
  poolName: "input",
  url: "input",
  providerName: "input",
  ecs: "secretInput",
  cloudian: "secretInput",
  s3: "secretInput",
  adopt: "input",
  systemEndpoint: "output",
};

/**
 * An object storage pool of CloudStack: another thing than secondary storage. Its id is the UUID that CloudStack gives.
 * Source: CloudStack API, `addObjectStoragePool`, `listObjectStoragePools`, `updateObjectStoragePool`, `deleteObjectStoragePool`.
 */
export class ObjectStoragePool extends StorageResource {
  /** As given, or derived. */
  declare readonly poolName: pulumi.Output<string>;
  /** As declared. */
  declare readonly url: pulumi.Output<string>;
  /** As declared. */
  declare readonly providerName: pulumi.Output<"ECS" | "Cloudian HyperStore" | "MinIO" | "Ceph">;
  /** As declared, secret. */
  declare readonly ecs: pulumi.Output<pulumi.Unwrap<EcsPoolDetails> | undefined>;
  /** As declared, secret. */
  declare readonly cloudian: pulumi.Output<pulumi.Unwrap<CloudianPoolDetails> | undefined>;
  /** As declared, secret. */
  declare readonly s3: pulumi.Output<pulumi.Unwrap<S3PoolDetails> | undefined>;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** The CloudStack API that holds the pool, `scheme://host:port/client/api`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: ObjectStoragePoolArgs, options?: pulumi.CustomResourceOptions) {
    super("ObjectStoragePool", name, args, properties, options);
  }

  /** Looks an existing pool up by its UUID, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): ObjectStoragePool {
    // A look-up has no inputs.
    return new ObjectStoragePool(name, {} as ObjectStoragePoolArgs, { ...options, id });
  }
}
