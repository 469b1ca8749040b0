import type * as pulumi from "@pulumi/pulumi";
import { groupHandler } from "./cloudian/group.handler.ts";
import { userHandler } from "./cloudian/user.handler.ts";
import { settingHandler } from "./cloudstack/global-setting.handler.ts";
import { poolHandler } from "./cloudstack/object-storage-pool.handler.ts";
import { secondaryStorageHandler } from "./cloudstack/secondary-storage.handler.ts";
import { stagingStoreHandler } from "./cloudstack/staging-store.handler.ts";
import { rosterHandler } from "./components/roster.handler.ts";
import { engineAddress } from "./core/engine.ts";
import { StorageError } from "./core/errors.ts";
import { Ledger } from "./core/ledger.ts";
import { Lifecycle } from "./core/lifecycle.ts";
import { watchEngine } from "./core/watchdog.ts";
import { bucketHandler as ecsBucketHandler } from "./ecs/bucket.handler.ts";
import { objectUserHandler } from "./ecs/object-user.handler.ts";
import { bucketHandler as s3BucketHandler } from "./s3/bucket.handler.ts";

/** The calling conventions that state files ask for; every number ever shipped stays. */
const newestAbi = 1;

const ledger = new Ledger();

const kinds: Record<string, () => pulumi.dynamic.ResourceProvider> = {
  CloudianGroup: () => new Lifecycle(groupHandler, ledger),
  CloudianUser: () => new Lifecycle(userHandler, ledger),
  EcsBucket: () => new Lifecycle(ecsBucketHandler, ledger),
  EcsObjectUser: () => new Lifecycle(objectUserHandler, ledger),
  GlobalSetting: () => new Lifecycle(settingHandler, ledger),
  ObjectStoragePool: () => new Lifecycle(poolHandler, ledger),
  S3Bucket: () => new Lifecycle(s3BucketHandler, ledger),
  S3SecondaryStorage: () => new Lifecycle(secondaryStorageHandler, ledger),
  SecondaryStagingStore: () => new Lifecycle(stagingStoreHandler, ledger),
  TenancyRoster: () => new Lifecycle(rosterHandler, ledger),
};

/** Entry of the provider process: every state file calls it by this name. */
export function provider(kind: string, abi: number): pulumi.dynamic.ResourceProvider {
  if (abi > newestAbi || !Object.hasOwn(kinds, kind))
    throw new StorageError(
      `The installed pulumi-cloudstack-storage does not know the kind ${kind} (convention ${abi}): the state was written by a newer release. Install that release or a later one.`,
    );
  watchEngine(engineAddress());
  return (kinds[kind] as () => pulumi.dynamic.ResourceProvider)();
}
