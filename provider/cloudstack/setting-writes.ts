import { Refused } from "../core/errors.ts";
import { warn } from "../core/log.ts";
import type { Configuration, Scope } from "./configurations.ts";
import type { SettingClient } from "./setting-client.ts";
import { restartAdvice } from "./setting-restart.ts";

/** Never listed, so that its name is only known to exist by a write that was not refused. */
export const hiddenCategory = "Hidden";

/** Which setting it is. */
export interface Place {
  readonly settingName: string;
  readonly scope?: Scope;
}

export async function write(
  client: SettingClient,
  place: Place,
  text: string,
  restartRequired: boolean,
): Promise<void> {
  if ((await writeUnlessGone(client, place, text, restartRequired)) === "gone")
    throw scopeGone(`${place.scope?.type}:${place.scope?.id}/${place.settingName}`);
}

export async function writeUnlessGone(
  client: SettingClient,
  { settingName, scope }: Place,
  text: string,
  restartRequired: boolean,
): Promise<"written" | "gone"> {
  const outcome = await client.cloud.configurations.write(settingName, text, scope);
  if (outcome === "written") await tellRestart(settingName, text, restartRequired);
  return outcome;
}

export async function tellRestart(settingName: string, text: string, restartRequired: boolean): Promise<void> {
  const advice = restartRequired ? restartAdvice(settingName, text) : undefined;
  if (advice !== undefined) await warn(advice);
}

export function scopeGone(id: string): Refused {
  return new Refused(
    `Global setting ${id}: CloudStack says that the object which it applies to does not exist. Correct the scope, or remove the resource.`,
  );
}

export function requireList(live: Configuration | "unlisted" | "gone", settingName: string): Configuration {
  if (live === "gone") throw scopeGone(settingName);
  if (live !== "unlisted" && !isUnreadable(live.category)) return live;
  throw new Refused(
    live === "unlisted"
      ? `CloudStack lists no setting ${settingName}. Check the spelling, and whether a plugin that brings it is installed.`
      : `Global setting ${settingName} comes back in no readable form (category ${live.category}), so that its members cannot be kept apart. Use value.`,
  );
}

export async function find(
  client: SettingClient,
  { settingName, scope }: Place,
): Promise<Configuration | "unlisted" | "gone"> {
  return await client.cloud.configurations.find(settingName, scope);
}

/** Values of these categories come back encrypted, or not at all. */
export function isUnreadable(category: string | undefined): boolean {
  return category === hiddenCategory || category === "Secure";
}
