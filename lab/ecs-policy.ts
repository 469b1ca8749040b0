import { attributesOf, bucketOfQuery } from "./ecs-bucket.ts";
import { done, type Operation } from "./ecs-call.ts";
import { EcsDirectory } from "./ecs-directory.ts";
import { EcsRefused } from "./ecs-error.ts";
import { S3Refused } from "./s3-error.ts";
import { assertPolicy, rewrittenPolicy } from "./s3-policy.ts";

/** The document as the array has rewritten it; without one, success with an empty body. */
export const readPolicy: Operation = (call) => {
  const { policy } = bucketOfQuery(call);
  if (policy === undefined) return done;
  return { status: 200, body: rewrittenPolicy(policy), contentType: "application/json" };
};

/** The body is the bare document, whatever the client speaks else. */
export const setPolicy: Operation = (call) => {
  const bucket = bucketOfQuery(call);
  const text = call.request.body.toString("utf8");
  if (attributesOf(bucket).fileSystem) {
    throw new EcsRefused(400, 1012, `Bucket ${bucket.name} is a file system: it cannot have a policy`);
  }
  try {
    assertPolicy(text, bucket, new EcsDirectory(call));
  } catch (error) {
    if (error instanceof S3Refused && error.code === "MalformedPolicy") throw new EcsRefused(400, 1008, error.message);
    throw error;
  }
  bucket.policy = text;
  return done;
};

export const removePolicy: Operation = (call) => {
  bucketOfQuery(call).policy = undefined;
  return done;
};
