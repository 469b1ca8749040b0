import { randomUUID } from "node:crypto";
import { isoTime } from "./bucket-tree.ts";
import { lineOf, usersOf } from "./cloudstack-directory.ts";
import { type Account, type Directory, type Domain, rootDomainId, type User } from "./cloudstack-directory-store.ts";
import type { CloudStackDraft, CloudStackSection } from "./cloudstack-patch-draft.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";
import { isObject } from "./errors.ts";
import {
  flagMember,
  type MemberForm,
  type MembersOf,
  Misfit,
  nullable,
  oneOf,
  parseMembers,
  textMember,
  timeMember,
} from "./patch.ts";
import { secretMask } from "./query.ts";

/** In this order, so that a patch may make a domain, its account and the account's users at once. */
export const directorySections: Readonly<Record<string, CloudStackSection>> = {
  domains: patchDomain,
  accounts: patchAccount,
  users: patchUser,
};

/** What the control API shows of domains, accounts and users. */
export function directoryTree(store: Directory, secrets: boolean): Record<string, unknown> {
  const hidden = (secret: string | null): string | null => (secrets || secret === null ? secret : secretMask);
  return {
    domains: byId([...store.domains.values()], (domain) => domain),
    accounts: byId([...store.accounts.values()], (account) => ({
      ...account,
      created: isoTime(account.created),
      removed: account.removed === null ? null : isoTime(account.removed),
    })),
    users: byId([...store.users.values()], (user) => ({
      ...user,
      created: isoTime(user.created),
      secretKey: hidden(user.secretKey),
      password: hidden(user.password),
    })),
  };
}

const domainForms = {
  name: textMember,
  parentId: nullable(textMember),
  state: oneOf("Active", "Inactive"),
  networkDomain: nullable(textMember),
};

/** The connector hears nothing of it, and what is in a domain goes with it. */
function patchDomain({ store }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    removeDomain(store, id);
    return;
  }
  const current = store.domains.get(id) ?? { ...newDomain, id, name: id };
  const domain: Domain = { ...current, ...parseMembers(domainForms, change) };
  if ((domain.parentId === null) !== (id === rootDomainId)) throw new Misfit("only ROOT has no parent");
  if (domain.parentId !== null && !store.domains.has(domain.parentId)) throw new Misfit("there is no such parent");
  const parent = store.domains.get(domain.parentId ?? "");
  if (parent !== undefined && lineOf(store, parent).some((above) => above.id === id)) {
    throw new Misfit("it would be below itself");
  }
  store.domains.set(id, domain);
}

const newDomain = { parentId: rootDomainId, state: "Active", networkDomain: null } as const;

function removeDomain(store: CloudStackStore, id: string): void {
  if (id === rootDomainId) throw new Misfit("ROOT stays");
  for (const child of [...store.domains.values()]) if (child.parentId === id) removeDomain(store, child.id);
  for (const account of [...store.accounts.values()]) if (account.domainId === id) removeAccount(store, account);
  store.domains.delete(id);
}

function removeAccount(store: CloudStackStore, account: Account): void {
  for (const user of usersOf(store, account)) store.users.delete(user.id);
  for (const bucket of [...store.buckets.values()])
    if (bucket.accountId === account.id) store.buckets.delete(bucket.id);
  store.accounts.delete(account.id);
}

const userForms = {
  username: textMember,
  firstName: textMember,
  lastName: textMember,
  email: nullable(textMember),
  state: oneOf("enabled", "disabled", "locked"),
  created: timeMember,
  apiKey: nullable(textMember),
  secretKey: nullable(textMember),
  password: textMember,
};

const userList: MemberForm<unknown[]> = {
  expected: "a list of users",
  parse: (value) => (Array.isArray(value) && value.every(isObject) ? value : undefined),
};

const accountForms = {
  name: textMember,
  domainId: textMember,
  type: oneOf(0, 1, 2, 3, 4, 5),
  state: oneOf("enabled", "disabled", "locked"),
  created: timeMember,
  cleanupRequired: flagMember,
  removed: nullable(timeMember),
  users: userList,
};

/** `users`, if given, is the whole list. */
function patchAccount({ store, clock }: CloudStackDraft, id: string, change: unknown): void {
  const current = store.accounts.get(id);
  if (change === null) {
    if (current !== undefined) removeAccount(store, current);
    return;
  }
  const { users, ...members } = parseMembers(accountForms, change);
  const account: Account = { ...(current ?? { ...newAccount, id, name: id, created: clock.now() }), ...members };
  if (!store.domains.has(account.domainId)) throw new Misfit("there is no such domain");
  store.accounts.set(id, account);
  if (users === undefined) return;
  const before = usersOf(store, account);
  for (const user of before) store.users.delete(user.id);
  for (const given of users) {
    const changes = parseMembers(userForms, given);
    const known = before.find(({ username }) => username === changes.username);
    const user = known ?? newUser(randomUUID(), account.id, clock.now());
    store.users.set(user.id, { ...user, ...changes });
  }
}

const newAccount = {
  domainId: rootDomainId,
  type: 0,
  state: "enabled",
  cleanupRequired: false,
  removed: null,
} as const;

function patchUser({ store, clock }: CloudStackDraft, id: string, change: unknown): void {
  if (change === null) {
    store.users.delete(id);
    return;
  }
  const members: MembersOf<typeof userForms> & { accountId?: string } = parseMembers(
    { ...userForms, accountId: textMember },
    change,
  );
  const user: User = { ...(store.users.get(id) ?? newUser(id, "", clock.now())), ...members };
  if (!store.accounts.has(user.accountId)) throw new Misfit("there is no such account: give its accountId");
  store.users.set(id, user);
}

function newUser(id: string, accountId: string, created: number): User {
  const names = { username: id, firstName: "First", lastName: "Last", email: null };
  const keys = { apiKey: null, secretKey: null, password: "password" };
  return { id, accountId, created, ...names, ...keys, state: "enabled" };
}

function byId<T extends { readonly id: string }>(items: T[], view: (item: T) => object): Record<string, object> {
  return Object.fromEntries(
    items.map((item) => {
      const { id, ...members } = view(item) as { id: string };
      return [id, members];
    }),
  );
}
