declare module "aws4" {
  export interface SignableRequest {
    readonly method: string;
    readonly path: string;
    readonly service: string;
    readonly region: string;
    readonly headers: Record<string, string>;
    readonly signQuery: boolean;
    readonly extraHeadersToInclude: Record<string, true>;
  }

  export interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  }

  export class RequestSigner {
    constructor(request: SignableRequest, credentials: Credentials);
    prepareRequest(): void;
    signature(): string;
  }
}
