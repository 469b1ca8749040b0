import type { Specimen } from "../specimen.ts";
import { cloudianGroup, cloudianUser } from "./cloudian.ts";
import {
  connectorSetting,
  globalSetting,
  hyperStorePool,
  memberSetting,
  objectStoragePool,
  s3SecondaryStorage,
  scopedSetting,
  secondaryStagingStore,
  storageWithTemplates,
} from "./cloudstack.ts";
import { ecsBucket, ecsObjectUser } from "./ecs.ts";
import { filledEcsBucket, filledOldEcsBucket, filledS3Bucket, groupWithUsers } from "./filled.ts";
import { s3Bucket } from "./s3.ts";

/** One of each kind that talks to a system; a roster talks to none. One program can declare all of them. */
export const specimens: readonly Specimen[] = [
  cloudianGroup,
  cloudianUser,
  ecsObjectUser,
  ecsBucket,
  s3Bucket,
  s3SecondaryStorage,
  secondaryStagingStore,
  globalSetting,
  memberSetting,
  objectStoragePool,
];

/** Those whose life takes requests that no other one takes. */
const variants: readonly Specimen[] = [
  groupWithUsers,
  filledS3Bucket,
  filledEcsBucket,
  filledOldEcsBucket,
  storageWithTemplates,
  scopedSetting,
  connectorSetting,
  hyperStorePool,
];

export const everySpecimen: readonly Specimen[] = [...specimens, ...variants];
