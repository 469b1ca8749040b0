import * as pulumi from "@pulumi/pulumi";
import type { Account, Domain } from "../cloudstack/shapes.ts";

/** What a domain becomes on a Cloudian HyperStore. */
export interface GroupOfDomain {
  readonly groupId: string;
  readonly groupName: string;
}

/** What an account becomes on a Cloudian HyperStore. */
export interface UserOfAccount {
  readonly groupId: string;
  readonly userId: string;
  readonly fullName: string;
  /** Absent where CloudStack knows none. */
  readonly email?: string;
  readonly active: boolean;
}

/** The tenants of a cloud as its Cloudian connector maps them. */
export interface CloudianTenants {
  readonly groups: GroupOfDomain[];
  readonly users: UserOfAccount[];
  /** UUIDs of the accounts that share the CMC's administrator; they get no user. */
  readonly administrators: string[];
  /** Names for people, by UUID. */
  readonly members: Record<string, string>;
}

/** HyperStore's own group; the CMC's administrator is in it. */
export const systemGroup = "0";

/** One known client of HyperStore takes this as the limit of a group's name. */
const longestGroupName = 64;

const mostNamed = 10;

/**
 * Domains become groups, accounts their users. A domain that is Inactive is being deleted, and is a member as long as it
 * is listed: CloudStack sets it back to Active when it cannot delete it, and its tenants must not lose their keys meanwhile.
 */
export function cloudianTenants(domains: readonly Domain[], accounts: readonly Account[]): CloudianTenants {
  requireUnique([...domains, ...accounts]);
  const known = new Map(domains.map((domain) => [domain.id, domain]));
  requireKnownDomains(accounts, known);
  const users = accounts.filter((account) => !isCmcAdministrator(account));
  const pathOf = ({ domainId }: Account) => known.get(domainId)?.path ?? "";
  return {
    groups: domains.map(({ id, path }) => ({ groupId: id, groupName: groupNameOf(path) })),
    users: users.map(userOf),
    administrators: accounts.filter(isCmcAdministrator).map(({ id }) => id),
    members: Object.fromEntries([
      ...domains.map(({ id, path }) => [id, `domain ${path}`]),
      ...users.map((account) => [account.id, `account ${account.name} of ${pathOf(account)}`]),
    ]),
  };
}

/** The members of a tenancy in which every account has a user, and domains are nothing. */
export function membersOf(accounts: readonly Account[]): Record<string, string> {
  requireUnique(accounts);
  return Object.fromEntries(accounts.map(({ id, name }) => [id, `account ${name}`]));
}

/** The end tells domains of one branch apart, so the beginning goes. */
export function groupNameOf(path: string): string {
  const characters = [...path];
  if (characters.length <= longestGroupName) return path;
  return `…${characters.slice(1 - longestGroupName).join("")}`;
}

/** Any other administrator of a root or domain is an ordinary user. */
function isCmcAdministrator({ name, type }: Account): boolean {
  return name === "admin" && type === "rootAdmin";
}

/** As the connector writes it at every single sign-on, to the blank; anything else would be drift from then on. */
function userOf({ id, name, domainId, state, users: [first] }: Account): UserOfAccount {
  return {
    groupId: domainId,
    userId: id,
    fullName: first === undefined ? name : `${first.firstName} ${first.lastName} (${name})`,
    ...(first?.email === undefined ? {} : { email: first.email }),
    active: state === "enabled",
  };
}

function requireUnique(listed: readonly (Domain | Account)[]): void {
  const lastById = new Map(listed.map(({ id }, index) => [id, index]));
  const twice = listed.filter(({ id }, index) => lastById.get(id) !== index);
  if (twice.length === 0) return;
  throw new pulumi.RunError(
    `The lists of domains and accounts name ${namesOf(twice)} more than once, so they are no picture of one moment. Read them again.`,
  );
}

function requireKnownDomains(accounts: readonly Account[], domains: ReadonlyMap<string, Domain>): void {
  const homeless = accounts.filter(({ domainId }) => !domains.has(domainId));
  if (homeless.length === 0) return;
  throw new pulumi.RunError(
    `The list of domains lacks those of the accounts ${namesOf(homeless)}. Both lists have to be complete: take them ` +
      `from getDomains and getAccounts, and run again if a domain came or went meanwhile.`,
  );
}

function namesOf(listed: readonly (Domain | Account)[]): string {
  const shown = listed.slice(0, mostNamed).map(({ id, name }) => `${name} (${id})`);
  const more = listed.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
