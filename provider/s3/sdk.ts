import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import type { ConnectionSettings } from "../core/settings.ts";
import { SdkTransport, type SendOptions, type SignedRequest } from "./sdk-transport.ts";

/** One S3 service as one principal. */
export interface S3Access {
  readonly connection: ConnectionSettings;
  /** `s3` or `ecsS3`: how the names of its settings begin. */
  readonly settingPrefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly pathStyle: boolean;
  /** Sent and signed with every request, such as `x-emc-namespace`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Sdk = typeof import("@aws-sdk/client-s3");

let loading: Promise<Sdk> | undefined;

/** The AWS SDK at its first use: a process that talks to no S3 service does not pay for it. */
export function loadSdk(): Promise<Sdk> {
  // Its remarks on releases of Node.js are for those who install it, not for those who run pulumi.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  loading ??= import("@aws-sdk/client-s3");
  return loading;
}

/**
 * A client of the SDK that sends through our own transport and makes one attempt. What is not given here, the SDK would
 * look for in AWS_* variables and ~/.aws, which are about other systems.
 */
export function openSdk(sdk: Sdk, access: S3Access): S3Client {
  const transport = new SdkTransport(access.connection, access.settingPrefix);
  const client = new sdk.S3Client({
    endpoint: access.connection.endpoint,
    region: access.region,
    forcePathStyle: access.pathStyle,
    credentials: { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey },
    requestHandler: {
      handle: (request: SignedRequest, options: SendOptions) => transport.send(request, options),
    },
    maxAttempts: 1,
    retryMode: "standard",
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    defaultsMode: "standard",
    authSchemePreference: ["aws.auth#sigv4"],
    sigv4aSigningRegionSet: [access.region],
    // Our transport sends a whole request at once, and refuses one that says otherwise.
    expectContinueHeader: false,
    disableS3ExpressSessionAuth: true,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    // Else it signs with the clock of a service that called ours wrong: then the first request fails and the next works.
    disableClockSkewCorrection: true,
    userAgentAppId: () => Promise.resolve(undefined),
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as SdkRequest;
      withContentMd5(request);
      Object.assign(request.headers, access.headers);
      return next(args);
    },
    { step: "build", priority: "low", name: "cloudstackStorageHeaders" },
  );
  return client;
}

/** A request of the SDK, as far as middleware changes it. */
export interface SdkRequest {
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** Services that are older than the SDK's checksums want the one that S3 has always had. */
function withContentMd5({ headers, body }: SdkRequest): void {
  for (const name of Object.keys(headers)) if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name];
  if (typeof body === "string" || body instanceof Uint8Array)
    headers["content-md5"] = createHash("md5").update(body).digest("base64");
}
