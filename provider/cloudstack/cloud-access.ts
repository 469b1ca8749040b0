import type { Connected } from "../core/handler.ts";
import type { Settings } from "../core/settings.ts";
import { CloudStackClient } from "./client.ts";
import { settingPrefix } from "./prefix.ts";

/** The cloud, and the settings of what else a kind has to ask. */
export class CloudAccess implements Connected {
  readonly cloud: CloudStackClient;
  readonly endpoint: string;
  readonly aliases: readonly string[];
  readonly settingPrefix = settingPrefix;
  protected readonly settings: Settings;

  constructor(settings: Settings) {
    this.cloud = CloudStackClient.of(settings);
    this.endpoint = this.cloud.endpoint;
    this.aliases = this.cloud.aliases;
    this.settings = settings;
  }
}
