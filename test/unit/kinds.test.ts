import { expect, test } from "vitest";
import { handlerOf } from "../../provider/handlers.ts";

/** States name kinds so, for ever. */
test.each([
  ["CloudianGroup", "Cloudian group"],
  ["CloudianUser", "Cloudian user"],
  ["EcsBucket", "ECS bucket"],
  ["EcsObjectUser", "ECS object user"],
  ["GlobalSetting", "CloudStack setting"],
  ["ObjectStoragePool", "CloudStack object storage pool"],
  ["S3Bucket", "S3 bucket"],
  ["S3SecondaryStorage", "S3 secondary storage"],
  ["SecondaryStagingStore", "CloudStack staging store"],
  ["TenancyRoster", "Tenancy roster"],
])("%s is a kind that states can name, and errors call it %s", (kind, noun) => {
  expect(handlerOf(kind)).toMatchObject({ kind, noun });
});
