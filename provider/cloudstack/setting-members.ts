import { Refused } from "../core/errors.ts";
import { same } from "../core/values.ts";
import { ApiFailure } from "./answers.ts";
import { joined, membersIn, withoutMembers } from "./members.ts";
import type { SettingClient } from "./setting-client.ts";
import { find, type Place, requireList, tellRestart, write, writeUnlessGone } from "./setting-writes.ts";

const mostWrites = 3;

/** What a resource records of a list that it shares with others. */
export interface ListState {
  readonly members?: readonly string[];
  readonly value?: string;
  readonly addedMembers?: readonly string[];
  readonly previousValue?: string;
  readonly restartRequired?: boolean;
  readonly __untouched?: boolean;
}

/** Adds what is missing and takes out what this resource had added and no longer declares; the members that are ours. */
export async function writeMembers(
  client: SettingClient,
  from: ListState,
  to: Place,
  wanted: readonly string[],
  done: (state: { members: string[]; addedMembers: string[]; __untouched: boolean }) => void,
): Promise<string[]> {
  const added = from.addedMembers ?? addedAsValue(from);
  if (same(wanted, from.members)) return [...added];
  let there = membersIn(await listNow(client, from, to));
  const missing = wanted.filter((member) => !there.includes(member));
  const dropped = added.filter((member) => !wanted.includes(member));
  for (let attempt = 1; ; attempt += 1) {
    const next = [...new Set([...withoutMembers(there, dropped), ...wanted])];
    if (same(next, there)) break;
    if (attempt > mostWrites) throw overwritten(to.settingName);
    // Before the write, whose reply may be lost: what we may have added is ours.
    const members = wanted.filter((member) => there.includes(member));
    done({ members, addedMembers: sorted([...added, ...missing]), __untouched: false });
    await write(client, to, joined(next), from.restartRequired ?? true).catch((error: unknown) => {
      // What is refused has changed nothing.
      if (error instanceof ApiFailure)
        done({ members, addedMembers: [...added], __untouched: from.__untouched === true });
      throw error;
    });
    // The answer shows what was sent, and somebody else may have written the list at the same moment.
    there = membersIn(requireList(await find(client, to), to.settingName).value);
  }
  return sorted([...added.filter((member) => wanted.includes(member)), ...missing]);
}

/** The members of a whole value that this resource had written, and that were not there before, as far as that is known. */
function addedAsValue({ value, previousValue, __untouched }: ListState): string[] {
  if (value === undefined || previousValue === undefined || __untouched) return [];
  return withoutMembers(membersIn(value), membersIn(previousValue));
}

/** Right after `create`, which has recorded nothing but what it has just read, the list is not read again. */
async function listNow(client: SettingClient, from: ListState, place: Place): Promise<string> {
  const isNew = from.members === undefined && from.value === undefined;
  if (isNew && from.previousValue !== undefined) return from.previousValue;
  return requireList(await find(client, place), place.settingName).value;
}

function overwritten(settingName: string): Refused {
  return new Refused(
    `Global setting ${settingName}: what was written is not there after ${mostWrites} attempts; something else writes the list all the time. Let one program manage it.`,
  );
}

/** Takes out what this resource has added, and nothing else. */
export async function takeOut(client: SettingClient, place: Place, last: ListState): Promise<void> {
  const live = await find(client, place);
  if (live === "gone" || live === "unlisted") return;
  const there = membersIn(live.value);
  const left = withoutMembers(there, last.addedMembers ?? []);
  if (left.length === there.length) return;
  // An empty text is not the same as no value to all that reads the list.
  if (left.length === 0 && live.initial === "") {
    await client.cloud.configurations.reset(place.settingName, place.scope);
    await tellRestart(place.settingName, "", last.restartRequired ?? true);
  } else await writeUnlessGone(client, place, joined(left), last.restartRequired ?? true);
}

function sorted(members: readonly string[]): string[] {
  return [...new Set(members)].sort();
}
