import { type Call, optional, stamp } from "./cloudstack-call.ts";
import { childrenOf, domainOf, lineOf, pathOf, usersOf } from "./cloudstack-directory.ts";
import {
  type Account,
  type AccountType,
  adminAccountId,
  adminUserId,
  type Domain,
  type User,
} from "./cloudstack-directory-store.ts";
import { atLeast } from "./cloudstack-options.ts";

interface Role {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** The built-in roles, by the type of account that has them; a project has none. */
const roles: Readonly<Partial<Record<AccountType, Role>>> = {
  0: { id: "7c1f0d9e-42b8-4e65-9a03-d58b6e2f7140", name: "User", type: "User" },
  1: { id: "1f6a3c82-95d7-4b0e-8c41-e7029d5f3ab6", name: "Root Admin", type: "Admin" },
  2: { id: "d2840b6f-1e73-4c95-a7f8-30b9c6e5d214", name: "Domain Admin", type: "DomainAdmin" },
  3: { id: "b95e7d14-0c26-4f8a-93e1-6fd2a8047c35", name: "Resource Admin", type: "ResourceAdmin" },
};

export function accountTypeOfRole(roleId: string): AccountType | undefined {
  const entry = Object.entries(roles).find(([, role]) => role.id === roleId);
  return entry === undefined ? undefined : (Number(entry[0]) as AccountType);
}

export function domainDocument(call: Call, domain: Domain): object {
  const { store } = call;
  const line = lineOf(store, domain);
  const parent = line.at(-2);
  return {
    id: domain.id,
    name: domain.name,
    level: line.length - 1,
    ...(parent === undefined ? {} : { parentdomainid: parent.id, parentdomainname: parent.name }),
    haschild: childrenOf(store, domain).length > 0,
    ...(domain.networkDomain === null ? {} : { networkdomain: domain.networkDomain }),
    path: pathOf(store, domain),
    state: domain.state,
    ...counters(call, "-1", "-1.0"),
  };
}

export function accountDocument(call: Call, account: Account): object {
  const { store } = call;
  const domain = domainOf(store, account);
  return {
    id: account.id,
    name: account.name,
    accounttype: account.type,
    ...roleMembers(account),
    domainid: domain.id,
    domain: domain.name,
    domainpath: pathOf(store, domain),
    ...counters(call, "Unlimited", "Unlimited"),
    state: account.state,
    ...(account.cleanupRequired ? { iscleanuprequired: true } : {}),
    user: usersOf(store, account).map((user) => userDocument(call, user, account)),
    isdefault: account.id === adminAccountId,
    created: stamp(account.created),
    groups: [],
  };
}

export function userDocument(call: Call, user: User, account: Account): object {
  const { store } = call;
  const domain = domainOf(store, account);
  const secretShown = !atLeast(store.options, [4, 11]) && user.secretKey !== null;
  return {
    id: user.id,
    username: user.username,
    firstname: user.firstName,
    lastname: user.lastName,
    ...(user.email === null ? {} : { email: user.email }),
    created: stamp(user.created),
    state: user.state,
    account: account.name,
    accounttype: account.type,
    usersource: "native",
    ...roleMembers(account),
    domainid: domain.id,
    domain: domain.name,
    ...(user.apiKey === null ? {} : { apikey: user.apiKey }),
    ...(secretShown ? { secretkey: user.secretKey } : {}),
    accountid: account.id,
    iscallerchilddomain: domain !== domainOf(store, call.caller.account),
    isdefault: user.id === adminUserId,
  };
}

function roleMembers({ type }: Account): object {
  const role = roles[type];
  return role === undefined ? {} : { roleid: role.id, roletype: role.type, rolename: role.name };
}

const counted = "vm ip volume snapshot template project network vpc cpu memory".split(" ");

/** Limits are texts, and "no limit" is written in more than one way. */
function counters(call: Call, unlimitedStorage: string, unlimitedSecondary: string): object {
  if (optional(call, "details") === "min") return {};
  const later = atLeast(call.store.options, [4, 21]) ? ["bucket", "objectstorage"] : [];
  const entries = [...counted, ...later].map((name) => counter(name, "Unlimited", "Unlimited", 0));
  return Object.assign(
    {},
    ...entries,
    counter("primarystorage", unlimitedStorage, unlimitedStorage, 0),
    counter("secondarystorage", unlimitedStorage, unlimitedSecondary, 0.5),
  ) as object;
}

function counter(name: string, limit: string, available: string, total: number): object {
  return { [`${name}limit`]: limit, [`${name}total`]: total, [`${name}available`]: available };
}
