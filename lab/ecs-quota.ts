import { attributesOf, bucketOfBody, bucketOfQuery, quotaProblem } from "./ecs-bucket.ts";
import { answer, bodyOf, done, type Members, type Operation, optionalText, optionalWhole } from "./ecs-call.ts";
import { EcsRefused, missingParameter } from "./ecs-error.ts";

export const readQuota: Operation = (call) => {
  const bucket = bucketOfQuery(call);
  const { blockSize, notificationSize } = attributesOf(bucket);
  const { name, namespace } = bucket;
  return answer(call, "bucket_quota_details", { bucketname: name, namespace, blockSize, notificationSize });
};

/** Both sizes are needed; to have neither is the business of DELETE. */
export const setQuota: Operation = (call) => {
  const body = bodyOf(call, "bucket_quota_param");
  const bucket = bucketOfBody(call, optionalText(body, "namespace"));
  const blockSize = requiredSize(body, "blockSize");
  const notificationSize = requiredSize(body, "notificationSize");
  if (blockSize === -1 && notificationSize === -1) {
    throw new EcsRefused(400, 1008, "Of blockSize and notificationSize one must be set");
  }
  Object.assign(attributesOf(bucket), { blockSize, notificationSize });
  return done;
};

export const removeQuota: Operation = (call) => {
  Object.assign(attributesOf(bucketOfQuery(call)), { blockSize: -1, notificationSize: -1 });
  return done;
};

function requiredSize(body: Members, name: string): number {
  const size = optionalWhole(body, name);
  if (size === undefined) throw missingParameter(name);
  const problem = quotaProblem(size);
  if (problem !== undefined) throw new EcsRefused(400, 1014, `${name}: ${problem}`);
  return size;
}
