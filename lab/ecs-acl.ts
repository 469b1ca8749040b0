import { type Acl, attributesOf, bucketOfBody, bucketOfQuery, type Grant } from "./ecs-bucket.ts";
import { answer, bodyOf, done, type Members, type Operation, optionalText, requiredText } from "./ecs-call.ts";
import { invalidParameter } from "./ecs-error.ts";
import { isObject } from "./errors.ts";

const permissions = [
  "read",
  "write",
  "execute",
  "read_acl",
  "write_acl",
  "full_control",
  "privileged_write",
  "delete",
  "none",
];
const groups = ["public", "all_users", "other", "log_delivery"];

/** The order of permissions is not the one in which they were given. */
export const readAcl: Operation = (call) => {
  const bucket = bucketOfQuery(call);
  const { acl, defaultGroup } = attributesOf(bucket);
  const { name, namespace, owner } = bucket;
  const entries = (kind: keyof Acl) =>
    acl[kind].map((grant) => ({ [kind]: grant.grantee, permission: grant.permissions.toReversed() }));
  return answer(call, "bucket_acl", {
    bucket: name,
    namespace,
    acl: {
      owner,
      default_group: defaultGroup,
      user_acl: entries("user"),
      group_acl: entries("group"),
      customgroup_acl: entries("customgroup"),
    },
  });
};

/** Replaces the whole list. */
export const setAcl: Operation = (call) => {
  const body = bodyOf(call, "bucket_acl");
  const attributes = attributesOf(bucketOfBody(call, optionalText(body, "namespace")));
  const acl = isObject(body["acl"]) ? body["acl"] : {};
  const given: Acl = {
    user: grants(acl, "user"),
    group: grants(acl, "group"),
    customgroup: grants(acl, "customgroup"),
  };
  const unknown = given.group.find(({ grantee }) => !groups.includes(grantee));
  if (unknown !== undefined) throw invalidParameter("group", `one of ${groups.join(", ")}`);
  Object.assign(attributes, { acl: given, defaultGroup: optionalText(acl, "default_group") ?? "" });
  return done;
};

export const listPermissions: Operation = (call) =>
  answer(call, "bucket_acl_permissions", { permission: permissions.map(described) });

export const listGroups: Operation = (call) => answer(call, "bucket_acl_groups", { group: groups.map(described) });

function described(id: string): Members {
  return { id, display_name: id.replaceAll("_", " "), description: "" };
}

function grants(acl: Members, kind: keyof Acl): Grant[] {
  return itemsOf(acl[`${kind}_acl`]).map((entry) => {
    if (!isObject(entry)) throw invalidParameter(`${kind}_acl`, "its entries must be objects");
    const given = itemsOf(entry["permission"]).map(String);
    if (given.some((one) => !permissions.includes(one))) {
      throw invalidParameter("permission", `of ${permissions.join(", ")}`);
    }
    return { grantee: requiredText(entry, kind), permissions: given };
  });
}

function itemsOf(value: unknown): unknown[] {
  if (value === undefined || value === null || value === "") return [];
  return Array.isArray(value) ? value : [value];
}
