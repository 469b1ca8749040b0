import type { StoreDetails } from "../../cloudstack/store-details.ts";
import { messageOf, StorageError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import { S3Client } from "../../s3/client.ts";

/** What a look has found, in sentences. */
export interface Notes {
  /** Nothing may be sent. */
  readonly obstacles: string[];
  /** It may go on, if somebody has read this. */
  readonly cautions: string[];
}

export function notes(): Notes {
  return { obstacles: [], cautions: [] };
}

/** The region that CloudStack's SDK signs for where it is told none. */
const region = "us-east-1";

/** Whether the bucket can be used with these keys, which CloudStack itself never looks at. */
export async function bucketFindings(found: Notes, settings: Settings, details: StoreDetails): Promise<void> {
  const { endpoint, bucket, accessKeyId, secretAccessKey, s3Signer } = details;
  const { tls, transport } = settings.s3();
  if (tls.insecure || tls.caFile !== undefined || tls.caPem !== undefined)
    found.cautions.push(
      `The certificate of ${endpoint} is not one that everybody trusts (${tls.insecure ? "s3Insecure" : "s3CaFile or s3CaPem"} is set): the system VMs and management servers must trust it as well.`,
    );
  if (s3Signer === "v2")
    found.cautions.push(
      "CloudStack will sign with version 2 (--s3-signer); that the service takes it cannot be tried here.",
    );
  const connection = { endpoint, tls, transport };
  const s3 = new S3Client({ connection, settingPrefix: "s3", accessKeyId, secretAccessKey, region, pathStyle: true });
  try {
    const seen = await s3.headBucket(bucket);
    if (seen === "absent")
      found.obstacles.push(
        `Bucket ${bucket} does not exist at ${endpoint}, and CloudStack never makes it. Make it first, or correct --endpoint and --bucket.`,
      );
    if (seen === "foreign")
      found.obstacles.push(
        `Bucket ${bucket} exists at ${endpoint}, but access key id ${accessKeyId} has no access to it. Give the keys of its owner.`,
      );
    if (seen === "there") await cautionContents(found, s3, bucket);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    found.obstacles.push(`The bucket could not be looked at. ${messageOf(error)}`);
  }
}

async function cautionContents({ cautions }: Notes, s3: S3Client, bucket: string): Promise<void> {
  const { entries } = await s3.listVersions(bucket);
  if (entries.length === 0) return;
  cautions.push(
    `Bucket ${bucket} is not empty. If it belongs to another cloud or store, the two would overwrite each other.`,
  );
}
