/** An answer that is no success: HTTP status, CloudStack's own code and the text. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** Undefined where the servlet answers by itself, as for 401. */
  readonly csErrorCode: number | undefined;

  constructor(status: number, text: string, csErrorCode: number | undefined = codes.get(status) ?? 9999) {
    super(text);
    this.status = status;
    this.csErrorCode = status === 401 ? undefined : csErrorCode;
  }
}

const codes = new Map([
  [430, 9999],
  [431, 4350],
  [530, 4250],
  [531, 4365],
]);

/** A parameter that the server does not accept. */
export function invalid(text: string): ApiError {
  return new ApiError(431, text);
}

/** Any other failure inside a command. */
export function failed(text: string): ApiError {
  return new ApiError(530, text);
}

/** The text that every refused log-in has in common: wrong key, wrong signature, expiry, unknown command. */
export function unauthorized(): ApiError {
  return new ApiError(401, "unable to verify user credentials and/or request signature");
}
