import { createHash } from "node:crypto";
import { normalizeEndpoint, withoutDefaultPort } from "../core/names.ts";
import { same } from "../core/values.ts";
import type { ImageStore } from "./image-stores.ts";

/** What CloudStack takes when a store is made, and never changes. */
export interface StoreDetails {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly useHttps: boolean;
  readonly s3Signer?: "v4" | "v2";
  readonly connectionTimeoutMs?: number;
  readonly socketTimeoutMs?: number;
  readonly maxErrorRetry?: number;
  readonly connectionTtlMs?: number;
  readonly useTcpKeepAlive?: boolean;
}

/** Our names, and those of CloudStack's map of details (reference: CloudStack API, 3.2). */
const detailNames = {
  endpoint: "endpoint",
  bucket: "bucket",
  accessKeyId: "accesskey",
  secretAccessKey: "secretkey",
  useHttps: "usehttps",
  s3Signer: "s3signer",
  connectionTimeoutMs: "connectiontimeout",
  socketTimeoutMs: "sockettimeout",
  maxErrorRetry: "maxerrorretry",
  connectionTtlMs: "connectionttl",
  useTcpKeepAlive: "usetcpkeepalive",
} as const satisfies Record<keyof StoreDetails, string>;

type PlaceKey = "endpoint" | "bucket" | "useHttps";

export const detailKeys = Object.keys(detailNames) as (keyof StoreDetails)[];

/** Details that no release returns. */
export const unseenDetails = detailKeys.filter((key) => key !== "endpoint" && key !== "bucket" && key !== "useHttps");

/** Details that a program need not give. */
export const optionalDetails = unseenDetails.filter((key) => key !== "accessKeyId" && key !== "secretAccessKey");

/** CloudStack drops any other word without an error. */
const signers = { v4: "AWSS3V4SignerType", v2: "S3SignerType" } as const;

export function detailsToSend(declared: StoreDetails): Record<string, string> {
  const pairs = detailKeys.flatMap((key) => {
    const value = key === "s3Signer" && declared.s3Signer ? signers[declared.s3Signer] : declared[key];
    return value === undefined ? [] : [[detailNames[key], String(value)]];
  });
  return Object.fromEntries(pairs);
}

/** The details that change from one declaration to the next; one that is not known yet is none. */
export function changedDetails(before: Partial<StoreDetails>, after: Partial<StoreDetails>): (keyof StoreDetails)[] {
  return detailKeys.filter((key) => after[key] !== undefined && !same(before[key], after[key]));
}

/** Eight hex digits that stand for the details in a derived name; no secret is hashed into a name. */
export function detailsDigest(details: Partial<StoreDetails>, hidden: readonly string[], salt: string): string {
  const shown = detailKeys.filter((key) => key !== "secretAccessKey" && !hidden.includes(key));
  const text = JSON.stringify([salt, ...shown.map((key) => [key, details[key] ?? null])]);
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** The only thing in which endpoint and bucket can be read back on releases up to 4.22 (reference: CloudStack API, 3.2). */
export function urlOf({ endpoint, bucket }: Pick<StoreDetails, "endpoint" | "bucket">): string {
  return `${withoutDefaultPort(endpoint)}/${bucket}`;
}

/**
 * Endpoint and bucket as the live store shows them. A URL that is not of our form is somebody else's choice and tells
 * nothing, unless the recorded one was of our form: then somebody has changed it.
 */
export function placeOf(store: ImageStore, recorded: { readonly url?: string }): Partial<StoreDetails> {
  if (store.endpoint !== undefined && store.bucket !== undefined) {
    const scheme = store.endpoint.includes("://") ? "" : `${store.protocol ?? "https"}://`;
    return { endpoint: normalizeEndpoint(`${scheme}${store.endpoint}`) ?? store.endpoint, bucket: store.bucket };
  }
  const place = placeIn(store.url);
  if (place) return place;
  return placeIn(recorded.url) ? { endpoint: store.url ?? "", bucket: "" } : {};
}

/** What the recorded URL and protocol do not tell; releases after 4.22 show endpoint and bucket all the same. */
export function unseenIn({ url, protocol }: { readonly url?: string; readonly protocol?: string }): PlaceKey[] {
  return [
    ...(placeIn(url) ? [] : (["endpoint", "bucket"] as const)),
    ...(protocol === undefined ? (["useHttps"] as const) : []),
  ];
}

function placeIn(url: string | undefined): { endpoint: string; bucket: string } | undefined {
  const match = /^(https?:\/\/[^/?#]+)\/([^/?#]+)$/.exec(url ?? "");
  const endpoint = normalizeEndpoint(match?.[1] ?? "");
  return endpoint === undefined ? undefined : { endpoint, bucket: match?.[2] ?? "" };
}
