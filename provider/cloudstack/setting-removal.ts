import { Refused } from "../core/errors.ts";
import { warn } from "../core/log.ts";
import { holdsSecret } from "./secret-settings.ts";
import type { SettingClient } from "./setting-client.ts";
import { type ListState, takeOut } from "./setting-members.ts";
import { connectorSwitch } from "./setting-restart.ts";
import { find, isUnreadable, type Place, tellRestart, writeUnlessGone } from "./setting-writes.ts";

/** What a resource records of how its setting is to be left behind. */
export interface LeftState extends ListState {
  readonly onDestroy?: "reset" | "restore" | "keep";
  readonly __category?: string;
}

/** The release that brought a command that resets a setting. */
const resetSince = "4.18";

export async function leaveBehind(client: SettingClient, id: string, place: Place, last: LeftState): Promise<void> {
  if (last.__untouched) return;
  const isSecretSetting = holdsSecret(place.settingName) || isUnreadable(last.__category);
  const mode = last.onDestroy ?? (isSecretSetting ? "keep" : "reset");
  if (mode === "keep") return;
  if (last.members) await takeOut(client, place, last);
  else if (mode === "reset") await reset(client, id, place, last);
  else await restore(client, id, place, last);
}

/** Releases without a reset get what was there before; the connector's switch is off by default. */
async function reset(client: SettingClient, id: string, place: Place, last: LeftState): Promise<void> {
  const { api, configurations } = client.cloud;
  const restartRequired = last.restartRequired ?? true;
  const release = await api.release();
  if (release.isAtLeast(resetSince)) {
    await configurations.reset(place.settingName, place.scope);
    return await tellRestart(place.settingName, "", restartRequired);
  }
  const value = place.settingName === connectorSwitch ? "false" : last.previousValue;
  if (value === undefined)
    throw new Refused(
      `Global setting ${id} is not reset: CloudStack ${release.text} has no command for that (it came with ${resetSince}), and what was there before is not known. Set onDestroy to "keep" with a pulumi up first.`,
    );
  await warn(
    `Global setting ${id}: CloudStack ${release.text} cannot reset settings (${resetSince} can); what was there before is written.`,
  );
  await writeUnlessGone(client, place, value, restartRequired);
}

/** What was read in a scope may have been inherited, and a write would keep the scope from following the cloud ever after. */
async function restore(client: SettingClient, id: string, place: Place, last: LeftState): Promise<void> {
  const { previousValue, restartRequired = true } = last;
  if (previousValue === undefined)
    throw new Refused(
      `Global setting ${id} is not restored: CloudStack never returned a readable value of it. Set onDestroy to "keep" or "reset" with a pulumi up first.`,
    );
  if (place.scope && (await showsItsOwnOnceReset(client, id, place, previousValue)))
    return await tellRestart(place.settingName, previousValue, restartRequired);
  await writeUnlessGone(client, place, previousValue, restartRequired);
}

/** Whether the scope is gone, or shows what was there before without a value of its own. */
async function showsItsOwnOnceReset(
  client: SettingClient,
  id: string,
  place: Place,
  previousValue: string,
): Promise<boolean> {
  const { api, configurations } = client.cloud;
  const release = await api.release();
  if (!release.isAtLeast(resetSince)) {
    await warn(
      `Global setting ${id}: CloudStack ${release.text} cannot reset settings (${resetSince} can); what was in effect there before is written, even if it was that of the whole cloud.`,
    );
    return false;
  }
  if ((await configurations.reset(place.settingName, place.scope)) === "gone") return true;
  const live = await find(client, place);
  return live === "gone" || (live !== "unlisted" && live.value === previousValue);
}
