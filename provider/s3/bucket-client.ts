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
  readonly accessKeyId: string | undefined;
  readonly #settings: Settings;
  readonly #place: Place;

  constructor(settings: Settings, place: Place) {
    // Recorded values may be anything.
    this.endpoint = normalizeEndpoint(String(place.endpoint ?? "")) ?? "";
    this.accessKeyId = place.accessKeyId;
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
