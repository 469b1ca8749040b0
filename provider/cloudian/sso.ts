import { createHmac } from "node:crypto";
import { normalizeEndpoint } from "../core/names.ts";

/** Whom a single-sign-on URL logs in, and where. */
export interface CloudianSsoUrlArgs {
  /** The CMC as browsers reach it, `https://host:8443`, with or without `/Cloudian`. Removing it: an error, it is required. */
  cmcEndpoint: string;
  /** User to log in: for CloudStack's accounts the account's UUID, or the CMC's administrator. Removing it: an error, it is required. */
  userId: string;
  /** Group of that user: the domain's UUID, or `"0"` for the CMC's administrator. Removing it: an error, it is required. */
  groupId: string;
  /** The shared key that the CMC has. Secret; it signs the URL and is not in it. Removing it: an error, it is required. */
  ssoKey: string;
  /**
   * Page behind the log-in. `"/"`: CMC 7 and later choose it themselves. CMC 6 wants `"admin.htm"` for group `"0"`
   * and `"explorer.htm"` for all others. Default: `"/"`. Removing it: the default.
   */
  redirect?: "/" | "admin.htm" | "explorer.htm";
  /** When the URL was made, in milliseconds since 1970; the CMC refuses an old one. Default: now. Removing it: the default. */
  timestampMs?: number;
}

/** Which console a browser leaves, and where it goes next. */
export interface CloudianLogoutUrlArgs {
  /** The CMC as browsers reach it, `https://host:8443`, with or without `/Cloudian`. Removing it: an error, it is required. */
  cmcEndpoint: string;
  /** Where the CMC sends the browser afterwards, an http or https URL: CloudStack's log-in page. Removing it: an error, it is required. */
  redirect: string;
}

/**
 * What may stand in a query as it is. The CMC checks the signature of the unencoded ids, so that one which a browser or
 * a server writes differently, or which brings a parameter of its own, would not be the one that was signed.
 */
const signable = /^[A-Za-z0-9._~@:/!$*(),-]+$/;

const pages: readonly unknown[] = ["/", "admin.htm", "explorer.htm"];

/**
 * The URL that opens the Cloudian Management Console for a user without a password. Whoever has it is that user, so make
 * it when it is used, for the person who is logged in, and keep it nowhere: not in an output, a log or a file.
 * Source: CloudStack's Cloudian connector.
 */
export function cloudianSsoUrl(args: CloudianSsoUrlArgs): string {
  const { cmcEndpoint, userId, groupId, ssoKey, redirect = "/", timestampMs = Date.now() } = args;
  const base = baseOf("cloudianSsoUrl", cmcEndpoint);
  requireSignable("userId", userId);
  requireSignable("groupId", groupId);
  if (typeof ssoKey !== "string" || ssoKey === "") throw wrong("cloudianSsoUrl", "ssoKey must be a text, not empty");
  if (!pages.includes(redirect)) throw wrong("cloudianSsoUrl", 'redirect must be "/", "admin.htm" or "explorer.htm"');
  if (!Number.isSafeInteger(timestampMs) || timestampMs < 0)
    throw wrong("cloudianSsoUrl", "timestampMs must be a whole number of milliseconds since 1970");
  const signed = `user=${userId}&group=${groupId}&timestamp=${timestampMs}`;
  const signature = createHmac("sha1", ssoKey).update(signed).digest("base64");
  return `${base}ssosecurelogin.htm?${signed}&signature=${encodeURIComponent(signature)}&redirect=${redirect}`;
}

/**
 * The URL that ends a browser's session in the Cloudian Management Console. Log out of CloudStack first, and lead the
 * browser here only if that has succeeded. Nothing in it is secret.
 */
export function cloudianLogoutUrl({ cmcEndpoint, redirect }: CloudianLogoutUrlArgs): string {
  const base = baseOf("cloudianLogoutUrl", cmcEndpoint);
  const target = typeof redirect === "string" && redirect.isWellFormed() ? URL.parse(redirect) : null;
  if (target?.protocol !== "https:" && target?.protocol !== "http:")
    throw wrong("cloudianLogoutUrl", "redirect must be an http or https URL");
  return `${base}logout.htm?redirect=${encodeURIComponent(redirect)}`;
}

/** `https://host:port/Cloudian/`; the port is always written, the default one too. */
function baseOf(caller: string, cmcEndpoint: string): string {
  const normalized = typeof cmcEndpoint === "string" ? normalizeEndpoint(cmcEndpoint) : undefined;
  const origin = normalized?.replace(/(?<=:\d+)\/Cloudian$/, "");
  if (origin === undefined || new URL(origin).pathname !== "/")
    throw wrong(
      caller,
      "cmcEndpoint must be an http or https URL such as https://cmc.example.com:8443, with or without /Cloudian",
    );
  return `${origin}/Cloudian/`;
}

function requireSignable(argument: "userId" | "groupId", id: string): void {
  if (typeof id !== "string" || id === "") throw wrong("cloudianSsoUrl", `${argument} must be a text, not empty`);
  if (!signable.test(id))
    throw wrong(
      "cloudianSsoUrl",
      `${argument} may hold letters, digits and . _ ~ @ : / ! $ * ( ) , - only: the CMC checks a signature of the unencoded ids`,
    );
}

/** No value is shown: an argument in the wrong place may be the key. */
function wrong(caller: string, reason: string): Error {
  return new Error(`${caller}: ${reason}.`);
}
