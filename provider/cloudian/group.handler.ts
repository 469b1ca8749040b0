import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Conflict, Refused, UnexpectedAnswer } from "../core/errors.ts";
import type { Created, Handler, Live } from "../core/handler.ts";
import { same } from "../core/values.ts";
import type { Document } from "./answers.ts";
import { CloudianClient, type LimitScope } from "./client.ts";
import { flagOf, setOf, textOf, wouldChange } from "./documents.ts";
import { emptyGroup } from "./emptying.ts";
import type { CloudianGroupArgs, CloudianGroupOutputs } from "./group.ts";
import { identifier } from "./identifier.ts";
import { limitsSchema, type PlainLimits } from "./limits.ts";

const nonEmptyText = z.string().exactOptional();
const ldapSchema = z
  .strictObject({
    enabled: z.boolean(),
    group: nonEmptyText,
    serverUrl: nonEmptyText,
    userDnTemplate: nonEmptyText,
    search: nonEmptyText,
    searchUserBase: nonEmptyText,
    matchAttribute: nonEmptyText,
  })
  .transform((ldap) => Object.fromEntries(Object.entries(ldap).filter(([, value]) => value !== "")) as typeof ldap);
const endpointSet = z
  .array(z.string().min(1, "must not hold an empty text"))
  .transform((list) => [...new Set(list)].sort());
const endpointsSchema = z.strictObject({
  http: endpointSet.exactOptional(),
  https: endpointSet.exactOptional(),
  website: endpointSet.exactOptional(),
});

const args = schemaOf<CloudianGroupArgs, "groupId">()(
  z.strictObject({
    groupId: identifier.refine(
      (text) => !text.includes("/"),
      "must not contain /, which separates group and user in ids",
    ),
    groupName: z.string().exactOptional(),
    active: z.boolean().exactOptional(),
    ldap: ldapSchema.exactOptional(),
    s3Endpoints: endpointsSchema.exactOptional(),
    limits: limitsSchema.exactOptional(),
    userLimits: limitsSchema.exactOptional(),
    onDestroy: z.enum(["delete", "deactivate"]).default("delete"),
    forceDestroy: z.boolean().default(false),
    adopt: z.boolean().default(false),
  }),
);

type Args = z.output<typeof args>;
type State = Args & Partial<CloudianGroupOutputs>;

/** LDAP member, field of the group document. */
const ldapFields = [
  ["group", "ldapGroup"],
  ["serverUrl", "ldapServerURL"],
  ["userDnTemplate", "ldapUserDNTemplate"],
  ["search", "ldapSearch"],
  ["searchUserBase", "ldapSearchUserBase"],
  ["matchAttribute", "ldapMatchAttribute"],
] as const;
const endpointFields = [
  ["http", "s3endpointshttp"],
  ["https", "s3endpointshttps"],
  ["website", "s3websiteendpoints"],
] as const;

export const groupHandler: Handler<Args, State, CloudianClient> = {
  kind: "CloudianGroup",
  noun: "Cloudian group",
  args,
  nameKey: "groupId",
  replaces: ["groupId"],
  fixed: [],
  local: ["onDestroy", "forceDestroy", "adopt"],
  writeOnly: [],
  secrets: [],
  creationDefaults: (declared) => ({
    groupName: "",
    active: true,
    ldap: { enabled: false },
    s3Endpoints: endpointsOf({}, declared.s3Endpoints),
    limits: {},
    userLimits: {},
  }),
  idOf: (declared) => declared.groupId,
  connect: (settings) => new CloudianClient(settings),
  find,
  create,
  read: (client, id, last) => look(client, id, last),
  update,
  delete: remove,
};

async function create(client: CloudianClient, declared: Args): Promise<Created<State>> {
  const id = declared.groupId;
  const { outcome, said } = await client.putGroup({ groupId: id, ...fieldsOf(declared) });
  if (outcome === "created") {
    const { limits: _limits, userLimits: _userLimits, s3Endpoints, ...made } = declared;
    return { id, state: { ...made, ...(takesOnlyEvery(s3Endpoints) ? { s3Endpoints } : {}) } };
  }
  // Which status says "exists" is not documented, so the group itself decides.
  if (outcome === "exists" || (await client.getGroup(id))) throw new Conflict(`Cloudian group ${id} exists already.`);
  throw new UnexpectedAnswer(`Could not create Cloudian group ${id}: ${client.endpoint} answered ${said()}.`, 400);
}

/** A release without lists of endpoints drops them from a creation without a word; only a look can tell. */
function takesOnlyEvery(endpoints: Args["s3Endpoints"]): endpoints is NonNullable<Args["s3Endpoints"]> {
  return (
    endpoints !== undefined && endpointFields.every(([member]) => !endpoints[member] || same(endpoints[member], every))
  );
}

/** A group without limits of its own may show those that are the default of all; then nobody has set any yet. */
async function find(client: CloudianClient, declared: Args): Promise<Live<State> | undefined> {
  const live = await look(client, declared.groupId, declared);
  if (!live) return undefined;
  const state = { ...live.state };
  if (await isInherited(client, state.limits, { groupId: "ALL", userId: "*" })) delete state.limits;
  if (await isInherited(client, state.userLimits, { groupId: "*", userId: "ALL" })) delete state.userLimits;
  return { ...live, state };
}

