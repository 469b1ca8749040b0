export const connectorSwitch = "cloudian.connector.enabled";

/** Settings whose `isdynamic` does not say when they act (reference: CloudStack API, 6.3; Cloudian Admin API, 7.6). */
const known: Readonly<Record<string, boolean>> = {
  [connectorSwitch]: true,
  "s3.rrs.enabled": false,
  "s3.singleupload.max.size": false,
};

/** Whether a change acts only after a restart of all management servers. */
export function needsRestart(settingName: string, isDynamic: boolean): boolean {
  return Object.hasOwn(known, settingName) ? known[settingName] === true : !isDynamic;
}

/** What else has to happen, for a warning; undefined where the change acts at once. */
export function restartAdvice(settingName: string, value: string): string | undefined {
  // What it registers at start-up is checked for at each use, so that switching off acts at once.
  if (settingName === connectorSwitch && value !== "true") return undefined;
  const more =
    settingName === "secstorage.allowed.internal.sites"
      ? " Secondary storage VMs take the list when they connect, which a restart makes them do."
      : "";
  return `Setting ${settingName} takes effect after a restart of all management servers, which no API can do.${more}`;
}
