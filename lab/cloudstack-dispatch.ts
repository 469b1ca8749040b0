import type { LabClock } from "./clock.ts";
import { authenticate, isEnforced, mayCall, roleDenied } from "./cloudstack-access.ts";
import { namesOf } from "./cloudstack-apis.ts";
import { type Call, type CommandEntry, missing, optional } from "./cloudstack-call.ts";
import { ApiError, unauthorized } from "./cloudstack-error.ts";
import { beginJob } from "./cloudstack-jobs.ts";
import { membersOf } from "./cloudstack-reply.ts";
import { assertPrintable } from "./cloudstack-request.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";
import type { LabRequest, SimulatedSystem } from "./system.ts";

/** A request, before it is known who sent it. */
export interface Arrival {
  readonly store: CloudStackStore;
  readonly clock: LabClock;
  readonly cloudian: SimulatedSystem;
  readonly request: LabRequest;
  readonly params: ReadonlyMap<string, string>;
}

/** The keys under which answers and errors stand. */
export type Envelope = NonNullable<CommandEntry["envelope"]>;

export function envelopeOf(command: string, entry: CommandEntry | undefined): Envelope {
  const usual = entry === undefined ? "errorresponse" : `${command.toLowerCase()}response`;
  return entry?.envelope ?? { success: usual, error: usual };
}

/** Carries a command out, or queues it; what stands inside the envelope. */
export function dispatch(arrival: Arrival, entry: CommandEntry | undefined): object {
  const { request, params, ...parts } = arrival;
  const command = params.get("command") ?? "";
  assertPrintable(params);
  if (isEnforced(parts.store) && entry?.changes && request.method === "GET") {
    throw new ApiError(400, `State changing command ${command} needs to be sent using POST request`);
  }
  const caller = authenticate(parts.store, parts.clock, params);
  if (entry === undefined) throw unauthorized();
  if (!mayCall(caller, entry) || command === parts.store.options.deniedCommand) throw roleDenied(command);
  assertAccepting(parts.store, entry);
  const call = { ...parts, command, commandName: envelopeOf(command, entry).error, params, caller };
  try {
    return carriedOut(call, entry);
  } catch (error) {
    throw error instanceof ApiError ? forCaller(call, error) : error;
  }
}

function assertAccepting({ options }: CloudStackStore, entry: CommandEntry): void {
  if (options.throttle) {
    throw new ApiError(429, "The given user has reached his/her account api limit, please retry after 1000 ms.");
  }
  if (options.maintenance && entry.async) {
    throw new ApiError(
      503,
      "Maintenance or Shutdown has been initiated on this management server. Can not accept new jobs",
    );
  }
}

function carriedOut(call: Call, entry: CommandEntry): object {
  for (const { name, required } of namesOf(call.store.options, entry.params)) {
    if (required && optional(call, name) === undefined) throw missing(call, name);
  }
  const answer = entry.run(call);
  if (answer.kind !== "job") return membersOf(call, answer);
  if (!entry.async) throw new Error(`${call.command} answers a job but is not marked as asynchronous.`);
  return beginJob(call, answer);
}

/** Who is no root administrator is told nothing about inner failures. */
function forCaller({ caller }: Call, error: ApiError): ApiError {
  if (caller.account.type === 1 || ![530, 533, 534].includes(error.status)) return error;
  return new ApiError(error.status, "Internal error executing command, please contact your system administrator");
}
