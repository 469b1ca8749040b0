import {
  answer,
  assertNamespace,
  bodyOf,
  type Call,
  done,
  listOf,
  type Members,
  namespaceGiven,
  type Operation,
  optionalFlag,
  optionalText,
  param,
  queryNamespace,
  requiredText,
} from "./ecs-call.ts";
import { EcsRefused, invalidParameter, missingParameter, missingUser } from "./ecs-error.ts";
import { nameFilter, pageOf } from "./ecs-lists.ts";
import { type EcsStore, newUser, type ObjectUser, type Tag, userKey } from "./ecs-store.ts";
import type { LabReply } from "./system.ts";

const nameForm = /^[A-Za-z0-9!#$&'()*+,\-./:;=?@_~]{1,255}$/;

export const createUser: Operation = (call) => {
  const body = bodyOf(call, "user_create_param");
  const { store } = call;
  const name = storedName(store, requiredText(body, "user"));
  if (!nameForm.test(name)) throw invalidParameter("user", "it has a character that user names must not have");
  const namespace = namespaceGiven(call, requiredText(body, "namespace"));
  assertNamespace(call, namespace);
  const tags = tagsOf(body) ?? [];
  if (takenBy(store, namespace, name) !== undefined) {
    throw new EcsRefused(400, 1015, `User ${name} already exists`);
  }
  store.users.set(userKey(namespace, name), { ...newUser(namespace, name, call.clock.now()), tags });
  return answer(call, "user_secret_key", { link: { rel: "self", href: `/object/user-secret-keys/${name}` } });
};

export const readUser: Operation = (call) => {
  const { namespace, name, locked, created, tags } = foundUser(call, param(call, 0), queryNamespace(call));
  const members = { namespace, name, locked, created: longDate(created) };
  return answer(call, "user", { ...members, tag: tags }, { ...members, tags });
};

export const listUsers: Operation = (call) => listed(call, param(call, 0), "userid=*", () => true);

export const queryUsers: Operation = (call) => {
  const { query } = call;
  const tag = query.get("tag");
  const value = query.get("value");
  const fits = (user: ObjectUser) =>
    user.tags.some((own) => own.name === tag && (value === undefined || own.value === value));
  const filter = `namespace=${query.get("namespace") ?? ""}&tag=${tag ?? ""}&value=${value ?? ""}`;
  return listed(call, query.get("namespace") ?? "", filter, tag === undefined ? () => true : fits);
};

export const lockUser: Operation = (call) => {
  const body = bodyOf(call, "user_lock_param");
  const locked = optionalFlag(body, "isLocked");
  if (locked === undefined) throw missingParameter("isLocked");
  userOfBody(call, body).locked = locked;
  return done;
};

export const readLock: Operation = (call) => {
  const { name, locked } = foundUser(call, param(call, 0), namespaceGiven(call, call.params[1]));
  return answer(call, "user_lock_info", { user_name: name, isLocked: locked });
};

/** Deletes the user with its keys. */
export const deleteUser: Operation = (call) => {
  const { store, buckets } = call;
  const { namespace, name } = userOfBody(call, bodyOf(call, "user_delete_param"));
  if (store.options.deleteUserWithBuckets === "refuse" && buckets.bucketsOf(namespace, name).length > 0) {
    throw new EcsRefused(400, 1020, `User ${name} owns buckets and cannot be deleted`);
  }
  store.users.delete(userKey(namespace, name));
  return { ...done, destructive: true };
};

export const readTags: Operation = (call) => {
  const { name, tags } = foundUser(call, param(call, 0), queryNamespace(call));
  return answer(call, "object_user_tag", { user_name: name, tags: tags.length === 0 ? "" : tags });
};

export const addTags: Operation = (call) => {
  const { user, given } = tagChange(call);
  const taken = given.find((tag) => user.tags.some(({ name }) => name === tag.name));
  if (taken !== undefined) throw new EcsRefused(400, 1015, `Tag ${taken.name} already exists`);
  user.tags = [...user.tags, ...given];
  return done;
};

export const overwriteTags: Operation = (call) => {
  const { user, given } = tagChange(call);
  assertTags(user, given);
  user.tags = user.tags.map((tag) => given.find(({ name }) => name === tag.name) ?? tag);
  return done;
};

export const removeTags: Operation = (call) => {
  const { user, given } = tagChange(call);
  assertTags(user, given);
  user.tags = user.tags.filter((tag) => given.every(({ name }) => name !== tag.name));
  return done;
};

/** The user of this name; under the cluster-wide scope in whatever namespace, where none is given. */
export function foundUser(call: Call, name: string, namespace: string): ObjectUser {
  const { store } = call;
  const stored = storedName(store, name);
  if (namespace === "" && store.options.userScope === "NAMESPACE") throw missingParameter("namespace");
  if (namespace !== "") assertNamespace(call, namespace);
  const user =
    namespace === ""
      ? [...store.users.values()].find((candidate) => candidate.name === stored)
      : store.users.get(userKey(namespace, stored));
  if (user === undefined) throw missingUser(name);
  return user;
}

export function userOfBody(call: Call, body: Members, name = requiredText(body, "user")): ObjectUser {
  return foundUser(call, name, namespaceGiven(call, optionalText(body, "namespace")));
}

/** Who stands in the way of a new user of this name. */
export function takenBy(store: EcsStore, namespace: string, name: string): ObjectUser | undefined {
  if (store.options.userScope === "NAMESPACE") return store.users.get(userKey(namespace, name));
  return [...store.users.values()].find((user) => user.name === name);
}

/** Names with a domain are folded to lower case. */
export function storedName(store: EcsStore, name: string): string {
  return store.options.lowercaseDomainNames && name.includes("@") ? name.toLowerCase() : name;
}

function listed(call: Call, given: string, filter: string, fits: (user: ObjectUser) => boolean): LabReply {
  const namespace = namespaceGiven(call, given);
  if (namespace !== "") assertNamespace(call, namespace);
  const named = nameFilter(call, "userid");
  const users = [...call.store.users.values()].filter(
    (user) => (namespace === "" || user.namespace === namespace) && named(user.name) && fits(user),
  );
  const { rows, limit, next } = pageOf(call, users, (user) => userKey(user.namespace, user.name));
  return answer(call, "users", {
    blobuser: rows.map((user) => ({ userid: user.name, namespace: user.namespace })),
    MaxUsers: limit,
    Filter: filter,
    ...next,
  });
}

function tagChange(call: Call): { user: ObjectUser; given: Tag[] } {
  const user = foundUser(call, param(call, 0), queryNamespace(call));
  const given = tagsOf(bodyOf(call, undefined));
  if (given === undefined) throw missingParameter("tags");
  return { user, given };
}

function tagsOf(body: Members): Tag[] | undefined {
  return listOf(body, "tags", "tag")?.map((tag) => ({
    name: requiredText(tag, "name"),
    value: optionalText(tag, "value") ?? "",
  }));
}

function assertTags(user: ObjectUser, given: readonly Tag[]): void {
  const absent = given.find((tag) => user.tags.every(({ name }) => name !== tag.name));
  if (absent !== undefined) throw new EcsRefused(400, 1004, `Unable to find tag ${absent.name}`);
}

/** As in `Wed Feb 25 11:16:48 UTC 2026`. */
function longDate(time: number): string {
  const [day = "", date = "", month = "", year = "", clock = ""] = new Date(time).toUTCString().split(/,? /);
  return `${day} ${month} ${date} ${clock} UTC ${year}`;
}
