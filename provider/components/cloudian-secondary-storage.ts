import * as pulumi from "@pulumi/pulumi";
import { CloudianGroup } from "../cloudian/group.ts";
import { CloudianUser } from "../cloudian/user.ts";
import { GlobalSetting } from "../cloudstack/global-setting.ts";
import { S3SecondaryStorage, type S3SecondaryStorageArgs } from "../cloudstack/secondary-storage.ts";
import { SecondaryStagingStore } from "../cloudstack/staging-store.ts";
import { S3Bucket } from "../s3/bucket.ts";
import { Arguments, notEmpty } from "./arguments.ts";
import { type NameToResolve, namesOfStore } from "./names-to-resolve.ts";
import { bucketRule, endpointRule, storeEndpointRule } from "./secondary-storage-rules.ts";
import { checkedZones, type StagingZone } from "./staging-zones.ts";

/** What a program declares of a HyperStore as CloudStack's secondary storage. */
export interface CloudianSecondaryStorageArgs {
  /** Group that is made for the storage alone. The rules of a `CloudianGroup`. Replaces: yes. Removing it: an error, it is required. */
  groupId: pulumi.Input<string>;
  /** User that is made in it and owns the bucket; a new one cannot reach the old bucket, so give a new `bucketName` with it. The rules of a `CloudianUser`. Replaces: yes. Removing it: an error, it is required. */
  userId: pulumi.Input<string>;
  /**
   * Bucket that is made with the user's key: 3 to 63 of lower case, digits and `-`. System VMs address it as
   * `bucket.host`, so that it is one label of a DNS name; a wildcard certificate covers no dot. Replaces: yes. Removing it: an error, it is required.
   */
  bucketName: pulumi.Input<string>;
  /** S3 service of the HyperStore, `https://host[:port]`, as this provider and the system VMs reach it. For `http` give `store: { useHttps: false }` as well. Replaces: yes. Removing it: an error, it is required. */
  endpoint: pulumi.Input<string>;
  /** Generation of the user's key pair: a higher number makes a new one, with which the store is replaced; the earlier pair is kept. Default: 1. Replaces: no. Removing it: an error where it was above 1. */
  keyGeneration?: pulumi.Input<number>;
  /** One staging store for every zone of the cloud; at least one. Replaces: no. Removing it: an error, it is required. */
  zones: readonly StagingZone[];
  /**
   * Networks of the S3 service that system VMs may reach: members of `secstorage.allowed.internal.sites`, to which they
   * are added. CloudStack reads the setting when management servers start. Replaces: no. Removing it: the members that were added are taken out.
   */
  allowedInternalCidrs?: pulumi.Input<pulumi.Input<string>[]>;
  /** Further arguments of the `S3SecondaryStorage`, such as `storeName`, `readOnly` and `waitForTemplates`; they go before those that the component makes. Replaces: as in the kind. Removing it: the defaults of the kind. */
  store?: Partial<S3SecondaryStorageArgs>;
}

/**
 * The vendor's written procedure for a HyperStore as secondary storage: a group, a user and a bucket for it, the networks
 * that system VMs may reach, a staging store in every zone, and the store; made in this order and destroyed in reverse.
 * Deleting the store leaves templates and snapshots in the bucket, and a bucket that holds objects is not deleted, nor
 * its owner: empty it first.
 */
export class CloudianSecondaryStorage extends pulumi.ComponentResource {
  /** The group, `${name}-group`. */
  readonly group: CloudianGroup;
  /** The bucket's owner, `${name}-user`. */
  readonly user: CloudianUser;
  /** The bucket, `${name}-bucket`. */
  readonly bucket: S3Bucket;
  /** The networks that system VMs may reach, `${name}-internal-sites`; undefined where none are declared. */
  readonly internalSites: GlobalSetting | undefined;
  /** The staging stores, `${name}-staging-${zoneId}`, in the order of `zones`. */
  readonly stagingStores: SecondaryStagingStore[];
  /** The secondary storage, `${name}-store`. */
  readonly store: S3SecondaryStorage;
  /** S3 service that the store uses, to be noted down. */
  readonly endpoint: pulumi.Output<string>;
  /** Name of the bucket, to be noted down. */
  readonly bucketName: pulumi.Output<string>;
  /** Access key id of the bucket's owner, to be noted down. */
  readonly accessKeyId: pulumi.Output<string>;
  /** Secret access key of the bucket's owner, to be noted down; secret. */
  readonly secretAccessKey: pulumi.Output<string>;
  /** Name of the store in CloudStack. */
  readonly storeName: pulumi.Output<string>;
  /** Which names must resolve, and for whom; an IP address is no name. */
  readonly names: pulumi.Output<NameToResolve[]>;

