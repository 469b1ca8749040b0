import * as pulumi from "@pulumi/pulumi";
import { GlobalSetting } from "../cloudstack/global-setting.ts";
import { Arguments } from "./arguments.ts";
import {
  type ConnectorArgument,
  type ConnectorSetting,
  connectorRule,
  connectorSettings,
} from "./connector-settings.ts";
import { type NameToResolve, namesToResolve } from "./names-to-resolve.ts";

/** What a program declares of CloudStack's Cloudian connector. A setting that is not given is unmanaged: never written, never compared. */
export interface CloudianConnectorArgs {
  /**
   * Switches the connector on; plain, because it decides the order. The setting `cloudian.connector.enabled`: `true` is
   * written after all others, `false` before them. Switching it on takes a restart of all management servers. Default: true. Replaces: no. Removing it: the default.
   */
  enabled?: boolean;
  /** Host of the Admin API, without scheme and port. The setting `cloudian.admin.host`. Replaces: no. Removing it: an error, it is required. */
  adminHost: pulumi.Input<string>;
  /** Port of the Admin API. The setting `cloudian.admin.port`. Server default: 19443. Replaces: no. Removing it: CloudStack's default. */
  adminPort?: pulumi.Input<number>;
  /** Scheme of the Admin API; `"http"` with a warning. The setting `cloudian.admin.protocol`. Server default: `"https"`. Replaces: no. Removing it: CloudStack's default. */
  adminProtocol?: pulumi.Input<"https" | "http">;
  /** Whether CloudStack verifies the certificate of the Admin API; `false` with a warning. The setting `cloudian.validate.ssl`. Server default: true. Replaces: no. Removing it: CloudStack's default. */
  validateSsl?: pulumi.Input<boolean>;
  /** Admin API user. The setting `cloudian.admin.user`. Server default: `"sysadmin"`. Replaces: no. Removing it: CloudStack's default. */
  adminUsername?: pulumi.Input<string>;
  /** Admin API password; secret. HyperStore's well-known default is refused. The setting `cloudian.admin.password`, which keeps its value when the component goes. Replaces: no. Removing it: an error, it is required. */
  adminPassword: pulumi.Input<string>;
  /** Seconds that CloudStack waits for the Admin API, a whole number from 1. The setting `cloudian.api.request.timeout`. Server default: 5. Replaces: no. Removing it: CloudStack's default. */
  requestTimeoutSeconds?: pulumi.Input<number>;
  /** CMC user that CloudStack's account `admin` becomes; `"admin@cloudian.com"` on older releases. The setting `cloudian.cmc.admin.user`. Server default: `"admin"`. Replaces: no. Removing it: CloudStack's default. */
  cmcAdminUser?: pulumi.Input<string>;
  /** Host of the CMC as users' browsers reach it, without scheme and port. The setting `cloudian.cmc.host`. Replaces: no. Removing it: an error, it is required. */
  cmcHost: pulumi.Input<string>;
  /** Port of the CMC. The setting `cloudian.cmc.port`. Server default: 8443. Replaces: no. Removing it: CloudStack's default. */
  cmcPort?: pulumi.Input<number>;
  /** Scheme of the CMC; `"http"` with a warning. The setting `cloudian.cmc.protocol`. Server default: `"https"`. Replaces: no. Removing it: CloudStack's default. */
  cmcProtocol?: pulumi.Input<"https" | "http">;
  /** Key that CloudStack and the CMC share for single sign-on; secret. HyperStore's well-known default is refused. The setting `cloudian.sso.key`, which keeps its value when the component goes. Replaces: no. Removing it: an error, it is required. */
  ssoKey: pulumi.Input<string>;
  /** Lets `adminPassword` and `ssoKey` be HyperStore's defaults, which everybody knows; plain. Default: false. Replaces: no. Removing it: the default. */
  allowDefaultSecrets?: boolean;
}

type Value = pulumi.Input<string | number | boolean>;
type Missing = Exclude<keyof CloudianConnectorArgs, ConnectorArgument | "enabled" | "allowDefaultSecrets">;
const complete: [Missing] extends [never] ? true : never = true;

/**
 * CloudStack's Cloudian connector, which makes groups and users of domains and accounts and logs users in to the CMC:
 * the settings of its written procedure. The one that switches it on is written last and is the first to be reset. Needs
 * CloudStack 4.11 and HyperStore 6.2, and single sign-on switched on in the CMC with the same key.
 */
export class CloudianConnector extends pulumi.ComponentResource {
  /** The setting that switches the connector on, `${name}-enabled`. */
  readonly enabled: GlobalSetting;
  /** The other declared settings by argument: `adminHost` is `${name}-admin-host`. */
  readonly settings: Readonly<Partial<Record<ConnectorArgument, GlobalSetting>>>;
  /** Which names must resolve, and for whom; an IP address is no name. */
  readonly names: pulumi.Output<NameToResolve[]>;

  constructor(name: string, args: CloudianConnectorArgs, options?: pulumi.ComponentResourceOptions) {
    const given = new Arguments("CloudianConnector", name);
    const checked = checkedValues(given, args);
    super("cloudstack-storage:index:CloudianConnector", name, {}, options);
    const isOn = args.enabled ?? true;
    const enabling = (dependsOn: pulumi.Resource[]) =>
      new GlobalSetting(
        `${name}-enabled`,
        { settingName: "cloudian.connector.enabled", value: isOn },
        { parent: this, dependsOn },
      );
    // A new connector is not on before it has all of its settings, and one that goes is off before it loses any.
    if (isOn) {
      this.settings = this.#settings(name, given, checked, []);
      this.enabled = enabling(Object.values(this.settings));
    } else {
      this.enabled = enabling([]);
      this.settings = this.#settings(name, given, checked, [this.enabled]);
    }
    this.names = pulumi.all([args.adminHost, args.cmcHost]).apply(([adminHost, cmcHost]) =>
      namesToResolve([
        { name: cmcHost, resolvedBy: ["users' browsers", "management servers"] },
        { name: adminHost, resolvedBy: ["management servers"] },
      ]),
    );
    this.registerOutputs({ names: this.names });
  }

  #settings(
    name: string,
    given: Arguments,
    values: ReadonlyMap<ConnectorArgument, Value>,
    dependsOn: pulumi.Resource[],
  ): CloudianConnector["settings"] {
    // One after the other, in the order of the table: CloudStack must not send a new password to the old host.
    const earlier = [...dependsOn];
    const settings = [...values].map(([argument, value]) => {
      const { settingName, caution }: ConnectorSetting = connectorSettings[argument];
      if (caution !== undefined) given.cautioned(argument, value, caution, this);
      const ofSetting = { settingName, value, ...given.objectionTo(argument) };
      const options = { parent: this, dependsOn: [...earlier] };
      const setting = new GlobalSetting(`${name}-${dashed(argument)}`, ofSetting, options);
      earlier.push(setting);
      return [argument, setting];
    });
    return Object.fromEntries(settings);
  }
}

/** The values that are given, in the order of the table. */
function checkedValues(given: Arguments, args: CloudianConnectorArgs): Map<ConnectorArgument, Value> {
  const names = complete && (Object.keys(connectorSettings) as ConnectorArgument[]);
  return new Map(
    names.flatMap((argument) => {
      const value: Value | undefined = args[argument];
      const { isRequired }: ConnectorSetting = connectorSettings[argument];
      if (value === undefined && isRequired !== true) return [];
      const rule = connectorRule(argument, args.allowDefaultSecrets === true);
      return [[argument, given.checked(argument, value as Value, rule)]];
    }),
  );
}

function dashed(argument: string): string {
  return argument.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
