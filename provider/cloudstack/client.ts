import { connectionTo } from "../core/connections.ts";
import type { Connected } from "../core/handler.ts";
import { Once } from "../core/once.ts";
import type { CloudStackSettings, Settings } from "../core/settings.ts";
import { CloudStackApi } from "./api.ts";
import { rootAccountOf } from "./caller.ts";
import { ConfigurationCalls } from "./configurations.ts";
import { ImageStoreCalls } from "./image-stores.ts";
import { PoolCalls } from "./pools.ts";
import { settingPrefix } from "./prefix.ts";
import { imageProviders } from "./providers.ts";
import { StagingStoreCalls } from "./staging-stores.ts";
import { StorageVmCalls } from "./system-vms.ts";
import { ZoneCalls } from "./zones.ts";

/** One cloud as this process knows it, for all of its kinds. */
export class CloudStackClient implements Connected {
  readonly endpoint: string;
  readonly aliases: readonly string[];
  readonly settingPrefix = settingPrefix;
  readonly api: CloudStackApi;
  readonly imageStores: ImageStoreCalls;
  readonly stagingStores: StagingStoreCalls;
  readonly configurations: ConfigurationCalls;
  readonly pools: PoolCalls;
  readonly imageProviders: Once<string[]>;
  readonly zones: ZoneCalls;
  readonly storageVms: StorageVmCalls;
  /** The caller's account; throws where it is not a root administrator's. */
  readonly rootAccount: Once<string>;

  constructor(settings: CloudStackSettings) {
    this.endpoint = settings.endpoint;
    this.aliases = settings.aliases;
    this.api = new CloudStackApi(settings);
    this.imageStores = new ImageStoreCalls(this.api);
    this.stagingStores = new StagingStoreCalls(this.api);
    this.configurations = new ConfigurationCalls(this.api);
    this.pools = new PoolCalls(this.api);
    this.imageProviders = imageProviders(this.api);
    this.zones = new ZoneCalls(this.api);
    this.storageVms = new StorageVmCalls(this.api);
    this.rootAccount = new Once(() => rootAccountOf(this.api, settings.apiKey));
  }

  static of(settings: Settings): CloudStackClient {
    return connectionTo(settings.cloudstack(), settingPrefix, (system) => new CloudStackClient(system));
  }
}
