import type { CommandSettingName, SettingName } from "../../core/setting-keys.ts";
import type { Settings } from "../../core/settings.ts";
import { cloudianChecks } from "./cloudian.ts";
import { cloudstackChecks } from "./cloudstack.ts";
import { ecsChecks } from "./ecs.ts";
import { endpointCheck } from "./endpoint.ts";
import { adminApi, cloudianS3, cloudstackApi, cmc, ecsApi, ecsS3 } from "./endpoints.ts";
import { type Check, type SystemName, systemNames } from "./finding.ts";
import { ssoChecks } from "./sso.ts";

interface System {
  /** Each of these settings says that there is such a system. */
  readonly settings: readonly (SettingName | CommandSettingName)[];
  /** Throws `SettingsError` where the settings are not complete. */
  checks(settings: Settings): readonly Check[];
}

const systems: Readonly<Record<SystemName, System>> = {
  cloudian: {
    settings: ["cloudianEndpoint", "cloudianUsername", "cloudianPassword", "cloudianS3Endpoint"],
    checks: (settings) => [
      endpointCheck(adminApi(settings)),
      ...cloudianS3(settings).map(endpointCheck),
      ...cloudianChecks(hasCloudStack(settings)),
    ],
  },
  sso: {
    settings: ["cloudianCmcEndpoint", "cloudianSsoKey"],
    checks: (settings) => [...cmc(settings).map(endpointCheck), ...ssoChecks(settings, hasCloudStack(settings))],
  },
  ecs: {
    settings: ["ecsEndpoint", "ecsUsername", "ecsPassword", "ecsS3Endpoint"],
    checks: (settings) => [endpointCheck(ecsApi(settings)), ...ecsS3(settings).map(endpointCheck), ...ecsChecks],
  },
  cloudstack: {
    settings: ["cloudstackEndpoint", "cloudstackApiKey", "cloudstackSecretKey"],
    checks: (settings) => [endpointCheck(cloudstackApi(settings)), ...cloudstackChecks],
  },
};

/** The systems that the settings name. */
export function configuredSystems(settings: Settings): SystemName[] {
  return systemNames.filter((name) => systems[name].settings.some((setting) => settings.isGiven(setting)));
}

/** What is looked at of a system, in this order. */
export function checksOf(name: SystemName, settings: Settings): readonly Check[] {
  return systems[name].checks(settings);
}

function hasCloudStack(settings: Settings): boolean {
  return systems.cloudstack.settings.some((setting) => settings.isGiven(setting));
}
