import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { corsSchema } from "../s3/cors.ts";
import { policySchema } from "../s3/policy-schema.ts";
import { tagsSchema } from "../s3/tags.ts";
import type { EcsBucketArgs } from "./bucket.ts";
import { namespaceName } from "./namespace.ts";
import { userName } from "./user-name.ts";

const gibRule = 'must be a whole number of GiB from 1, or "none"';
const gib = z
  .union([z.number(), z.literal("none")], { error: gibRule })
  .refine((value) => value === "none" || (Number.isSafeInteger(value) && value >= 1), gibRule);
const secondsRule = "must be a whole number of seconds from 0";

/** Reference: ECS management API, 5.2. */
const anyName = z
  .string()
  .min(1, "must not be empty")
  .max(255, "must have at most 255 characters")
  .regex(/^[a-zA-Z0-9._-]*$/, "may hold letters, digits, ., - and _ only")
  .refine(
    (name) => !/^\.|\.$|\.\.|^\d+\.\d+\.\d+\.\d+$/.test(name),
    'must not begin or end with ".", hold ".." or be an IPv4 address',
  );

const mostTags = 10;

export const bucketArgs = schemaOf<EcsBucketArgs, "bucketName" | "namespace">()(
  z.strictObject({
    bucketName: anyName,
    namespace: namespaceName,
    owner: userName,
    replicationGroup: z.string().min(1, "must not be empty").exactOptional(),
    encryption: z.boolean().exactOptional(),
    versioning: z.boolean().exactOptional(),
    quotaGiB: gib.exactOptional(),
    notifyAtGiB: gib.exactOptional(),
    policy: policySchema.exactOptional(),
    tags: tagsSchema
      .refine((tags) => Object.keys(tags).length <= mostTags, `must have at most ${mostTags} entries`)
      .exactOptional(),
    retentionSeconds: z.number().int(secondsRule).min(0, secondsRule).exactOptional(),
    accessDuringOutage: z.boolean().exactOptional(),
    cors: corsSchema.exactOptional(),
    allowNonDnsName: z.boolean().default(false),
    forceDestroy: z.boolean().default(false),
    adopt: z.boolean().default(false),
  }),
);

export type BucketArgs = z.output<typeof bucketArgs>;