async function isInherited(
  client: CloudianClient,
  shown: PlainLimits | undefined,
  defaults: LimitScope,
): Promise<boolean> {
  if (!shown || Object.keys(shown).length === 0) return false;
  return same(shown, await client.getLimits(defaults));
}

/** What `wanted` manages, or everything that can be read where it is undefined. */
async function look(
  client: CloudianClient,
  id: string,
  wanted: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const group = await client.getGroup(id);
  if (!group) return undefined;
  const state: Partial<State> = {
    groupId: textOf(group, "groupId"),
    groupName: textOf(group, "groupName"),
    active: flagOf(group, "active"),
    ldap: ldapOf(group),
    s3Endpoints: endpointsOf(group, wanted ? wanted.s3Endpoints : everyMember),
  };
  if (!wanted || wanted.limits) state.limits = await client.getLimits({ groupId: id, userId: "*" });
  if (!wanted || wanted.userLimits) state.userLimits = await client.getLimits({ groupId: id, userId: "ALL" });
  return { state };
}

async function update(client: CloudianClient, id: string, from: Partial<State>, to: Args): Promise<State> {
  const wanted = fieldsOf(to);
  if (wouldChange(fieldsOf(from), wanted)) await writeFields(client, id, wanted);
  await writeLimits(client, { groupId: id, userId: "*" }, from.limits, to.limits);
  await writeLimits(client, { groupId: id, userId: "ALL" }, from.userLimits, to.userLimits);
  return to;
}

/** Writes the whole live document back, because a POST may replace: nothing that others have set is lost. */
async function writeFields(client: CloudianClient, id: string, fields: Document): Promise<void> {
  const group = await client.getGroup(id);
  if (!group) throw new Refused(`Cloudian group ${id} no longer exists. Run pulumi up --refresh to make it anew.`);
  const ignored = endpointFields.filter(
    ([, field]) => fields[field] !== undefined && group[field] === undefined && !same(fields[field], every),
  );
  if (ignored.length > 0)
    throw new Refused(
      `Cloudian group ${id} has no ${ignored.map(([member]) => `s3Endpoints.${member}`).join(", ")}: this release of HyperStore does ` +
        `not know it and would ignore it. Remove it from the program.`,
    );
  if (wouldChange(group, fields)) await client.postGroup({ ...group, ...fields });
}

async function writeLimits(
  client: CloudianClient,
  scope: { groupId: string; userId: string },
  from: PlainLimits | undefined,
  to: PlainLimits | undefined,
): Promise<void> {
  if (to && !same(from, to)) await client.setLimits(scope, to);
}

async function remove(client: CloudianClient, id: string, last: Partial<State>): Promise<void> {
  if (last.onDestroy === "deactivate") {
    const group = await client.getGroup(id);
    if (group && flagOf(group, "active")) await client.postGroup({ ...group, active: "false" });
    return;
  }
  if ((await emptyGroup(client, id, last.forceDestroy === true)) === "gone") return;
  const { outcome, said } = await client.deleteGroup(id);
  if (outcome === "deleted" || !(await client.getGroup(id))) return;
  throw new Refused(
    `Could not delete Cloudian group ${id}: ${client.endpoint} answered ${said()}. See to what keeps it, then run the same command again.`,
  );
}

/** The fields of the document that the arguments manage. */
function fieldsOf(declared: Partial<Args>): Document {
  const fields: Document = {};
  if (declared.groupName !== undefined) fields["groupName"] = declared.groupName;
  if (declared.active !== undefined) fields["active"] = String(declared.active);
  if (declared.ldap) {
    fields["ldapEnabled"] = declared.ldap.enabled;
    for (const [member, field] of ldapFields) fields[field] = declared.ldap[member] ?? "";
  }
  for (const [member, field] of endpointFields) {
    const set = declared.s3Endpoints?.[member];
    if (set) fields[field] = set;
  }
  return fields;
}

function ldapOf(group: Document): NonNullable<Args["ldap"]> {
  const members = ldapFields.flatMap(([member, field]) =>
    textOf(group, field) === "" ? [] : [[member, textOf(group, field)]],
  );
  return {
    enabled: textOf(group, "ldapEnabled") === "true" || group["ldapEnabled"] === true,
    ...Object.fromEntries(members),
  };
}

/** The word of the system for every endpoint. */
const every = ["ALL"];
const everyMember: NonNullable<Args["s3Endpoints"]> = { http: [], https: [], website: [] };

/** The members that are managed; a release without the field offers every endpoint. */
function endpointsOf(group: Document, managed: Args["s3Endpoints"]): NonNullable<Args["s3Endpoints"]> {
  const members = endpointFields.flatMap(([member, field]) =>
    managed?.[member] ? [[member, setOf(group, field) ?? every]] : [],
  );
  return Object.fromEntries(members);
}
