import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Conflict, Refused, UnexpectedAnswer } from "../core/errors.ts";
import type { Created, Handler, Live } from "../core/handler.ts";
import { keyGenerationSchema, refusedGeneration } from "../core/key-generation.ts";
import { warn } from "../core/log.ts";
import { splitId } from "../core/names.ts";
import { same } from "../core/values.ts";
import { EcsClient } from "./client.ts";
import { type KeyState, liveKey, requireRaised, updateKey } from "./keys.ts";
import { namespaceName } from "./namespace.ts";
import type { EcsObjectUserArgs } from "./object-user.ts";
import { bringTags } from "./tags.ts";
import { userName } from "./user-name.ts";
import { named, saysAbsent, type UserKey } from "./users.ts";

const expiryRule = "must be a whole number of minutes from 1";

const args = schemaOf<EcsObjectUserArgs, "userName" | "namespace">()(
  z.strictObject({
    userName,
    namespace: namespaceName,
    locked: z.boolean().exactOptional(),
    tags: z.record(z.string().min(1, "must not have an empty key"), z.string()).exactOptional(),
    keyGeneration: keyGenerationSchema,
    previousKeyExpiryMinutes: z.number().int(expiryRule).min(1, expiryRule).exactOptional(),
    onDestroy: z.enum(["delete", "lock"]).default("delete"),
    adopt: z.boolean().default(false),
  }),
);

type Args = z.output<typeof args>;
type State = Args & KeyState & { s3Endpoint?: string };

export const objectUserHandler: Handler<Args, State, EcsClient> = {
  kind: "EcsObjectUser",
  noun: "ECS object user",
  args,
  nameKey: "userName",
  replaces: ["userName", "namespace"],
  fixed: [],
  local: ["previousKeyExpiryMinutes", "onDestroy", "adopt"],
  writeOnly: [],
  secrets: ["secretAccessKey", "__nextSecret"],
  echoes: { accessKeyId: ["userName"] },
  creationDefaults: () => ({ locked: false, tags: {}, keyGeneration: 0 }),
  settingDefaults: (settings) => ({ namespace: settings.ecsNamespace() }),
  refuses: (before, after) => refusedGeneration(before?.keyGeneration, after.keyGeneration),
  idOf: (declared) => `${declared.namespace}/${declared.userName}`,
  connect: (settings) => EcsClient.of(settings),
  find: (client, declared) => look(client, declared, declared),
  create,
  read: (client, id, last) => look(client, userOf(id), last),
  update,
  delete: remove,
};

async function create(client: EcsClient, declared: Args): Promise<Created<State>> {
  const { namespace, userName: name, tags } = declared;
  const user = { namespace, userName: name };
  const answer = await client.users.create(user, tags);
  if (!answer.error)
    return {
      id: `${namespace}/${name}`,
      state: {
        namespace,
        userName: name,
        locked: false,
        ...(tags === undefined ? {} : { tags }),
        keyGeneration: 0,
        __keysBefore: [],
        ...client.shownEndpoint(),
      },
    };
  // Which code says "exists" is not documented, so the array itself decides.
  if (await client.users.info(user)) throw new Conflict(`${named(user)} exists already.`);
  const elsewhere = (await client.users.namespacesOf(name)).filter((each) => each !== namespace);
  if (elsewhere.length > 0)
    throw new Refused(
      `Could not create ${named(user)}: the namespace ${elsewhere.join(", ")} has an object user of this name, and on this ` +
        `array a name can exist once over all namespaces (user scope GLOBAL). Choose another userName; that user is not taken over. ` +
        `The array answered ${answer.said()}.`,
    );
  throw client.users.refusal(`create ${named(user)}`, answer);
}

/** What `wanted` manages, or everything that can be read where it is undefined. */
async function look(
  client: EcsClient,
  user: UserKey,
  wanted: Partial<State> | undefined,
): Promise<Live<State> | undefined> {
  const info = await client.users.info(user);
  if (!info) return undefined;
  const key = await liveKey(client, user, wanted);
  const state = {
    namespace: user.namespace,
    userName: user.userName,
    locked: info.locked,
    tags: info.tags,
    ...key,
    ...client.shownEndpoint(),
  };
  return { state, ...(info.ageMs === undefined ? {} : { ageMs: info.ageMs }) };
}

async function update(
  client: EcsClient,
  id: string,
  from: Partial<State>,
  to: Args,
  done: (state: Partial<State>, undone?: readonly (keyof State & string)[]) => void,
): Promise<State> {
  const user = userOf(id);
  requireRaised(user, from, to);
  if (to.tags !== undefined && !same(from.tags, to.tags))
    await bringTags(tagCalls(client, user), from.tags, to.tags, (tags) => done({ tags }));
  const key = await updateKey(client, user, from, to, done);
  // Only a user that was taken over shows what the program does not manage.
  if (from.locked === true && to.locked === undefined)
    await warn(`${named(user)} is locked, so that its keys do not work; locked: false unlocks it.`);
  if (to.locked !== undefined && to.locked !== from.locked) {
    await client.users.setLocked(user, to.locked);
    done({ locked: to.locked });
  }
  return { ...to, ...key, ...client.shownEndpoint() };
}

async function remove(client: EcsClient, id: string, last: Partial<State>): Promise<void> {
  const user = userOf(id);
  if (last.onDestroy === "lock") {
    if (await client.users.info(user)) await client.users.setLocked(user, true);
    return;
  }
  const owned = await client.owned.of(user.namespace, user.userName);
  if (owned.length > 0)
    throw new Refused(
      `${named(user)} is not deleted: it owns ${owned.length === 1 ? "the bucket" : `${owned.length} buckets:`} ` +
        `${someOf(owned)}, and what a deletion would do to ${owned.length === 1 ? "its" : "their"} data is unknown. Delete ` +
        `the buckets first or give them another owner, or keep the user with onDestroy: "lock" (run pulumi up before the destroy).`,
    );
  const answer = await client.users.deactivate(user);
  if (!answer.error || saysAbsent(answer) || !(await client.users.info(user))) return;
  throw client.users.refusal(`delete ${named(user)}`, answer);
}

function tagCalls(client: EcsClient, user: UserKey) {
  return {
    write: (method: "POST" | "PUT" | "DELETE", tags: Record<string, string>) =>
      client.users.writeTags(user, method, tags),
    read: async () => {
      const info = await client.users.info(user);
      if (!info) throw new UnexpectedAnswer(`${named(user)} is gone. Run pulumi refresh.`, 404);
      return info.tags;
    },
    refusal: (answer: Parameters<typeof client.users.refusal>[1]) =>
      client.users.refusal(`change the tags of ${named(user)}`, answer),
  };
}

function userOf(id: string): UserKey {
  const [namespace, name] = splitId(id);
  if (namespace === "" || name === "")
    throw new Refused(`"${id}" is no id of an ECS object user; it has the form namespace/userName.`);
  return { namespace, userName: name };
}

function someOf(names: string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
