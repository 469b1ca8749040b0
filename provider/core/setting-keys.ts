/** The namespace of stack configuration, and the prefix of an explicit provider's inputs. */
export const settingsNamespace = "cloudstack-storage";

/** Marks the inputs of an explicit provider, which stands alone: no stack configuration, no environment. */
export const standaloneKey = "standalone";

/** The value of `standaloneKey` where the arguments of a look-up stand alone; those of an explicit provider have `true`. */
export const ofLookup = "look-up";

export interface SettingKey {
  readonly environment: string;
  readonly secret: boolean;
  /** Shown where the setting is missing or malformed. */
  readonly example: string;
}

/**
 * Every setting that can be given as an argument of the explicit provider, in stack configuration or in the
 * environment. A secret one may be replaced by `<key>Env`, the name of the variable that holds it.
 */
export const settingKeys = {
  cloudianEndpoint: key("CLOUDIAN_ENDPOINT", "https://s3-admin.example.com:19443"),
  cloudianUsername: key("CLOUDIAN_USERNAME", "sysadmin"),
  cloudianPassword: { ...key("CLOUDIAN_PASSWORD", "…"), secret: true },
  cloudianEndpointAliases: key("CLOUDIAN_ENDPOINT_ALIASES", "https://old.example.com:19443"),
  cloudianCaFile: key("CLOUDIAN_CA_FILE", "/etc/ssl/hyperstore.pem"),
  cloudianCaPem: key("CLOUDIAN_CA_PEM", "-----BEGIN CERTIFICATE-----…"),
  cloudianInsecure: key("CLOUDIAN_INSECURE", "true"),
  ecsEndpoint: key("ECS_ENDPOINT", "https://ecs.example.com:4443"),
  ecsUsername: key("ECS_USERNAME", "pulumi"),
  ecsPassword: { ...key("ECS_PASSWORD", "…"), secret: true },
  ecsNamespace: key("ECS_NAMESPACE", "cloudstack"),
  ecsEndpointAliases: key("ECS_ENDPOINT_ALIASES", "https://old.example.com:4443"),
  ecsCaFile: key("ECS_CA_FILE", "/etc/ssl/ecs.pem"),
  ecsCaPem: key("ECS_CA_PEM", "-----BEGIN CERTIFICATE-----…"),
  ecsInsecure: key("ECS_INSECURE", "true"),
  ecsS3Endpoint: key("ECS_S3_ENDPOINT", "https://ecs.example.com:9021"),
  ecsPublicS3Endpoint: key("ECS_PUBLIC_S3_ENDPOINT", "https://objects.example.com"),
  ecsS3CaFile: key("ECS_S3_CA_FILE", "/etc/ssl/ecs-s3.pem"),
  ecsS3CaPem: key("ECS_S3_CA_PEM", "-----BEGIN CERTIFICATE-----…"),
  ecsS3Insecure: key("ECS_S3_INSECURE", "true"),
  cloudstackEndpoint: key("CLOUDSTACK_API_URL", "https://cloud.example.com/client/api"),
  cloudstackApiKey: key("CLOUDSTACK_API_KEY", "…"),
  cloudstackSecretKey: { ...key("CLOUDSTACK_SECRET_KEY", "…"), secret: true },
  cloudstackEndpointAliases: key("CLOUDSTACK_ENDPOINT_ALIASES", "https://old.example.com/client/api"),
  cloudstackCaFile: key("CLOUDSTACK_CA_FILE", "/etc/ssl/cloudstack.pem"),
  cloudstackCaPem: key("CLOUDSTACK_CA_PEM", "-----BEGIN CERTIFICATE-----…"),
  cloudstackInsecure: key("CLOUDSTACK_INSECURE", "true"),
  s3CaFile: key("S3_CA_FILE", "/etc/ssl/s3.pem"),
  s3CaPem: key("S3_CA_PEM", "-----BEGIN CERTIFICATE-----…"),
  s3Insecure: key("S3_INSECURE", "true"),
  requestTimeoutSeconds: key("CLOUDSTACK_STORAGE_REQUEST_TIMEOUT_SECONDS", "30"),
  operationTimeoutSeconds: key("CLOUDSTACK_STORAGE_OPERATION_TIMEOUT_SECONDS", "300"),
  maxConnections: key("CLOUDSTACK_STORAGE_MAX_CONNECTIONS", "16"),
  retryBudget: key("CLOUDSTACK_STORAGE_RETRY_BUDGET", "500"),
} as const satisfies Record<string, SettingKey>;

/**
 * What only the command line reads, from stack configuration or the environment: no resource needs it, so that it is no
 * argument of the explicit provider.
 */
export const commandSettingKeys = {
  cloudianS3Endpoint: key("CLOUDIAN_S3_ENDPOINT", "https://s3.example.com"),
  cloudianCmcEndpoint: key("CLOUDIAN_CMC_ENDPOINT", "https://cmc.example.com:8443"),
  cloudianSsoKey: { ...key("CLOUDIAN_SSO_KEY", "…"), secret: true },
} as const satisfies Record<string, SettingKey>;

export type SettingName = keyof typeof settingKeys;

export type CommandSettingName = keyof typeof commandSettingKeys;

/** What names an endpoint: a setting, or for an S3 service the property of the resource itself. */
export function endpointNamed(settingPrefix: string): string {
  return settingPrefix === "s3" ? "endpoint" : `${settingPrefix}Endpoint`;
}

function key(environment: string, example: string): SettingKey {
  return { environment, secret: false, example };
}
