import aws4 from "aws4";
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
import { authenticateV2 } from "./s3-signature-v2.ts";
import type { LabRequest } from "./system.ts";

/** What a request claims about who signed it, and how. */
interface Claim {
  readonly accessKeyId: string;
  readonly scopeDate: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As `20260131T120000Z`. */
  readonly timestamp: string;
  /** Pre-signed: so many seconds it is good for. */
  readonly expires?: number;
}

const algorithm = "AWS4-HMAC-SHA256";
const longestExpiry = 7 * 24 * 3600;

/** Whose request this is; undefined if it is not signed at all. */
export function authenticate(request: LabRequest, verifier: Verifier): Verified | undefined {
  const claim = headerClaim(request) ?? queryClaim(request);
  if (claim === undefined) return authenticateV2(request, verifier);
  const identity = requiredIdentity(request, claim.accessKeyId, verifier);
  assertRegion(claim, verifier.options.region);
  assertTime(claim, verifier.now);
  assertHeadersSigned(request, claim);
  const { signature, timestamp } = claim;
  const secret = requiredSecret(identity, (candidate) => expectedSignature(request, claim, candidate) === signature);
  const scope = `${claim.scopeDate}/${claim.region}/s3/aws4_request`;
  return { identity, seed: { secret, signature, scope, timestamp } };
}

function headerClaim(request: LabRequest): Claim | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined || authorization.startsWith("AWS ")) return undefined;
  const parts = /^AWS4-HMAC-SHA256\s+(.+)$/.exec(authorization)?.[1];
  const fields = new Map(parts?.split(",").map((part) => splitOnce(part.trim(), "=")));
  const credential = fields.get("Credential");
  const signedHeaders = fields.get("SignedHeaders");
  const signature = fields.get("Signature");
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw new S3Refused("AuthorizationHeaderMalformed", "The Authorization header is not one of AWS4-HMAC-SHA256.");
  }
  if (request.headers["x-amz-content-sha256"] === undefined) {
    throw new S3Refused("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  const timestamp = headerValue(request, "x-amz-date") ?? "";
  return { ...scopeOf(credential, "AuthorizationHeaderMalformed"), ...signed(signedHeaders, signature), timestamp };
}

function queryClaim({ query }: LabRequest): Claim | undefined {
  const parameters = new Map([...(query ?? [])].map(([name, value]) => [name.toLowerCase(), value]));
  const code = "AuthorizationQueryParametersError";
  const signature = parameters.get("x-amz-signature");
  if (signature === undefined) return undefined;
  if (parameters.get("x-amz-algorithm") !== algorithm)
    throw new S3Refused(code, `X-Amz-Algorithm must be ${algorithm}.`);
  const expires = parameters.get("x-amz-expires") ?? "";
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > longestExpiry) {
    throw new S3Refused(code, `X-Amz-Expires must be a number up to ${longestExpiry}.`);
  }
  const timestamp = parameters.get("x-amz-date") ?? "";
  return {
    ...scopeOf(parameters.get("x-amz-credential") ?? "", code),
    ...signed(parameters.get("x-amz-signedheaders") ?? "", signature),
    timestamp,
    expires: Number(expires),
  };
}

type Malformed = "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError";

/** An access key may hold slashes: the last four parts are the scope. */
function scopeOf(credential: string, code: Malformed): Pick<Claim, "accessKeyId" | "scopeDate" | "region"> {
  const parts = credential.split("/");
  const [scopeDate = "", region = "", service, terminator] = parts.splice(-4);
  const accessKeyId = parts.join("/");
  if (accessKeyId === "" || service !== "s3" || terminator !== "aws4_request") {
    throw new S3Refused(code, "The credential must be ACCESS-KEY/DATE/REGION/s3/aws4_request.");
  }
  return { accessKeyId, scopeDate, region };
}

function signed(list: string, signature: string): Pick<Claim, "signedHeaders" | "signature"> {
  return { signedHeaders: list.toLowerCase().split(";"), signature };
}

function assertRegion(claim: Claim, region: string | undefined): void {
  if (region === undefined || claim.region === region) return;
  const code = claim.expires === undefined ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError";
  throw new S3Refused(code, `The region "${claim.region}" is wrong; expecting "${region}".`);
}

function assertTime(claim: Claim, now: number): void {
  const [, ...fields] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.timestamp) ?? [];
  const [year, month, day, hours, minutes, seconds] = fields;
  const time = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  if (claim.expires === undefined) assertFresh(time, now);
  else assertWithin(time, time + claim.expires * 1000, now);
}

/** A header with a meaning for the service that the signature does not cover could have been added by anybody. */
function assertHeadersSigned({ headers }: LabRequest, claim: Claim): void {
  const needed = Object.keys(headers).filter((name) => name === "host" || /^x-(amz|emc)-/.test(name));
  const unsigned = needed.filter((name) => !claim.signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw new S3Refused("AccessDenied", `There were headers present in the request which were not signed: ${unsigned}.`);
}

function expectedSignature(request: LabRequest, claim: Claim, secret: string): string {
  const headers = Object.fromEntries(claim.signedHeaders.map((name) => [name, headerValue(request, name) ?? ""]));
  const presigned = claim.expires !== undefined;
  const query = presigned ? withoutSignature(request.rawQuery) : request.rawQuery;
  const signable = {
    method: request.method,
    path: query === "" ? canonicalPath(request.path) : `${canonicalPath(request.path)}?${query}`,
    service: "s3",
    region: claim.region,
    headers,
    signQuery: presigned,
    extraHeadersToInclude: Object.fromEntries(claim.signedHeaders.map((name) => [name, true as const])),
  };
  const signer = new aws4.RequestSigner(signable, { accessKeyId: claim.accessKeyId, secretAccessKey: secret });
  // It takes the time from the request; without this call it would be the machine's.
  signer.prepareRequest();
  return signer.signature();
}

function withoutSignature(rawQuery: string): string {
  return rawQuery
    .split("&")
    .filter((pair) => !/^x-amz-signature=/i.test(pair))
    .join("&");
}

/** aws4 drops segments that are one dot, and takes a plus sign for a space; in S3's keys both stand for themselves. */
function canonicalPath(path: string): string {
  const segments = path.split("/").map((segment) => (segment === "." ? "%2E" : segment.replaceAll("+", "%2B")));
  return segments.join("/");
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
