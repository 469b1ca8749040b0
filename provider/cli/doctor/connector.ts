import { CloudStackClient } from "../../cloudstack/client.ts";
import type { Configuration } from "../../cloudstack/configurations.ts";
import { connectorSettings } from "../../cloudstack/connector.ts";
import { holdsSecret } from "../../cloudstack/secret-settings.ts";
import { rememberSecret } from "../../core/redact.ts";
import type { Context } from "./finding.ts";

/** What CloudStack's Cloudian connector is told, which is what it uses (reference: Cloudian Admin API, 7.6). */
export class ConnectorValues {
  readonly #settings: ReadonlyMap<string, Configuration>;

  constructor(settings: readonly Configuration[]) {
    this.#settings = new Map(settings.map((setting) => [setting.name, setting]));
    for (const { name, value } of settings) if (holdsSecret(name)) rememberSecret(value);
  }

  /** Whether the release has a connector. */
  get exist(): boolean {
    return this.#settings.size > 0;
  }

  get areUsed(): boolean {
    return this.value("cloudian.connector.enabled") === "true";
  }

  value(name: string): string {
    return this.#settings.get(name)?.value ?? "";
  }

  /** Undefined where CloudStack does not show it: what it encrypts looks different each time. */
  secret(name: string): string | undefined {
    const setting = this.#settings.get(name);
    return setting === undefined || ["Secure", "Hidden"].includes(setting.category) ? undefined : setting.value;
  }

  /** `admin` or `cmc`, as `protocol://host:port`. */
  address(part: "admin" | "cmc"): string {
    const [protocol, host, port] = ["protocol", "host", "port"].map((name) => this.value(`cloudian.${part}.${name}`));
    return `${protocol}://${host}:${port}`;
  }
}

export function connectorValues({ settings, once }: Context): Promise<ConnectorValues> {
  return once("connector settings", async () => {
    const { configurations } = CloudStackClient.of(settings);
    return new ConnectorValues(await configurations.family(connectorSettings));
  });
}
