import { createHmac } from "node:crypto";
import { S3Refused } from "./s3-error.ts";
import {
  assertFresh,
  assertWithin,
  headerValue,
  requiredIdentity,
  requiredSecret,
  type Verified,
  type Verifier,
} from "./s3-identity.ts";
import type { LabRequest } from "./system.ts";

interface Claim {
  readonly accessKeyId: string;
  readonly signature: string;
  /** The line for the time in what is signed. */
  readonly date: string;
}

/** The parameters that the signature covers; all others may be changed on the way. */
const signedParameters = new Set(
  "acl cors delete empty-bucket-status lifecycle location logging notification object-lock partNumber policy requestPayment response-cache-control response-content-disposition response-content-encoding response-content-language response-content-type response-expires tagging torrent uploadId uploads versionId versioning versions website".split(
    " ",
  ),
);

/** Whose request this is, by signature version 2; undefined if it has none. */
export function authenticateV2(request: LabRequest, verifier: Verifier): Verified | undefined {
  const claim = headerClaim(request) ?? queryClaim(request);
  if (claim === undefined) return undefined;
  if (!verifier.options.signatureV2) {
    throw new S3Refused("InvalidRequest", "The authorization mechanism you have provided is not supported.");
  }
  const identity = requiredIdentity(request, claim.accessKeyId, verifier);
  if (request.headers.authorization === undefined) assertWithin(0, Number(claim.date) * 1000, verifier.now);
  else assertFresh(signingTime(request), verifier.now);
  const text = textToSign(request, claim.date, verifier.options.emc);
  requiredSecret(identity, (secret) => createHmac("sha1", secret).update(text).digest("base64") === claim.signature);
  return { identity };
}

function headerClaim(request: LabRequest): Claim | undefined {
  const credential = /^AWS (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (credential === undefined) return undefined;
  const colon = credential.lastIndexOf(":");
  const date = headerValue(request, "x-amz-date") === undefined ? (request.headers.date ?? "") : "";
  return { accessKeyId: credential.slice(0, Math.max(colon, 0)), signature: credential.slice(colon + 1), date };
}

function queryClaim({ query }: LabRequest): Claim | undefined {
  const accessKeyId = query?.get("AWSAccessKeyId");
  const signature = query?.get("Signature");
  if (accessKeyId === undefined || signature === undefined) return undefined;
  return { accessKeyId, signature, date: query?.get("Expires") ?? "" };
}

/** The header may hold the time in the form of version 4, too. */
function signingTime(request: LabRequest): number {
  const text = headerValue(request, "x-amz-date") ?? request.headers.date ?? "";
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function textToSign(request: LabRequest, date: string, emc: boolean): string {
  const covered = Object.keys(request.headers).filter((name) => (emc ? /^x-(amz|emc)-/ : /^x-amz-/).test(name));
  const headers = covered.sort().map((name) => `${name}:${headerValue(request, name)?.trim()}\n`);
  const md5 = headerValue(request, "content-md5") ?? "";
  const type = headerValue(request, "content-type") ?? "";
  return [request.method, md5, type, date, `${headers.join("")}${request.path}${signedQuery(request.rawQuery)}`].join(
    "\n",
  );
}

/** Values count as they were before they were encoded. */
function signedQuery(rawQuery: string): string {
  const pairs = rawQuery.split("&").filter((pair) => signedParameters.has(pair.split("=")[0] ?? ""));
  return pairs.length === 0 ? "" : `?${pairs.sort().map(decodeURIComponent).join("&")}`;
}
