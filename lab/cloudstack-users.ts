import { randomBytes, randomUUID } from "node:crypto";
import { type Answer, list, object, succeeded } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalEntity,
  required,
  requiredEntity,
} from "./cloudstack-call.ts";
import { accountsListed, assertMaySee, domainOf, usersOf } from "./cloudstack-directory.ts";
import { userDocument } from "./cloudstack-directory-documents.ts";
import { type Account, adminUserId, type Domain, type User } from "./cloudstack-directory-store.ts";
import { ApiError, invalid } from "./cloudstack-error.ts";

function listUsers(call: Call): Answer {
  const { store } = call;
  const wanted = optionalEntity(call, "id", store.users);
  optionalEntity(call, "domainid", store.domains);
  const home = wanted && store.accounts.get(wanted.accountId);
  if (home !== undefined) assertMaySee(call, domainOf(store, home));
  const found = (home === undefined ? accountsListed(call) : [home])
    .filter((account) => fits(optional(call, "account"), account.name))
    .flatMap((account) => usersOf(store, account).map((user) => ({ user, account })))
    .filter(
      ({ user }) =>
        (wanted === undefined || user === wanted) &&
        fits(optional(call, "username"), user.username) &&
        fits(optional(call, "state"), user.state) &&
        fits(optional(call, "usersource"), "native") &&
        hasKeyword(call, user.username, user.firstName, user.lastName, user.email),
    );
  return list(
    "user",
    found.map(({ user, account }) => userDocument(call, user, account)),
  );
}

function createUser(call: Call): Answer {
  const { store, caller } = call;
  const domain = optionalEntity(call, "domainid", store.domains) ?? domainOf(store, caller.account);
  assertMaySee(call, domain);
  const name = required(call, "account");
  const account = [...store.accounts.values()].find(
    (candidate) => candidate.name === name && candidate.domainId === domain.id && candidate.removed === null,
  );
  if (account === undefined) throw invalid(`Unable to find account ${name} in domain id=${domain.id}`);
  assertFreeUsername(call, domain, required(call, "username"));
  const user = addUser(call, account, optional(call, "userid"));
  return object("user", userDocument(call, user, account));
}

/** A new user of an account, from the parameters of the call. */
export function addUser(call: Call, account: Account, id = randomUUID() as string): User {
  const user: User = {
    id,
    username: required(call, "username"),
    firstName: required(call, "firstname"),
    lastName: required(call, "lastname"),
    email: required(call, "email"),
    accountId: account.id,
    state: "enabled",
    created: call.clock.stamp(),
    apiKey: null,
    secretKey: null,
    password: required(call, "password"),
  };
  call.store.users.set(id, user);
  return user;
}

/** User names are unique in a domain. */
export function assertFreeUsername({ store }: Call, domain: Domain, username: string): void {
  const taken = [...store.users.values()].some(
    (user) => user.username === username && store.accounts.get(user.accountId)?.domainId === domain.id,
  );
  if (taken) throw invalid(`The user ${username} already exists in domain ${domain.id}`);
}

function deleteUser(call: Call): Answer {
  const user = userNamed(call);
  if (user.id === adminUserId) throw invalid("The user is the default admin user and can't be removed");
  call.store.users.delete(user.id);
  return succeeded();
}

/** Who has an API key: for root administrators. */
function getUser(call: Call): Answer {
  const { store } = call;
  const key = required(call, "userapikey");
  const user = [...store.users.values()].find(({ apiKey }) => apiKey === key);
  const account = user && store.accounts.get(user.accountId);
  if (user === undefined || account === undefined) throw invalid("User with specified API key does not exist");
  return object("user", userDocument(call, user, account));
}

function getUserKeys(call: Call): Answer {
  const { apiKey, secretKey } = userNamed(call);
  const keys = {
    ...(apiKey === null ? {} : { apikey: apiKey }),
    ...(secretKey === null ? {} : { secretkey: secretKey }),
  };
  return object("userkeys", keys);
}

function registerUserKeys(call: Call): Answer {
  const user = userNamed(call);
  user.apiKey = newKey();
  user.secretKey = newKey();
  return getUserKeys(call);
}

function newKey(): string {
  return randomBytes(64).toString("base64url");
}

function userNamed(call: Call): User {
  const { store, caller } = call;
  const user = requiredEntity(call, "id", store.users);
  const account = store.accounts.get(user.accountId);
  if (account !== undefined) assertMaySee(call, domainOf(store, account));
  const isAdmin = caller.account.type === 1 || caller.account.type === 2;
  if (!isAdmin && user.accountId !== caller.account.id) {
    throw new ApiError(531, "Caller does not have permission to operate with provided resource.");
  }
  return user;
}

export const userCommands: Commands = {
  listUsers: {
    run: listUsers,
    changes: false,
    role: "everyone",
    params: "id username account domainid isrecursive listall state usersource keyword page pagesize",
    fields:
      "id username firstname lastname email accountid account accounttype domainid domain state usersource apikey created",
  },
  createUser: {
    run: createUser,
    changes: true,
    role: "domain-admin",
    params: "account! email! firstname! lastname! password! username! domainid timezone userid",
  },
  deleteUser: { run: deleteUser, changes: true, role: "domain-admin", params: "id!" },
  getUser: { run: getUser, changes: false, params: "userapikey!" },
  getUserKeys: { run: getUserKeys, changes: false, role: "everyone", params: "id!" },
  registerUserKeys: { run: registerUserKeys, changes: true, role: "everyone", params: "id!" },
};
