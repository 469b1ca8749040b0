import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Conflict, Refused, UnexpectedAnswer } from "../core/errors.ts";
import type { Created, Handler, Live } from "../core/handler.ts";
import { keyGenerationSchema, refusedGeneration } from "../core/key-generation.ts";
import { splitId } from "../core/names.ts";
import { same } from "../core/values.ts";
import type { Document } from "./answers.ts";
import { CloudianClient, goneError, type UserKey } from "./client.ts";
import { flagOf, textOf, wouldChange } from "./documents.ts";
import { howToEmpty, someOf } from "./emptying.ts";
import { identifier } from "./identifier.ts";
import { type KeyState, liveKey, requireRaised, updateKey } from "./keys.ts";
import { limitsSchema } from "./limits.ts";
import type { CloudianUserArgs } from "./user.ts";

const addressSchema = z.strictObject({
  line1: z.string().exactOptional(),
  line2: z.string().exactOptional(),
  city: z.string().exactOptional(),
  state: z.string().exactOptional(),
  zip: z.string().exactOptional(),
  country: z.string().exactOptional(),
});

/** Reference: Cloudian Admin API, 3.2. */
const password = z
  .string()
  .min(9, "must have 9 to 64 characters")
  .max(64, "must have 9 to 64 characters")
  .refine((text) => [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(text)).length >= 3, {
    error: "must hold at least three of: lower case, upper case, digit, special character",
  });

const args = schemaOf<CloudianUserArgs, "userId">()(
  z.strictObject({
    groupId: identifier.refine(
      (text) => !text.includes("/"),
      "must not contain /, which separates group and user in ids",
    ),
    userId: identifier,
    userType: z.enum(["User", "GroupAdmin"]).default("User"),
    fullName: z.string().exactOptional(),
    email: z.string().exactOptional(),
    address: addressSchema.exactOptional(),
    phone: z.string().exactOptional(),
    website: z.string().exactOptional(),
    active: z.boolean().exactOptional(),
    limits: limitsSchema.exactOptional(),
    password: password.exactOptional(),
    keyGeneration: keyGenerationSchema,
    previousKeys: z.enum(["keep", "delete"]).default("keep"),
    onDestroy: z.enum(["delete", "deactivate"]).default("delete"),
    adopt: z.boolean().default(false),
  }),
);

type Args = z.output<typeof args>;
type State = Args & KeyState & { canonicalUserId?: string };

/** Argument, field of the user document. */
const textFields = [
  ["fullName", "fullName"],
  ["email", "emailAddr"],
  ["phone", "phone"],
  ["website", "website"],
] as const;
const addressFields = [
  ["line1", "address1"],
  ["line2", "address2"],
  ["city", "city"],
  ["state", "state"],
  ["zip", "zip"],
  ["country", "country"],
] as const;
const wholeAddress = { line1: "", line2: "", city: "", state: "", zip: "", country: "" };

export const userHandler: Handler<Args, State, CloudianClient> = {
  kind: "CloudianUser",
  noun: "Cloudian user",
  args,
  nameKey: "userId",
  replaces: ["groupId", "userId"],
  fixed: ["userType"],
  local: ["previousKeys", "onDestroy", "adopt"],
  writeOnly: ["password"],
  secrets: ["password", "secretAccessKey"],
  creationDefaults: (declared) => ({
    fullName: "",
    email: "",
    address: addressOf({}, declared.address),
    phone: "",
    website: "",
    active: true,
    limits: {},
    keyGeneration: 0,
  }),
  refuses: (before, after) => refusedGeneration(before?.keyGeneration, after.keyGeneration),
  idOf: (declared) => `${declared.groupId}/${declared.userId}`,
  connect: (settings) => new CloudianClient(settings),
  find,
  create,
  read: (client, id, last) => look(client, userOf(id), last),
  update,
  delete: remove,
};

async function create(client: CloudianClient, declared: Args): Promise<Created<State>> {
  const user = { groupId: declared.groupId, userId: declared.userId };
  const id = `${user.groupId}/${user.userId}`;
  if (declared.password !== undefined) client.requireSecretChannel(`set the password of Cloudian user ${id}`);
  const { outcome, document, said } = await client.putUser({ ...user, ...fieldsOf(declared) });
  if (outcome === "created") {
    const { limits: _limits, password: _password, ...made } = declared;
    return { id, state: { ...made, ...canonicalId(document) } };
  }
  // Which status says "exists" is not documented, so the user itself decides.
  if (outcome === "exists" || (await client.getUser(user))) throw new Conflict(`Cloudian user ${id} exists already.`);
  const group = await client.getGroup(user.groupId);
  throw group
    ? new UnexpectedAnswer(`Could not create Cloudian user ${id}: ${client.endpoint} answered ${said()}.`, 400)
    : new Refused(
        `Could not create Cloudian user ${id}: there is no group ${user.groupId}. Declare it as a CloudianGroup and use its groupId.`,
      );
}

async function find(client: CloudianClient, declared: Args): Promise<Live<State> | undefined> {
  const live = await look(client, declared, declared);
  const limits = live?.state.limits;
  if (!live || !limits || Object.keys(limits).length === 0) return live;
  // A user without limits of its own may show those of its group's users; then nobody has set any yet.
  const inherited = await client.getLimits({ groupId: declared.groupId, userId: "ALL" });
  if (!same(limits, inherited)) return live;
  const { limits: _inherited, ...state } = live.state;
  return { ...live, state };
}

