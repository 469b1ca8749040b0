import { connectionTo } from "../core/connections.ts";
import { Refused } from "../core/errors.ts";
import type { Connected } from "../core/handler.ts";
import { normalizeEndpoint } from "../core/names.ts";
import type { Settings } from "../core/settings.ts";
import { S3Client } from "./client.ts";

/** What a resource says of its service, as far as it is known. */
interface Place {
  readonly endpoint?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly region?: string;
  readonly pathStyle?: boolean;
}

/** The service that one resource names. Its keys may be unknown at preview, so that they are asked for at the first request. */
export class BucketClient implements Connected {
  readonly endpoint: string;
  readonly aliases = [];
  readonly settingPrefix = "s3";
  readonly #settings: Settings;
  readonly #place: Place;

  constructor(settings: Settings, place: Place) {
    this.endpoint = normalizeEndpoint(place.endpoint ?? "") ?? "";
    this.#settings = settings;
    this.#place = place;
  }

  get s3(): S3Client {
    const { accessKeyId, secretAccessKey, region = "us-east-1", pathStyle = true } = this.#place;
    if (this.endpoint === "" || !accessKeyId || !secretAccessKey)
      throw new Refused(
        "An S3 bucket is reached through the endpoint, accessKeyId and secretAccessKey of its resource, and they are not known " +
          "here. An id holds no keys, so that S3Bucket has no get and cannot be imported; declare the bucket with adopt: true instead.",
      );
    const access = {
      ...this.#settings.s3(),
      endpoint: this.endpoint,
      accessKeyId,
      secretAccessKey,
      region,
      pathStyle,
    };
    return connectionTo(access, this.settingPrefix, ({ tls, transport, endpoint, ...rest }) => {
      return new S3Client({ connection: { endpoint, tls, transport }, settingPrefix: this.settingPrefix, ...rest });
    });
  }
}

/** Bucket name, endpoint, client: the buckets that this process has found and may have taken over. */
const found = new Map<string, Map<string, BucketClient>>();

/** A bucket that was there when it was to be made. */
export function noteFound(client: BucketClient, bucketName: string): void {
  const byEndpoint = found.get(bucketName) ?? new Map<string, BucketClient>();
  found.set(bucketName, byEndpoint.set(client.endpoint, client));
}

/**
 * The other endpoint at which this process has taken the very same bucket over. A service has several addresses, and a
 * changed one replaces: the successor takes the bucket over, and deleting the old one would delete it. A bucket that
 * was made anew is another one, and so is one with another date; where no date tells, nothing is deleted.
 */
export async function otherAddressOf(client: BucketClient, bucketName: string): Promise<string | undefined> {
  for (const [endpoint, other] of found.get(bucketName) ?? []) {
    if (endpoint === client.endpoint) continue;
    const [here, there] = [await client.s3.creationDate(bucketName), await other.s3.creationDate(bucketName)];
    if (!here || !there)
      throw new Refused(
        `S3 bucket ${bucketName} at ${client.endpoint} is not deleted: this run has taken a bucket of the same name over at ` +
          `${endpoint}, and nothing tells whether the two are one. Nothing was deleted. If they are two, delete this one by hand ` +
          `and run pulumi refresh; if they are one, remove this one from the state (pulumi state delete).`,
      );
    if (here.createdMs === there.createdMs) return endpoint;
  }
  return undefined;
}
