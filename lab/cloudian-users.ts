import {
  absent,
  type Call,
  done,
  json,
  jsonBody,
  type Operation,
  perhapsStale,
  required,
  requiredChoice,
  requiredText,
} from "./cloudian-call.ts";
import { addCredential } from "./cloudian-credentials.ts";
import { buildFields, Refused, userFields, userTypes } from "./cloudian-documents.ts";
import {
  assertUserId,
  newAccessKey,
  newCanonicalId,
  newSecretKey,
  removeUser,
  type User,
  userKey,
} from "./cloudian-store.ts";

export const readUser: Operation = (call) => {
  const user = call.store.users.get(ownerKey(call));
  return user === undefined ? absent : json(call, user);
};

export const createUser: Operation = (call) => {
  const body = jsonBody(call);
  const groupId = requiredText(body, "groupId");
  const userId = requiredText(body, "userId");
  requiredText(body, "userType");
  if (body["canonicalUserId"]) throw new Refused(400, "canonicalUserId is given by the system");
  if (!call.store.groups.has(groupId)) throw new Refused(400, "there is no such group");
  assertUserId(userId);
  const key = userKey(groupId, userId);
  if (call.store.users.has(key)) throw new Refused(409, "the user exists");
  const fields = buildFields(userFields, body);
  const user: User = { userId, groupId, canonicalUserId: newCanonicalId(), ...fields };
  call.store.users.set(key, user);
  addCredential(call, user, newAccessKey(), newSecretKey());
  return json(call, user);
};

export const updateUser: Operation = (call) => {
  const body = jsonBody(call);
  const current = identified(call, body);
  if (current === undefined) throw new Refused(400, "there is no such user");
  const { userId, groupId, canonicalUserId } = current;
  const fields = buildFields(userFields, body, call.store.options.updateMode === "merge" ? current : undefined);
  call.store.users.set(userKey(groupId, userId), { userId, groupId, canonicalUserId, ...fields });
  return done;
};

export const deleteUser: Operation = (call) => {
  const key = ownerKey(call);
  if (!call.store.users.has(key)) throw new Refused(400, "there is no such user");
  removeUser(call.store, key);
  return { ...done, destructive: true };
};

/** Answers one row more than the limit where there is more; `offset` is the first user of the page. */
export const listUsers: Operation = (call) => {
  const groupId = required(call, "groupId");
  const type = requiredChoice(call, "userType", ["all", ...userTypes]);
  const status = requiredChoice(call, "userStatus", ["all", "active", "inactive"]);
  const prefix = call.query.get("prefix") ?? "";
  const offset = call.query.get("offset") ?? "";
  const limit = listLimit(call);
  const fitting = [...call.store.users.values()].filter(
    (user) =>
      user.groupId === groupId &&
      user.userId.startsWith(prefix) &&
      (type === "all" || user.userType === type) &&
      (status === "all" || (user.active === "true") === (status === "active")),
  );
  const rows = perhapsStale(call, fitting)
    .filter((user) => user.userId >= offset)
    .sort((a, b) => (a.userId < b.userId ? -1 : 1))
    .slice(0, limit + 1);
  return rows.length === 0 ? done : json(call, rows);
};

export const setPassword: Operation = (call) => {
  const key = ownerKey(call);
  const password = required(call, "password");
  if (!call.store.users.has(key)) return absent;
  const classes = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((form) => form.test(password)).length;
  if (password.length < 9 || password.length > 64 || classes < 3) throw new Refused(400, "the password is too weak");
  call.store.passwords.set(key, password);
  return done;
};

/** The user that a POST means: by canonical id, or by its group and id, never both. */
function identified(call: Call, body: Record<string, unknown>): User | undefined {
  const canonicalUserId = body["canonicalUserId"];
  if (!canonicalUserId) {
    return call.store.users.get(userKey(requiredText(body, "groupId"), requiredText(body, "userId")));
  }
  if (body["userId"] || body["groupId"])
    throw new Refused(400, "give canonicalUserId, or userId and groupId, not both");
  return [...call.store.users.values()].find((user) => user.canonicalUserId === canonicalUserId);
}

function listLimit(call: Call): number {
  const text = call.query.get("limit");
  if (text === undefined) return call.store.options.listPageLimit;
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Refused(400, "parameter limit must be a positive number");
  return Number(text);
}

function ownerKey(call: Call): string {
  return userKey(required(call, "groupId"), required(call, "userId"));
}
