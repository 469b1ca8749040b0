import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Refused } from "../core/errors.ts";
import type { Created, Handler, Live, Refusal } from "../core/handler.ts";
import { splitId } from "../core/names.ts";
import { pick } from "../core/values.ts";
import { ApiFailure } from "./answers.ts";
import type { Configuration } from "./configurations.ts";
import type { GlobalSettingFields, GlobalSettingOutputs } from "./global-setting.ts";
import { membersIn } from "./members.ts";
import { holdsSecret } from "./secret-settings.ts";
import { SettingClient } from "./setting-client.ts";
import { writeMembers } from "./setting-members.ts";
import { leaveBehind } from "./setting-removal.ts";
import { needsRestart } from "./setting-restart.ts";
import { find, hiddenCategory, isUnreadable, type Place, requireList, scopeGone, write } from "./setting-writes.ts";

const name = z
  .string()
  .max(255, "must not be longer than 255 characters")
  .regex(/^[A-Za-z0-9._-]+$/, "must be the name of a setting: letters, digits, dots, hyphens, underscores");
/** As CloudStack keeps it: trimmed, and the word null is no value. */
const value = z
  .union([z.string(), z.number(), z.boolean()], { error: "must be a text, a number or a boolean" })
  .transform((given) => (typeof given === "number" ? digitsOf(given) : String(given).trim()))
  .transform((text) => (text === "null" ? "" : text))
  .refine((text) => text.length <= 4096, "must not be longer than 4096 characters");
/** CloudStack reads no exponents. */
function digitsOf(number: number): string {
  return number.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 20 });
}

const members = z
  .array(z.string().regex(/^[^\s,]+$/, "must not be empty and must not hold blanks or commas"))
  .min(1, "must not be empty; remove the resource to take its members out")
  .transform((list) => [...new Set(list)].sort());

const scope = z.strictObject({
  type: z.enum(["zone", "cluster", "storage", "account", "domain", "imageStore"]),
  id: z
    .string()
    .max(255, "must be a UUID")
    .regex(/^[^/\s]+$/, "must be a UUID"),
});

const args = schemaOf<GlobalSettingFields, never>()(
  z.strictObject({
    settingName: name,
    value: value.exactOptional(),
    members: members.exactOptional(),
    onDestroy: z.enum(["reset", "restore", "keep"]).exactOptional(),
    scope: scope.exactOptional(),
  }),
);

type Args = z.output<typeof args>;

interface Hidden {
  /** `Secure` and `Hidden` ones come back in no readable form. */
  readonly __category?: string;
  /** Nothing has been written yet, so that there is nothing to undo. */
  readonly __untouched?: boolean;
}

type State = Args & Partial<GlobalSettingOutputs> & Hidden;

export const settingHandler: Handler<Args, State, SettingClient> = {
  kind: "GlobalSetting",
  noun: "CloudStack setting",
  args,
  nameKey: "settingName",
  nameIsGiven: true,
  alwaysThere: true,
  replaces: ["settingName", "scope"],
  fixed: [],
  local: ["onDestroy"],
  writeOnly: [],
  unseenIn: ({ __category }) => (isUnreadable(__category) ? ["value"] : []),
  secrets: [],
  confidential: ["previousValue"],
  echoes: { addedMembers: ["members"] },
  secretsIn: (values) => (isSecret(values) ? ["value", "previousValue"] : []),
  creationDefaults: () => ({}),
  refuses,
  idOf: ({ settingName, scope }) => (scope ? `${scope.type}:${scope.id}/${settingName}` : settingName),
  connect: (settings) => new SettingClient(settings),
  find: async () => undefined,
  create,
  read,
  update,
  delete: (client, id, last) => leaveBehind(client, id, placeOf(id), last),
};

function refuses(_before: Partial<Args> | undefined, after: Partial<Args>, unknown: readonly string[]): Refusal[] {
  const given = (["value", "members"] as const).filter((key) => after[key] !== undefined || unknown.includes(key));
  if (given.length === 1) return [];
  const reason = given.length === 0 ? "or members is required" : "and members exclude each other; give one";
  return [{ property: "value", reason }];
}

/** Writes nothing that could be read before: what was there is in the state before the first write, which may fail. */
async function create(client: SettingClient, declared: Args, secret: readonly string[]): Promise<Created<State>> {
  const { value, members, ...rest } = declared;
  const id = settingHandler.idOf(declared);
  await client.requirePeers(declared.settingName, value);
  const live = await find(client, declared);
  if (live === "gone") throw scopeGone(id);
  requireSecretValue(live === "unlisted" ? undefined : live.category, declared, secret);
  if (members) requireList(live, declared.settingName);
  const facts = factsOf(declared.settingName, live);
  if (live === "unlisted") {
    await write(client, declared, value ?? "", true);
    return { id, state: { ...rest, ...(value === undefined ? {} : { value }), ...facts } };
  }
  if (isUnreadable(live.category)) return { id, state: { ...rest, ...facts, __untouched: true } };
  // In a scope CloudStack shows what is in effect there: an equal value may be that of the whole cloud.
  const isOwn = value !== undefined && !declared.scope;
  const found = { previousValue: live.value, ...(isOwn ? { value: live.value } : {}) };
  return { id, state: { ...rest, ...found, ...facts, __untouched: true } };
}

