import { hyperStoreVersion } from "../cloudian/version.ts";
import { connectionTo } from "../core/connections.ts";
import type { Connected } from "../core/handler.ts";
import { Once } from "../core/once.ts";
import type { Settings } from "../core/settings.ts";
import { CloudStackClient } from "./client.ts";
import { connectorSettings, requireConnectorReleases } from "./connector.ts";
import { requireNoHyperStorePool } from "./connector-pools.ts";
import { settingPrefix } from "./prefix.ts";
import { connectorSwitch } from "./setting-restart.ts";

/** The cloud, and the HyperStore that its connector is for. */
export class SettingClient implements Connected {
  readonly cloud: CloudStackClient;
  readonly endpoint: string;
  readonly aliases: readonly string[];
  readonly settingPrefix = settingPrefix;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.cloud = CloudStackClient.of(settings);
    this.endpoint = this.cloud.endpoint;
    this.aliases = this.cloud.aliases;
    this.#settings = settings;
  }

  /** The connector's settings are for releases that have it, looked up once a process, and not beside a pool of the same HyperStore. */
  async requirePeers(settingName: string, value: string | undefined): Promise<void> {
    if (!settingName.startsWith(connectorSettings)) return;
    if (settingName === connectorSwitch && value === "true") await requireNoHyperStorePool(this.cloud);
    const check = () => requireConnectorReleases(this.cloud.api, () => hyperStoreVersion(this.#settings));
    await connectionTo(this.#settings.cloudstack(), "connector releases", () => new Once(check)).get();
  }
}
