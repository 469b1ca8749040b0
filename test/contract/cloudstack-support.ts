import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Lab, startLab } from "../../lab/index.ts";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import { makeProjectWithPackage } from "../harness/installed-package.ts";
import type { CloudStackLabState, CloudStackLabStore, LabFault, LabRequestRecord } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import type { Sdk } from "../harness/sdks.ts";
import { Stage, secret } from "./support.ts";

type Kind = "S3SecondaryStorage" | "SecondaryStagingStore" | "GlobalSetting" | "ObjectStoragePool" | "TenancyRoster";

/** Frozen: the state of every stack holds these bytes. */
export function textOf(kind: Kind): string {
  return `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("${kind}",1)}catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`;
}

/** The zone that every new lab has, and an id that nothing has. */
export const ZONE = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";
export const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** A key pair of the lab's HyperStore, which owns the bucket `secondary` there. */
export const KEY = { accessKeyId: "AKIASECONDARY0000001", secretAccessKey: "Canary/Key+of/secondary0000000000000000" };

const SWITCHES = { verifyBucket: true, requireStagingStores: false, onDestroy: "delete", adopt: false };

/** Inputs of secondary storage as `check` returns them, the secret key as a handler sees it; nobody looks for its bucket. */
export function store(storeName: string, more: Properties = {}): Properties {
  const details = { endpoint: "https://s3.example.test:443", bucket: "secondary", ...KEY, useHttps: true };
  return { __provider: textOf("S3SecondaryStorage"), storeName, ...details, ...SWITCHES, verifyBucket: false, ...more };
}

/** Inputs of a staging store of the lab's zone as `check` returns them. */
export function staging(path: string, more: Properties = {}): Properties {
  const place = { zoneId: ZONE, server: "nfs.example.test", path };
  return { __provider: textOf("SecondaryStagingStore"), ...place, adopt: false, ...more };
}

/** Inputs of a global setting as `check` returns them. */
export function setting(settingName: string, more: Properties): Properties {
  return { __provider: textOf("GlobalSetting"), settingName, ...more };
}

export const POOL_KEY = { accessKeyId: "pool-key", secretAccessKey: "Canary-secret-of-pool" };

/** Inputs of a pool on MinIO as `check` returns them. */
export function pool(poolName: string, more: Properties = {}): Properties {
  const place = { url: `https://${poolName}.example.test:9000`, providerName: "MinIO", s3: POOL_KEY };
  return { __provider: textOf("ObjectStoragePool"), poolName, ...place, adopt: false, ...more };
}

/** Inputs of a roster as `check` returns them. */
export function roster(members: Record<string, string>, more: Properties = {}): Properties {
  return { __provider: textOf("TenancyRoster"), rosterName: "tenancy", members, ...more };
}

export type LiveStore = CloudStackLabStore & { readonly id: string };

export interface LivePool {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly provider: string;
  readonly details: Readonly<Record<string, string>>;
}

export interface LiveSetting {
  readonly value: string | null;
  readonly scoped: Readonly<Record<string, string>>;
}

/** What a process asks first: which release it is, and whether it URL-encodes its answers. */
export const START = ["GET listCapabilities", "GET listConfigurations name=encode.api.response"];

