const descriptions = {
  1002: "A parameter in the URI is not valid",
  1003: "The media type is missing or not supported",
  1004: "Something that the request names was not found",
  1005: "A required parameter is missing or empty",
  1007: "The method is not supported",
  1008: "A parameter is not valid",
  1010: "The target is marked for deletion",
  1011: "The replication group cannot be used",
  1012: "The change cannot be made",
  1013: "The request body is malformed",
  1014: "A value is out of range",
  1015: "Already exists",
  1019: "The resource was not found",
  1020: "Still referenced",
  1031: "A limit is exceeded",
  2000: "The id in the URL is not known",
  3000: "Access is forbidden",
  3001: "The licence does not include this",
  4000: "The credentials or the token are not valid",
  6000: "The service is unavailable, try again later",
  7000: "The service failed",
  40008: "A bucket of this name already exists",
  40009: "The bucket name is not valid",
  40010: "The bucket owner is not valid",
  60019: "The bucket is not empty",
} as const;

export type EcsErrorCode = keyof typeof descriptions;

/** The request is refused with this status and error document. */
export class EcsRefused extends Error {
  override readonly name = "EcsRefused";
  readonly status: number;
  readonly code: EcsErrorCode;

  /** @param details - where the real system names what the request was about */
  constructor(status: number, code: EcsErrorCode, details: string) {
    super(details);
    this.status = status;
    this.code = code;
  }

  /** The members of the error document, in JSON and XML alike. */
  document(): Record<string, unknown> {
    return errorDocument(this.code, this.message);
  }
}

export function errorDocument(code: EcsErrorCode, details: string): Record<string, unknown> {
  return { code, description: descriptions[code], details, retryable: false };
}

export function missingParameter(name: string): EcsRefused {
  return new EcsRefused(400, 1005, `Required parameter ${name} was missing or empty`);
}

export function invalidParameter(name: string, expected: string): EcsRefused {
  return new EcsRefused(400, 1008, `Parameter ${name} was provided but invalid: ${expected}`);
}

export function missingUser(name: string): EcsRefused {
  return new EcsRefused(404, 2000, `Unable to find user ${name}`);
}

export function missingNamespace(name: string): EcsRefused {
  return new EcsRefused(400, 1004, `Unable to find namespace ${name}`);
}