async function read(
  client: SettingClient,
  id: string,
  last: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const { settingName, scope } = placeOf(id);
  const live = await client.cloud.configurations.known(settingName, scope);
  if (live === "gone") return undefined;
  // A setting of the whole cloud is never gone; an upgrade or a plugin that was taken out may have ended one.
  if (live === "unlisted" && last?.__category !== hiddenCategory)
    throw new Refused(
      `${client.endpoint} has no setting ${settingName}${ofScope(scope)} any more; has a plugin been removed${scope ? ", or does an upgrade want another scope" : ""}? Remove the resource from the program, and from the state with pulumi state delete.`,
    );
  const state: Partial<State> = {
    settingName,
    ...(scope ? { scope } : {}),
    ...pick(last ?? {}, ["previousValue", "addedMembers", "__untouched"]),
    ...factsOf(settingName, live),
  };
  if (live === "unlisted" || isUnreadable(live.category))
    return { state: last?.value === undefined ? state : { ...state, value: last.value } };
  if (!last?.members) return { state: { ...state, value: scope ? asRecorded(live.value, last?.value) : live.value } };
  const there = membersIn(live.value);
  return { state: { ...state, members: last.members.filter((member) => there.includes(member)) } };
}

/** Of a number with a fraction a scope shows what Java makes of it: `2` becomes `2.0`, and `0.0001` becomes `1.0E-4`. */
function asRecorded(live: string, recorded: string | undefined): string {
  if (!recorded || !/^-?\d+\.(?:0|\d*[1-9])(?:E-?\d+)?$/.test(live)) return live;
  return Math.fround(Number(live)) === Math.fround(Number(recorded)) ? recorded : live;
}

async function update(
  client: SettingClient,
  id: string,
  from: Partial<State>,
  to: Args,
  done: (state: Partial<State>) => void,
  secret: readonly string[],
): Promise<State> {
  const { restartRequired = true, __category = "" } = from;
  const kept = { ...pick(from, ["previousValue"]), restartRequired, __category };
  if (to.members) return { ...to, ...kept, addedMembers: await writeMembers(client, from, to, to.members, done) };
  if (to.value === undefined) throw new Refused(`Global setting ${id} needs value or members.`);
  requireSecretValue(__category, to, secret);
  if (to.value !== from.value) {
    await client.requirePeers(to.settingName, to.value);
    await unlessRefused(write(client, to, to.value, restartRequired), () => done({ __untouched: false }));
  }
  return { ...to, ...kept };
}

/** What CloudStack refuses has changed nothing; whatever else fails may have been written. */
async function unlessRefused(work: Promise<void>, touched: () => void): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiFailure || error instanceof Refused)) touched();
    throw error;
  }
}

/** Once CloudStack has said that it is one, the state must not hold it in the clear. */
function requireSecretValue(
  category: string | undefined,
  { settingName, value, scope }: Args,
  secret: readonly string[],
): void {
  if (value === undefined || secret.includes("value")) return;
  if (category !== undefined && !isUnreadable(category)) return;
  const howTo = "pulumi.secret(…), or configuration set with --secret";
  throw new Refused(
    category === undefined
      ? `CloudStack lists no setting ${settingName}${ofScope(scope)}. Check the spelling${scope ? ", the scope" : ""}, and whether a plugin that brings it is installed. One of those that it hides (category Hidden) has to be given as a secret: ${howTo}.`
      : `Global setting ${settingName} is not written: CloudStack keeps it among its secrets (category ${category}), and the state would hold the value in the clear. Give it as a secret: ${howTo}.`,
  );
}

function ofScope(scope: Args["scope"]): string {
  return scope ? ` of the scope ${scope.type}` : "";
}

function factsOf(settingName: string, live: Configuration | "unlisted"): Partial<State> {
  return {
    restartRequired: needsRestart(settingName, live !== "unlisted" && live.isDynamic),
    __category: live === "unlisted" ? hiddenCategory : live.category,
  };
}

/** Asked of what a check refuses, too. */
function isSecret({ settingName, __category }: Partial<State>): boolean {
  return (typeof settingName === "string" && holdsSecret(settingName)) || isUnreadable(__category);
}

function placeOf(id: string): Place {
  if (!id.includes("/")) return { settingName: id };
  const [place, settingName] = splitId(id);
  const [type, scopeId] = place.split(":");
  const { data } = scope.safeParse({ type, id: scopeId });
  // Of a scope that CloudStack does not know the value of the whole cloud may come back.
  if (!data) throw new Refused(`${id} is no id of a global setting: that is its name, or scopeType:uuid/settingName.`);
  return { settingName, scope: data };
}
