import { StorageError, UnexpectedAnswer } from "../core/errors.ts";
import { brokenAdvice, laterAdvice, quoted } from "../core/http.ts";
import { type Answer, header } from "../core/transport.ts";
import type { S3Access } from "./sdk.ts";

/** What a service says of a request that it refuses. */
export interface Fault {
  readonly status: number;
  /** Undefined where the answer is no error document of S3: one of a proxy, say, or one without a body. */
  readonly code: string | undefined;
  readonly message: string;
}

/** The service refused the key, or does not know it yet. `serviceCode` is its own word for it. */
export class KeyRefused extends StorageError {
  override readonly name = "KeyRefused";
  readonly serviceCode: string | undefined;

  constructor(message: string, serviceCode: string | undefined) {
    super(message);
    this.serviceCode = serviceCode;
  }

  /** A key that exists is denied something, but never unknown. */
  get mayBeNew(): boolean {
    return this.serviceCode !== "AccessDenied";
  }
}

/** The service refused a request in words of S3. */
export class S3Refusal extends UnexpectedAnswer {
  override readonly name = "S3Refusal";
  readonly serviceCode: string | undefined;

  constructor(message: string, { status, code }: Fault) {
    super(message, status);
    this.serviceCode = code;
  }
}

const keyCodes = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"]);

/** Status, code and message, as the service said them. */
export function saidBy({ status, code, message }: Fault): string {
  return `${status}${code === undefined ? "" : ` ${code}`}${quoted(message)}`;
}

/** The error of a refused request: what was tried, where, what came back and what to do. */
export function refusalOf(what: string, fault: Fault, access: S3Access): StorageError {
  const { endpoint } = access.connection;
  const advice = adviceFor(fault, access);
  const text = `Could not ${what}: ${endpoint} answered ${saidBy(fault)}.${advice === undefined ? "" : ` ${advice}`}`;
  const isKey = fault.status === 403 && (fault.code === undefined || keyCodes.has(fault.code));
  return isKey ? new KeyRefused(text, fault.code) : new S3Refusal(text, fault);
}

function adviceFor({ code, status, message }: Fault, { accessKeyId, region }: S3Access): string | undefined {
  switch (code) {
    case "InvalidAccessKeyId":
      return `It does not know access key id ${accessKeyId}; a new key may take a while until every node knows it.`;
    case "SignatureDoesNotMatch":
      return `The secret access key is not that of access key id ${accessKeyId}, or a proxy changes requests on their way.`;
    case "AccessDenied":
      return `Access key id ${accessKeyId} may not do this; it takes a key of the bucket's owner.`;
    case "RequestTimeTooSkewed":
      return "The clocks of this machine and of the service are too far apart; set them right, best by NTP.";
    case "PermanentRedirect":
    case "TemporaryRedirect":
    case "AuthorizationHeaderMalformed":
    case "InvalidLocationConstraint":
    case "IllegalLocationConstraintException":
      return `Requests are signed for region ${region}; give the region and the endpoint that hold the bucket.`;
    case "NoSuchBucket":
      return "Somebody has deleted the bucket. Run pulumi up --refresh to make it anew.";
    case "NotImplemented":
      return "This service does not offer it; remove it from the program.";
    default:
      if (status >= 300 && status < 400)
        return "It redirects, and nothing is ever sent on with a key. Give the final address as the endpoint.";
      if (status >= 500 || status === 429) return laterAdvice;
      if (status === 403)
        return `It may have refused access key id ${accessKeyId}; check what this key may do, and whether something on the way refuses requests.`;
      if (code !== undefined) return undefined;
      return message === "" ? laterAdvice : brokenAdvice;
  }
}

/**
 * Whether the body is a whole document with this root. A service that does not know a sub-resource may answer with the
 * plain bucket, and an empty or cut answer would read as "nothing is set".
 */
export function isDocument(body: string, root: string): boolean {
  const text = body.trim();
  const start = /^(?:<\?[^>]*\?>\s*)?<((?:[\w.-]+:)?([\w.-]+))(?=[\s/>])[^>]*>/.exec(text);
  if (!start || start[2] !== root) return false;
  return start[0].endsWith("/>") ? start[0].length === text.length : text.endsWith(`</${start[1]}>`);
}

export function isHtml(answer: Answer): boolean {
  return /^text\/html\b/i.test(header(answer.headers["content-type"]) ?? "");
}
