import { S3Refused } from "./s3-error.ts";
import type { S3Options } from "./s3-options.ts";
import type { S3Directory, S3Identity } from "./s3-store.ts";
import type { LabRequest } from "./system.ts";

/** What is needed to verify a signature. */
export interface Verifier {
  readonly directory: S3Directory;
  readonly options: S3Options;
  readonly now: number;
}

/** Who signed a request. */
export interface Verified {
  readonly identity: S3Identity;
  /** Where the signatures of chunks start from, in version 4. */
  readonly seed?: {
    readonly secret: string;
    readonly signature: string;
    readonly scope: string;
    readonly timestamp: string;
  };
}

const mostSkew = 15 * 60 * 1000;

/** The identity of an access key that is good now. */
export function requiredIdentity(request: LabRequest, accessKeyId: string, verifier: Verifier): S3Identity {
  const namespace = verifier.options.emc ? headerValue(request, "x-emc-namespace") : undefined;
  const identity = verifier.directory.identity(accessKeyId, namespace);
  if (identity !== undefined && identity.secrets.length > 0) return identity;
  throw new S3Refused("InvalidAccessKeyId", "The access key id you provided does not exist in our records.");
}

/** The secret that makes the signature. */
export function requiredSecret(identity: S3Identity, fits: (secret: string) => boolean): string {
  const secret = identity.secrets.find(fits);
  if (secret !== undefined) return secret;
  throw new S3Refused("SignatureDoesNotMatch", "The signature we calculated does not match the one you provided.");
}

/** Refuses a request that was not signed just now. */
export function assertFresh(time: number, now: number): void {
  if (Number.isNaN(time)) throw new S3Refused("AccessDenied", "The request needs a valid Date or x-amz-date header.");
  if (Math.abs(now - time) <= mostSkew) return;
  throw new S3Refused("RequestTimeTooSkewed", "The difference between the request time and the server's is too large.");
}

/** Refuses a pre-signed request outside its time. */
export function assertWithin(from: number, until: number, now: number): void {
  if (!(now <= until)) throw new S3Refused("AccessDenied", "Request has expired.");
  if (!(now >= from - mostSkew)) throw new S3Refused("AccessDenied", "Request is not yet valid.");
}

export function headerValue({ headers }: LabRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}
