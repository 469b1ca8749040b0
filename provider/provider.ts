import * as pulumi from "@pulumi/pulumi";
import {
  type SettingKey,
  type SettingName,
  settingKeys,
  settingsNamespace,
  standaloneKey,
} from "./core/setting-keys.ts";

/**
 * Arguments of an explicit provider. It stands alone: neither stack configuration nor the usual environment variables
 * are read beside it, only these arguments, the variables that its `…Env` arguments name, and the proxy variables.
 * No argument replaces a resource; a changed one updates the provider.
 */
export interface ProviderArgs {
  /** Cloudian Admin API, `https://host:19443`. Required where a Cloudian kind uses the provider. Removing it: an error at the next request. */
  cloudianEndpoint?: pulumi.Input<string>;
  /** Admin API user. Required with `cloudianEndpoint`. Removing it: an error at the next request. */
  cloudianUsername?: pulumi.Input<string>;
  /** Admin API password; stored encrypted in the state. Removing it: an error at the next request, unless `cloudianPasswordEnv` is given. */
  cloudianPassword?: pulumi.Input<string>;
  /** Name of the environment variable that holds the Admin API password; nothing secret is stored. Not together with `cloudianPassword`. Removing it: an error at the next request, unless `cloudianPassword` is given. */
  cloudianPasswordEnv?: pulumi.Input<string>;
  /** Comma list of earlier addresses of the same system; objects recorded there may be read, changed and deleted here. Default: none. Removing it: such objects are refused again. */
  cloudianEndpointAliases?: pulumi.Input<string>;
  /** PEM file of a private CA or of the self-signed certificate, trusted beside the CAs that Node.js trusts. Default: none. Removing it: only those are trusted. */
  cloudianCaFile?: pulumi.Input<string>;
  /** The same as PEM text. Default: none. Removing it: only the CAs that Node.js trusts. */
  cloudianCaPem?: pulumi.Input<string>;
  /** Leaves the certificate unverified, with a warning each run. Default: false. Removing it: certificates are verified. */
  cloudianInsecure?: pulumi.Input<boolean>;
  /** ECS management API, `https://host:4443`. Required where an ECS kind uses the provider. Removing it: an error at the next request. */
  ecsEndpoint?: pulumi.Input<string>;
  /** Management user with the role System Admin (or Namespace Admin for one namespace). Required with `ecsEndpoint`. Removing it: an error at the next request. */
  ecsUsername?: pulumi.Input<string>;
  /** Password of the management user; stored encrypted in the state. Removing it: an error at the next request, unless `ecsPasswordEnv` is given. */
  ecsPassword?: pulumi.Input<string>;
  /** Name of the environment variable that holds the management password; nothing secret is stored. Not together with `ecsPassword`. Removing it: an error at the next request, unless `ecsPassword` is given. */
  ecsPasswordEnv?: pulumi.Input<string>;
  /** Namespace of users and buckets that name none. Default: none. Removing it: they keep theirs; new ones must name one. */
  ecsNamespace?: pulumi.Input<string>;
  /** Comma list of earlier addresses of the same array; objects recorded there may be read, changed and deleted here. Default: none. Removing it: such objects are refused again. */
  ecsEndpointAliases?: pulumi.Input<string>;
  /** PEM file of a private CA or of the self-signed certificate of the management API, trusted beside the CAs that Node.js trusts. Default: none. Removing it: only those are trusted. */
  ecsCaFile?: pulumi.Input<string>;
  /** The same as PEM text. Default: none. Removing it: only the CAs that Node.js trusts. */
  ecsCaPem?: pulumi.Input<string>;
  /** Leaves the certificate of the management API unverified, with a warning each run. Default: false. Removing it: certificates are verified. */
  ecsInsecure?: pulumi.Input<boolean>;
  /** S3 endpoint of the array as this provider reaches it, `https://host:9021`. Needed for CORS, for versioning before release 4 and for emptying buckets. Removing it: an error where it is needed. */
  ecsS3Endpoint?: pulumi.Input<string>;
  /** S3 endpoint as users reach it; shown in outputs. Default: `ecsS3Endpoint`. Removing it: the default. */
  ecsPublicS3Endpoint?: pulumi.Input<string>;
  /** PEM file for the certificate of `ecsS3Endpoint`. Default: none. Removing it: only the CAs that Node.js trusts. */
  ecsS3CaFile?: pulumi.Input<string>;
  /** The same as PEM text. Default: none. Removing it: only the CAs that Node.js trusts. */
  ecsS3CaPem?: pulumi.Input<string>;
  /** Leaves the certificate of `ecsS3Endpoint` unverified, with a warning each run. Default: false. Removing it: certificates are verified. */
  ecsS3Insecure?: pulumi.Input<boolean>;
  /** CloudStack API, `https://host/client/api`. Required where a CloudStack kind uses the provider. Removing it: an error at the next request. */
  cloudstackEndpoint?: pulumi.Input<string>;
  /** API key of a root administrator. Required with `cloudstackEndpoint`. Removing it: an error at the next request. */
  cloudstackApiKey?: pulumi.Input<string>;
  /** Secret key that belongs to the API key; stored encrypted in the state. Removing it: an error at the next request, unless `cloudstackSecretKeyEnv` is given. */
  cloudstackSecretKey?: pulumi.Input<string>;
  /** Name of the environment variable that holds the secret key; nothing secret is stored. Not together with `cloudstackSecretKey`. Removing it: an error at the next request, unless `cloudstackSecretKey` is given. */
  cloudstackSecretKeyEnv?: pulumi.Input<string>;
  /** Comma list of earlier addresses of the same cloud; objects recorded there may be read, changed and deleted here. Default: none. Removing it: such objects are refused again. */
  cloudstackEndpointAliases?: pulumi.Input<string>;
  /** PEM file of a private CA or of the self-signed certificate, trusted beside the CAs that Node.js trusts. Default: none. Removing it: only those are trusted. */
  cloudstackCaFile?: pulumi.Input<string>;
  /** The same as PEM text. Default: none. Removing it: only the CAs that Node.js trusts. */
  cloudstackCaPem?: pulumi.Input<string>;
  /** Leaves the certificate unverified, with a warning each run. Default: false. Removing it: certificates are verified. */
  cloudstackInsecure?: pulumi.Input<boolean>;
  /** PEM file for the endpoints of `S3Bucket`s and for the bucket check of `S3SecondaryStorage`. Default: none. Removing it: only the CAs that Node.js trusts. */
  s3CaFile?: pulumi.Input<string>;
  /** The same as PEM text. Default: none. Removing it: only the CAs that Node.js trusts. */
  s3CaPem?: pulumi.Input<string>;
  /** Leaves the certificates of `S3Bucket` endpoints unverified, with a warning each run. Default: false. Removing it: certificates are verified. */
  s3Insecure?: pulumi.Input<boolean>;
  /** Seconds that one request may take. Default: 30. Removing it: the default. */
  requestTimeoutSeconds?: pulumi.Input<number>;
  /** Seconds that one create, read, update or delete may take with all its requests and retries. Default: 300. Removing it: the default. */
  operationTimeoutSeconds?: pulumi.Input<number>;
  /** Connections to one endpoint at a time. Default: 16. Removing it: the default. */
  maxConnections?: pulumi.Input<number>;
  /** Tokens that all retries of one connection share (5 a retry, 10 after a timeout, 1 back a success). 0: no retries. Default: 500. Removing it: the default. */
  retryBudget?: pulumi.Input<number>;
}

