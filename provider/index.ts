export { CloudianGroup, type CloudianGroupArgs } from "./cloudian/group.ts";
export type {
  CloudianAddress,
  CloudianLdap,
  CloudianS3Endpoints,
  Limit,
  LimitPair,
  Limits,
} from "./cloudian/shapes.ts";
export {
  type CloudianLogoutUrlArgs,
  type CloudianSsoUrlArgs,
  cloudianLogoutUrl,
  cloudianSsoUrl,
} from "./cloudian/sso.ts";
export { CloudianUser, type CloudianUserArgs } from "./cloudian/user.ts";
export { GlobalSetting, type GlobalSettingArgs, type GlobalSettingFields } from "./cloudstack/global-setting.ts";
export {
  type GetAccountsResult,
  type GetDomainsResult,
  type GetZonesResult,
  getAccounts,
  getDomains,
  getZones,
  type LookupArgs,
} from "./cloudstack/lookups.ts";
export {
  ObjectStoragePool,
  type ObjectStoragePoolArgs,
  type ObjectStoragePoolFields,
} from "./cloudstack/object-storage-pool.ts";
export { S3SecondaryStorage, type S3SecondaryStorageArgs } from "./cloudstack/secondary-storage.ts";
export type {
  Account,
  AccountUser,
  CloudianPoolDetails,
  Domain,
  EcsPoolDetails,
  S3PoolDetails,
  SettingScope,
  WaitForTemplates,
  Zone,
} from "./cloudstack/shapes.ts";
export { SecondaryStagingStore, type SecondaryStagingStoreArgs } from "./cloudstack/staging-store.ts";
export { CloudianConnector, type CloudianConnectorArgs } from "./components/cloudian-connector.ts";
export {
  CloudianSecondaryStorage,
  type CloudianSecondaryStorageArgs,
} from "./components/cloudian-secondary-storage.ts";
export { CloudianTenancy, type CloudianTenancyArgs } from "./components/cloudian-tenancy.ts";
export { EcsTenancy, type EcsTenancyArgs } from "./components/ecs-tenancy.ts";
export type { NameToResolve } from "./components/names-to-resolve.ts";
export { TenancyRoster, type TenancyRosterArgs } from "./components/roster.ts";
export type { StagingZone } from "./components/staging-zones.ts";
export { EcsBucket, type EcsBucketArgs } from "./ecs/bucket.ts";
export { EcsObjectUser, type EcsObjectUserArgs } from "./ecs/object-user.ts";
export { Provider, type ProviderArgs } from "./provider.ts";
export { S3Bucket, type S3BucketArgs } from "./s3/bucket.ts";
export type {
  BucketPolicy,
  CorsRule,
  GibLimit,
  PolicyCondition,
  PolicyDocument,
  PolicyPrincipal,
  PolicyStatement,
  PolicyTexts,
  Tags,
} from "./s3/shapes.ts";
