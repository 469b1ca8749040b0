import { randomUUID } from "node:crypto";
import { deleteAccount } from "./cloudstack-account-removal.ts";
import { type Answer, job, list, object } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalEntity,
  optionalFlag,
  optionalWhole,
  required,
} from "./cloudstack-call.ts";
import { accountAdded } from "./cloudstack-connector-events.ts";
import { accountsListed, assertMaySee, domainOf, liveAccounts } from "./cloudstack-directory.ts";
import { accountDocument, accountTypeOfRole } from "./cloudstack-directory-documents.ts";
import { type Account, type AccountType, type Domain, rootDomainId } from "./cloudstack-directory-store.ts";
import { ApiError, invalid } from "./cloudstack-error.ts";
import { addUser, assertFreeUsername } from "./cloudstack-users.ts";

function listAccounts(call: Call): Answer {
  const wanted = optionalEntity(call, "id", liveAccounts(call.store, call.clock.now()));
  if (wanted !== undefined) assertMaySee(call, domainOf(call.store, wanted));
  optionalEntity(call, "domainid", call.store.domains);
  const type = optionalWhole(call, "accounttype");
  const cleanup = optionalFlag(call, "iscleanuprequired");
  const found = (wanted === undefined ? accountsListed(call) : [wanted]).filter(
    (account) =>
      fits(optional(call, "name"), account.name) &&
      fits(optional(call, "state"), account.state) &&
      (type === undefined || account.type === type) &&
      (cleanup === undefined || account.cleanupRequired === cleanup) &&
      hasKeyword(call, account.name),
  );
  return list(
    "account",
    found.map((account) => accountDocument(call, account)),
  );
}

/** Makes the account with its first user. */
function createAccount(call: Call): Answer {
  const { store, clock } = call;
  const domain = optionalEntity(call, "domainid", store.domains) ?? domainOf(store, call.caller.account);
  assertMaySee(call, domain);
  const type = accountType(call);
  if (type === 1 && domain.id !== rootDomainId) {
    throw invalid(`Invalid account type 1 given for an account in domain ${domain.id}; unable to create it`);
  }
  const username = required(call, "username");
  const name = optional(call, "account") ?? username;
  assertFreeName(call, domain, name);
  assertFreeUsername(call, domain, username);
  const account: Account = {
    id: optional(call, "accountid") ?? randomUUID(),
    name,
    domainId: domain.id,
    type,
    state: "enabled",
    created: clock.stamp(),
    cleanupRequired: false,
    removed: null,
  };
  store.accounts.set(account.id, account);
  addUser(call, account, optional(call, "userid"));
  accountAdded(call, account);
  return object("account", accountDocument(call, account));
}

function updateAccount(call: Call): Answer {
  const account = accountMeant(call);
  const name = optional(call, "newname");
  if (name !== undefined && name !== account.name) {
    assertFreeName(call, domainOf(call.store, account), name);
    account.name = name;
  }
  return object("account", accountDocument(call, account));
}

/** With `lock` it is locked, else disabled, once the job is done. */
function disableAccount(call: Call): Answer {
  const { id } = accountMeant(call);
  const state = optionalFlag(call, "lock") ? "locked" : "disabled";
  return job(() => object("account", accountDocument(call, withState(call, id, state))), { instanceId: id });
}

function enableAccount(call: Call): Answer {
  return object("account", accountDocument(call, withState(call, accountMeant(call).id, "enabled")));
}

function lockAccount(call: Call): Answer {
  return object("account", accountDocument(call, withState(call, accountMeant(call).id, "locked")));
}

function withState({ store, clock }: Call, id: string, state: Account["state"]): Account {
  const account = liveAccounts(store, clock.now()).get(id);
  if (account === undefined) throw invalid(`Unable to find account by id ${id}`);
  account.state = state;
  return account;
}

/** By `id`, or by the name in `account` with its `domainid`. */
function accountMeant(call: Call): Account {
  const { store, clock } = call;
  const live = liveAccounts(store, clock.now());
  const named = optional(call, "account");
  const domain = optionalEntity(call, "domainid", store.domains);
  const account =
    optionalEntity(call, "id", live) ??
    [...live.values()].find(({ name, domainId }) => name === named && domainId === domain?.id);
  if (account === undefined) throw invalid(`Unable to find account ${named} in domain ${domain?.id}`);
  assertMaySee(call, domainOf(store, account));
  return account;
}

function accountType(call: Call): AccountType {
  const role = optional(call, "roleid");
  const type = role === undefined ? optionalWhole(call, "accounttype") : accountTypeOfRole(role);
  if (type !== 0 && type !== 1 && type !== 2) {
    throw invalid("Neither a valid accounttype nor a valid roleid was given");
  }
  if (type === 1 && call.caller.account.type !== 1) throw new ApiError(531, "Only root admins can make root admins");
  return type;
}

function assertFreeName({ store, clock }: Call, domain: Domain, name: string): void {
  const taken = [...liveAccounts(store, clock.now()).values()].some(
    (account) => account.domainId === domain.id && account.name === name,
  );
  if (taken) throw invalid(`The specified account: ${name} already exists`);
}

const idOrName = "account domainid id";

export const accountCommands: Commands = {
  listAccounts: {
    run: listAccounts,
    changes: false,
    role: "everyone",
    params:
      "id name domainid isrecursive listall state accounttype iscleanuprequired keyword details page pagesize showicon",
    fields:
      "id name accounttype roleid roletype rolename domainid domain domainpath state iscleanuprequired user isdefault bucketlimit@4.21 objectstoragelimit@4.21",
  },
  createAccount: {
    run: createAccount,
    changes: true,
    role: "domain-admin",
    params:
      "email! firstname! lastname! password! username! account accountid accounttype domainid networkdomain roleid timezone userid",
  },
  updateAccount: {
    run: updateAccount,
    changes: true,
    role: "domain-admin",
    params: `${idOrName} newname networkdomain`,
  },
  deleteAccount: { run: deleteAccount, changes: true, async: true, role: "domain-admin", params: "id!" },
  disableAccount: {
    run: disableAccount,
    changes: true,
    async: true,
    role: "domain-admin",
    params: `lock! ${idOrName}`,
  },
  enableAccount: { run: enableAccount, changes: true, role: "domain-admin", params: idOrName },
  lockAccount: { run: lockAccount, changes: true, role: "domain-admin", params: "account! domainid!" },
};
