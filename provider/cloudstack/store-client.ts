import { Refused } from "../core/errors.ts";
import { S3Client } from "../s3/client.ts";
import { whileKeyIsNew } from "../s3/new-keys.ts";
import { CloudAccess } from "./cloud-access.ts";
import type { StoreDetails } from "./store-details.ts";

/** The region that CloudStack's SDK signs for where it is told none. */
const region = "us-east-1";

/** The cloud, and the S3 service that one store names. */
export class StoreClient extends CloudAccess {
  /** CloudStack never looks, and would show a typing mistake weeks later, in a system VM. */
  async requireBucket({ endpoint, accessKeyId, secretAccessKey, bucket }: StoreDetails): Promise<void> {
    const connection = { ...this.settings.s3(), endpoint };
    const s3 = new S3Client({ connection, settingPrefix: "s3", accessKeyId, secretAccessKey, region, pathStyle: true });
    const seen = await whileKeyIsNew(accessKeyId, ["InvalidAccessKeyId"], () => s3.headBucket(bucket));
    if (seen === "there") return;
    const what =
      seen === "absent"
        ? "does not exist, and CloudStack never makes it. Make it first (an S3Bucket of this user), or correct endpoint and bucket"
        : `exists, but access key id ${accessKeyId} has no access to it. Give the keys of its owner, or correct the bucket`;
    throw new Refused(
      `S3 secondary storage is not added: bucket ${bucket} at ${endpoint} ${what}. (verifyBucket: false leaves this check out.)`,
    );
  }
}
