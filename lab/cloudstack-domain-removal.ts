import { removeAccount } from "./cloudstack-account-removal.ts";
import { type Answer, job, succeeded } from "./cloudstack-answer.ts";
import { type Call, optionalFlag, requiredEntity } from "./cloudstack-call.ts";
import { domainRemoved } from "./cloudstack-connector-events.ts";
import { assertMaySee, childrenOf, liveAccounts } from "./cloudstack-directory.ts";
import { type Domain, rootDomainId } from "./cloudstack-directory-store.ts";
import { ApiError, failed } from "./cloudstack-error.ts";

/** The domain is Inactive while the job runs, and Active again if it turns out that it has to stay. */
export function deleteDomain(call: Call): Answer {
  const { store } = call;
  const domain = requiredEntity(call, "id", store.domains);
  assertMaySee(call, domain);
  const cleanup = optionalFlag(call, "cleanup") ?? false;
  if (domain.id !== rootDomainId) domain.state = "Inactive";
  const work = (): Answer => {
    const current = store.domains.get(domain.id);
    if (current === undefined) throw failed(`Failed to find domain ${domain.id}`);
    if (current.id === rootDomainId) throw new ApiError(531, "Can't delete ROOT domain");
    if (cleanup) removeTree(call, current);
    else removeEmpty(call, current);
    return succeeded();
  };
  return job(work, { instanceId: domain.id });
}

function removeEmpty(call: Call, domain: Domain): void {
  const reason = blocker(call, domain);
  if (reason === undefined) {
    removeDomain(call, domain);
    return;
  }
  domain.state = "Active";
  throw failed(reason);
}

/** Why a domain cannot go without a clean-up. */
function blocker(call: Call, domain: Domain): string | undefined {
  const { store, clock } = call;
  const live = liveAccounts(store, clock.now());
  const waiting = [...store.accounts.values()].filter(({ id, domainId }) => domainId === domain.id && !live.has(id));
  if (waiting.length > 0) {
    return `Can't delete the domain yet because it has ${waiting.length} accounts that need a cleanup`;
  }
  const used =
    childrenOf(store, domain).length > 0 || [...live.values()].some(({ domainId }) => domainId === domain.id);
  return used
    ? "Failed to delete the domain. Please make sure all users and sub domains have been removed from the domain before deleting"
    : undefined;
}

/** From below: the domains in it, then its accounts, then itself. A failure leaves it Inactive. */
function removeTree(call: Call, domain: Domain): void {
  const { store, clock } = call;
  domain.state = "Inactive";
  for (const child of childrenOf(store, domain)) removeTree(call, child);
  for (const account of liveAccounts(store, clock.now()).values()) {
    if (account.domainId === domain.id) removeAccount(call, account);
  }
  if (store.options.domainCleanupFails) throw failed("Failed to clean up domain resources and sub domains");
  for (const { id, domainId } of [...store.accounts.values()]) if (domainId === domain.id) store.accounts.delete(id);
  removeDomain(call, domain);
}

/** The connector hears of it when it is gone already. */
function removeDomain(call: Call, domain: Domain): void {
  call.store.domains.delete(domain.id);
  domainRemoved(call, domain);
}
