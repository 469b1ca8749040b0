import { type BucketOperation, denied, isOwner, notFound, type S3Call, type S3Operation } from "./s3-call.ts";
import { policyAllows } from "./s3-policy.ts";
import type { S3Bucket } from "./s3-store.ts";

/** Whether the caller owns the bucket, or its policy lets the caller do this to the bucket or to the key. */
export function may(call: S3Call, bucket: S3Bucket, action: string, key = call.key): boolean {
  return isOwner(call, bucket) || policyAllows(bucket, action, key, call.identity, call.directory);
}

/** The bucket of the call, which must be there. */
export function requiredBucket(call: S3Call): S3Bucket {
  const bucket = call.store.bucket(call.namespace, call.bucketName);
  if (bucket === undefined) throw notFound("NoSuchBucket");
  return bucket;
}

/** An operation for the owner, and for those whom the policy allows it. */
export function allowed(action: string, operation: BucketOperation): S3Operation {
  return (call) => {
    const bucket = requiredBucket(call);
    if (!may(call, bucket, action)) throw denied();
    return operation(call, bucket);
  };
}

/** An operation for the owner, whatever the policy says. */
export function ownerOnly(operation: BucketOperation): S3Operation {
  return (call) => {
    const bucket = requiredBucket(call);
    if (!isOwner(call, bucket)) throw denied();
    return operation(call, bucket);
  };
}