/** What `wanted` manages, or everything that can be read where it is undefined. */
async function look(
  client: CloudianClient,
  user: UserKey,
  wanted: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const document = await client.getUser(user);
  if (!document) return undefined;
  const { key, ageMs } = await liveKey(client, user, wanted);
  const state: Partial<State> = {
    groupId: user.groupId,
    userId: user.userId,
    userType: typeOf(document),
    ...Object.fromEntries(textFields.map(([member, field]) => [member, textOf(document, field)])),
    address: addressOf(document, wanted ? wanted.address : wholeAddress),
    active: flagOf(document, "active"),
    ...key,
    ...canonicalId(document),
  };
  if (!wanted || wanted.limits) state.limits = await client.getLimits(user);
  return { state, ...(ageMs === undefined ? {} : { ageMs }) };
}

async function update(
  client: CloudianClient,
  id: string,
  from: Partial<State>,
  to: Args,
  done: (state: Partial<State>, undone?: readonly (keyof State & string)[]) => void,
): Promise<State> {
  const user = userOf(id);
  requireRaised(id, from, to);
  const newPassword = to.password === from.password ? undefined : to.password;
  if (newPassword !== undefined) client.requireSecretChannel(`set the password of Cloudian user ${id}`);
  const wanted = fieldsOf(to);
  if (wouldChange(fieldsOf({ ...from, userType: from.userType ?? "User" }), wanted))
    await writeFields(client, user, wanted);
  const key = await updateKey(client, user, from, to, done);
  if (to.limits && !same(from.limits, to.limits)) await client.setLimits(user, to.limits);
  if (newPassword !== undefined) await client.setPassword(user, newPassword);
  return { ...to, ...key, ...(from.canonicalUserId === undefined ? {} : { canonicalUserId: from.canonicalUserId }) };
}

/** Writes the whole live document back, because a POST may replace: nothing that others have set is lost. */
async function writeFields(client: CloudianClient, user: UserKey, fields: Document): Promise<void> {
  const id = `${user.groupId}/${user.userId}`;
  const live = await client.getUser(user);
  if (!live) throw goneError(user);
  if (textOf(live, "userType") !== fields["userType"])
    throw new Refused(
      `Cloudian user ${id} is a ${textOf(live, "userType")} and cannot become a ${fields["userType"]} under the same ids. Declare userType as it is, or choose another userId.`,
    );
  if (!wouldChange(live, fields)) return;
  // The call takes either the canonical id or the pair of ids, not both.
  const { canonicalUserId: _canonical, ...rest } = live;
  await client.postUser({ ...rest, ...fields, ...user });
}

async function remove(client: CloudianClient, id: string, last: Partial<State>): Promise<void> {
  const user = userOf(id);
  if (last.onDestroy === "deactivate") {
    const live = await client.getUser(user);
    if (!live || !flagOf(live, "active")) return;
    const { canonicalUserId: _canonical, ...rest } = live;
    return await client.postUser({ ...rest, active: "false", ...user });
  }
  const buckets = await client.bucketsByUser(user.groupId, user.userId);
  const owned = buckets === "unknown" ? undefined : buckets.get(user.userId);
  if (owned === undefined) {
    if (!(await client.getUser(user))) return;
    throw new Refused(
      `Cloudian user ${id} is not deleted: HyperStore does not say whether it owns buckets, and what a deletion would do to them is unknown.`,
    );
  }
  if (owned.length > 0)
    throw new Refused(
      `Cloudian user ${id} is not deleted: it owns ${owned.length} buckets (${someOf(owned)}), and what a ` +
        `deletion would do to their data is unknown. ${howToEmpty} Or keep the user with ` +
        `onDestroy: "deactivate" (run pulumi up before the destroy).`,
    );
  const { outcome, said } = await client.deleteUser(user);
  if (outcome === "deleted" || !(await client.getUser(user))) return;
  throw new Refused(
    `Could not delete Cloudian user ${id}: ${client.endpoint} answered ${said()}. See to what keeps it, then run the same command again.`,
  );
}

function userOf(id: string): UserKey {
  const [groupId, userId] = splitId(id);
  if (groupId === "" || userId === "")
    throw new Refused(`"${id}" is no id of a Cloudian user; it has the form groupId/userId.`);
  return { groupId, userId };
}

/** The fields of the document that the arguments manage. */
function fieldsOf(declared: Partial<Args>): Document {
  const fields: Document = { userType: declared.userType };
  for (const [member, field] of textFields) if (declared[member] !== undefined) fields[field] = declared[member];
  for (const [member, field] of addressFields)
    if (declared.address?.[member] !== undefined) fields[field] = declared.address[member];
  if (declared.active !== undefined) fields["active"] = String(declared.active);
  return fields;
}

function typeOf(document: Document): Args["userType"] {
  // Another type, such as a system administrator, is shown as it is and then refused as a difference.
  return textOf(document, "userType") as Args["userType"];
}

function addressOf(document: Document, managed: Args["address"]): NonNullable<Args["address"]> {
  return Object.fromEntries(
    addressFields.flatMap(([member, field]) =>
      managed?.[member] === undefined ? [] : [[member, textOf(document, field)]],
    ),
  );
}

function canonicalId(document: Document | undefined): { canonicalUserId?: string } {
  const id = document === undefined ? "" : textOf(document, "canonicalUserId");
  return id === "" ? {} : { canonicalUserId: id };
}
