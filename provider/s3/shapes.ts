import type * as pulumi from "@pulumi/pulumi";

/** Off, or a limit. */
export type GibLimit = number | "none";

/** Labels of a bucket or user: key and value, both text. */
export type Tags = Record<string, pulumi.Input<string>>;

/** One text, or several. */
export type PolicyTexts = pulumi.Input<string> | pulumi.Input<pulumi.Input<string>[]>;

/** Whom a statement concerns: `"*"` is everybody, anonymous clients included; `{ AWS: … }` names users or ARNs. */
export type PolicyPrincipal = pulumi.Input<"*"> | pulumi.Input<{ AWS: PolicyTexts }>;

/** Operator, condition key, value or values. */
export type PolicyCondition = Record<string, pulumi.Input<Record<string, PolicyTexts>>>;

/** One statement of a bucket policy, with the member names of S3. A text and a list of just that text are the same; the order of a list does not count. Source: Amazon S3 API, bucket policies; ECS 3.6.2 Data Access Guide. */
export interface PolicyStatement {
  /** Name of the statement; `""` and absent are the same. Replaces: no. Removing it: no name. */
  Sid?: pulumi.Input<string>;
  /** `"Allow"` or `"Deny"`. Replaces: no. Removing it: an error, it is required. */
  Effect: pulumi.Input<"Allow" | "Deny">;
  /** Whom it concerns. Replaces: no. Removing it: an error, unless `NotPrincipal` is given. */
  Principal?: PolicyPrincipal;
  /** Everybody but these. Replaces: no. Removing it: an error, unless `Principal` is given. */
  NotPrincipal?: PolicyPrincipal;
  /** Operations, such as `s3:GetObject`. Replaces: no. Removing it: an error, unless `NotAction` is given. */
  Action?: PolicyTexts;
  /** All operations but these. Replaces: no. Removing it: an error, unless `Action` is given. */
  NotAction?: PolicyTexts;
  /** Buckets and objects, as ARN (`arn:aws:s3:::bucket/*`) or without its prefix (`bucket/*`); both are the same. Replaces: no. Removing it: an error, unless `NotResource` is given. */
  Resource?: PolicyTexts;
  /** All resources but these. Replaces: no. Removing it: an error, unless `Resource` is given. */
  NotResource?: PolicyTexts;
  /** Conditions that must hold. Replaces: no. Removing it: none. */
  Condition?: pulumi.Input<PolicyCondition>;
}

/** A bucket policy as a document, not as JSON text. Source: Amazon S3 API, bucket policies. */
export interface PolicyDocument {
  /** Version of the policy language. Default: `"2012-10-17"`. Replaces: no. Removing it: the default. */
  Version?: pulumi.Input<"2012-10-17" | "2008-10-17">;
  /** Name of the policy; `""` and absent are the same. Replaces: no. Removing it: no name. */
  Id?: pulumi.Input<string>;
  /** At least one statement. Replaces: no. Removing it: an error, it is required. */
  Statement: pulumi.Input<pulumi.Input<PolicyStatement>[]>;
}

/** `"private"`: no policy; `"public"`: anybody may read objects whose names they know, nobody may list; or a document. */
export type BucketPolicy = "private" | "public" | PolicyDocument;

/** What web pages of other origins may do with a bucket; the order of the lists does not count, that of the rules does. Source: Amazon S3 API, PutBucketCors. */
export interface CorsRule {
  /** Methods. Replaces: no. Removing it: an error, it is required. */
  allowedMethods: pulumi.Input<pulumi.Input<"GET" | "PUT" | "POST" | "DELETE" | "HEAD">[]>;
  /** Origins such as `https://cloud.example.com`, with at most one `*` each. Replaces: no. Removing it: an error, it is required. */
  allowedOrigins: pulumi.Input<pulumi.Input<string>[]>;
  /** Request headers, with at most one `*` each. Replaces: no. Removing it: none. */
  allowedHeaders?: pulumi.Input<pulumi.Input<string>[]>;
  /** Response headers that a page may see. Replaces: no. Removing it: none. */
  exposeHeaders?: pulumi.Input<pulumi.Input<string>[]>;
  /** Seconds for which a browser may remember the answer. Replaces: no. Removing it: the browser decides. */
  maxAgeSeconds?: pulumi.Input<number>;
}
