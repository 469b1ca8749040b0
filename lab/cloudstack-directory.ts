import type { Call } from "./cloudstack-call.ts";
import { optional, optionalFlag } from "./cloudstack-call.ts";
import { type Account, type Directory, type Domain, rootDomainId, type User } from "./cloudstack-directory-store.ts";
import { ApiError } from "./cloudstack-error.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";

/** A domain with those above it, ROOT first. */
export function lineOf({ domains }: Directory, domain: Domain): Domain[] {
  const line = [domain];
  for (let parent = parentOf(domains, domain); parent !== undefined; parent = parentOf(domains, parent)) {
    line.unshift(parent);
  }
  return line;
}

/** The path as the API shows it: `ROOT/a/b`. */
export function pathOf(store: Directory, domain: Domain): string {
  return lineOf(store, domain)
    .map(({ name }) => name)
    .join("/");
}

/** The path as it is stored, and as the connector uses it: `/a/b/`. */
export function internalPathOf(store: Directory, domain: Domain): string {
  const below = lineOf(store, domain).slice(1);
  return `/${below.map(({ name }) => `${name}/`).join("")}`;
}

/** The domain and all below it. */
export function isWithin(store: Directory, domain: Domain, ancestor: Domain): boolean {
  return lineOf(store, domain).includes(ancestor);
}

export function childrenOf({ domains }: Directory, { id }: Domain): Domain[] {
  return [...domains.values()].filter((domain) => domain.parentId === id);
}

/** Without those that were deleted; what has waited long enough for its clean-up is forgotten. */
export function liveAccounts(store: CloudStackStore, now: number): Map<string, Account> {
  for (const { id, removed } of [...store.accounts.values()]) {
    if (removed !== null && now >= removed + store.options.accountCleanupSeconds * 1000) store.accounts.delete(id);
  }
  return new Map([...store.accounts].filter(([, account]) => account.removed === null));
}

export function usersOf({ users }: Directory, { id }: Account): User[] {
  return [...users.values()].filter((user) => user.accountId === id);
}

export function domainOf({ domains }: Directory, { domainId }: Account): Domain {
  const domain = domains.get(domainId) ?? domains.get(rootDomainId);
  if (domain === undefined) throw new Error("The directory has no ROOT domain.");
  return domain;
}

/** A root administrator may see all, a domain administrator his part of the tree, anybody else his own domain. */
export function maySee({ store, caller }: Call, domain: Domain): boolean {
  const own = domainOf(store, caller.account);
  if (caller.account.type === 1) return true;
  return caller.account.type === 2 ? isWithin(store, domain, own) : domain === own;
}

export function assertMaySee(call: Call, domain: Domain): void {
  if (!maySee(call, domain)) {
    throw new ApiError(531, "Caller does not have permission to operate with provided resource.");
  }
}

/** The accounts that a list is about: those of a domain, of all that the caller may see, or the caller's own. */
export function accountsListed(call: Call): Account[] {
  const { store, clock, caller } = call;
  const live = [...liveAccounts(store, clock.now()).values()];
  const domain = store.domains.get(optional(call, "domainid") ?? "");
  const isAdmin = caller.account.type === 1 || caller.account.type === 2;
  if (!isAdmin) return live.filter(({ id }) => id === caller.account.id);
  if (domain !== undefined) {
    assertMaySee(call, domain);
    const recursive = optionalFlag(call, "isrecursive") ?? false;
    return live.filter((account) => {
      const home = domainOf(store, account);
      return recursive ? isWithin(store, home, domain) : home === domain;
    });
  }
  if (optionalFlag(call, "listall")) return live.filter((account) => maySee(call, domainOf(store, account)));
  return live.filter(({ id }) => id === caller.account.id);
}

function parentOf(domains: ReadonlyMap<string, Domain>, { parentId }: Domain): Domain | undefined {
  return parentId === null ? undefined : domains.get(parentId);
}
