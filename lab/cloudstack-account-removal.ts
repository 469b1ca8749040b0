import { type Answer, job, succeeded } from "./cloudstack-answer.ts";
import { type Call, requiredEntity } from "./cloudstack-call.ts";
import { accountRemoved } from "./cloudstack-connector-events.ts";
import { assertMaySee, domainOf, liveAccounts, usersOf } from "./cloudstack-directory.ts";
import { type Account, adminAccountId } from "./cloudstack-directory-store.ts";
import { failed, invalid } from "./cloudstack-error.ts";

/** The account goes at once; what is left of it may go later, in the background. */
export function deleteAccount(call: Call): Answer {
  const { store, clock } = call;
  const { id } = requiredEntity(call, "id", liveAccounts(store, clock.now()));
  return job(
    () => {
      const account = liveAccounts(store, clock.now()).get(id);
      if (account === undefined) throw failed(`The specified account does not exist in the system`);
      assertMaySee(call, domainOf(store, account));
      if (id === adminAccountId) throw invalid("The account is the default admin account and can't be removed");
      removeAccount(call, account);
      return succeeded();
    },
    { instanceId: id },
  );
}

/** Takes its users with it, and its buckets. */
export function removeAccount(call: Call, account: Account): void {
  const { store, clock } = call;
  for (const { id } of usersOf(store, account)) store.users.delete(id);
  for (const { id, accountId } of [...store.buckets.values()]) if (accountId === account.id) store.buckets.delete(id);
  account.removed = clock.now();
  account.cleanupRequired = true;
  accountRemoved(call, account);
}
