export { CloudianGroup, type CloudianGroupArgs } from "./cloudian/group.ts";
export type {
  CloudianAddress,
  CloudianLdap,
  CloudianS3Endpoints,
  Limit,
  LimitPair,
  Limits,
} from "./cloudian/shapes.ts";
export { CloudianUser, type CloudianUserArgs } from "./cloudian/user.ts";
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
