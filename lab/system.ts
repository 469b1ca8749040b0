import type { IncomingHttpHeaders } from "node:http";

/** A request as a simulated system sees it. */
export interface LabRequest {
  readonly method: string;
  /** As it came, without the query. */
  readonly path: string;
  /** Decoded, `+` being a space; the first value of a repeated name. Undefined where the encoding is broken. */
  readonly query: ReadonlyMap<string, string> | undefined;
  /** As it came, without the `?`. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface LabReply {
  readonly status: number;
  /** To HEAD, only its length is sent. */
  readonly body?: string | Buffer;
  readonly contentType?: string;
  /** Further ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The request deleted what cannot be had back; shown in the record of requests. */
  readonly destructive?: true;
}

/** The parameters of a request as `GET /requests` shows them, without secrets. */
export interface RecordedParams {
  readonly query: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** What answers behind one listening socket. */
export interface SimulatedSystem {
  /** The name that `GET /requests` and `POST /faults` use. */
  readonly name: string;
  handle(request: LabRequest): LabReply;
  /** The page with which this kind of system reports a failure. */
  errorReply(status: number): LabReply;
  /** What it answers, instead of doing anything, to a request whose credentials have just run out. */
  expired(request: LabRequest): LabReply;
  /** The certificate to show, where the lab speaks TLS. */
  certificate?(): CertificateName;
  /** The command of a request, where one path serves them all. */
  commandOf?(request: LabRequest): string | undefined;
  /** The parameters to record, where these are not a query and a JSON body with secrets under the usual names. */
  recorded?(request: LabRequest): RecordedParams;
}

/** A system whose state the control API can show and change. */
export interface StatefulSystem {
  readonly name: string;
  tree(options: { secrets: boolean }): Record<string, unknown>;
  /** Applies a JSON merge patch (RFC 7396), wholly or not at all. */
  patch(patch: Record<string, unknown>): void;
  reset(): void;
}

/** `incomplete`: issued by an intermediate authority whose own certificate is not sent. */
export const certificateNames = [
  "ca",
  "self-signed",
  "wrong-host",
  "expired",
  "expiring",
  "not-yet-valid",
  "incomplete",
] as const;

export type CertificateName = (typeof certificateNames)[number];

/** The answer to an operation that exists in the real system, but not in the lab. */
export function notImplemented(system: string, request: LabRequest): LabReply {
  const body = `The lab does not implement ${request.method} ${request.path} of ${system}.\n`;
  return { status: 501, body, contentType: "text/plain; charset=utf-8" };
}
