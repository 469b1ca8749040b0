import { randomUUID } from "node:crypto";
import { type Answer, list, object } from "./cloudstack-answer.ts";
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
  requiredEntity,
} from "./cloudstack-call.ts";
import { domainAdded } from "./cloudstack-connector-events.ts";
import { assertMaySee, childrenOf, domainOf, isWithin, lineOf, maySee } from "./cloudstack-directory.ts";
import { domainDocument } from "./cloudstack-directory-documents.ts";
import { type Domain, rootDomainId } from "./cloudstack-directory-store.ts";
import { deleteDomain } from "./cloudstack-domain-removal.ts";
import { invalid } from "./cloudstack-error.ts";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Without `listall` and `id`, the caller's own domain only. */
function listDomains(call: Call): Answer {
  const { store, caller } = call;
  const wanted = optionalEntity(call, "id", store.domains);
  if (wanted !== undefined) assertMaySee(call, wanted);
  const own = domainOf(store, caller.account);
  const all = optionalFlag(call, "listall") ?? false;
  const scope = (domain: Domain): boolean =>
    wanted === undefined ? (all ? maySee(call, domain) : domain === own) : domain === wanted;
  const level = optionalWhole(call, "level");
  return domains(
    call,
    (domain) => scope(domain) && (level === undefined || lineOf(store, domain).length - 1 === level),
  );
}

/** The domains right below another, or all of them below it. */
function listDomainChildren(call: Call): Answer {
  const { store, caller } = call;
  const parent = optionalEntity(call, "id", store.domains) ?? domainOf(store, caller.account);
  assertMaySee(call, parent);
  const all = optionalFlag(call, "isrecursive") || optionalFlag(call, "listall");
  return domains(call, (domain) =>
    all ? domain !== parent && isWithin(store, domain, parent) : domain.parentId === parent.id,
  );
}

function domains(call: Call, wanted: (domain: Domain) => boolean): Answer {
  const found = [...call.store.domains.values()].filter(
    (domain) => wanted(domain) && fits(optional(call, "name"), domain.name) && hasKeyword(call, domain.name),
  );
  return list(
    "domain",
    found.map((domain) => domainDocument(call, domain)),
  );
}

function createDomain(call: Call): Answer {
  const { store } = call;
  const name = required(call, "name");
  const parentId = optionalEntity(call, "parentdomainid", store.domains)?.id ?? rootDomainId;
  const id = optional(call, "domainid") ?? randomUUID();
  if (!uuid.test(id) || store.domains.has(id)) throw invalid(`The UUID ${id} is not valid, or taken`);
  const domain: Domain = {
    id,
    name,
    parentId,
    state: "Active",
    networkDomain: optional(call, "networkdomain") ?? null,
  };
  assertFreeName(call, domain, name);
  store.domains.set(id, domain);
  domainAdded(call, domain);
  return object("domain", domainDocument(call, domain));
}

/** A new name changes the paths of all domains below, and nothing on the side of the connector. */
function updateDomain(call: Call): Answer {
  const domain = requiredEntity(call, "id", call.store.domains);
  assertMaySee(call, domain);
  const name = optional(call, "name");
  if (name !== undefined) {
    assertFreeName(call, domain, name);
    domain.name = name;
  }
  domain.networkDomain = optional(call, "networkdomain") ?? domain.networkDomain;
  return object("domain", domainDocument(call, domain));
}

function assertFreeName({ store }: Call, domain: Domain, name: string): void {
  if (name.includes("/")) throw invalid(`Domain name ${name} cannot contain a slash`);
  const parent = store.domains.get(domain.parentId ?? "");
  const siblings = parent === undefined ? [] : childrenOf(store, parent);
  if (siblings.some((sibling) => sibling.name === name && sibling.id !== domain.id)) {
    throw invalid(`Domain with name ${name} already exists for the parent id=${parent?.id}`);
  }
}

export const domainCommands: Commands = {
  listDomains: {
    run: listDomains,
    changes: false,
    role: "domain-admin",
    params: "id name level keyword listall details page pagesize",
    fields:
      "id name level parentdomainid parentdomainname haschild networkdomain path state bucketlimit@4.21 objectstoragelimit@4.21",
  },
  listDomainChildren: {
    run: listDomainChildren,
    changes: false,
    role: "domain-admin",
    params: "id name isrecursive keyword listall page pagesize",
  },
  createDomain: { run: createDomain, changes: true, params: "name! domainid networkdomain parentdomainid" },
  updateDomain: { run: updateDomain, changes: true, role: "domain-admin", params: "id! name networkdomain" },
  deleteDomain: { run: deleteDomain, changes: true, async: true, role: "domain-admin", params: "id! cleanup" },
};
