import { z } from "zod";

/** The rule that every S3 service and every way of addressing a bucket can live with. Source: Amazon S3 User Guide, bucket naming rules. */
export const dnsName = z
  .string()
  .min(3, "must have 3 to 63 characters")
  .max(63, "must have 3 to 63 characters")
  .regex(/^[a-z0-9.-]*$/, "must hold only lower case letters, digits, . and -")
  .regex(/^[a-z0-9]/, "must begin with a letter or digit")
  .regex(/[a-z0-9]$/, "must end with a letter or digit")
  .refine((name) => !name.includes(".."), "must not hold ..")
  .refine((name) => !/^\d+(\.\d+){3}$/.test(name), "must not look like an IPv4 address")
  .refine(
    (name) => !name.endsWith("--x-s3"),
    "must not end with --x-s3, which clients take for another kind of bucket",
  );

/** The host tells services apart, whatever path leads to theirs. Recorded values may be anything. */
export function bucketId(bucketName: string, endpoint: unknown): string {
  const [, , host = ""] = String(endpoint).split("/");
  return `${bucketName}@${host}`;
}