type ByName = "cloudianPasswordEnv" | "ecsPasswordEnv" | "cloudstackSecretKeyEnv";
type Missing = Exclude<SettingName | ByName, keyof ProviderArgs> | Exclude<keyof ProviderArgs, SettingName | ByName>;
const complete: [Missing] extends [never] ? true : never = true;

/**
 * One set of endpoints and credentials, with a provider process of its own: for a second array in one stack, or for
 * credentials that stack configuration must not hold. Give it as `provider` of a resource or of a component.
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs, options?: pulumi.ResourceOptions) {
    super(
      "pulumi-nodejs",
      name,
      { ...inputsOf(args), [`${settingsNamespace}:${standaloneKey}`]: `${complete}` },
      options,
    );
  }
}

function inputsOf(args: ProviderArgs): Record<string, pulumi.Input<string | undefined>> {
  const known = new Map<string, SettingKey | undefined>(Object.entries(settingKeys));
  for (const [name, key] of Object.entries(settingKeys)) if (key.secret) known.set(`${name}Env`, undefined);
  const inputs: Record<string, pulumi.Input<string | undefined>> = {};
  for (const [name, value] of Object.entries(args)) {
    if (!known.has(name))
      throw new pulumi.RunError(`Provider has no argument "${name}"; it has ${[...known.keys()].join(", ")}.`);
    if (value === undefined || value === null) continue;
    const isSecret = known.get(name)?.secret === true;
    inputs[`${settingsNamespace}:${name}`] = pulumi.output(value).apply((given) => textOf(given, isSecret));
  }
  return inputs;
}

/** Provider inputs are configuration, and that is text. */
function textOf(given: unknown, isSecret: boolean): pulumi.Output<string | undefined> {
  // A secret of nothing would be sent, as null.
  if (given === undefined || given === null) return pulumi.output(undefined);
  return isSecret ? pulumi.secret(String(given)) : pulumi.output(String(given));
}
