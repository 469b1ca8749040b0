import { createHash } from "node:crypto";

/** Leaves room for `-` and eight hex digits within the 63 characters that DNS names and S3 buckets allow. */
const longestStem = 54;

/**
 * The name of an object that the program does not name: the sanitized logical name, `-`, and eight hex digits of the
 * SHA-256 of the resource's URN, so that two stacks never derive the same one.
 */
export function derivedName(logicalName: string, urn: string): string {
  const stem = logicalName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, longestStem)
    .replace(/^-|-$/g, "");
  const hash = createHash("sha256").update(urn).digest("hex").slice(0, 8);
  return stem === "" ? hash : `${stem}-${hash}`;
}

/** Splits an id such as `groupId/userId` at the first `/`. */
export function splitId(id: string): [string, string] {
  const at = id.indexOf("/");
  return at < 0 ? [id, ""] : [id.slice(0, at), id.slice(at + 1)];
}

/**
 * The one spelling of an endpoint: scheme, lower-case host, explicit port and path without a trailing slash.
 * Undefined where the text is no http or https URL.
 */
export function normalizeEndpoint(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return `${url.protocol}//${url.hostname}:${port}${url.pathname.replace(/\/+$/, "")}`;
}

/** An endpoint as people write it. */
export function withoutDefaultPort(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/** Whether a URL stays on this machine, where a secret in a query cannot be overheard. */
export function isLoopback(endpoint: string): boolean {
  const host = new URL(endpoint).hostname;
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
