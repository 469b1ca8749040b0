import type { LabAddresses } from "../../lab/index.ts";

/** With which a process reaches all systems of a lab, by their names in the stack configuration. */
export function settingsOf({ cloudian, ecs, cloudstack }: LabAddresses): Record<string, string> {
  return {
    cloudianEndpoint: cloudian.endpoint,
    cloudianUsername: cloudian.username,
    cloudianPassword: cloudian.password,
    ecsEndpoint: ecs.endpoint,
    ecsUsername: ecs.username,
    ecsPassword: ecs.password,
    ecsNamespace: ecs.namespace,
    ecsS3Endpoint: ecs.s3Endpoint,
    ecsCaPem: ecs.caPem,
    cloudstackEndpoint: cloudstack.endpoint,
    cloudstackApiKey: cloudstack.apiKey,
    cloudstackSecretKey: cloudstack.secretKey,
  };
}
