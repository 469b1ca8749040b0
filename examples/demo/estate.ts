import accounts from "../quick-start/accounts.json" with { type: "json" };
import domains from "../quick-start/domains.json" with { type: "json" };

/** An object of the estate that somebody changes by hand. */
interface Target {
  /** Name of its resource. */
  readonly resource: string;
  /** Its key in the lab's state. */
  readonly key: string;
}

/** What the quick start declares, counted from the same files. */
const users = accounts.account.filter((account) => account.accounttype !== 1);
const limited = users.filter((account) => account.objectstoragelimit !== "Unlimited");

export const estate = { groups: domains.domain.length, users: users.length };

export const disabledUser = userTarget("blue-web");
export const userWithoutKey = userTarget("green-backup");
export const renamedGroup = groupTarget("ROOT/violet");

const { groups } = estate;

/** The provider's promise in requests, as docs and design tell it: no more, no fewer. */
export const budget = {
  /** A group in one request; a user in two, because its key has to be fetched; limits in one more. */
  create: groups + 2 * users.length + limited.length,
  unchanged: 0,
  /** A group in one request; a user and its keys in two; limits in one more. */
  read: groups + 2 * users.length + limited.length,
  /** A changed document is read and written whole; a deleted pair is looked for and imported again. */
  repair: 2 + 2 + 2,
  /** What belongs to a user is looked up before its deletion, and twice what is left in a group: an empty list proves little. */
  destroy: 3 * groups + 2 * users.length,
};

function userTarget(name: string): Target {
  const account = users.find((candidate) => candidate.name === name);
  if (account === undefined) throw new Error(`examples/quick-start/accounts.json has no account ${name}.`);
  return { resource: `${account.domainpath}/${name}`, key: `${account.domainid}/${account.id}` };
}

function groupTarget(path: string): Target {
  const domain = domains.domain.find((candidate) => candidate.path === path);
  if (domain === undefined) throw new Error(`examples/quick-start/domains.json has no domain ${path}.`);
  return { resource: path, key: domain.id };
}
