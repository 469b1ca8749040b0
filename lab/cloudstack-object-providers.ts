import { atLeast, type CloudStackOptions, nextRelease, type Release } from "./cloudstack-options.ts";

interface ObjectProvider {
  readonly since: Release;
  /** The details that it needs to look at its storage. */
  readonly details: readonly string[];
}

const keyPair = ["accesskey", "secretkey"];

/** By the names that are sent, letter by letter. */
const providers = new Map<string, ObjectProvider>([
  ["MinIO", { since: [4, 19], details: keyPair }],
  ["Ceph", { since: [4, 20], details: keyPair }],
  ["Cloudian HyperStore", { since: [4, 21], details: [...keyPair, "validateSSL", "s3Url", "iamUrl"] }],
  ["ECS", { since: nextRelease, details: ["mgmt_url", "sa_user", "sa_password"] }],
]);

/** The providers of object storage that the simulated release has. */
export function objectProviders(options: CloudStackOptions): string[] {
  return [...providers].flatMap(([name, { since }]) => (atLeast(options, since) ? [name] : []));
}

export function detailsNeededBy(provider: string): readonly string[] {
  return providers.get(provider)?.details ?? [];
}
