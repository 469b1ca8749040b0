import type { LabAddresses } from "../../../../lab/index.ts";
import { Relay } from "./relay.ts";

/** One relay before each of a lab's systems, and the settings with which a process goes through them. */
export class Relays {
  readonly settings: Readonly<Record<string, string>>;
  readonly s3Endpoint: string;
  readonly #all: readonly Relay[];

  private constructor({ cloudian, ecs, cloudstack }: LabAddresses, all: readonly Relay[]) {
    const [admin = "", s3 = "", management = "", ecsS3 = "", api = ""] = all.map(({ endpoint }) => endpoint);
    this.#all = all;
    this.s3Endpoint = s3;
    this.settings = {
      cloudianEndpoint: admin,
      cloudianUsername: cloudian.username,
      cloudianPassword: cloudian.password,
      ecsEndpoint: management,
      ecsUsername: ecs.username,
      ecsPassword: ecs.password,
      ecsNamespace: ecs.namespace,
      ecsS3Endpoint: ecsS3,
      cloudstackEndpoint: `${api}/client/api`,
      cloudstackApiKey: cloudstack.apiKey,
      cloudstackSecretKey: cloudstack.secretKey,
      requestTimeoutSeconds: "20",
      operationTimeoutSeconds: "40",
    };
  }

  static async open(addresses: LabAddresses): Promise<Relays> {
    const { cloudian, ecs, cloudstack } = addresses;
    const targets = [cloudian.endpoint, cloudian.s3Endpoint, ecs.endpoint, ecs.s3Endpoint, cloudstack.endpoint];
    return new Relays(addresses, await Promise.all(targets.map((target) => Relay.open(target))));
  }

  /** What each connection has carried since the last time. */
  take(): Buffer[] {
    return this.#all.flatMap((relay) => relay.take());
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((relay) => relay.close()));
  }
}
