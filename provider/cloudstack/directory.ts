import { Refused, StorageError } from "../core/errors.ts";
import { withinOperation } from "../core/operation.ts";
import { Settings, type SettingsSource } from "../core/settings.ts";
import { type Item, itemsOf, textIn } from "./answers.ts";
import { CloudStackClient } from "./client.ts";
import { connectorIsOn } from "./connector.ts";
import type { Account, AccountUser, Domain, Zone } from "./shapes.ts";

/** A warning is not worth a longer wait. */
const connectorPatienceSeconds = 15;

export async function listDomains(source: SettingsSource): Promise<Domain[]> {
  return await asking(source, async ({ api, rootAccount }) => {
    await rootAccount.get();
    const call = { what: "list domains", command: "listDomains", parameters: { listall: "true", details: "min" } };
    const domains = (await api.wholeList(call, "domain")).map(domainOf);
    if (!domains.some(({ level }) => level === 0))
      throw new Refused(`Could not list domains: ${api.endpoint} lists no ROOT domain, so that the list is short.`);
    return domains.sort((a, b) => compare(a.path, b.path));
  });
}

export async function listAccounts(source: SettingsSource): Promise<Account[]> {
  return await asking(source, async ({ api, rootAccount }) => {
    const own = await rootAccount.get();
    const call = { what: "list accounts", command: "listAccounts", parameters: { listall: "true" } };
    const accounts = (await api.wholeList(call, "account")).map(accountOf);
    if (!accounts.some(({ id }) => own === "" || id === own))
      throw new Refused(
        `Could not list accounts: ${api.endpoint} does not list the caller's own, so that the list is short.`,
      );
    return accounts.sort((a, b) => compare(a.domainId, b.domainId) || compare(a.name, b.name));
  });
}

export async function listZones(source: SettingsSource): Promise<Zone[]> {
  return await asking(source, async ({ zones }) => {
    const found = await zones.list();
    return found
      .map(({ id, name, enabled }): Zone => ({ id, name, state: enabled ? "enabled" : "disabled" }))
      .sort((a, b) => compare(a.name, b.name));
  });
}

export async function askConnector(source: SettingsSource): Promise<"on" | "off" | "unknown"> {
  try {
    return await asking(
      source,
      async ({ api }) => ((await connectorIsOn(api)) ? "on" : "off"),
      connectorPatienceSeconds,
    );
  } catch (error) {
    if (error instanceof StorageError) return "unknown";
    throw error;
  }
}

/** A program shows the error as it is, so that no secret may be left in it. */
async function asking<T>(
  source: SettingsSource,
  work: (client: CloudStackClient) => Promise<T>,
  patienceSeconds = Number.POSITIVE_INFINITY,
): Promise<T> {
  try {
    const settings = new Settings(source, process.env);
    const client = CloudStackClient.of(settings);
    const seconds = Math.min(settings.transport().operationTimeoutSeconds, patienceSeconds);
    return await withinOperation(seconds, () => work(client));
  } catch (error) {
    throw error instanceof StorageError ? error.redacted() : error;
  }
}

/** CloudStack shows `ROOT/a/b`, and keeps `/a/b/`, which is what its connector uses. */
function domainOf(item: Item): Domain {
  const parentId = textIn(item, "parentdomainid");
  const path = textIn(item, "path") ?? "";
  return {
    id: required(item, "id"),
    name: required(item, "name"),
    path: `${path.replace(/^ROOT/, "")}/`,
    ...(parentId === undefined ? {} : { parentId }),
    level: Number(textIn(item, "level") ?? 0),
    state: textIn(item, "state") === "Inactive" ? "Inactive" : "Active",
  };
}

const accountTypes: Readonly<Record<string, Account["type"]>> = {
  0: "user",
  1: "rootAdmin",
  2: "domainAdmin",
  5: "project",
};

function accountOf(item: Item): Account {
  return {
    id: required(item, "id"),
    name: required(item, "name"),
    domainId: required(item, "domainid"),
    type: accountTypes[textIn(item, "accounttype") ?? ""] ?? "other",
    state: accountState(textIn(item, "state")),
    users: itemsOf(item, "user").map(userOf),
  };
}

function accountState(text: string | undefined): Account["state"] {
  const state = text?.toLowerCase();
  return state === "disabled" || state === "locked" ? state : "enabled";
}

function userOf(item: Item): AccountUser {
  const email = textIn(item, "email");
  return {
    id: required(item, "id"),
    username: textIn(item, "username") ?? "",
    firstName: textIn(item, "firstname") ?? "",
    lastName: textIn(item, "lastname") ?? "",
    ...(email === undefined ? {} : { email }),
  };
}

function required(item: Item, field: string): string {
  const text = textIn(item, field);
  if (text === undefined || text === "")
    throw new Refused(`CloudStack lists an object without ${field}, so that the list cannot be used.`);
  return text;
}

/** By code unit, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
