import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import type { Connected, Handler, Refusal } from "../core/handler.ts";
import type { TenancyRosterArgs } from "./roster.ts";

const removalsRule = "must be a whole number from 0";

const args = schemaOf<TenancyRosterArgs, "rosterName">()(
  z.strictObject({
    rosterName: z.string().min(1, "must not be empty"),
    members: z.record(z.string().min(1, "must not have an empty key"), z.string()),
    maxRemovals: z.number().int(removalsRule).min(0, removalsRule).exactOptional(),
  }),
);

type Args = z.output<typeof args>;

/** Of the recorded members, where the program sets no number. */
const usualShare = 0.1;

const mostNamed = 20;

/** A roster is in no system, so that nothing is asked or told and the state is the truth. */
export const rosterHandler: Handler<Args, Args, Connected> = {
  kind: "TenancyRoster",
  noun: "Tenancy roster",
  args,
  nameKey: "rosterName",
  replaces: ["rosterName"],
  fixed: [],
  local: [],
  writeOnly: [],
  secrets: [],
  creationDefaults: () => ({}),
  refuses: (before, after, unknown) =>
    // The number decides, and the next check knows it.
    unknown.includes("maxRemovals") ? [] : refusedRemovals(before?.members, after),
  idOf: (declared) => declared.rosterName,
  connect: () => ({ endpoint: "", aliases: [], settingPrefix: "" }),
  find: () => Promise.resolve(undefined),
  create: (_client, declared) => Promise.resolve({ id: declared.rosterName, state: declared }),
  read: (_client, _id, last) => Promise.resolve(last && { state: inputsOf(last) }),
  update: (_client, _id, _from, to) => Promise.resolve(to),
  delete: () => Promise.resolve(),
};

function inputsOf({ rosterName, members, maxRemovals }: Partial<Args>): Partial<Args> {
  return {
    ...(rosterName === undefined ? {} : { rosterName }),
    ...(members === undefined ? {} : { members }),
    ...(maxRemovals === undefined ? {} : { maxRemovals }),
  };
}

function refusedRemovals(before: Args["members"] | undefined, { members, maxRemovals }: Partial<Args>): Refusal[] {
  if (before === undefined || members === undefined) return [];
  const removed = Object.entries(before).filter(([id]) => !Object.hasOwn(members, id));
  const allowed = maxRemovals ?? Math.max(1, Math.floor(Object.keys(before).length * usualShare));
  if (removed.length <= allowed) return [];
  const recorded = Object.keys(before).length;
  return [
    {
      property: "members",
      reason:
        `${removed.length} of ${recorded} recorded ${recorded === 1 ? "member" : "members"} would go, and at most ${allowed} may in one run: ` +
        `${namesOf(removed)}. Nothing was changed. If CloudStack's list is short by mistake, mend that; if they are really gone, ` +
        `set maxRemovals: ${removed.length} for this run`,
    },
  ];
}

function namesOf(members: [id: string, name: string][]): string {
  const shown = members.slice(0, mostNamed).map(([id, name]) => `${name} (${id})`);
  const more = members.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
