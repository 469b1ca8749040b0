import { allowed, ownerOnly } from "./s3-access.ts";
import { assertWritable, denied, header, isoTime, type S3Call, type S3Operation } from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";
import type { S3Bucket, S3Identity } from "./s3-store.ts";
import { parseXml, xmlReply } from "./s3-xml.ts";
import type { LabReply } from "./system.ts";

export const listBuckets: S3Operation = (call) => {
  const { identity } = call;
  if (identity === undefined) throw denied();
  const buckets = call.store.bucketsOf(call.namespace, identity.owner).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return xmlReply("ListAllMyBucketsResult", {
    Owner: { ID: identity.owner, DisplayName: identity.displayName },
    Buckets: { Bucket: buckets.map(({ name, created }) => ({ Name: name, CreationDate: isoTime(created) })) },
  });
};

export const createBucket: S3Operation = (call) => {
  const { identity, store, namespace, bucketName: name, directory } = call;
  if (identity === undefined || identity.namespace !== namespace) throw denied();
  assertName(name);
  assertLocation(call);
  assertHeaders(call);
  const existing = store.bucket(namespace, name);
  if (existing !== undefined) return existingBucket(call, existing, identity);
  const objectLock = header(call, "x-amz-bucket-object-lock-enabled")?.toLowerCase() === "true";
  const attributes = directory.newAttributes?.(identity, call.request.headers) ?? {};
  store.create({ namespace, name, owner: identity.owner, created: call.clock.stamp(), objectLock, attributes });
  return created(name);
};

export const headBucket = allowed("s3:ListBucket", ({ options }) => ({
  status: 200,
  headers: { "x-amz-bucket-region": options.region ?? "us-east-1" },
}));

export const deleteBucket = allowed("s3:DeleteBucket", (call, bucket) => {
  assertWritable(call, bucket);
  const emptying = header(call, "x-emc-empty-bucket")?.toLowerCase() === "true";
  if (call.store.delete(bucket)) return { status: 204, destructive: true };
  if (call.options.emc && emptying && call.directory.emptyBucket !== undefined) {
    call.directory.emptyBucket(bucket);
    return { status: 202, destructive: true };
  }
  throw new S3Refused("BucketNotEmpty", "The bucket you tried to delete is not empty.");
});

export const readLocation = allowed("s3:GetBucketLocation", ({ options }) =>
  xmlReply("LocationConstraint", options.region ?? ""),
);

export const readVersioning = ownerOnly((_call, { versioning }) => {
  const statuses = { never: undefined, enabled: "Enabled", suspended: "Suspended" };
  return xmlReply("VersioningConfiguration", { Status: statuses[versioning] });
});

export const putVersioning = ownerOnly((call, bucket) => {
  const configuration = parseXml(call.body, "VersioningConfiguration");
  const status = configuration.optionalText("Status");
  if (configuration.optionalText("MfaDelete") === "Enabled") {
    throw new S3Refused("NotImplemented", "The lab does not implement MfaDelete.");
  }
  if (status !== "Enabled" && status !== "Suspended") {
    throw new S3Refused("MalformedXML", "Status must be Enabled or Suspended.");
  }
  if (bucket.objectLock && status === "Suspended") {
    throw new S3Refused("InvalidBucketState", "An object lock is on this bucket; versioning cannot be suspended.");
  }
  bucket.versioning = status === "Enabled" ? "enabled" : "suspended";
  return { status: 200 };
});

export const readObjectLock = allowed("s3:GetBucketObjectLockConfiguration", (_call, { objectLock }) => {
  if (objectLock) return xmlReply("ObjectLockConfiguration", { ObjectLockEnabled: "Enabled" });
  throw new S3Refused(
    "ObjectLockConfigurationNotFoundError",
    "Object Lock configuration does not exist for this bucket.",
  );
});

function created(name: string): LabReply {
  return { status: 200, headers: { location: `/${name}` } };
}

function existingBucket(call: S3Call, bucket: S3Bucket, identity: S3Identity): LabReply {
  if (bucket.owner !== identity.owner) {
    throw new S3Refused("BucketAlreadyExists", "The requested bucket name is not available.");
  }
  if (call.options.existingOwnBucketStatus === 200) return created(bucket.name);
  throw new S3Refused("BucketAlreadyOwnedByYou", "You already own the bucket.");
}

/** The DNS rule. */
function assertName(name: string): void {
  const fits = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\.|^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!fits) throw new S3Refused("InvalidBucketName", "The specified bucket is not valid.");
}

function assertLocation({ body, options }: S3Call): void {
  if (body.length === 0) return;
  const location = parseXml(body, "CreateBucketConfiguration").optionalText("LocationConstraint");
  if (location !== undefined && options.region !== undefined && location !== options.region) {
    throw new S3Refused("InvalidLocationConstraint", "The specified location constraint is not valid.");
  }
}

function assertHeaders(call: S3Call): void {
  const acl = header(call, "x-amz-acl");
  if (acl !== undefined && acl !== "private") {
    throw new S3Refused("NotImplemented", `The lab does not implement the ACL ${acl}.`);
  }
  const policyId = header(call, "x-gmt-policyid");
  if (policyId !== undefined && call.directory.storagePolicyExists?.(policyId) === false) {
    throw new S3Refused("InvalidArgument", "There is no such storage policy.");
  }
}
