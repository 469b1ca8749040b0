import { assertOwner, attributesOf, bucketOfBody, bucketOfQuery } from "./ecs-bucket.ts";
import { versioningNames } from "./ecs-bucket-info.ts";
import {
  answer,
  bodyOf,
  type Call,
  done,
  listOf,
  type Operation,
  optionalFlag,
  optionalText,
  optionalWhole,
  param,
  requiredText,
} from "./ecs-call.ts";
import { EcsRefused, invalidParameter, missingParameter } from "./ecs-error.ts";
import type { LabReply } from "./system.ts";

export const setOwner: Operation = (call) => {
  const body = bodyOf(call, "object_bucket_update_owner");
  const bucket = bucketOfBody(call, requiredText(body, "namespace"));
  const owner = assertOwner(call.store, bucket.namespace, requiredText(body, "new_owner"));
  const attributes = attributesOf(bucket);
  const dropped = optionalFlag(body, "reset_previous_owners") === true ? [owner, bucket.owner] : [owner];
  const kept = attributes.acl.user.filter(({ grantee }) => !dropped.includes(grantee));
  attributes.acl = { ...attributes.acl, user: [...kept, { grantee: owner, permissions: ["full_control"] }] };
  bucket.owner = owner;
  return done;
};

export const setStaleAllowed: Operation = (call) => {
  const body = bodyOf(call, "object_bucket_update_is_stale_allowed");
  const attributes = attributesOf(bucketOfBody(call, optionalText(body, "namespace")));
  const allowed = optionalFlag(body, "is_stale_allowed");
  if (allowed === undefined) throw missingParameter("is_stale_allowed");
  attributes.staleAllowed = allowed;
  attributes.tsoReadOnly = optionalFlag(body, "is_tso_read_only") ?? attributes.tsoReadOnly;
  return done;
};

export const setBucketLock: Operation = (call) => {
  const body = bodyOf(call, "set_bucket_lock");
  const bucket = bucketOfBody(call, optionalText(body, "namespace") ?? call.query.get("namespace"));
  const value = param(call, 1);
  if (value !== "true" && value !== "false") throw new EcsRefused(400, 1002, "The lock must be true or false");
  attributesOf(bucket).locked = value === "true";
  return done;
};

export const readBucketLock: Operation = (call) => {
  const bucket = bucketOfQuery(call);
  return answer(call, "bucket_lock_info", { bucket_name: bucket.name, isLocked: attributesOf(bucket).locked });
};

export const setRetention: Operation = (call) => {
  const body = bodyOf(call, "default_bucket_retention_update");
  const attributes = attributesOf(bucketOfBody(call, optionalText(body, "namespace")));
  const period = optionalWhole(body, "period");
  if (period === undefined) throw missingParameter("period");
  if (period < -2) throw new EcsRefused(400, 1014, "The period must not be negative");
  attributes.retention = Math.max(0, period);
  return done;
};

export const readRetention: Operation = (call) =>
  answer(call, "default_bucket_retention", { period: attributesOf(bucketOfQuery(call)).retention });

/** Only the newest release has it; the others differ in how they say no. */
export const readVersioning: Operation = (call) => {
  if (call.store.options.release !== "4.x") return noVersioningCall(call);
  const status = versioningNames[bucketOfQuery(call).versioning];
  return answer(call, "VersioningConfiguration", status === "" ? {} : { Status: status });
};

export const setVersioning: Operation = (call) => {
  if (call.store.options.release !== "4.x") return noVersioningCall(call);
  const bucket = bucketOfQuery(call);
  const status = requiredText(bodyOf(call, "VersioningConfiguration"), "Status");
  if (status !== "Enabled" && status !== "Suspended") throw invalidParameter("Status", "Enabled or Suspended");
  if (status === "Suspended" && bucket.objectLock) {
    throw new EcsRefused(409, 1012, `Bucket ${bucket.name} has object lock: its versioning cannot be suspended`);
  }
  bucket.versioning = status === "Enabled" ? "enabled" : "suspended";
  return done;
};

export const readObjectLock: Operation = (call) => {
  const { objectLock, name } = bucketOfQuery(call);
  if (!objectLock) throw new EcsRefused(404, 1019, `Bucket ${name} has no object lock configuration`);
  return answer(call, "ObjectLockConfiguration", { ObjectLockEnabled: "Enabled" });
};

export const readMetadata: Operation = (call) => {
  const headType = (call.query.get("headType") ?? "S3").toUpperCase();
  const metadata = attributesOf(bucketOfQuery(call)).metadata[headType];
  if (metadata === undefined) throw new EcsRefused(400, 1004, `Unable to find metadata of head type ${headType}`);
  return answer(call, "bucket_metadata", { head_type: headType, metadata });
};

export const setMetadata: Operation = (call) => {
  const body = bodyOf(call, "bucket_metadata");
  const attributes = attributesOf(bucketOfBody(call, optionalText(body, "namespace")));
  const metadata = listOf(body, "metadata", "metadata") ?? [];
  attributes.metadata[requiredText(body, "head_type").toUpperCase()] = metadata.map((pair) => ({
    name: requiredText(pair, "name"),
    value: optionalText(pair, "value") ?? "",
  }));
  return done;
};

export const removeMetadata: Operation = (call) => {
  delete attributesOf(bucketOfQuery(call)).metadata[(call.query.get("headType") ?? "S3").toUpperCase()];
  return done;
};

function noVersioningCall({ store }: Call): LabReply {
  if (store.options.release === "3.6")
    return { status: 404, body: "<html><body>Not Found</body></html>", contentType: "text/html" };
  throw new EcsRefused(405, 1007, "The method is not supported by this release");
}