  constructor(name: string, args: CloudianSecondaryStorageArgs, options?: pulumi.ComponentResourceOptions) {
    const given = new Arguments("CloudianSecondaryStorage", name);
    const { groupId, userId, endpoint, bucketName, zones } = checkedArgs(given, args);
    super("cloudstack-storage:index:CloudianSecondaryStorage", name, {}, options);
    const after = (...earlier: pulumi.Resource[]) => ({ parent: this, dependsOn: earlier });

    const ofGroup = { groupId, ...given.objectionTo("groupId") };
    this.group = new CloudianGroup(`${name}-group`, ofGroup, after());
    const generation = args.keyGeneration === undefined ? {} : { keyGeneration: args.keyGeneration };
    const ofUser = { groupId, userId, ...generation, ...given.objectionTo("userId") };
    this.user = new CloudianUser(`${name}-user`, ofUser, after(this.group));
    const { accessKeyId, secretAccessKey } = this.user;
    const access = { endpoint, accessKeyId, secretAccessKey };
    const ofBucket = { ...access, bucketName, ...given.objectionTo("endpoint", "bucketName") };
    this.bucket = new S3Bucket(`${name}-bucket`, ofBucket, after(this.user));
    this.internalSites = internalSites(`${name}-internal-sites`, args.allowedInternalCidrs, after(this.bucket));
    const ready = this.internalSites ?? this.bucket;
    this.stagingStores = zones.map(
      (zone) => new SecondaryStagingStore(`${name}-staging-${zone.zoneId}`, zone, after(ready)),
    );
    const ofStore = { ...access, bucket: bucketName, requireStagingStores: true, ...present(args.store) };
    this.store = new S3SecondaryStorage(`${name}-store`, ofStore, after(ready, ...this.stagingStores));

    this.endpoint = pulumi.output(ofStore.endpoint);
    this.bucketName = pulumi.output(ofStore.bucket);
    this.accessKeyId = accessKeyId;
    this.secretAccessKey = secretAccessKey;
    this.storeName = this.store.storeName;
    this.names = pulumi
      .all([this.endpoint, this.bucketName, this.group.systemEndpoint])
      .apply(([s3Endpoint, bucket, adminEndpoint]) => namesOfStore(s3Endpoint, bucket, adminEndpoint));
    const { group, user, bucket, stagingStores, store, storeName, names } = this;
    const notes = { endpoint: this.endpoint, bucketName: this.bucketName, accessKeyId, secretAccessKey, storeName };
    this.registerOutputs({ group, user, bucket, stagingStores, store, ...notes, names });
  }
}

/** What can be seen to be wrong before anything is declared. */
function checkedArgs(given: Arguments, args: CloudianSecondaryStorageArgs) {
  const { endpoint: ofStore, useHttps } = present(args.store);
  return {
    groupId: given.checked("groupId", args.groupId, notEmpty),
    userId: given.checked("userId", args.userId, notEmpty),
    endpoint: given.checked(
      "endpoint",
      args.endpoint,
      ofStore === undefined ? storeEndpointRule(useHttps) : endpointRule,
    ),
    bucketName: given.checked("bucketName", args.bucketName, bucketRule),
    zones: checkedZones(given, args.zones),
  };
}

function internalSites(
  name: string,
  cidrs: CloudianSecondaryStorageArgs["allowedInternalCidrs"],
  options: pulumi.CustomResourceOptions,
): GlobalSetting | undefined {
  if (cidrs === undefined || (Array.isArray(cidrs) && cidrs.length === 0)) return undefined;
  return new GlobalSetting(name, { settingName: "secstorage.allowed.internal.sites", members: cidrs }, options);
}

/** What is really there: a member that is absent would take away what the component makes. */
function present(store: CloudianSecondaryStorageArgs["store"]): Partial<S3SecondaryStorageArgs> {
  return Object.fromEntries(Object.entries(store ?? {}).filter(([, value]) => value !== undefined && value !== null));
}
