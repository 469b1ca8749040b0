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
export { Provider, type ProviderArgs } from "./provider.ts";
