import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import type { WaitForTemplates } from "./shapes.ts";

/**
 * What a program declares of CloudStack's secondary storage on S3. CloudStack can change the name and the read-only
 * mark of a store and nothing else: any other change makes a new store first and deletes the old one afterwards.
 */
export interface S3SecondaryStorageArgs {
  /**
   * Name, unique among all stores of the cloud, staging stores included. Default: derived from the resource's URN and the
   * details below (no secret among them), so that it changes with them and the successor can stand beside the old store.
   * A change is an update where the release can rename stores (4.20 and later). Replaces: no. Removing it: the store keeps its name.
   */
  storeName?: pulumi.Input<string>;
  /** S3 service as the system VMs reach it, `https://host[:port]`, without a path. Released versions of CloudStack address the bucket as `bucket.host`. Replaces: yes. Removing it: an error, it is required. */
  endpoint: pulumi.Input<string>;
  /** The bucket, which has to exist; CloudStack never makes or checks it. Replaces: yes. Removing it: an error, it is required. */
  bucket: pulumi.Input<string>;
  /** Access key id of the bucket's owner, mostly of a `CloudianUser`. Replaces: yes. Removing it: an error, it is required. */
  accessKeyId: pulumi.Input<string>;
  /**
   * Secret access key of the bucket's owner; secret. A new one under the same `accessKeyId` is refused: running system
   * VMs and management servers keep one S3 client an access key. Replaces: yes, with a new `accessKeyId`. Removing it: an error, it is required.
   */
  secretAccessKey: pulumi.Input<string>;
  /** Whether S3 is spoken over TLS; must agree with the scheme of `endpoint`. Default: true (CloudStack's own default is false). Replaces: yes. Removing it: the default. */
  useHttps?: pulumi.Input<boolean>;
  /** Signature version of the requests. Server default: the choice of CloudStack's SDK. Replaces: yes. Removing it: stays as it is; a successor gets the server default. */
  s3Signer?: pulumi.Input<"v4" | "v2">;
  /** Milliseconds to wait for a connection. Server default: 10000. Replaces: yes. Removing it: stays as it is; a successor gets the server default. */
  connectionTimeoutMs?: pulumi.Input<number>;
  /** Milliseconds to wait for data. Server default: 50000. Replaces: yes. Removing it: stays as it is; a successor gets the server default. */
  socketTimeoutMs?: pulumi.Input<number>;
  /** Attempts after a failed one. Server default: 3. Replaces: yes. Removing it: stays as it is; a successor gets the server default. */
  maxErrorRetry?: pulumi.Input<number>;
  /** Milliseconds for which a connection is kept. Server default: no limit. Replaces: yes. Removing it: stays as it is; a successor gets the server default. */
  connectionTtlMs?: pulumi.Input<number>;
  /** Whether idle connections are probed. Server default: false. Replaces: yes. Removing it: stays as it is; a successor gets the server default. */
  useTcpKeepAlive?: pulumi.Input<boolean>;
  /** Whether the store takes no new data; needs CloudStack 4.15. Server default: false. Replaces: no. Removing it: stays as it is. */
  readOnly?: pulumi.Input<boolean>;
  /**
   * Looks the bucket up through S3 with exactly these details before the store is added, from where this provider runs,
   * with signature version 4 and the bucket in the path; with `s3Signer: "v2"` a warning says that it is left out. Default: true. Replaces: no. Removing it: the default.
   */
  verifyBucket?: pulumi.Input<boolean>;
  /** Refuses to add the store while an enabled zone has no staging store; otherwise that is a warning. Default: false. Replaces: no. Removing it: the default. */
  requireStagingStores?: pulumi.Input<boolean>;
  /**
   * Waits, after the store was added, until the templates of a set are downloaded to it in every zone. When the time
   * is up the store stays in the state and the next `up` waits again. Replaces: no. Removing it: nothing is waited for.
   */
  waitForTemplates?: pulumi.Input<WaitForTemplates>;
  /**
   * What destroying the resource does: `"delete"` the store (CloudStack refuses while it holds templates of users,
   * snapshots or volumes; the objects in the bucket stay), or `"readOnly"`: it takes no new data and stays. Default:
   * `"delete"`. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  onDestroy?: pulumi.Input<"delete" | "readOnly">;
  /** Takes over an existing store of this name instead of failing; a warning names the details that nobody can compare. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What the provider records beside the arguments. */
export interface S3SecondaryStorageOutputs {
  protocol: string;
  url: string;
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof S3SecondaryStorageArgs | keyof S3SecondaryStorageOutputs, PropertyRole>> = {
  storeName: "input",
  endpoint: "input",
  bucket: "input",
  accessKeyId: "input",
  secretAccessKey: "secretInput",
  useHttps: "input",
  s3Signer: "input",
  connectionTimeoutMs: "input",
  socketTimeoutMs: "input",
  maxErrorRetry: "input",
  connectionTtlMs: "input",
  useTcpKeepAlive: "input",
  readOnly: "input",
  verifyBucket: "input",
  requireStagingStores: "input",
  waitForTemplates: "input",
  onDestroy: "input",
  adopt: "input",
  protocol: "output",
  url: "output",
  systemEndpoint: "output",
};

/**
 * CloudStack's secondary storage on S3: where templates, ISOs, snapshots and uploaded volumes are kept. It serves all
 * zones, excludes NFS secondary storage anywhere in the cloud, and needs an NFS staging store in every zone. Its id is
 * the UUID that CloudStack gives. Source: CloudStack API, `addImageStore`, `listImageStores`, `updateImageStore`, `deleteImageStore`.
 */
export class S3SecondaryStorage extends StorageResource {
  /** As given, or derived. */
  declare readonly storeName: pulumi.Output<string>;
  /** As declared. */
  declare readonly endpoint: pulumi.Output<string>;
  /** As declared. */
  declare readonly bucket: pulumi.Output<string>;
  /** As declared. */
  declare readonly accessKeyId: pulumi.Output<string>;
  /** As declared, secret. */
  declare readonly secretAccessKey: pulumi.Output<string>;
  /** As declared, or the default. */
  declare readonly useHttps: pulumi.Output<boolean>;
  /** As declared; undefined while unmanaged. */
  declare readonly s3Signer: pulumi.Output<"v4" | "v2" | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly connectionTimeoutMs: pulumi.Output<number | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly socketTimeoutMs: pulumi.Output<number | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly maxErrorRetry: pulumi.Output<number | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly connectionTtlMs: pulumi.Output<number | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly useTcpKeepAlive: pulumi.Output<boolean | undefined>;
  /** As declared; undefined while unmanaged. */
  declare readonly readOnly: pulumi.Output<boolean | undefined>;
  /** As declared, or the default. */
  declare readonly verifyBucket: pulumi.Output<boolean>;
  /** As declared, or the default. */
  declare readonly requireStagingStores: pulumi.Output<boolean>;
  /** As declared. */
  declare readonly waitForTemplates: pulumi.Output<pulumi.Unwrap<WaitForTemplates> | undefined>;
  /** As declared, or the default. */
  declare readonly onDestroy: pulumi.Output<"delete" | "readOnly">;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** `http` or `https`, as CloudStack says. */
  declare readonly protocol: pulumi.Output<string>;
  /** The URL that CloudStack keeps with the store: `scheme://host[:port]/bucket`. */
  declare readonly url: pulumi.Output<string>;
  /** The CloudStack API that holds the store, `scheme://host:port/client/api`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: S3SecondaryStorageArgs, options?: pulumi.CustomResourceOptions) {
    super("S3SecondaryStorage", name, args, properties, options);
  }

  /** Looks an existing store up by its UUID, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): S3SecondaryStorage {
    // A look-up has no inputs.
    return new S3SecondaryStorage(name, {} as S3SecondaryStorageArgs, { ...options, id });
  }
}