/** What every request carries, and details, which the lab's state shows. */
const leftOut = /^(apikey|command|details\[.*|expires|response|signature|signatureversion)$/;

/** A lab whose CloudStack a stack configuration names, and the provider processes that speak to it. */
export class CloudStackStage extends Stage {
  static override async open(sdk: Sdk, options: { tls?: boolean } = {}): Promise<CloudStackStage> {
    return new CloudStackStage(sdk, await startLab({ portBase: 0, ...options }));
  }

  readonly #lab: Lab["addresses"];
  readonly #processes = new Set<DynamicServer>();
  /** One for all processes: to copy the package costs more than to start it. */
  #project: string | undefined;

  constructor(sdk: Sdk, lab: Lab) {
    super(sdk, lab);
    this.#lab = lab.addresses;
  }

  override get endpoint(): string {
    return this.#lab.cloudstack.endpoint;
  }

  /** The lab's HyperStore, where stores may have their buckets. */
  get s3Endpoint(): string {
    return this.#lab.cloudian.s3Endpoint;
  }

  override config(more: Record<string, unknown> = {}): Properties {
    const { endpoint, apiKey, secretKey, caPem } = this.#lab.cloudstack;
    const settings = {
      cloudstackEndpoint: endpoint,
      cloudstackApiKey: apiKey,
      cloudstackSecretKey: secret(secretKey),
      ...(caPem === undefined ? {} : { cloudstackCaPem: caPem }),
      ...more,
    };
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`cloudstack-storage:${key}`, value]));
  }

  override async serveWith(config: Properties, env: Record<string, string> = {}): Promise<DynamicServer> {
    const name = this.sdk === "newest" ? "@pulumi/pulumi" : "pulumi-lowest";
    const sdkFolder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    this.#project ??= makeProjectWithPackage(sdkFolder);
    const server = await startDynamicServer({ sdk: this.sdk, cwd: this.#project, config, env });
    this.#processes.add(server);
    return server;
  }

  override async close(): Promise<void> {
    await Promise.all([...this.#processes].map((server) => server.close()));
    if (this.#project !== undefined) rmSync(this.#project, { recursive: true, force: true });
    await super.close();
  }

  /** A process that has asked what is asked once: for release, providers, zones and what is in them. */
  async warm(settings: Record<string, unknown> = {}, env: Record<string, string> = {}): Promise<DynamicServer> {
    await this.seedStaging();
    const server = await this.serve(settings, env);
    await server.create(store(`warm-${this.#processes.size}`));
    return server;
  }

  /** The requests that some work sends, one line each, such as `POST updateImageStore id=… readonly=true`. */
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

  /** What a failing call says, and what it has sent. */
  async refusalOf(work: () => Promise<unknown>): Promise<{ message: string; sent: string[] }> {
    const { result, sent } = await this.resultOf(() =>
      work().then(
        () => "no error",
        (error: Error) => error.message,
      ),
    );
    return { message: result, sent };
  }

  /** Arms one fault of CloudStack, or of another system. */
  override async fault(fault: Omit<LabFault, "system"> & { readonly system?: LabFault["system"] }): Promise<void> {
    await this.control.fault({ system: "cloudstack", ...fault });
  }

  async cloud(): Promise<CloudStackLabState> {
    return (await this.control.state()).cloudstack;
  }

  async patch(patch: object): Promise<void> {
    await this.control.patch("cloudstack", patch);
  }

  async options(options: object): Promise<void> {
    await this.patch({ options });
  }

  /** The live stores of this name, of whatever role; there should be one at most. */
  async storesNamed(name: string): Promise<LiveStore[]> {
    const { imageStores } = await this.cloud();
    return Object.entries(imageStores).flatMap(([id, each]) =>
      each.name === name && !each.removed ? [{ id, ...each }] : [],
    );
  }

  async poolsNamed(name: string): Promise<LivePool[]> {
    const pools = (await this.cloud())["objectPools"] as Record<string, Omit<LivePool, "id">>;
    return Object.entries(pools).flatMap(([id, each]) => (each.name === name ? [{ id, ...each }] : []));
  }

  async settingNamed(name: string): Promise<LiveSetting | undefined> {
    return ((await this.cloud())["settings"] as Record<string, LiveSetting>)[name];
  }

  async liveValue(name: string): Promise<string | null | undefined> {
    return (await this.settingNamed(name))?.value;
  }

  /** Everything as at the start; processes go on. */
  async clean(): Promise<void> {
    await this.control.reset();
  }

  /** A staging store in the lab's zone, without which each new store is warned of. */
  async seedStaging(): Promise<void> {
    await this.patch({ imageStores: { cache: { name: "nfs://nfs.example.test/cache", role: "ImageCache" } } });
  }

  /** A bucket on the lab's HyperStore, and who may use it. */
  async seedBucket(bucketName = "secondary"): Promise<void> {
    const owner = { groupId: "cloudstack", userId: "secondary" };
    await this.control.patch("cloudian", {
      groups: { cloudstack: {} },
      users: { "cloudstack/secondary": {}, "cloudstack/other": {} },
      credentials: {
        [KEY.accessKeyId]: { ...owner, secretKey: KEY.secretAccessKey },
        AKIAOTHER00000000001: { ...owner, userId: "other", secretKey: "Canary-Key-of-Other" },
      },
      buckets: { "cloudstack/secondary": [{ bucketName }] },
    });
  }
}

/** Such as `GET listImageStores name=main`; `S3 HEAD /secondary` and `Cloudian GET /system/version` for the HyperStore. */
export function line({ system, method, path, query, body }: LabRequestRecord): string {
  if (system !== "cloudstack") {
    const side = system === "cloudian-s3" ? "S3" : "Cloudian";
    return `${side} ${method} ${path.replace(/(.)\/$/, "$1")}`;
  }
  const parameters = { ...query, ...body };
  const shown = Object.entries(parameters)
    .filter(([name]) => !leftOut.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  return [method, String(parameters["command"]), ...shown].join(" ");
}
