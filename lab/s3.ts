import { randomBytes } from "node:crypto";
import type { LabClock } from "./clock.ts";
import { verifiedPayload } from "./s3-body.ts";
import { denied, type S3Call } from "./s3-call.ts";
import { corsHeaders, preflight } from "./s3-cors.ts";
import { S3Refused } from "./s3-error.ts";
import type { S3Options } from "./s3-options.ts";
import { operationFor } from "./s3-routes.ts";
import { authenticate } from "./s3-signature.ts";
import type { S3Directory, S3Identity, S3Store } from "./s3-store.ts";
import { errorDocument } from "./s3-xml.ts";
import type { CertificateName, LabReply, LabRequest, SimulatedSystem } from "./system.ts";

/** What an S3 service is made of. The options are read anew for each request. */
export interface S3Parts {
  readonly store: S3Store;
  readonly directory: S3Directory;
  readonly clock: LabClock;
  readonly options: () => S3Options;
  /** The certificate to show, where the lab speaks TLS. */
  readonly certificate: () => CertificateName;
}

/** The S3 side of a storage system. */
export class S3Service implements SimulatedSystem {
  readonly name: string;
  readonly #parts: S3Parts;

  constructor(name: "ecs-s3" | "cloudian-s3", parts: S3Parts) {
    this.name = name;
    this.#parts = parts;
  }

  handle(request: LabRequest): LabReply {
    const requestId = randomBytes(8).toString("hex").toUpperCase();
    let call: S3Call | undefined;
    let reply: LabReply;
    try {
      call = this.#unverified(request);
      if (request.method === "OPTIONS") reply = preflight(call);
      else {
        call = this.#verified(call);
        reply = answer(call);
      }
    } catch (error) {
      if (!(error instanceof S3Refused)) throw error;
      reply = refusal(error, request.path, requestId);
    }
    const cors = call && request.method !== "OPTIONS" ? corsHeaders(call) : {};
    return { ...reply, headers: { ...reply.headers, ...cors, "x-amz-request-id": requestId } };
  }

  errorReply(status: number): LabReply {
    const code = { 500: "InternalError", 503: "SlowDown" }[status] ?? "InternalError";
    return errorReply(status, { Code: code, Message: "The request failed." });
  }

  /** As where the clocks differ by more than a quarter of an hour. */
  expired(request: LabRequest): LabReply {
    const message = "The difference between the request time and the current time is too large.";
    return refusal(new S3Refused("RequestTimeTooSkewed", message), request.path, "");
  }

  certificate(): CertificateName {
    return this.#parts.certificate();
  }

  #unverified(request: LabRequest): S3Call {
    const { query, body } = request;
    const { store, directory, clock } = this.#parts;
    const options = this.#parts.options();
    const target = splitPath(request.path);
    if (query === undefined || target === undefined) throw new S3Refused("InvalidURI", "Couldn't parse the URI.");
    const namespace = options.anonymousNamespace ?? "";
    return { request, query, body, identity: undefined, namespace, ...target, store, directory, clock, options };
  }

  #verified(call: S3Call): S3Call {
    const { request, directory, options } = call;
    const verified = authenticate(request, { directory, options, now: this.#parts.clock.now() });
    const namespace = namespaceOf(call, verified?.identity);
    const { body } = verifiedPayload(request, verified);
    return { ...call, identity: verified?.identity, namespace, body };
  }
}

function answer(call: S3Call): LabReply {
  const operation = operationFor(call);
  if (operation !== undefined) return operation(call);
  const { method, path, rawQuery } = call.request;
  const names = rawQuery.split("&").map((pair) => pair.split("=")[0]);
  throw new S3Refused("NotImplemented", `The lab does not implement ${method} ${path} with [${names.join(", ")}].`);
}

/** Bucket and key, decoded segment by segment; undefined where the encoding is broken. */
function splitPath(path: string): { bucketName: string; key: string } | undefined {
  const [bucketName = "", ...segments] = path.replace(/^\//, "").split("/");
  try {
    return { bucketName: decodeURIComponent(bucketName), key: segments.map(decodeURIComponent).join("/") };
  } catch {
    return undefined;
  }
}

/** That of the header, of who signs, or the one for those who do not sign. */
function namespaceOf({ request, options }: S3Call, identity: S3Identity | undefined): string {
  const named = options.emc ? request.headers["x-emc-namespace"] : undefined;
  const namespace = named ?? identity?.namespace ?? options.anonymousNamespace;
  if (typeof namespace === "string") return namespace;
  throw denied("The namespace of an anonymous request must be given by x-emc-namespace.");
}

function refusal({ code, message, status, headers }: S3Refused, resource: string, requestId: string): LabReply {
  const reply = errorReply(status, { Code: code, Message: message, Resource: resource, RequestId: requestId });
  return { ...reply, headers };
}

function errorReply(status: number, elements: Record<string, string>): LabReply {
  return { status, body: errorDocument(elements), contentType: "application/xml" };
}
