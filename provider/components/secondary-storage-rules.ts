import type * as pulumi from "@pulumi/pulumi";
import { normalizeEndpoint } from "../core/names.ts";
import { isPlain, type Rule } from "./arguments.ts";

/** One label of a DNS name, as long as S3 allows. */
export function bucketRule(name: unknown): string | undefined {
  if (typeof name === "string" && /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) return undefined;
  return (
    "must be 3 to 63 of lower case letters, digits and -, with a letter or digit at both ends: system VMs address the " +
    "bucket as bucket.host, and a wildcard certificate covers no further dot"
  );
}

export function endpointRule(endpoint: string): string | undefined {
  const normalized = normalizeEndpoint(`${endpoint}`);
  if (normalized !== undefined && new URL(normalized).pathname === "/") return undefined;
  return "must be an http or https URL without a path, such as https://s3.example.com";
}

/** The scheme decides what is spoken, and CloudStack shows the flag: where the two differ nobody knows what is meant. */
export function storeEndpointRule(useHttps: pulumi.Input<boolean> | undefined): Rule<string> {
  return (endpoint) => {
    const reason = endpointRule(endpoint);
    if (reason !== undefined || (useHttps !== undefined && !isPlain(useHttps))) return reason;
    const isHttps = normalizeEndpoint(endpoint)?.startsWith("https:");
    if (isHttps && useHttps === false)
      return "says https, but store.useHttps is false; give an http URL, or remove useHttps";
    if (!isHttps && useHttps !== false)
      return "is plain http, over which everybody on the way reads data and keys; if that is meant, give store: { useHttps: false } as well";
    return undefined;
  };
}
