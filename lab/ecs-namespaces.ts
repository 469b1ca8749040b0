import {
  answer,
  bodyOf,
  type Call,
  done,
  type Members,
  type Operation,
  optionalFlag,
  optionalText,
  optionalWhole,
  param,
  requiredText,
} from "./ecs-call.ts";
import { EcsRefused, invalidParameter, missingNamespace } from "./ecs-error.ts";
import { nameFilter, pageOf } from "./ecs-lists.ts";
import { type EcsNamespace, newNamespace } from "./ecs-store.ts";
import type { LabReply } from "./system.ts";

const path = "/object/namespaces/namespace";

export const listNamespaces: Operation = (call) => {
  const fits = nameFilter(call);
  const namespaces = [...call.store.namespaces.values()].filter(({ name }) => fits(name));
  const { rows, limit, next } = pageOf(call, namespaces, ({ name }) => name);
  return answer(call, "namespaces", {
    namespace: rows.map(({ name }) => ({ id: name, name, link: { rel: "self", href: `${path}/${name}` } })),
    MaxNamespaces: limit,
    Filter: `name=${call.query.get("name") ?? "*"}`,
    ...next,
  });
};

export const readNamespace: Operation = (call) => shown(call, found(call));

export const createNamespace: Operation = (call) => {
  const body = bodyOf(call, "namespace_create");
  const { namespaces } = call.store;
  const name = requiredText(body, "namespace");
  if (!isNamespaceName(name)) throw invalidParameter("namespace", "lower case, without dots and slashes");
  if (namespaces.has(name)) throw new EcsRefused(400, 1015, `Namespace ${name} already exists`);
  const namespace = { ...newNamespace(name), encryption: optionalFlag(body, "is_encryption_enabled") ?? false };
  Object.assign(namespace, updates(call, body, namespace));
  namespaces.set(name, namespace);
  return shown(call, namespace);
};

/** Members that are missing or null stay; the encryption of new buckets is fixed. */
export const updateNamespace: Operation = (call) => {
  const namespace = found(call);
  Object.assign(namespace, updates(call, bodyOf(call, "namespace_update"), namespace));
  return done;
};

export const deleteNamespace: Operation = (call) => {
  const { name } = found(call);
  const users = [...call.store.users.values()].filter(({ namespace }) => namespace === name);
  if (users.length > 0 || call.buckets.buckets(name).length > 0) {
    throw new EcsRefused(400, 1020, `Namespace ${name} still has users or buckets`);
  }
  call.store.namespaces.delete(name);
  return { ...done, destructive: true };
};

export const readEncryptionFeature: Operation = (call) => {
  const licensed = call.store.options.encryptionLicence;
  const members = { is_encryption_enabled: licensed, disable_reason: licensed ? "" : "D@RE is not licensed" };
  return answer(call, "feature", members);
};

export const listBaseUrls: Operation = (call) => {
  const id = "urn:ObjectBaseUrl:6a1c0f52-7d0b-4f0e-9a53-3be1d8f2c7a4";
  const entry = { id, name: "DefaultBaseUrl", link: { rel: "self", href: `/object/baseurl/${id}` } };
  return answer(call, "object_base_url_list", { base_url: [entry] });
};

/** Such names are ids, too: they never change. */
export function isNamespaceName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,254}$/.test(name);
}

function updates(call: Call, body: Members, current: EcsNamespace): Partial<EcsNamespace> {
  const vpool = optionalText(body, "default_data_services_vpool") ?? current.vpool;
  if (vpool !== "" && !call.store.replicationGroups.has(vpool)) {
    throw new EcsRefused(400, 1004, `Unable to find replication group ${vpool}`);
  }
  return {
    vpool,
    staleAllowed: optionalFlag(body, "is_stale_allowed") ?? current.staleAllowed,
    bucketBlockSize: optionalWhole(body, "default_bucket_block_size") ?? current.bucketBlockSize,
  };
}

function found(call: Call): EcsNamespace {
  const name = param(call, 0);
  const namespace = call.store.namespaces.get(name);
  if (namespace === undefined) throw missingNamespace(name);
  return namespace;
}

function shown(call: Call, { name, vpool, encryption, staleAllowed, bucketBlockSize }: EcsNamespace): LabReply {
  return answer(call, "namespace", {
    id: name,
    name,
    link: { rel: "self", href: `${path}/${name}` },
    inactive: false,
    global: null,
    remote: null,
    vdc: null,
    default_data_services_vpool: vpool,
    allowed_vpools_list: [],
    disallowed_vpools_list: [],
    namespace_admins: "",
    is_encryption_enabled: String(encryption),
    is_stale_allowed: staleAllowed,
    is_compliance_enabled: false,
    default_bucket_block_size: bucketBlockSize,
    blockSize: -1,
    notificationSize: -1,
    user_mapping: [],
  });
}
