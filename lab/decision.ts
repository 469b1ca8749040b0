import type { Fault } from "./faults.ts";
import type { Outcome } from "./recorder.ts";
import type { LabReply, LabRequest, SimulatedSystem } from "./system.ts";

/** What is done with a request, decided before anything is written. */
export interface Decision {
  readonly outcome: Outcome;
  readonly act: "send" | "send-half" | "send-half-and-reset" | "reset" | "keep-silent";
  readonly reply: LabReply;
}

const loginPage =
  "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Please sign in.</form></body></html>";

/** Carries the request out, unless the fault forbids it. */
export function decide(system: SimulatedSystem, request: LabRequest, fault: Fault | undefined): Decision {
  switch (fault?.kind) {
    case "hang":
      return { outcome: "hang", act: "keep-silent", reply: { status: 0 } };
    case "status":
      return sending(failure(system, fault.status ?? 503));
    case "html":
      return sending({ status: fault.status ?? 200, body: loginPage, contentType: "text/html" });
    case "redirect":
      return sending({ status: fault.status ?? 307, headers: { location: fault.location ?? "" } });
    case "expired":
      return sending(system.expired(request));
    case "status-after-commit":
      handled(system, request);
      return sending(failure(system, fault.status ?? 503));
    case "reset-after-commit":
      return { outcome: fault.kind, act: "reset", reply: handled(system, request) };
    case "reset-in-body":
      return { outcome: fault.kind, act: "send-half-and-reset", reply: handled(system, request) };
    case "truncate":
      return { outcome: fault.kind, act: "send-half", reply: handled(system, request) };
    case "wrong-length":
      return { outcome: fault.kind, act: "send", reply: wronglyMeasured(handled(system, request)) };
    default:
      return sending(handled(system, request));
  }
}

function sending(reply: LabReply): Decision {
  return { outcome: reply.status, act: "send", reply };
}

function failure(system: SimulatedSystem, status: number): LabReply {
  return status >= 400 ? system.errorReply(status) : { status };
}

/** What follows a length that is too small is no answer to anything. Of an answer without a body one byte is promised. */
function wronglyMeasured(reply: LabReply): LabReply {
  const length = Buffer.byteLength(reply.body ?? "");
  const said = length === 0 ? 1 : Math.floor(length / 2);
  return { ...reply, headers: { ...reply.headers, "content-length": String(said) } };
}

/** A mistake of a simulator is this request's failure, not the end of the lab. */
function handled(system: SimulatedSystem, request: LabRequest): LabReply {
  try {
    return system.handle(request);
  } catch (error) {
    console.error(`The lab failed at ${request.method} ${request.path} of ${system.name}:`, error);
    return { status: 500, body: "The lab failed at this request.\n", contentType: "text/plain; charset=utf-8" };
  }
}
