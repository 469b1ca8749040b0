import type { LabClock } from "./clock.ts";
import { authenticate } from "./cloudstack-access.ts";
import { commandNamed } from "./cloudstack-commands.ts";
import { type Arrival, dispatch, envelopeOf } from "./cloudstack-dispatch.ts";
import { ApiError, unauthorized } from "./cloudstack-error.ts";
import { settleJobs } from "./cloudstack-jobs.ts";
import { patchedStore } from "./cloudstack-patch.ts";
import { recorded } from "./cloudstack-record.ts";
import { type Form, failureReply, successReply } from "./cloudstack-reply.ts";
import { paramsOf } from "./cloudstack-request.ts";
import { handleSession } from "./cloudstack-session.ts";
import { newStore } from "./cloudstack-store.ts";
import { settleTemplates } from "./cloudstack-template-sync.ts";
import { cloudStackTree } from "./cloudstack-tree.ts";
import {
  type CertificateName,
  type LabReply,
  type LabRequest,
  notImplemented,
  type RecordedParams,
  type SimulatedSystem,
  type StatefulSystem,
} from "./system.ts";

/** The API of a CloudStack management server. */
export class CloudStack implements SimulatedSystem, StatefulSystem {
  readonly name = "cloudstack";
  readonly #clock: LabClock;
  readonly #cloudian: SimulatedSystem;
  /** Jobs hold on to it: what it holds may change, but not itself. */
  readonly #store = newStore();

  /** The HyperStore is the one that the connector talks to. */
  constructor(clock: LabClock, cloudian: SimulatedSystem) {
    this.#clock = clock;
    this.#cloudian = cloudian;
  }

  handle(request: LabRequest): LabReply {
    this.#settle();
    const parts = { store: this.#store, clock: this.#clock, request, params: paramsOf(request) };
    const ofSession = handleSession(parts);
    if (ofSession !== undefined) return ofSession;
    if (request.path !== "/client/api") return page(404, "Not Found");
    if (request.method !== "GET" && request.method !== "POST") return page(405, "Method Not Allowed");
    return this.#answer({ ...parts, cloudian: this.#cloudian });
  }

  errorReply(status: number): LabReply {
    return this.#failure(new ApiError(status, "The request failed"));
  }

  /** A signature that is past its time is refused as any wrong one. */
  expired(): LabReply {
    return this.#failure(unauthorized());
  }

  certificate(): CertificateName {
    return this.#store.options.certificate;
  }

  commandOf(request: LabRequest): string | undefined {
    return paramsOf(request).get("command");
  }

  recorded(request: LabRequest): RecordedParams {
    return recorded(this.#store, request);
  }

  tree({ secrets }: { secrets: boolean }): Record<string, unknown> {
    this.#settle();
    return cloudStackTree(this.#store, secrets);
  }

  patch(patch: Record<string, unknown>): void {
    Object.assign(this.#store, patchedStore(this.#store, patch, this.#clock));
    this.#settle();
  }

  reset(): void {
    Object.assign(this.#store, newStore());
  }

  #failure(error: ApiError): LabReply {
    const form: Form = { json: true, options: this.#store.options };
    return failureReply(form, "errorresponse", error);
  }

  #settle(): void {
    const now = this.#clock.now();
    // Before the jobs as well: a reboot that ends now has taken the system VM away until now.
    settleTemplates(this.#store, now);
    settleJobs(this.#store, now);
    settleTemplates(this.#store, now);
  }

  #answer(arrival: Arrival): LabReply {
    const { store, clock, params, request } = arrival;
    const command = params.get("command") ?? "";
    const found = commandNamed(command, store);
    const entry = found === "not here" ? undefined : found;
    const keys = envelopeOf(command, entry);
    const form: Form = { json: params.get("response") === "json", options: store.options };
    try {
      if (found !== "not here") return successReply(form, keys.success, dispatch(arrival, entry));
      // Without a right signature it is refused as any other.
      authenticate(store, clock, params);
      return notImplemented(`${this.name} (${command})`, request);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return failureReply(form, keys.error, error);
    }
  }
}

/** What the web server answers by itself. */
function page(status: number, text: string): LabReply {
  const body = `<html><head><title>Error ${status}</title></head><body><h2>HTTP ERROR ${status} ${text}</h2></body></html>\n`;
  return { status, body, contentType: "text/html;charset=iso-8859-1" };
}
