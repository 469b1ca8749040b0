import type { Call } from "./cloudstack-call.ts";
import { adminCall, documentsOf, isDone, isEnabled } from "./cloudstack-connector-client.ts";
import { internalPathOf, usersOf } from "./cloudstack-directory.ts";
import type { Account, Domain } from "./cloudstack-directory-store.ts";

const tries = 3;

/** Makes the user, but not its group. */
export function accountAdded(call: Call, account: Account): void {
  heard(call, `account ${account.name} was added`, () => addUser(call, account));
}

export function accountRemoved(call: Call, account: Account): void {
  heard(call, `account ${account.name} was removed`, () => {
    const domain = call.store.domains.get(account.domainId);
    if (domain === undefined) throw new Error("its domain is not there any more");
    const query = { userId: account.id, groupId: domain.id };
    return repeated(() => isDone(adminCall(call, "DELETE", "/user", query)));
  });
}

export function domainAdded(call: Call, domain: Domain): void {
  heard(call, `domain ${domain.name} was added`, () => addGroup(call, domain));
}

/** Deletes every active user on the first page of the group's list, whoever made it, then the group. */
export function domainRemoved(call: Call, domain: Domain): void {
  heard(call, `domain ${domain.name} was removed`, () => {
    const query = { groupId: domain.id, userType: "all", userStatus: "active" };
    for (const { userId } of documentsOf(adminCall(call, "GET", "/user/list", query))) {
      adminCall(call, "DELETE", "/user", { userId, groupId: domain.id });
    }
    return repeated(() => isDone(adminCall(call, "DELETE", "/group", { groupId: domain.id })));
  });
}

export function addGroup(call: Call, domain: Domain): boolean {
  if (!isEnabled(call)) return false;
  const groupName = internalPathOf(call.store, domain);
  return isDone(adminCall(call, "PUT", "/group", {}, { groupId: domain.id, groupName, active: true }));
}

export function addUser(call: Call, account: Account): boolean {
  if (!isEnabled(call)) return false;
  const { fullName, emailAddr } = profileOf(call, account);
  const identity = { userId: account.id, groupId: account.domainId, userType: "User" };
  return isDone(adminCall(call, "PUT", "/user", {}, { ...identity, fullName, emailAddr, active: true }));
}

/** Name and mail of the account's first user; there has to be one. */
export function profileOf({ store }: Call, account: Account): { fullName: string; emailAddr: string | null } {
  const [user] = usersOf(store, account);
  if (user === undefined) throw new Error("the account has no user");
  return { fullName: `${user.firstName} ${user.lastName} (${account.name})`, emailAddr: user.email };
}

/** Whatever goes wrong is a line in the log: the operation of CloudStack goes on. */
function heard(call: Call, event: string, act: () => boolean): void {
  const { connector } = call.store;
  if (!connector.running || !isEnabled(call)) return;
  try {
    if (!act()) connector.log.push(`${event}: Cloudian refused it`);
  } catch (error) {
    connector.log.push(`${event}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function repeated(act: () => boolean): boolean {
  for (let round = 0; round < tries; round += 1) if (act()) return true;
  return false;
}
