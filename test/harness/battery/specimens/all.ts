import type { Specimen } from "../specimen.ts";
import { cloudianGroup, cloudianUser } from "./cloudian.ts";
import {
  globalSetting,
  memberSetting,
  objectStoragePool,
  s3SecondaryStorage,
  secondaryStagingStore,
} from "./cloudstack.ts";
import { ecsBucket, ecsObjectUser } from "./ecs.ts";
import { s3Bucket } from "./s3.ts";

/** One of each kind that talks to a system; a roster talks to none. */
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
