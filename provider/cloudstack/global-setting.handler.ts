import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Refused } from "../core/errors.ts";
import type { Created, Handler, Live, Refusal } from "../core/handler.ts";
import { warn } from "../core/log.ts";
import { splitId } from "../core/names.ts";
import { same } from "../core/values.ts";
import type { Configuration, Scope, ScopeType } from "./configurations.ts";
import type { GlobalSettingFields, GlobalSettingOutputs } from "./global-setting.ts";
import { joined, membersIn, withoutMembers } from "./members.ts";
import { holdsSecret } from "./secret-settings.ts";
import { SettingClient } from "./setting-client.ts";
import { needsRestart, restartAdvice } from "./setting-restart.ts";

const name = z
  .string()
  .regex(/^[A-Za-z0-9._-]+$/, "must be the name of a setting: letters, digits, dots, hyphens, underscores");
/** As CloudStack keeps it: trimmed, and the word null is no value. */
const value = z
  .union([z.string(), z.number(), z.boolean()], { error: "must be a text, a number or a boolean" })
  .transform((given) => String(given).trim())
  .transform((text) => (text === "null" ? "" : text))
  .refine((text) => text.length <= 4096, "must not be longer than 4096 characters");
const members = z
  .array(z.string().regex(/^[^\s,]+$/, "must not be empty and must not hold blanks or commas"))
  .min(1, "must not be empty; remove the resource to take its members out")
  .transform((list) => [...new Set(list)].sort());

const args = schemaOf<GlobalSettingFields, never>()(
  z.strictObject({
    settingName: name,
    value: value.exactOptional(),
    members: members.exactOptional(),
    onDestroy: z.enum(["reset", "restore", "keep"]).exactOptional(),
    scope: z
      .strictObject({
        type: z.enum(["zone", "cluster", "storage", "account", "domain", "imageStore"]),
        id: z.string().regex(/^[^/\s]+$/, "must be a UUID"),
      })
      .exactOptional(),
  }),
);

type Args = z.output<typeof args>;

interface Hidden {
  /** `Secure` and `Hidden` ones come back in no readable form. */
  readonly __category?: string;
}

type State = Args & Partial<GlobalSettingOutputs> & Hidden;

/** Never listed, so that its name is only known to exist by a write that was not refused. */
const hiddenCategory = "Hidden";

export const settingHandler: Handler<Args, State, SettingClient> = {
  kind: "GlobalSetting",
  noun: "global setting",
  args,
  nameKey: "settingName",
  nameIsGiven: true,
  alwaysThere: true,
  replaces: ["settingName", "scope"],
  fixed: [],
  local: ["onDestroy"],
  writeOnly: [],
  secrets: [],
  confidential: ["previousValue"],
  secretsIn: (values) => (isSecret(values) ? ["value", "previousValue"] : []),
  creationDefaults: () => ({}),
  refuses,
  idOf: ({ settingName, scope }) => (scope ? `${scope.type}:${scope.id}/${settingName}` : settingName),
  connect: (settings) => new SettingClient(settings),
  find: async () => undefined,
  create,
  read,
  update,
  delete: remove,
};

function refuses(_before: Partial<Args> | undefined, after: Partial<Args>): Refusal[] {
  if (after.value === undefined || after.members === undefined) return [];
  return [{ property: "members", reason: "and value exclude each other; give one" }];
}

async function create(client: SettingClient, declared: Args, secret: readonly string[]): Promise<Created<State>> {
  const id = settingHandler.idOf(declared);
  if (declared.value === undefined && declared.members === undefined)
    throw new Refused(`Global setting ${id} needs value or members.`);
  await client.requirePeers(declared.settingName);
  const live = await client.cloud.configurations.find(declared.settingName, declared.scope);
  requireSecretValue(live, declared, secret);
  const before = live && !isUnreadable(live.category) ? { previousValue: live.value } : {};
  const made = { ...declared, ...before, ...factsOf(declared.settingName, live) };
  if (declared.members === undefined) {
    await write(client, declared, live, declared.value ?? "");
    return { id, state: made };
  }
  const there = membersIn(requireList(live, declared).value);
  const addedMembers = declared.members.filter((member) => !there.includes(member));
  if (addedMembers.length > 0) await write(client, declared, live, joined([...there, ...addedMembers]));
  return { id, state: { ...made, addedMembers } };
}

async function read(
  client: SettingClient,
  id: string,
  last: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const { settingName, scope } = placeOf(id);
  const live = await client.cloud.configurations.known(settingName, scope);
  // Settings are never gone; an upgrade or a plugin that was taken out may have ended one.
  if (!live && last?.__category !== hiddenCategory)
    throw new Refused(
      `${client.endpoint} has no setting ${settingName} any more; has a plugin been removed? Remove the resource from the program, and from the state with pulumi state delete.`,
    );
  const { previousValue, addedMembers } = last ?? {};
  const state: Partial<State> = {
    settingName,
    ...(scope ? { scope } : {}),
    ...(previousValue === undefined ? {} : { previousValue }),
    ...(addedMembers ? { addedMembers } : {}),
    ...factsOf(settingName, live),
  };
  if (!live || isUnreadable(live.category))
    return { state: last?.value === undefined ? state : { ...state, value: last.value } };
  if (!last?.members) return { state: { ...state, value: live.value } };
  const there = membersIn(live.value);
  return { state: { ...state, members: last.members.filter((member) => there.includes(member)) } };
}

