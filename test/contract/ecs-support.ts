import { type Lab, startLab } from "../../lab/index.ts";
import type { EcsLabBucket, EcsLabState, EcsLabUser, LabFault, LabRequestRecord } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import type { Sdk } from "../harness/sdks.ts";
import { Stage, secret } from "./support.ts";

/** Frozen: the state of every stack holds these bytes. */
export function textOf(kind: "EcsObjectUser" | "EcsBucket" | "S3Bucket"): string {
  return `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("${kind}",1)}catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`;
}

/** The namespaces of a new lab share the first replication group. */
export const RG1 = "urn:storageos:ReplicationGroupInfo:3f6a2c1e-8b47-4d09-9a5e-71c20d4be8f3:global";
export const RG2 = "urn:storageos:ReplicationGroupInfo:b81d5e07-26fa-4c93-8e1b-0a9f47d2c615:global";

/** Inputs of an object user as `check` returns them. */
export function objectUser(userName: string, more: Properties = {}): Properties {
  const defaults = { namespace: "ns1", keyGeneration: 1, onDestroy: "delete", adopt: false };
  return { __provider: textOf("EcsObjectUser"), userName, ...defaults, ...more };
}

/** Inputs of an ECS bucket as `check` returns them. */
export function ecsBucket(bucketName: string, owner: string, more: Properties = {}): Properties {
  const switches = { allowNonDnsName: false, forceDestroy: false, adopt: false };
  return { __provider: textOf("EcsBucket"), bucketName, namespace: "ns1", owner, ...switches, ...more };
}

/** Inputs of a bucket on any S3 service as `check` returns them, the secret key as a handler sees it. */
export function s3Bucket(endpoint: string, bucketName: string, more: Properties = {}): Properties {
  const key = { accessKeyId: "own", secretAccessKey: "owner000000000000000000000000000000owner" };
  const defaults = { region: "us-east-1", pathStyle: true, forceDestroy: false, adopt: false };
  return { __provider: textOf("S3Bucket"), endpoint, bucketName, ...key, ...defaults, ...more };
}

/** Properties as the engine sends them back: without the wrapping of secrets. */
export function plain(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null && "value" in value ? value.value : value,
    ]),
  );
}

/** The lab's ECS as a patch gives it. */
export type EcsPatch = { readonly [Section in keyof EcsLabState]?: object | null };

/** A lab whose ECS a stack configuration names, and the provider processes that speak to it. */
export class EcsStage extends Stage {
  static override async open(sdk: Sdk, options: { tls?: boolean } = {}): Promise<EcsStage> {
    return new EcsStage(sdk, await startLab({ portBase: 0, ...options }));
  }

  readonly #ecs: Lab["addresses"]["ecs"];

  constructor(sdk: Sdk, lab: Lab) {
    super(sdk, lab);
    this.#ecs = lab.addresses.ecs;
  }

  override get endpoint(): string {
    return this.#ecs.endpoint;
  }

  get s3Endpoint(): string {
    return this.#ecs.s3Endpoint;
  }

  override config(more: Record<string, unknown> = {}): Properties {
    const settings = {
      ecsEndpoint: this.#ecs.endpoint,
      ecsUsername: "pulumi",
      ecsPassword: secret("lab-ecs-password"),
      ecsNamespace: "ns1",
      ecsS3Endpoint: this.#ecs.s3Endpoint,
      ecsCaPem: this.#ecs.caPem,
      ...more,
    };
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given.map(([key, value]) => [`cloudstack-storage:${key}`, value]));
  }

  /** The requests that some work sends to both sides of the array, one line each. */
  override async callsOf(work: () => Promise<unknown>): Promise<string[]> {
    await this.control.clearRequests();
    await work();
    return (await this.control.requests()).map(line);
  }

  /** What some work answers, and what it sends. */
  async resultOf<T>(work: () => Promise<T>): Promise<{ result: T; sent: string[] }> {
    const results: T[] = [];
    const sent = await this.callsOf(async () => {
      results.push(await work());
    });
    return { result: results[0] as T, sent };
  }

  /** The JSON bodies of the requests since the last `callsOf` began. */
  async bodies(): Promise<unknown[]> {
    return (await this.control.requests()).map(({ body }) => body).filter((body) => body !== undefined);
  }

  /** Arms one fault of the management API, or of S3. */
  override async fault(fault: Omit<LabFault, "system"> & { readonly system?: LabFault["system"] }): Promise<void> {
    await this.control.fault({ system: "ecs", ...fault });
  }

  async ecs(): Promise<EcsLabState> {
    return (await this.control.state()).ecs;
  }

  async patch(patch: EcsPatch): Promise<void> {
    await this.control.patch("ecs", patch);
  }

  async userNamed(userName: string, namespace = "ns1"): Promise<EcsLabUser | undefined> {
    return (await this.ecs()).users[`${namespace}/${userName}`];
  }

  async bucketNamed(bucketName: string, namespace = "ns1"): Promise<EcsLabBucket | undefined> {
    return (await this.ecs()).buckets[`${namespace}/${bucketName}`];
  }

  /** Everything as at the start but the clock and the log-ins, so that a process keeps its token. */
  async clean(): Promise<void> {
    const { buckets, users, namespaces, options } = await this.ecs();
    const fresh = { encryption: false, staleAllowed: false, bucketBlockSize: -1, vpool: RG1 };
    await this.patch({
      options: gone(options),
      buckets: gone(buckets),
      users: gone(users),
      namespaces: { ...gone(namespaces), ns1: fresh, ns2: fresh },
    });
    await this.control.clearFaults();
    await this.control.clearRequests();
  }
}

function gone(documents: object): Record<string, null> {
  return Object.fromEntries(Object.keys(documents).map((key) => [key, null]));
}

/** Such as `GET /object/bucket/b/info?namespace=ns1`, or `S3 PUT /b?versioning` for the S3 side. */
export function line({ system, method, path, query }: LabRequestRecord): string {
  // With x-id the AWS SDK marks some of its operations; no service looks at it.
  const pairs = Object.entries(query)
    .filter(([name]) => name !== "x-id")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = pairs.map(([name, value]) => (value === "" ? name : `${name}=${value}`)).join("&");
  const side = system === "ecs" ? "" : "S3 ";
  return `${side}${method} ${path.replace(/(.)\/$/, "$1")}${text === "" ? "" : `?${text}`}`;
}
