import { hyperStoreVersion } from "../cloudian/version.ts";
import { connectionTo } from "../core/connections.ts";
import { Once } from "../core/once.ts";
import { CloudAccess } from "./cloud-access.ts";
import { connectorSettings, requireConnectorReleases } from "./connector.ts";
import { requireNoHyperStorePool } from "./connector-pools.ts";
import { connectorSwitch } from "./setting-restart.ts";

/** The cloud, and the HyperStore that its connector is for. */
export class SettingClient extends CloudAccess {
  /** The connector's settings are for releases that have it, looked up once a process, and not beside a pool of the same HyperStore. */
  async requirePeers(settingName: string, value: string | undefined): Promise<void> {
    if (!settingName.startsWith(connectorSettings)) return;
    if (settingName === connectorSwitch && value === "true") await requireNoHyperStorePool(this.cloud);
    const check = () => requireConnectorReleases(this.cloud.api, () => hyperStoreVersion(this.settings));
    await connectionTo(this.settings.cloudstack(), "connector releases", () => new Once(check)).get();
  }
}