async function update(
  client: SettingClient,
  _id: string,
  from: Partial<State>,
  to: Args,
  _done: (state: Partial<State>) => void,
  secret: readonly string[],
): Promise<State> {
  const { previousValue, addedMembers: added = [], restartRequired, __category } = from;
  const kept = {
    ...(previousValue === undefined ? {} : { previousValue }),
    ...(restartRequired === undefined ? {} : { restartRequired }),
    ...(__category === undefined ? {} : { __category }),
  };
  if (to.members === undefined) {
    if (to.value === undefined || to.value === from.value) return { ...to, ...kept };
    await client.requirePeers(to.settingName);
    requireSecretValue({ category: __category ?? "" }, to, secret);
    await write(client, to, { isDynamic: restartRequired === false }, to.value);
    return { ...to, ...kept };
  }
  if (same(to.members, from.members)) return { ...to, ...kept, addedMembers: added };
  const live = requireList(await client.cloud.configurations.find(to.settingName, to.scope), to);
  const there = membersIn(live.value);
  const wanted = to.members;
  const missing = wanted.filter((member) => !there.includes(member));
  const dropped = added.filter((member) => !wanted.includes(member));
  const next = joined([...withoutMembers(there, dropped), ...missing]);
  if (next !== joined(there)) await write(client, to, live, next);
  const addedMembers = [...new Set([...added.filter((member) => wanted.includes(member)), ...missing])].sort();
  return { ...to, ...kept, addedMembers };
}

async function remove(client: SettingClient, id: string, last: Partial<State>): Promise<void> {
  const { settingName, scope } = placeOf(id);
  const place = { settingName, ...(scope ? { scope } : {}) };
  const secret = holdsSecret(settingName) || isUnreadable(last.__category);
  const mode = last.onDestroy ?? (secret ? "keep" : "reset");
  if (mode === "keep") return;
  if (last.members) return await takeOut(client, place, last.addedMembers ?? []);
  if (mode === "reset") {
    await client.cloud.configurations.reset(settingName, scope);
    return await tellRestart(settingName, last.restartRequired === false, "");
  }
  if (last.previousValue === undefined)
    throw new Refused(
      `Global setting ${id} is not restored: CloudStack never returned a readable value of it. Set onDestroy to "keep" or "reset" with a pulumi up first.`,
    );
  await write(client, place, { isDynamic: last.restartRequired === false }, last.previousValue);
}

async function takeOut(client: SettingClient, place: Place, ours: readonly string[]): Promise<void> {
  const live = await client.cloud.configurations.find(place.settingName, place.scope);
  const there = membersIn(live?.value ?? "");
  const left = withoutMembers(there, ours);
  if (live && left.length < there.length) await write(client, place, live, joined(left));
}

interface Place {
  readonly settingName: string;
  readonly scope?: Scope;
}

async function write(
  client: SettingClient,
  { settingName, scope }: Place,
  live: { readonly isDynamic: boolean; readonly value?: string } | undefined,
  text: string,
): Promise<void> {
  if (live?.value === text && !holdsSecret(settingName)) return;
  await client.cloud.configurations.write(settingName, text, scope);
  await tellRestart(settingName, live?.isDynamic === true, text);
}

async function tellRestart(settingName: string, isDynamic: boolean, text: string): Promise<void> {
  const advice = needsRestart(settingName, isDynamic) ? restartAdvice(settingName, text) : undefined;
  if (advice !== undefined) await warn(advice);
}

function requireList(live: Configuration | undefined, { settingName }: Place): Configuration {
  if (live && !isUnreadable(live.category)) return live;
  throw new Refused(
    live
      ? `Global setting ${settingName} comes back in no readable form (category ${live.category}), so that its members cannot be kept apart. Use value.`
      : `CloudStack lists no setting ${settingName}. Check the spelling, and whether a plugin that brings it is installed.`,
  );
}

/** Once CloudStack has said that it is one, the state must not hold it in the clear. */
function requireSecretValue(
  live: { readonly category: string } | undefined,
  { settingName, value }: Args,
  secret: readonly string[],
): void {
  if (value === undefined || secret.includes("value") || (live && !isUnreadable(live.category))) return;
  const howTo = "pulumi.secret(…), or configuration set with --secret";
  throw new Refused(
    live
      ? `Global setting ${settingName} is not written: CloudStack keeps it among its secrets (category ${live.category}), and the state would hold the value in the clear. Give it as a secret: ${howTo}.`
      : `CloudStack lists no setting ${settingName}. Check the spelling, and whether a plugin that brings it is installed. One of those that it hides (category Hidden) has to be given as a secret: ${howTo}.`,
  );
}

function factsOf(settingName: string, live: Configuration | undefined): Partial<State> {
  return {
    restartRequired: needsRestart(settingName, live?.isDynamic === true),
    __category: live?.category ?? hiddenCategory,
  };
}

function isUnreadable(category: string | undefined): boolean {
  return category === hiddenCategory || category === "Secure";
}

function isSecret({ settingName, __category }: Partial<State>): boolean {
  return holdsSecret(`${settingName}`) || isUnreadable(__category);
}

function placeOf(id: string): Place {
  if (!id.includes("/")) return { settingName: id };
  const [place, settingName] = splitId(id);
  const [type = "", scopeId = ""] = place.split(":", 2);
  return { settingName, scope: { type: type as ScopeType, id: scopeId } };
}
