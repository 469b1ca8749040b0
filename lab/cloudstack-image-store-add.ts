import { randomUUID } from "node:crypto";
import type { Call } from "./cloudstack-call.ts";
import { ApiError, failed, invalid } from "./cloudstack-error.ts";
import { failAfterInsert, failBeforeInsert, liveStores, storeNamed } from "./cloudstack-image-store.ts";
import { atLeast } from "./cloudstack-options.ts";
import type { CloudStackStore, ImageStore, Zone } from "./cloudstack-store.ts";
import { beginSystemDownloads, hasAgent } from "./cloudstack-template-sync.ts";

export interface StoreRequest {
  readonly provider: string;
  readonly name: string | undefined;
  readonly url: string | undefined;
  readonly zone: Zone | undefined;
  readonly details: Record<string, string> | undefined;
}

const imageProviders = ["S3", "NFS"];

/** Adds secondary storage, checking in the order of the server. Bucket and keys are never looked at. */
export function addStore(call: Call, request: StoreRequest): ImageStore {
  const { store, clock } = call;
  // An unknown provider is not refused: it becomes the default one.
  const provider = imageProviders.find((known) => known === request.provider) ?? "NFS";
  const name = request.name ?? request.url;
  if (name !== undefined && storeNamed(store, name) !== undefined) {
    throw invalid(`The image store with name ${name} already exists, try creating with another name`);
  }
  assertScope(provider, request.zone);
  assertSameProvider(store, provider);
  if (request.zone?.allocationState === "Disabled" && call.caller.account.type !== 1) {
    throw new ApiError(531, "Cannot perform this operation, Zone with specified id is currently disabled");
  }
  failBeforeInsert(store);
  const imageStore = newImageStore(provider, name, request, clock.now());
  store.imageStores.set(imageStore.id, imageStore);
  assertAgent(store, provider);
  beginSystemDownloads(store, imageStore, clock.now());
  failAfterInsert(store);
  return imageStore;
}

function assertScope(provider: string, zone: Zone | undefined): void {
  const scope = zone === undefined ? "REGION" : "ZONE";
  const supported = provider === "S3" ? "REGION" : "ZONE";
  if (scope !== supported) throw invalid(`The data store provider ${provider} does not support scope ${scope}`);
}

/** In the whole cloud, whatever the zone; staging stores do not count. */
function assertSameProvider(store: CloudStackStore, provider: string): void {
  const others = [...liveStores(store, "Image").values()];
  if (others.some((other) => other.provider.toLowerCase() !== provider.toLowerCase())) {
    throw invalid("You can only add new image stores from the same provider as existing image stores");
  }
}

/** Releases that fall over a missing secondary storage VM when the store is there already. */
function assertAgent(store: CloudStackStore, provider: string): void {
  const { options } = store;
  const affected = atLeast(options, [4, 18, 1]) && !atLeast(options, [4, 19, 1]);
  if (affected && provider === "S3" && !hasAgent(store)) throw failed("Failed to add data store: null");
}

function newImageStore(provider: string, name: string | undefined, request: StoreRequest, now: number): ImageStore {
  const id = randomUUID();
  const protocol = provider === "S3" ? s3Protocol(request.details) : nfsProtocol(request.url);
  return {
    id,
    name: name ?? id,
    url: request.url ?? null,
    protocol,
    provider,
    role: "Image",
    scope: request.zone === undefined ? "REGION" : "ZONE",
    zoneId: request.zone?.id ?? null,
    readOnly: false,
    details: request.details ?? {},
    capacityBytes: null,
    created: now,
    measured: false,
    removed: false,
  };
}

/** Of the flag alone, whatever the scheme of the endpoint; without any details the server falls over a null pointer. */
function s3Protocol(details: Record<string, string> | undefined): string {
  if (details === undefined) throw failed("Failed to add data store: null");
  return details["usehttps"]?.toLowerCase() === "true" ? "https" : "http";
}

function nfsProtocol(url: string | undefined): string {
  const problem = nfsUrlProblem(url);
  if (problem !== undefined) throw failed(`Failed to add data store: ${problem}`);
  return "nfs";
}

/** What is wrong with the URL of an NFS export; undefined if nothing is. */
export function nfsUrlProblem(url: string | undefined): string | undefined {
  if (url === undefined) return "null";
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) return `${url} is not a valid uri`;
  const [, scheme = "", host = "", path = ""] = /^([^:]*):(?:\/\/([^/]*))?(.*)$/s.exec(url) ?? [];
  if (scheme.toLowerCase() !== "nfs") return `Unsupported scheme ${scheme}`;
  return host === "" || path === ""
    ? "Your host and/or path is wrong. Make sure it is of the format nfs://hostname/path"
    : undefined;
}
