import {
  absent,
  type Call,
  done,
  json,
  type Operation,
  perhapsStale,
  required,
  requiredChoice,
} from "./cloudian-call.ts";
import { Refused } from "./cloudian-documents.ts";
import { type Credential, credentialsOf, newAccessKey, newSecretKey, type User, userKey } from "./cloudian-store.ts";

export const createCredential: Operation = (call) => {
  const user = owner(call);
  assertRoomForKey(call, user);
  return json(call, shown(addCredential(call, user, newAccessKey(), newSecretKey())));
};

export const importCredential: Operation = (call) => {
  const accessKey = required(call, "accessKey");
  const secretKey = required(call, "secretKey");
  const user = owner(call);
  if (call.store.credentials.has(accessKey)) throw new Refused(409, "the access key is taken");
  assertRoomForKey(call, user);
  addCredential(call, user, accessKey, secretKey);
  return done;
};

export const readCredential: Operation = (call) => {
  const credential = call.store.credentials.get(required(call, "accessKey"));
  return credential === undefined ? absent : json(call, shown(credential));
};

export const listCredentials: Operation = (call) => listed(call, () => true);

export const listActiveCredentials: Operation = (call) => listed(call, (credential) => credential.active);

export const setCredentialStatus: Operation = (call) => {
  const accessKey = required(call, "accessKey");
  const active = requiredChoice(call, "isActive", ["true", "false"]) === "true";
  const credential = call.store.credentials.get(accessKey);
  if (credential === undefined) throw new Refused(400, "there is no such access key");
  call.store.credentials.set(accessKey, { ...credential, active });
  return done;
};

export const deleteCredential: Operation = (call) => {
  if (call.store.credentials.delete(required(call, "accessKey"))) return done;
  const status = call.store.options.unknownKeyDeletionStatus;
  if (status === 400) throw new Refused(status, "there is no such access key");
  return status === 204 ? absent : done;
};

export function addCredential(call: Call, user: User, accessKey: string, secretKey: string): Credential {
  const { groupId, userId } = user;
  const createDate = call.clock.stamp();
  const credential = { groupId, userId, accessKey, secretKey, createDate, expireDate: null, active: true, iam: false };
  call.store.credentials.set(accessKey, credential);
  return credential;
}

function owner(call: Call): User {
  const user = call.store.users.get(userKey(required(call, "groupId"), required(call, "userId")));
  if (user === undefined) throw new Refused(400, "there is no such user");
  return user;
}

function assertRoomForKey(call: Call, user: User): void {
  const rootKeys = credentialsOf(call.store, user).filter((credential) => !credential.iam);
  if (rootKeys.length >= call.store.options.maxKeysPerUser) throw new Refused(403, "the user has the maximum of keys");
}

/** In the order of access keys, which tells nothing about their age. */
function listed(call: Call, wanted: (credential: Credential) => boolean): ReturnType<Operation> {
  const user = owner(call);
  const rootOnly = call.query.has("isRootAccountOnly")
    ? requiredChoice(call, "isRootAccountOnly", ["true", "false"]) === "true"
    : call.store.options.rootKeysOnlyByDefault;
  const fitting = credentialsOf(call.store, user).filter((one) => wanted(one) && !(rootOnly && one.iam));
  const rows = perhapsStale(call, fitting).sort((a, b) => (a.accessKey < b.accessKey ? -1 : 1));
  return rows.length === 0 ? absent : json(call, rows.map(shown));
}

function shown({ accessKey, secretKey, createDate, expireDate, active }: Credential): Partial<Credential> {
  return { accessKey, secretKey, createDate, expireDate, active };
}
