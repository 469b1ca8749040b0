/** How an S3 service differs from others. Where the truth is unknown, the more awkward value is in the presets. */
export interface S3Options {
  /** Whether `x-emc-*` headers mean anything, and buckets lie in namespaces. */
  readonly emc: boolean;
  /** The namespace of an unsigned request that does not name one; undefined: it is refused. */
  readonly anonymousNamespace: string | undefined;
  /** Off: `POST ?delete` answers 501. */
  readonly multiDelete: boolean;
  /** Whether a policy reads back with empty `Id` and `Sid`, and principals as scalars. */
  readonly rewritePolicies: boolean;
  /** Signatures for another region are refused; undefined: any is taken. */
  readonly region: string | undefined;
  /** Whether the old signature is taken, too. */
  readonly signatureV2: boolean;
  /** What the creation of a bucket answers that the caller owns already. */
  readonly existingOwnBucketStatus: 200 | 409;
  /** Rows of a list, whatever its limit. */
  readonly maxPage: number;
}

export const ecsS3Options: S3Options = {
  emc: true,
  anonymousNamespace: undefined,
  multiDelete: true,
  rewritePolicies: true,
  region: undefined,
  signatureV2: true,
  existingOwnBucketStatus: 409,
  maxPage: 1000,
};

export const cloudianS3Options: S3Options = {
  emc: false,
  anonymousNamespace: "",
  multiDelete: true,
  rewritePolicies: false,
  region: undefined,
  signatureV2: false,
  existingOwnBucketStatus: 409,
  maxPage: 1000,
};
