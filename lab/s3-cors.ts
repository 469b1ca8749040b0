import { allowed } from "./s3-access.ts";
import { denied, header, type S3Call } from "./s3-call.ts";
import { S3Refused } from "./s3-error.ts";
import type { CorsRule, S3Bucket } from "./s3-store.ts";
import { malformed, parseXml, type XmlReader, xmlReply } from "./s3-xml.ts";
import type { LabReply } from "./system.ts";

export const corsMethods = ["GET", "PUT", "POST", "DELETE", "HEAD"];

const mostRules = 100;

export const readCors = allowed("s3:GetBucketCORS", (_call, { cors }) => {
  if (cors === undefined) throw new S3Refused("NoSuchCORSConfiguration", "The CORS configuration does not exist.");
  return xmlReply("CORSConfiguration", {
    CORSRule: cors.map((rule) => ({
      ID: rule.id,
      AllowedOrigin: rule.allowedOrigins,
      AllowedMethod: rule.allowedMethods,
      AllowedHeader: rule.allowedHeaders,
      ExposeHeader: rule.exposeHeaders,
      MaxAgeSeconds: rule.maxAgeSeconds,
    })),
  });
});

export const putCors = allowed("s3:PutBucketCORS", ({ body }, bucket) => {
  const rules = parseXml(body, "CORSConfiguration").elements("CORSRule").map(parseRule);
  if (rules.length === 0 || rules.length > mostRules) throw malformed();
  bucket.cors = rules;
  return { status: 200 };
});

export const deleteCors = allowed("s3:PutBucketCORS", (_call, bucket) => {
  bucket.cors = undefined;
  return { status: 204 };
});

/**
 * Answers a browser that asks whether it may. It cannot send a namespace along: where none is known, the bucket is the
 * only one of its name.
 */
export function preflight(call: S3Call): LabReply {
  const origin = header(call, "origin");
  const method = header(call, "access-control-request-method");
  if (origin === undefined || method === undefined) {
    throw new S3Refused("InvalidRequest", "Insufficient information. Origin and its request method are needed.");
  }
  const named = call.store.buckets().filter(({ name }) => name === call.bucketName);
  const bucket = call.store.bucket(call.namespace, call.bucketName) ?? (named.length === 1 ? named[0] : undefined);
  const asked = (header(call, "access-control-request-headers") ?? "").split(",").map((name) => name.trim());
  const rule = bucket && fittingRule(bucket, origin, method, asked.filter(Boolean));
  if (rule === undefined) throw denied("CORSResponse: This CORS request is not allowed.");
  const headers = {
    ...originHeaders(rule, origin),
    "access-control-allow-methods": rule.allowedMethods.join(", "),
    ...(asked[0] ? { "access-control-allow-headers": asked.join(", ") } : {}),
    ...(rule.maxAgeSeconds === undefined ? {} : { "access-control-max-age": String(rule.maxAgeSeconds) }),
  };
  return { status: 200, headers };
}

/** What lets a page of another origin read the answer. */
export function corsHeaders(call: S3Call): Record<string, string> {
  const origin = header(call, "origin");
  const bucket = call.store.bucket(call.namespace, call.bucketName);
  const rule = origin !== undefined && bucket ? fittingRule(bucket, origin, call.request.method, []) : undefined;
  return rule === undefined || origin === undefined ? {} : originHeaders(rule, origin);
}

export function isHeaderName(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

export function isCorsPattern(text: string): boolean {
  return text !== "" && text.split("*").length <= 2;
}

function fittingRule(
  { cors }: S3Bucket,
  origin: string,
  method: string,
  headers: readonly string[],
): CorsRule | undefined {
  return cors?.find(
    (rule) =>
      rule.allowedMethods.includes(method) &&
      rule.allowedOrigins.some((pattern) => matches(pattern, origin)) &&
      headers.every((name) =>
        rule.allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name.toLowerCase())),
      ),
  );
}

function originHeaders(rule: CorsRule, origin: string): Record<string, string> {
  const exposed = rule.exposeHeaders.join(", ");
  const any = rule.allowedOrigins.includes("*");
  return {
    "access-control-allow-origin": any ? "*" : origin,
    ...(any ? {} : { "access-control-allow-credentials": "true" }),
    ...(exposed === "" ? {} : { "access-control-expose-headers": exposed }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

/** A pattern holds one asterisk at most. */
function matches(pattern: string, text: string): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) return text === start;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}

function parseRule(rule: XmlReader): CorsRule {
  const allowedOrigins = rule.texts("AllowedOrigin");
  const allowedMethods = rule.texts("AllowedMethod");
  const allowedHeaders = rule.texts("AllowedHeader");
  if (allowedOrigins.length === 0 || allowedMethods.length === 0) throw malformed();
  if (![...allowedOrigins, ...allowedHeaders].every(isCorsPattern)) {
    throw new S3Refused("InvalidRequest", "An origin or header may hold one * at most.");
  }
  const exposeHeaders = rule.texts("ExposeHeader");
  if (!exposeHeaders.every(isHeaderName))
    throw new S3Refused("InvalidRequest", "An ExposeHeader is no name of a header.");
  const unknown = allowedMethods.find((method) => !corsMethods.includes(method));
  if (unknown !== undefined) {
    throw new S3Refused("InvalidRequest", `Found unsupported HTTP method in CORS config: ${unknown}`);
  }
  const id = rule.optionalText("ID");
  const age = rule.optionalText("MaxAgeSeconds");
  if (age !== undefined && !/^\d{1,9}$/.test(age)) throw malformed();
  return {
    ...(id === undefined ? {} : { id }),
    allowedOrigins,
    allowedMethods,
    allowedHeaders,
    exposeHeaders,
    ...(age === undefined ? {} : { maxAgeSeconds: Number(age) }),
  };
}
